"""The operations of the API from event to answer, each answer held to the document. AWS is moto's."""

import base64
import hashlib
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from runtime.adapters import telemetry
from runtime.adapters.gate import DynamoVerdicts
from runtime.domain import file_ids
from runtime.domain.access import Caller
from runtime.domain.signing import SigningKey
from runtime.domain.upload_names import NAMED_SUM
from runtime.domain.verdicts import Verdict
from runtime.handlers import files, uploads
from tests.answers import ACME, OPERATOR, OTHER, ROUTES, Answered, Api
from tests.tables import make_tables, make_uploads_table

REGION = "us-east-1"
SHA = "0" * 64
KEYS = {"archive": "archives/f/a.csv.zip", "clean": "results/f/clean.csv", "rejects": "results/f/rejects.jsonl"}
CLEAN = b"id;name\n" + b"".join(b"%d;n%d\n" % (n, n) for n in range(30))
REJECTS = b'{"line": 4, "reason": "expected 2 fields, found 1", "raw": "x"}\n'


class World:
    """A stack with the API's functions."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.s3 = boto3.client("s3", region_name=REGION)
        self.db = boto3.client("dynamodb", region_name=REGION)
        for bucket in ("upload", "output"):
            self.s3.create_bucket(Bucket=bucket)
            self.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        make_tables(self.db)
        make_uploads_table(self.db)
        pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        secret = boto3.client("secretsmanager", region_name=REGION).create_secret(
            Name="signing", SecretString=SigningKey(private_key=pem.decode(), key_pair_id="K").render()
        )["ARN"]
        variables = {
            "UPLOAD_BUCKET": "upload",
            "UPLOADS_TABLE": "uploads",
            "MAX_FILE_BYTES": "1000000000",
            "FILES_TABLE": "files",
            "TRANSACTIONS_TABLE": "transactions",
            "OUTPUT_BUCKET": "output",
            "STATE_MACHINE_ARN": self._machine(),
            "DELETES": "false",
            "DELIVERY_DOMAIN": "d.example",
            "SIGNING_SECRET": secret,
            "LINK_SECONDS": "60",
        }
        for name, value in variables.items():
            monkeypatch.setenv(f"PENSTOCK_{name}", value)
        for held in (files._settings, files._files, uploads._uploads):
            held.cache_clear()
        self.api = Api({"files": files.handler, "uploads": uploads.handler})

    def _machine(self) -> str:
        self.states = boto3.client("stepfunctions", region_name=REGION)
        definition = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
        role = "arn:aws:iam::123456789012:role/machine"
        return str(self.states.create_state_machine(name="m", definition=definition, roleArn=role)["stateMachineArn"])

    def __call__(self, operation: str, caller: Caller | None = ACME, **request: Any) -> Answered:
        return self.api(operation, caller, **request)

    def file(self, name: str, *, state: str = "succeeded", at: str = "2026-01-02T03:04:05Z", **more: Any) -> str:
        """Puts a file into `Files`, with the beginning of its ledger; its id."""
        texts = {
            "FileName": name, "Folder": name.partition("/")[0], "Shelf": "files", "VersionId": "v1", "State": state,
            "ReceivedAt": at, "UpdatedAt": at, "ResultKey": "results/f/result.json", "Stage": "merging", **more,
        }  # fmt: skip
        item: dict[str, Any] = {key: {"S": value} for key, value in texts.items()}
        self.db.put_item(TableName="files", Item={**item, "Attempt": {"N": "1"}, "Size": {"N": "7"}})
        for rank, entered in enumerate(("received", "processing")):
            entry = {
                "FileName": name,
                "Entry": f"{'0A':0<40}#v1#001#{rank}",
                "State": entered,
                "VersionId": "v1",
                "At": at,
            }
            self.db.put_item(
                TableName="transactions", Item={**{k: {"S": v} for k, v in entry.items()}, "Attempt": {"N": "1"}}
            )
        return file_ids.of_name(name)

    def result(self, name: str = "acme/a.csv", **more: Any) -> None:
        """Writes the `result.json` that the file's item leads to, and what it is about."""
        made = {"clean": CLEAN, "rejects": REJECTS}
        for role, data in made.items():
            self.s3.put_object(Bucket="output", Key=KEYS[role], Body=data)
        artifacts = [
            {"role": "archive", "store": "delivery", "key": KEYS["archive"], "size": 9, "sha256": SHA},
            *({"role": r, "store": "output", "key": KEYS[r], "size": len(d), "sha256": SHA} for r, d in made.items()),
            {"role": "original", "store": "backup", "key": "backup/x", "size": 7, "sha256": SHA},
        ]
        columns = [{"name": "id", "type": "BIGINT", "nulls": 0}, {"name": "name", "type": "VARCHAR", "nulls": 0}]
        record = {
            "kind": "csv", "file": {"name": name}, "summary": {"delimiter": ";", "columns": ["id", "name"]},
            "totals": {}, "table": {"rows": 30, "columns": columns}, "artifacts": artifacts, **more,
        }  # fmt: skip
        self.s3.put_object(Bucket="output", Key="results/f/result.json", Body=json.dumps(record).encode())


