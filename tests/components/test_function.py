"""Functions: what each runs, where its log goes, and that its role ends where its work does."""

import json
from pathlib import Path
from typing import Any

import pytest

from components.api import functions as api
from components.catalogue.component import CATALOGUE, MIGRATE
from components.deletion import DELETE
from components.firewall.component import LOG_GROUP
from components.imports import closure
from components.malware import SCAN, VERDICT
from components.pipeline.specs import SPECS, UNPACK
from local.deploy import ROOT
from runtime.adapters.imaging import MEMORY_BYTES, SECONDS
from tests.recorder import ACCOUNT, recording

STACKS = ("dev", "prod")
GATED = [SCAN.name, VERDICT.name, MIGRATE.name, CATALOGUE.name]
OF_API = list(api.SPECS)
FUNCTIONS = [*SPECS, "rotate_key", "signing_key"]
PLACES = [(stack, name) for stack in STACKS for name in [*FUNCTIONS, *(GATED if stack == "prod" else [])]]
SIGNERS = {"process", "image", "publish", "link", "rotate_key", "signing_key"}


def allowed(function: str, stack: str = "prod") -> list[dict[str, Any]]:
    """Statements of the function's role."""
    policy = recording(stack).one("iam.RolePolicy", function.replace("_", "-")).inputs["policy"]
    statements: list[dict[str, Any]] = json.loads(policy)["Statement"]
    return statements


def actions(function: str, service: str) -> set[str]:
    return {
        action for statement in allowed(function) for action in statement["Action"] if action.startswith(f"{service}:")
    }


@pytest.mark.parametrize(("stack", "name"), PLACES)
def test_a_function_runs_its_handler_on_arm_with_the_newest_python(stack: str, name: str) -> None:
    inputs = recording(stack).one("lambda.Function", name.replace("_", "-")).inputs
    module = inputs["handler"].removesuffix(".handler")
    assert module == f"runtime.handlers.{name}"
    assert "def handler(" in (ROOT / f"{module.replace('.', '/')}.py").read_text()
    assert (inputs["runtime"], inputs["architectures"]) == ("python3.13", ["arm64"])
    assert 0 < inputs["timeout"] <= 900
    package = Path(inputs["code"].path)
    assert package.parts[:3] == ("build", "packages", "aws")
    assert (ROOT / package).is_file()


def test_there_is_a_function_for_every_handler() -> None:
    handlers = {path.stem for path in (ROOT / "runtime/handlers").glob("*.py")} - {"__init__"}
    assert handlers == {*FUNCTIONS, *GATED, *OF_API, UNPACK.name, DELETE.name}


