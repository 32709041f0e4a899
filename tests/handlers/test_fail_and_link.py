"""How a run's end is recorded, marked and told; and who gets a link."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from moto.core import DEFAULT_ACCOUNT_ID
from moto.sns import sns_backends

from runtime.adapters.gate import DynamoVerdicts
from runtime.adapters.marks import S3Marks
from runtime.domain.errors import Superseded
from runtime.domain.identity import FileVersion
from runtime.domain.signing import SigningKey
from runtime.domain.starts import for_file
from runtime.domain.verdicts import CLEAN, TAG, Verdict
from runtime.handlers import fail, link
from tests.fakes import version
from tests.tables import make_tables

REGION = "us-east-1"
RUN = "run@2026-01-02T03:04:05.000Z"


class Stack:
    """What the functions find in a stack."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.s3 = boto3.client("s3", region_name=REGION)
        self.db = boto3.client("dynamodb", region_name=REGION)
        self.s3.create_bucket(Bucket="upload")
        self.s3.put_bucket_versioning(Bucket="upload", VersioningConfiguration={"Status": "Enabled"})
        make_tables(self.db)
        self.topic = boto3.client("sns", region_name=REGION).create_topic(Name="told")["TopicArn"]
        secrets = boto3.client("secretsmanager", region_name=REGION)
        pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        secret = secrets.create_secret(
            Name="signing", SecretString=SigningKey(private_key=pem.decode(), key_pair_id="K").render()
        )["ARN"]
        variables = {
            "FILES_TABLE": "files",
            "TRANSACTIONS_TABLE": "transactions",
            "NOTIFICATIONS_TOPIC": self.topic,
            "DELIVERY_DOMAIN": "d.example",
            "SIGNING_SECRET": secret,
            "LINK_SECONDS": "60",
        }
        for name, value in variables.items():
            monkeypatch.setenv(f"PENSTOCK_{name}", value)
        fail._settings.cache_clear()
        link._settings.cache_clear()

    def upload(self) -> FileVersion:
        return version(b"x", number=1, version=self.s3.put_object(Bucket="upload", Key="data.csv")["VersionId"])

    def entries(self) -> list[dict[str, Any]]:
        return self.db.scan(TableName="transactions")["Items"]

    def tags(self, file: FileVersion) -> dict[str, str]:
        found = self.s3.get_object_tagging(Bucket="upload", Key=file.key, VersionId=file.version)["TagSet"]
        return {tag["Key"]: tag["Value"] for tag in found}

    def told(self) -> list[str]:
        topic = sns_backends[DEFAULT_ACCOUNT_ID][REGION].topics[self.topic]
        return [notification[1] for notification in topic.sent_notifications]