@pytest.fixture
def world(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    yield World(monkeypatch)


def test_who_calls_is_told_what_holds(world: World) -> None:
    assert world("getMe").body == {
        "name": "acme-import", "folder": "acme", "operator": False, "may_delete": False, "max_file_bytes": 1_000_000_000
    }  # fmt: skip
    assert world("getMe", OPERATOR).body["operator"] is True


def send(world: World, upload: dict[str, Any], data: bytes) -> None:
    """As S3 takes a part by its link."""
    name = upload["name"]
    begun = upload.get("s3") or world.s3.list_multipart_uploads(Bucket="upload")["Uploads"][0]["UploadId"]
    checksum = base64.b64encode(hashlib.sha256(data).digest()).decode()
    world.s3.upload_part(Bucket="upload", Key=name, UploadId=begun, PartNumber=1, Body=data, ChecksumSHA256=checksum)


def test_a_file_is_uploaded(world: World) -> None:
    data, digest = b"a,b\n1,2\n", hashlib.sha256(b"a,b\n1,2\n").hexdigest()
    wanted = {"name": "2026/sales.csv", "size": len(data), "type": "text/csv", "sha256": digest}
    key = {"Idempotency-Key": "acme-sales-1", "x-correlation-id": "mine"}
    made = world("createUpload", body=wanted, headers=key)
    assert (made.status, made.headers["x-correlation-id"]) == (201, "mine")
    upload = made.body
    assert made.headers["location"] == f"/api/uploads/{upload['id']}"
    assert (upload["name"], upload["parts"], upload["state"]) == ("acme/2026/sales.csv", 1, "open")
    assert world("createUpload", body=wanted, headers=key).body == upload
    assert world("createUpload", body={**wanted, "size": 9}, headers=key).status == 409
    path = {"upload": upload["id"]}
    assert world("getUpload", path=path).body == upload
    assert world("listUploads").body == {"uploads": [upload]}
    assert world("listParts", path=path).body == {"parts": []}
    assert world("completeUpload", path=path).status == 409
    part = {"number": 1, "sha256": digest}
    (signed,) = world("signParts", path=path, body={"parts": [part]}).body["parts"]
    assert signed["number"] == 1
    send(world, upload, data)
    done = world("completeUpload", path=path)
    assert done.body["name"] == "acme/2026/sales.csv"
    assert world("completeUpload", path=path).body == done.body
    assert world("getUpload", path=path).body["version"] == done.body["version"]
    assert world("abortUpload", path=path).status == 409
    assert world("signParts", path=path, body={"parts": [part]}).status == 409
    assert world("listUploads").body == {"uploads": []}


def test_an_upload_is_given_up(world: World) -> None:
    upload = world("createUpload", body={"name": "x", "size": 0}).body
    for _ in range(2):
        assert world("abortUpload", path={"upload": upload["id"]}).status == 204
    assert world("getUpload", path={"upload": upload["id"]}).body["state"] == "aborted"
    for operation in ("listParts", "completeUpload"):
        assert world(operation, path={"upload": upload["id"]}).status == 409


def run_out(world: World, upload: str) -> None:
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat().replace("+00:00", "Z")
    world.db.update_item(
        TableName="uploads",
        Key={"Id": {"S": upload}},
        UpdateExpression="SET ExpiresAt = :past",
        ExpressionAttributeValues={":past": {"S": past}},
    )


@pytest.mark.parametrize("end", ["given up", "run out", "deleted"])
def test_an_upload_that_is_of_no_use_gives_way_to_a_new_one_of_its_key(world: World, end: str) -> None:
    wanted, headers = {"name": "x.csv", "size": 2}, {"Idempotency-Key": "the-same-key"}
    first = world("createUpload", body=wanted, headers=headers).body
    path = {"upload": first["id"]}
    if end == "given up":
        world("abortUpload", path=path)
    elif end == "run out":
        run_out(world, first["id"])
        assert world("getUpload", path=path).body["state"] == "aborted"
    else:
        send(world, first, b"a\n")
        done = world("completeUpload", path=path).body
        assert world("createUpload", body=wanted, headers=headers).body["state"] == "complete"
        world.s3.delete_object(Bucket="upload", Key=done["name"], VersionId=done["version"])
    assert world("createUpload", body={**wanted, "size": 3}, headers=headers).status == 409
    again = world("createUpload", body=wanted, headers=headers)
    assert (again.status, again.body["state"], again.body["id"]) == (201, "open", first["id"])
    assert "version" not in again.body
    assert world("createUpload", body=wanted, headers=headers).body == again.body
    begun = world.s3.list_multipart_uploads(Bucket="upload")["Uploads"]
    assert len(begun) == (2 if end == "run out" else 1)
    send(world, {**again.body, "s3": begun[-1]["UploadId"]}, b"b\n")
    assert world("completeUpload", path=path).status == 200


def test_what_is_named_for_a_file_goes_with_it(world: World) -> None:
    upload = world("createUpload", body={"name": "x", "size": 1, "sha256": hashlib.sha256(b"x").hexdigest()}).body
    send(world, upload, b"x")
    name = world("completeUpload", path={"upload": upload["id"]}).body["name"]
    told = world.s3.head_object(Bucket="upload", Key=name)["Metadata"]
    assert told == {NAMED_SUM: upload["sha256"]}


def test_uploads_are_listed_page_by_page(world: World) -> None:
    made = [world("createUpload", body={"name": str(n), "size": 1}).body["id"] for n in range(3)]
    first = world("listUploads", query={"limit": "2"}).body
    rest = world("listUploads", query={"limit": "2", "cursor": first["next"]}).body
    assert [one["id"] for one in [*first["uploads"], *rest["uploads"]]] == made[::-1]
    assert "next" not in rest


DEEP = "[" * 100_000


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (None, ""),
        ("", ""),
        ("{", ""),
        ("[]", ""),
        (DEEP, ""),
        ('{"name": "x", "size": NaN}', ""),
        ('{"name": "x", "size": 1' + "0" * 5000 + "}", ""),
        ('{"name": "x", "size": 1, "name": "y"}', ""),
        ({}, "/name"),
        ({"name": "x"}, "/size"),
        ({"name": "x", "size": -1}, "/size"),
        ({"name": "x", "size": True}, "/size"),
        ({"name": "x", "size": 1.5}, "/size"),
        ({"name": "x", "size": "1"}, "/size"),
        ({"name": "x", "size": 1, "more": 1}, "/more"),
        ({"name": "x", "size": 1, "type": "text"}, "/type"),
        ({"name": "x", "size": 1, "type": "text/csv\n"}, "/type"),
        ({"name": "x", "size": 1, "type": None}, "/type"),
        ({"name": "x", "size": 1, "sha256": "A" * 64}, "/sha256"),
        ({"name": "", "size": 1}, "/name"),
        ({"name": 7, "size": 1}, "/name"),
        ({"name": "/x", "size": 1}, "/name"),
        ({"name": "x/", "size": 1}, "/name"),
        ({"name": "a//b", "size": 1}, "/name"),
        ({"name": "../other/x", "size": 1}, "/name"),
        ({"name": "a/./b", "size": 1}, "/name"),
        ({"name": "a\nb", "size": 1}, "/name"),
        ({"name": "a\u2028b", "size": 1}, "/name"),
        ({"name": "\ud800", "size": 1}, "/name"),
        ({"name": "a\u202egpj.exe", "size": 1}, "/name"),
        ({"name": "ü" * 511, "size": 1}, "/name"),
        ({"name": "x" * 513, "size": 1}, "/name"),
    ],
)
def test_what_is_wrong_with_a_request_is_said(world: World, body: Any, pointer: str) -> None:
    answer = world("createUpload", body=body)
    assert answer.status == 400
    assert answer.body["errors"][0]["pointer"] == pointer


