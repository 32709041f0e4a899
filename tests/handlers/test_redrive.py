"""The function that starts files again: what it is asked, what it answers, and what it starts."""

import json
from typing import Any

import boto3
import pytest

from runtime.adapters.dynamodb import DynamoLedger
from runtime.domain.identity import FileVersion
from runtime.handlers import redrive
from tests.fakes import version
from tests.tables import make_tables

REGION = "us-east-1"
ROLE = "arn:aws:iam::123456789012:role/machine"
MACHINE = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})


class Stack:
    """What the function finds in a stack."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.s3, self.db, self.states = (
            boto3.client(name, region_name=REGION)  # type: ignore[call-overload]
            for name in ("s3", "dynamodb", "stepfunctions")
        )
        self.s3.create_bucket(Bucket="upload")
        self.s3.put_bucket_versioning(Bucket="upload", VersioningConfiguration={"Status": "Enabled"})
        make_tables(self.db)
        self.machine = self.states.create_state_machine(name="machine", definition=MACHINE, roleArn=ROLE)[
            "stateMachineArn"
        ]
        for name, value in {
            "FILES_TABLE": "files",
            "TRANSACTIONS_TABLE": "transactions",
            "STATE_MACHINE_ARN": self.machine,
            "UPLOAD_BUCKET": "upload",
        }.items():
            monkeypatch.setenv(f"PENSTOCK_{name}", value)
        redrive._settings.cache_clear()

    def failed(self) -> FileVersion:
        """A file that failed."""
        made = self.s3.put_object(Bucket="upload", Key="data.csv", Body=b"x", Tagging="mine=kept&penstock-state=failed")
        file = version(b"x", version=made["VersionId"])
        ledger = DynamoLedger(self.db, files="files", transactions="transactions")
        ledger.ended(file, "run", "failed", reason="down", detail="")
        return file

    def tags(self, file: FileVersion) -> dict[str, str]:
        found = self.s3.get_object_tagging(Bucket="upload", Key=file.key, VersionId=file.version)["TagSet"]
        return {tag["Key"]: tag["Value"] for tag in found}


@pytest.fixture
def stack(aws: None, monkeypatch: pytest.MonkeyPatch) -> Stack:
    return Stack(monkeypatch)


def test_a_failed_file_is_started_again_without_its_mark(stack: Stack, context: Any) -> None:
    file = stack.failed()
    answer = redrive.handler({"name": "data.csv"}, context)
    assert (answer["attempt"], answer["version"], answer["started"]) == (2, file.version, True)
    (execution,) = stack.states.list_executions(stateMachineArn=stack.machine)["executions"]
    assert execution["name"] == answer["run"]
    told = json.loads(stack.states.describe_execution(executionArn=execution["executionArn"])["input"])["file"]
    assert (told["bucket"], told["key"], told["version"], told["attempt"], told["size"]) == (
        "upload",
        "data.csv",
        file.version,
        2,
        1,
    )
    assert stack.tags(file) == {"mine": "kept"}


def test_an_object_that_is_gone_has_no_mark_to_take_off(stack: Stack, context: Any) -> None:
    file = stack.failed()
    stack.s3.delete_object(Bucket="upload", Key="data.csv", VersionId=file.version)
    assert redrive.handler({"name": "data.csv", "version": file.version}, context)["attempt"] == 2


def test_why_not_is_told(stack: Stack, context: Any) -> None:
    assert redrive.handler({"name": "no.csv"}, context) == {
        "error": "There is no file named no.csv.",
        "code": "unknown",
    }
    file = stack.failed()
    ledger = DynamoLedger(stack.db, files="files", transactions="transactions")
    other = version(b"y", name="bad.csv")
    ledger.ended(other, "run", "rejected", reason="it is empty", detail="")
    said = redrive.handler({"name": "bad.csv"}, context)
    assert (said["code"], "it is empty" in said["error"]) == ("refused", True)
    assert stack.states.list_executions(stateMachineArn=stack.machine)["executions"] == []
    assert stack.tags(file)["penstock-state"] == "failed"