@pytest.fixture
def stack(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    yield Stack(monkeypatch)


def step(file: FileVersion, name: str, message: str) -> dict[str, Any]:
    cause = json.dumps({"errorType": name, "errorMessage": message})
    return {
        "file": json.loads(for_file(file).input)["file"],
        "run": RUN,
        "error": {"Error": name, "Cause": cause},
    }


def event(file: FileVersion, status: str) -> dict[str, Any]:
    detail = {
        "status": status,
        "name": file.run_id,
        "startDate": 1767323045000,
        "input": for_file(file).input,
        "error": None,
        "cause": None,
    }
    return {"detail-type": "Step Functions Execution Status Change", "detail": detail}


def test_a_refused_file_is_recorded_and_marked(stack: Stack, context: Any) -> None:
    file = stack.upload()
    stack.s3.put_object_tagging(
        Bucket="upload",
        Key=file.key,
        VersionId=file.version,
        Tagging={"TagSet": [{"Key": "mine", "Value": "kept"}]},
    )
    for _ in range(2):
        answer = fail.handler(step(file, "Rejected", "no header"), context)
    assert answer["state"] == "rejected"
    assert "no header" in answer["notification"]["message"]
    assert [entry["State"]["S"] for entry in stack.entries()] == ["rejected"]
    assert stack.tags(file) == {"mine": "kept", "penstock-state": "rejected"}
    assert stack.told() == [], "the state machine sends it"


class Locked:
    """S3 whose bucket policy lets nobody take a verdict off; the verdict comes after the tags were read."""

    def __init__(self, s3: Any, *, late: bool) -> None:
        self._s3, self._late = s3, late

    def get_object_tagging(self, **where: Any) -> Any:
        return self._s3.get_object_tagging(**where)

    def put_object_tagging(self, *, Tagging: Any, **where: Any) -> Any:
        verdict = {"Key": TAG, "Value": CLEAN}
        if self._late:
            self._late = False
            self._s3.put_object_tagging(**where, Tagging={"TagSet": [{"Key": "mine", "Value": "kept"}, verdict]})
        if verdict not in Tagging["TagSet"]:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutObjectTagging")
        return self._s3.put_object_tagging(**where, Tagging=Tagging)


def test_a_verdict_that_comes_while_the_file_is_marked_is_kept(stack: Stack) -> None:
    file = stack.upload()
    S3Marks(Locked(stack.s3, late=True)).set(replace(file, bucket="upload"), "failed")
    assert stack.tags(file) == {"mine": "kept", TAG: CLEAN, "penstock-state": "failed"}


def test_a_mark_that_may_not_be_written_is_an_error(stack: Stack) -> None:
    file = stack.upload()
    with pytest.raises(ClientError, match="AccessDenied"):
        S3Marks(Locked(stack.s3, late=False)).set(replace(file, bucket="upload"), "failed")
    assert stack.tags(file) == {}


def test_a_version_that_is_gone_needs_no_mark(stack: Stack, context: Any) -> None:
    file = stack.upload()
    stack.s3.delete_object(Bucket="upload", Key=file.key, VersionId=file.version)
    assert fail.handler(step(file, "Rejected", "deleted"), context)["state"] == "rejected"


def test_a_run_that_another_has_ended_is_superseded(stack: Stack, context: Any) -> None:
    file = stack.upload()
    fail.handler(step(file, "Rejected", "first"), context)
    with pytest.raises(Superseded):
        fail.handler(step(file, "Corrupt", "late") | {"run": "other"}, context)


@pytest.mark.parametrize(
    ("status", "words"), [("TIMED_OUT", "within a day"), ("ABORTED", "by hand"), ("FAILED", "FAILED")]
)
def test_an_execution_that_ended_unseen_is_recorded_and_told(
    stack: Stack, context: Any, status: str, words: str
) -> None:
    file = stack.upload()
    fail.handler(event(file, status), context)
    assert len(stack.told()) == 1
    fail.handler(event(file, status), context)
    (entry,) = stack.entries()
    assert entry["State"]["S"] == "failed"
    assert words in entry["Reason"]["S"]
    assert stack.tags(file) == {"penstock-state": "failed"}


def test_the_event_of_a_run_that_recorded_its_own_end_changes_nothing(stack: Stack, context: Any) -> None:
    file = stack.upload()
    fail.handler(step(file, "Corrupt", "flipped"), context)
    before = stack.entries()
    assert fail.handler(event(file, "FAILED"), context) == {"state": "recorded before"}
    assert stack.entries() == before
    assert stack.told() == []


def test_links_are_for_files_that_succeeded(stack: Stack, context: Any) -> None:
    assert link.handler({"name": "data.csv"}, context)["code"] == "unknown"
    item = {
        "FileName": {"S": "data.csv"},
        "VersionId": {"S": "v1"},
        "State": {"S": "processing"},
        "ArchiveKey": {"S": "archives/a.zip"},
        "ArchiveSha256": {"S": "0"},
        "ArchiveBytes": {"N": "7"},
    }
    stack.db.put_item(TableName="files", Item=item)
    assert link.handler({"name": "data.csv"}, context)["code"] == "not-ready"
    stack.db.put_item(TableName="files", Item=item | {"State": {"S": "succeeded"}})
    answer = link.handler({"name": "data.csv"}, context)
    assert answer["link"].startswith("https://d.example/archives/a.zip?Expires=")
    assert answer["size"] == 7
    for gone in ("deleting", "deleted"):
        stack.db.put_item(TableName="files", Item=item | {"State": {"S": gone}})
        assert link.handler({"name": "data.csv"}, context)["code"] == "unknown"


def test_a_version_that_is_found_infected_later_has_no_link_any_more(stack: Stack, context: Any) -> None:
    item = {
        "FileName": {"S": "data.csv"},
        "VersionId": {"S": "v1"},
        "State": {"S": "succeeded"},
        "ArchiveKey": {"S": "archives/a.zip"},
        "ArchiveSha256": {"S": "0"},
        "ArchiveBytes": {"N": "7"},
    }
    stack.db.put_item(TableName="files", Item=item)
    verdicts = DynamoVerdicts(stack.db, transactions="transactions")
    found = Verdict(bucket="upload", key="data.csv", version="v1", status="NO_THREATS_FOUND")
    for verdict in (replace(found, status="THREATS_FOUND", version="v0"), found):
        verdicts.record(verdict)
        assert "link" in link.handler({"name": "data.csv"}, context)
    verdicts.record(replace(found, status="THREATS_FOUND", threats=("Worm",)))
    answer = link.handler({"name": "data.csv"}, context)
    assert answer["code"] == "withdrawn"
    assert "Worm" in answer["error"]