def test_a_member_that_is_there_twice_is_named(world: World) -> None:
    assert "size is there more than once" in world("createUpload", body='{"name": "x", "size": 1, "size": 2}').detail


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "application/jsonl", ""])
def test_a_body_of_another_kind_is_refused(world: World, kind: str) -> None:
    answer = world("createUpload", body={"name": "x", "size": 1}, headers={"Content-Type": kind})
    assert (answer.status, "application/json" in answer.detail) == (415, True)


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8"])
def test_a_body_that_says_it_is_json_is_read(world: World, kind: str) -> None:
    assert world("createUpload", body={"name": "x", "size": 1}, headers={"Content-Type": kind}).status == 201


def test_a_file_that_is_too_large_is_not_begun(world: World) -> None:
    assert world("createUpload", body={"name": "x", "size": 1_000_000_001}).status == 413
    assert world.s3.list_multipart_uploads(Bucket="upload").get("Uploads", []) == []


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [{"number": 0, "sha256": SHA}],
        [{"number": 2, "sha256": SHA}],
        [{"number": True, "sha256": SHA}],
        [{"number": 1, "sha256": "x"}],
        [{"number": 1}],
        [{"number": 1, "sha256": SHA, "more": 1}],
        [{"number": 1, "sha256": SHA}] * 101,
        [{"number": 1, "sha256": SHA}] * 2,
        [1],
        {"number": 1},
    ],
)
def test_parts_that_there_are_not_are_not_signed(world: World, parts: Any) -> None:
    upload = world("createUpload", body={"name": "x", "size": 1}).body
    assert world("signParts", path={"upload": upload["id"]}, body={"parts": parts}).status == 400


