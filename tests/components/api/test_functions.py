"""The API's functions: what each knows, and that it may do no more than its work."""

import base64
import hashlib
import json
import zipfile
from typing import Any

import pytest

from components.api.functions import SPECS
from components.bucket import ABORT_DAYS
from components.packaging import ROOT
from runtime import environment
from runtime.domain.upload_records import LIFE
from tests.recorder import Recording, record

# As many as there may be, with names and folders as long as they may be.
CLIENTS = [{"name": f"c{n:031}", "folder": f"f{n:062}", "operator": n == 0} for n in range(32)]
ENVIRONMENT_MOST = 4096


@pytest.fixture(scope="module")
def made() -> Recording:
    return record("prod", {"penstock:api": json.dumps({"enabled": True, "clients": CLIENTS, "sign_in": "cognito"})})


def variables(made: Recording, function: str) -> dict[str, str]:
    return dict(made.one("lambda.Function", function).inputs["environment"]["variables"])


def actions(made: Recording, function: str) -> dict[str, set[str]]:
    """Action to the last parts of the names of what it is allowed on, without the log's and the keys'."""
    statements: list[dict[str, Any]] = json.loads(made.one("iam.RolePolicy", function).inputs["policy"])["Statement"]
    found: dict[str, set[str]] = {}
    for one in statements:
        for action in one["Action"]:
            if not action.startswith(("logs:", "kms:", "ec2:")):
                found.setdefault(action, set()).update(each.rpartition("penstock-prod-")[2] for each in one["Resource"])
    return found


@pytest.mark.parametrize("function", SPECS)
def test_a_handler_finds_all_that_it_reads_and_it_fits(made: Recording, function: str) -> None:
    environ = variables(made, function)
    assert all(vars(environment.read(SPECS[function].environment, environ)).values())
    own = {name for name in environ if name.startswith(environment.PREFIX)}
    assert own == set(environment.variables(SPECS[function].environment).values())
    assert sum(len(name) + len(value) for name, value in environ.items()) < ENVIRONMENT_MOST


def test_of_keys_only_digests_are_known(made: Recording) -> None:
    digests = json.loads(variables(made, "authorize")["PENSTOCK_CLIENT_KEYS"])
    keys = {one.name: one.outputs["value"] for one in made.of("apigateway.ApiKey")}
    for client in CLIENTS:
        (key,) = [value for name, value in keys.items() if name.endswith(str(client["name"]))]
        assert base64.b64decode(digests[client["name"]]) == hashlib.sha256(key.encode()).digest()
    assert digests.keys() == {client["name"] for client in CLIENTS}


def test_who_the_programs_are_travels_in_the_package(made: Recording) -> None:
    with zipfile.ZipFile(ROOT / made.one("lambda.Function", "authorize").inputs["code"].path) as package:
        known = json.loads(package.read(environment.CLIENTS))
    assert known == {one["name"]: {"folder": one["folder"], "operator": one["operator"]} for one in CLIENTS}


def test_tokens_are_of_the_pool_and_the_pages_client(made: Recording) -> None:
    environ, pool = variables(made, "authorize"), made.of("cognito.UserPool")[0]
    assert environ["PENSTOCK_ISSUER"] == f"https://{pool.outputs['endpoint']}"
    assert environ["PENSTOCK_PEOPLE_CLIENT"] == made.of("cognito.UserPoolClient")[0].id


def test_who_asks_for_the_keys_of_tokens_is_outside_of_the_network(made: Recording) -> None:
    inside = {name: bool(made.one("lambda.Function", name).inputs.get("vpcConfig")) for name in SPECS}
    assert inside == {"authorize": False, "uploads": True, "files": True}


def test_each_may_do_its_work_and_nothing_else(made: Recording) -> None:
    assert actions(made, "authorize") == {}
    uploads = actions(made, "uploads")
    assert {action for action in uploads if action.startswith("s3:")} == {
        "s3:AbortMultipartUpload", "s3:GetObjectTagging", "s3:GetObjectVersionTagging",
        "s3:ListMultipartUploadParts", "s3:PutObject", "s3:PutObjectTagging",
    }  # fmt: skip
    assert all(on == {"upload/*"} for action, on in uploads.items() if action.startswith("s3:"))
    assert uploads["dynamodb:Query"] == {"uploads/index/open"}
    files = actions(made, "files")
    assert files["s3:GetObject"] == {"output/results/*"}
    assert files["dynamodb:Query"] == {"files/index/by_folder", "files/index/by_time", "transactions"}
    assert files["dynamodb:PutItem"] == {"transactions"}
    assert "dynamodb:DeleteItem" not in files


def test_an_upload_ends_no_later_than_its_parts_do() -> None:
    assert LIFE.days <= ABORT_DAYS


def test_uploads_are_kept_like_the_ledger_and_forgotten(made: Recording) -> None:
    table, ledger = made.one("dynamodb.Table", "uploads").inputs, made.one("dynamodb.Table", "files").inputs
    for kept in ("serverSideEncryption", "pointInTimeRecovery", "deletionProtectionEnabled", "billingMode"):
        assert table[kept] == ledger[kept]
    assert table["ttl"] == {"attributeName": "Forgotten", "enabled": True}