@pytest.mark.parametrize(("stack", "days"), [("dev", 14), ("prod", 365)])
def test_logs_are_kept_for_as_long_as_the_settings_say(stack: str, days: int) -> None:
    made = recording(stack)
    key = made.one("kms.Key", "logs").outputs["arn"]
    groups = {one.inputs["name"]: one.inputs for one in made.of("cloudwatch.LogGroup")}
    for function in made.of("lambda.Function"):
        group = groups[function.inputs["loggingConfig"]["logGroup"]]
        assert group["name"] == f"/aws/lambda/{function.inputs['name']}"
    assert {group["retentionInDays"] for group in groups.values()} == {days}
    here = [group for name, group in groups.items() if not name.startswith(LOG_GROUP)]
    assert {group["kmsKeyId"] for group in here} == {key}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_role_is_the_functions_own_and_writes_its_own_log_only(name: str) -> None:
    made = recording("prod")
    purpose = name.replace("_", "-")
    function, role = made.one("lambda.Function", purpose), made.one("iam.Role", purpose)
    assert function.inputs["role"] == role.outputs["arn"]
    (trust,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    logs = [one for one in allowed(name) if any(action.startswith("logs:") for action in one["Action"])]
    group = made.one("cloudwatch.LogGroup", purpose).outputs["arn"]
    assert [(set(one["Action"]), one["Resource"]) for one in logs] == [
        ({"logs:CreateLogStream", "logs:PutLogEvents"}, [f"{group}:*"])
    ]


def test_only_those_who_sign_reach_the_signing_key() -> None:
    assert {name for name in FUNCTIONS if actions(name, "secretsmanager")} == SIGNERS
    writers = {name for name in FUNCTIONS if "secretsmanager:PutSecretValue" in actions(name, "secretsmanager")}
    assert writers == {"rotate_key", "signing_key"}


def test_nobody_deletes_and_nobody_lists_objects() -> None:
    everything = {action for name in FUNCTIONS for one in allowed(name) for action in one["Action"]}
    destructive = {action for action in everything if action.split(":")[1].startswith(("Delete", "List"))}
    keys = {"cloudfront:DeletePublicKey", "cloudfront:ListPublicKeys"}
    assert destructive - keys - {"ec2:DeleteNetworkInterface"} == {"sqs:DeleteMessage", "dynamodb:ListStreams"}
    assert {name for name in FUNCTIONS if actions(name, "cloudfront") & keys} == {"rotate_key", "signing_key"}


def test_only_who_ends_a_file_or_starts_it_again_marks_uploads_and_nobody_writes_them() -> None:
    upload = recording("prod").one("s3.Bucket", "upload").outputs["arn"]
    touching = {
        name: {action for one in allowed(name) if f"{upload}/*" in one["Resource"] for action in one["Action"]}
        for name in FUNCTIONS
    }
    readers = {"process", "image", "plan", "part", "merge", "archive", "publish"}
    assert touching == {
        **{name: set() for name in FUNCTIONS},
        **{name: {"s3:GetObjectVersion"} for name in readers},
        **{name: {"s3:GetObjectVersionTagging", "s3:PutObjectVersionTagging"} for name in ("fail", "redrive")},
    }


def test_whoever_writes_objects_writes_under_a_prefix() -> None:
    written = {
        resource.removeprefix("arn:aws:s3:::penstock-prod-")
        for name in FUNCTIONS
        for one in allowed(name)
        if "s3:PutObject" in one["Action"]
        for resource in one["Resource"]
    }
    assert written == {
        "work/work/*",
        "output/results/*",
        "delivery/archives/*",
        "delivery/images/*",
        "backup/backup/*",
        "ledger/transactions/*",
    }


def test_the_ledger_is_written_by_those_who_take_steps_or_allow_an_attempt() -> None:
    writers = {name for name in FUNCTIONS if "dynamodb:PutItem" in actions(name, "dynamodb")}
    assert writers == {"process", "image", "plan", "fail", "redrive"}
    transactions = recording("prod").one("dynamodb.Table", "transactions").outputs["arn"]
    changing = {
        action
        for name in FUNCTIONS
        for one in allowed(name)
        if transactions in one["Resource"]
        for action in one["Action"]
    }
    assert "dynamodb:UpdateItem" not in changing


@pytest.mark.parametrize("name", [*FUNCTIONS, "pipeline"])
def test_keys_are_used_through_their_service_only(name: str) -> None:
    for statement in allowed(name):
        if any(action.startswith("kms:") for action in statement["Action"]):
            assert set(statement["Action"]) <= {"kms:Decrypt", "kms:GenerateDataKey"}
            assert statement["Condition"]["StringEquals"]["kms:ViaService"].endswith(".eu-central-1.amazonaws.com")


def test_what_is_called_asynchronously_keeps_what_it_could_not_do() -> None:
    made = recording("prod")
    dead = made.one("sqs.Queue", "fail-dead-letters").outputs["arn"]
    assert made.one("lambda.Function", "fail").inputs["deadLetterConfig"] == {"targetArn": dead}
    assert [one["Resource"] for one in allowed("fail") if one["Action"] == ["sqs:SendMessage"]] == [[dead]]


def test_the_decoders_memory_fits_the_functions() -> None:
    """Beside the decoding process there are the function itself and the image's bytes in memory."""
    assert SPECS["image"].memory_mb * 1024**2 >= MEMORY_BYTES + 512 * 1024**2
    assert SPECS["image"].timeout_seconds >= 2 * SECONDS


def test_only_one_function_has_decoders() -> None:
    assert {name for name, spec in SPECS.items() if "image" in spec.locks} == {"image"}
    for name in SPECS:
        assert ("runtime/imaging/vips.py" in closure(f"runtime.handlers.{name}")) == (name == "image")