def test_the_only_part_has_the_checksum_that_was_announced(world: World) -> None:
    upload = world("createUpload", body={"name": "x", "size": 1, "sha256": "1" * 64}).body
    parts = {"parts": [{"number": 1, "sha256": SHA}]}
    assert world("signParts", path={"upload": upload["id"]}, body=parts).status == 400


def test_an_upload_that_has_run_out_is_over(world: World) -> None:
    upload = world("createUpload", body={"name": "x", "size": 1}).body
    run_out(world, upload["id"])
    path = {"upload": upload["id"]}
    assert world("getUpload", path=path).body["state"] == "aborted"
    answer = world("completeUpload", path=path)
    assert (answer.status, "was not complete by" in answer.detail) == (409, True)
    assert world("signParts", path=path, body={"parts": [{"number": 1, "sha256": SHA}]}).status == 409


def names(answer: Answered) -> list[str]:
    return [file["name"] for file in answer.body["files"]]


def test_files_are_listed_for_whoever_may_see_them(world: World) -> None:
    for n, name in enumerate(("acme/a.csv", "other/b.csv", "acme/c.csv", "acmee/d.csv")):
        world.file(name, at=f"2026-01-02T03:04:0{n}Z")
    assert names(world("listFiles")) == ["acme/c.csv", "acme/a.csv"]
    assert names(world("listFiles", OTHER, query={"prefix": "acme/"})) == []
    assert names(world("listFiles", OPERATOR)) == ["acmee/d.csv", "acme/c.csv", "other/b.csv", "acme/a.csv"]
    assert names(world("listFiles", OPERATOR, query={"prefix": "acme/c"})) == ["acme/c.csv"]
    assert names(world("listFiles", query={"since": "2026-01-02T03:04:02Z"})) == ["acme/c.csv"]
    assert names(world("listFiles", query={"until": "2026-01-02T04:04:02+01:00"})) == ["acme/a.csv"]
    assert names(world("listFiles", query={"since": "2026-01-02T03:04:02Z", "until": "2026-01-02T03:04:00Z"})) == []


def test_a_forged_cursor_leads_to_nothing_of_others(world: World) -> None:
    for n, name in enumerate(("acme/a.csv", "other/b.csv", "acme/c.csv")):
        world.file(name, at=f"2026-01-02T03:04:0{n}Z")
    cursor = world("listFiles", OPERATOR, query={"limit": "1"}).body["next"]
    assert names(world("listFiles", OTHER, query={"cursor": cursor})) == ["other/b.csv"]
    assert names(world("listFiles", ACME, query={"cursor": cursor})) == ["acme/a.csv"]
    later = {"cursor": cursor, "until": "2026-01-01T00:00:00Z"}
    assert world("listFiles", query=later).body["errors"][0]["parameter"] == "cursor"


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"limit": "٣"}, {"cursor": ""}, {"cursor": "x"},
        {"cursor": "é"}, {"cursor": "bnVsbA"}, {"cursor": "x" * 3000}, {"state": "done"}, {"prefix": ""},
        {"prefix": "x" * 513}, {"since": "yesterday"}, {"since": "2026-13-01T00:00:00Z"},
        {"until": "0001-01-01T00:00:00+23:59"}, {"until": "2026-01-01"},
    ],
)  # fmt: skip
def test_a_parameter_that_is_wrong_is_named(world: World, query: dict[str, str]) -> None:
    answer = world("listFiles", query=query)
    assert answer.status == 400
    assert [error["parameter"] for error in answer.body["errors"]] == list(query)


def test_what_has_not_changed_is_not_sent_again(world: World) -> None:
    identity = world.file("acme/a.csv", state="processing")
    for operation, request in (("listFiles", {}), ("getFile", {"path": {"file": identity}})):
        tag = world(operation, **request).headers["etag"]
        for given in (tag, f"W/{tag}", f'"x", {tag}', "*"):
            same = world(operation, headers={"If-None-Match": given}, **request)
            assert (same.status, same.headers["etag"]) == (304, tag)
        assert world(operation, headers={"if-none-match": '"x"'}, **request).status == 200
    seen = world("listFiles").headers["etag"]
    world.file("acme/a.csv", state="succeeded")
    assert world("listFiles", headers={"If-None-Match": seen}).status == 200


def test_a_file_is_shown_with_its_ledger(world: World) -> None:
    identity = world.file("acme/a.csv", state="processing")
    secret = {"FileName": "acme/a.csv", "Entry": "SCAN#v1#001#x", "Token": "secret"}
    world.db.put_item(TableName="transactions", Item={name: {"S": value} for name, value in secret.items()})
    shown = world("getFile", path={"file": identity})
    assert (shown.body["file"]["stage"], shown.body["file"]["size"]) == ("merging", 7)
    assert [entry["state"] for entry in shown.body["ledger"]] == ["received", "processing"]
    world.file("acme/a.csv", state="failed", Reason="No.")
    assert "stage" not in world("getFile", path={"file": identity}).body["file"]


OF_ONE = sorted(name for name, route in ROUTES.items() if "{file}" in route.path)


@pytest.mark.parametrize("operation", OF_ONE)
@pytest.mark.parametrize(
    "identity", ["", "x", "no*id", "-" * 1369, "YWNtZS9hLmNzdg==", "gICA", file_ids.of_name("acme/no")]
)
def test_what_is_no_file_is_not_found(world: World, operation: str, identity: str) -> None:
    assert world(operation, OPERATOR, path={"file": identity}).status == 404


@pytest.mark.parametrize("operation", OF_ONE)
def test_anothers_file_is_not_found_as_if_it_were_not_there(world: World, operation: str) -> None:
    identity = world.file("acme/a.csv")
    there = world(operation, OTHER, path={"file": identity}).body
    missing = world(operation, OTHER, path={"file": file_ids.of_name("acme/missing")}).body
    assert there == missing
    assert there["status"] == 404


@pytest.mark.parametrize("operation", sorted(ROUTES))
@pytest.mark.parametrize("expires", ["never", "1"])
def test_nobody_and_a_token_that_has_run_out_are_refused_everywhere(world: World, operation: str, expires: str) -> None:
    caller = ACME if expires == "1" else None
    answer = world(operation, caller, path={"file": "YWNt", "upload": "x" * 32}, body={}, expires=expires)
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_a_token_that_still_holds_is_taken(world: World) -> None:
    later = str(int(datetime.now(UTC).timestamp()) + 60)
    assert world("getMe", expires=later).status == 200


def test_everything_that_was_made_has_a_link(world: World) -> None:
    identity = world.file("acme/a.csv")
    world.result()
    links = world("getLinks", path={"file": identity})
    assert links.headers["cache-control"] == "no-store"
    assert [(link["role"], link["name"]) for link in links.body["links"]] == [
        ("archive", "a.csv.zip"), ("clean", "a-clean.csv"), ("rejects", "a-rejects.jsonl")
    ]  # fmt: skip
    for link in links.body["links"]:
        assert link["url"].startswith(f"https://d.example/{KEYS[link['role']]}?Expires=")


def test_a_preview_has_first_rows_types_and_rejects(world: World) -> None:
    identity = world.file("acme/a.csv")
    world.result()
    seen = world("getPreview", path={"file": identity}).body
    assert seen["columns"] == [{"name": "id", "type": "BIGINT"}, {"name": "name", "type": "VARCHAR"}]
    assert (len(seen["rows"]), seen["rows"][0], seen["rows"][19]) == (20, ["0", "n0"], ["19", "n19"])
    assert seen["rejects"] == [{"line": 4, "reason": "expected 2 fields, found 1", "raw": "x"}]


def test_a_result_is_as_it_was_written(world: World) -> None:
    identity = world.file("acme/a.csv")
    world.result(more="x" * 2_500_000)
    assert world("getResult", path={"file": identity}).status == 409
    world.result()
    written = world.s3.get_object(Bucket="output", Key="results/f/result.json")["Body"].read()
    assert world("getResult", path={"file": identity}).body == json.loads(written)


@pytest.mark.parametrize("operation", ["getLinks", "getPreview", "getResult"])
def test_there_is_nothing_to_show_of_what_has_not_succeeded_or_is_infected(world: World, operation: str) -> None:
    for state in ("received", "scanning", "processing", "rejected", "failed"):
        assert world(operation, path={"file": world.file("acme/a.csv", state=state)}).status == 409
    identity = world.file("acme/a.csv")
    world.result()
    verdicts = DynamoVerdicts(world.db, transactions="transactions")
    found = {"bucket": "upload", "key": "acme/a.csv", "status": "THREATS_FOUND", "threats": ("Worm",)}
    verdicts.record(Verdict(version="v0", **found))  # type: ignore[arg-type]
    assert world(operation, path={"file": identity}).status == 200
    verdicts.record(Verdict(version="v1", **found))  # type: ignore[arg-type]
    answer = world(operation, path={"file": identity})
    assert (answer.status, "Worm" in answer.detail) == (410, True)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the functions write into their logs."""
    stream = io.StringIO()
    monkeypatch.setattr(telemetry.logger.registered_handler, "stream", stream)
    return stream


def test_what_nobody_foresaw_is_a_problem_too(world: World, log: io.StringIO) -> None:
    identity = world.file("acme/a.csv")
    answer = world("getLinks", path={"file": identity}, headers={"X-Correlation-Id": "find-me"})
    assert (answer.status, answer.body["instance"]) == (500, "urn:correlation:find-me")
    (line,) = [json.loads(line) for line in log.getvalue().splitlines()]
    assert (line["correlation_id"], line["exception_name"]) == ("find-me", "NoSuchKey")


def test_logs_hold_no_links(world: World, log: io.StringIO) -> None:
    world.result()
    world("getLinks", path={"file": world.file("acme/a.csv")})
    upload = world("createUpload", body={"name": "x", "size": 1}).body
    world("signParts", path={"upload": upload["id"]}, body={"parts": [{"number": 1, "sha256": SHA}]})
    assert '"correlation_id":"from-the-gateway"' in log.getvalue()
    assert "Signature" not in log.getvalue()


def test_nothing_is_deleted_unless_the_settings_say_so(world: World) -> None:
    answer = world("deleteFile", path={"file": world.file("acme/a.csv")})
    assert (answer.status, "settings" in answer.detail) == (403, True)


@pytest.fixture
def deleting(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("PENSTOCK_DELETES", "true")
    files._settings.cache_clear()
    return world


def ended(world: World, name: str) -> dict[str, str]:
    """A file whose run has ended; its path."""
    order = f"{'0A':0<40}"
    identity = world.file(name, Sequencer=order)
    entry = {"FileName": name, "Entry": f"{order}#v1#001#3", "State": "succeeded", "VersionId": "v1", "At": "2026"}
    for texts in (entry, *({**entry, "Entry": f"{order}#v1#001#{rank}"} for rank in range(2))):
        item: dict[str, Any] = {key: {"S": value} for key, value in {**texts, "Sequencer": order}.items()}
        item["At"] = {"S": "2026-01-02T03:04:05Z"}
        world.db.put_item(TableName="transactions", Item={**item, "Attempt": {"N": "1"}})
    return {"file": identity}


@pytest.mark.parametrize("caller", [ACME, OPERATOR])
def test_a_file_that_was_deleted_is_not_there_any_more(deleting: World, caller: Caller) -> None:
    path = ended(deleting, "acme/a.csv")
    assert deleting("getMe").body["may_delete"] is True
    seen = deleting("getFile", caller, path=path).headers["etag"]
    assert deleting("deleteFile", OTHER, path=path).status == 404
    answer = deleting("deleteFile", caller, path=path, headers={"If-Match": '"another"'})
    assert (answer.status, answer.detail) == (412, "The file has changed since you looked at it.")
    assert deleting("deleteFile", caller, path=path, headers={"If-Match": seen}).status == 202
    for operation in ("getFile", "getLinks", "getPreview", "getResult"):
        assert deleting(operation, caller, path=path).status == 404
    for state in (None, "succeeded"):
        query = {"state": state} if state else {}
        assert deleting("listFiles", caller, query=query).body == {"files": []}
    # It is going; what the caller saw of it is nobody's business any more.
    assert deleting("deleteFile", caller, path=path, headers={"If-Match": seen}).status == 202
    noted = deleting.db.query(
        TableName="transactions",
        KeyConditionExpression="FileName = :name",
        FilterExpression="#State = :deleting",
        ExpressionAttributeNames={"#State": "State"},
        ExpressionAttributeValues={":name": {"S": "acme/a.csv"}, ":deleting": {"S": "deleting"}},
    )["Items"]
    assert [one["By"]["S"] for one in noted] == [caller.name]
    deleting.file("acme/a.csv", VersionId="v2")
    (told,) = (one for one in deleting("getFile", caller, path=path).body["ledger"] if one["state"] == "deleting")
    assert (told["by"], told["version"]) == (caller.name, "v1")
    deleting.file("acme/a.csv", state="deleted")
    assert deleting("deleteFile", caller, path=path).status == 404
    assert deleting("redriveFile", OPERATOR, path=path).status == 404


@pytest.mark.parametrize("state", ["received", "scanning", "processing"])
def test_a_file_that_is_worked_on_is_not_deleted(deleting: World, state: str) -> None:
    answer = deleting("deleteFile", path={"file": deleting.file("acme/a.csv", state=state)})
    assert (answer.status, f"is {state}" in answer.detail) == (409, True)


def test_an_operator_starts_a_failed_file_again(world: World) -> None:
    identity = world.file("acme/a.csv", state="failed", Sequencer=f"{'0A':0<40}", ETag="e")
    path = {"file": identity}
    assert world("redriveFile", path=path).status == 403
    assert world("redriveFile", OPERATOR, path=path).status == 409
    entry = {
        "FileName": "acme/a.csv",
        "Entry": f"{'0A':0<40}#v1#001#3",
        "State": "failed",
        "VersionId": "v1",
        "At": "x",
    }
    item: dict[str, Any] = {name: {"S": value} for name, value in entry.items()}
    world.db.put_item(TableName="transactions", Item={**item, "Attempt": {"N": "1"}})
    for _ in range(2):
        answer = world("redriveFile", OPERATOR, path=path)
        assert (answer.status, answer.body) == (202, {"file": identity, "version": "v1", "attempt": 2})
    machine = world.states.list_state_machines()["stateMachines"][0]["stateMachineArn"]
    assert len(world.states.list_executions(stateMachineArn=machine)["executions"]) == 1
