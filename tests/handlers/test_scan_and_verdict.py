"""The two functions of the malware gate, with DynamoDB and S3 as moto has them and tokens written down."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from runtime.adapters import gate as adapter
from runtime.adapters.gate import StepFunctionsTasks
from runtime.domain.errors import Rejected, Superseded
from runtime.domain.starts import for_file
from runtime.domain.verdicts import CLEAN, EVENT, INFECTED, TAG
from runtime.handlers import scan, verdict
from tests.fakes import version
from tests.handlers.test_ingest import record
from tests.tables import make_tables

REGION = "us-east-1"
RUN = "run@2026-01-02T03:04:05.000Z"


class States:
    """Step Functions, as far as tokens go."""

    def __init__(self) -> None:
        self.answers: list[tuple[str, str]] = []
        self.refuse: str | None = None

    def _answer(self, token: str, answer: str) -> dict[str, Any]:
        if self.refuse:
            raise ClientError({"Error": {"Code": self.refuse}}, "SendTask")
        self.answers.append((token, answer))
        return {}

    def send_task_success(self, *, taskToken: str, output: str) -> dict[str, Any]:
        return self._answer(taskToken, output)

    def send_task_failure(self, *, taskToken: str, error: str, cause: str) -> dict[str, Any]:
        return self._answer(taskToken, f"{error}: {json.loads(cause)['errorMessage']}")


class Stack:
    def __init__(self) -> None:
        self.s3, self.db = boto3.client("s3", region_name=REGION), boto3.client("dynamodb", region_name=REGION)
        self.states = States()
        self.s3.create_bucket(Bucket="upload")
        self.s3.put_bucket_versioning(Bucket="upload", VersioningConfiguration={"Status": "Enabled"})
        make_tables(self.db)
        self.file = version(b"x", version=self.s3.put_object(Bucket="upload", Key="data.csv")["VersionId"])
        for key in ("received",):
            item = {"FileName": {"S": "data.csv"}, "Entry": {"S": self.file.ledger_key(key)}, "State": {"S": key}}
            self.db.put_item(TableName="transactions", Item=item)

    def tag(self, status: str) -> None:
        tags = {"TagSet": [{"Key": TAG, "Value": status}]}
        self.s3.put_object_tagging(Bucket="upload", Key="data.csv", VersionId=self.file.version, Tagging=tags)

    def step(self, token: str) -> dict[str, Any]:
        return {"file": json.loads(for_file(self.file).input)["file"], "run": RUN, "token": token}

    def event(self, status: str, number: int = 1) -> dict[str, Any]:
        return record(
            number,
            {
                "detail-type": EVENT,
                "detail": {
                    "s3ObjectDetails": {
                        "bucketName": "upload", "objectKey": "data.csv", "versionId": self.file.version
                    },
                    "scanResultDetails": {"scanResultStatus": status, "threats": [{"name": "Worm"}]},
                },
            },
        )  # fmt: skip


@pytest.fixture
def stack(aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    made = Stack()
    clients = {"stepfunctions": made.states, "dynamodb": made.db, "s3": made.s3}
    monkeypatch.setattr(adapter, "client", clients.__getitem__)
    for name, value in {"FILES_TABLE": "files", "TRANSACTIONS_TABLE": "transactions", "UNSCANNABLE": "reject"}.items():
        monkeypatch.setenv(f"PENSTOCK_{name}", value)
    scan._settings.cache_clear()
    verdict._settings.cache_clear()
    yield made


def taken(answer: dict[str, Any]) -> bool:
    return answer["batchItemFailures"] == []


def test_a_run_waits_until_its_verdict_comes(stack: Stack, context: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert scan.handler(stack.step("secret-token"), context) == {}
    assert stack.states.answers == []
    assert stack.db.get_item(TableName="files", Key={"FileName": {"S": "data.csv"}})["Item"]["State"]["S"] == "scanning"
    stack.tag(CLEAN)
    assert taken(verdict.handler({"Records": [stack.event(CLEAN)]}, context))
    assert stack.states.answers == [("secret-token", "{}")]
    assert "secret-token" not in capsys.readouterr().out


def test_a_verdict_that_came_before_is_found(stack: Stack, context: Any) -> None:
    assert taken(verdict.handler({"Records": [stack.event(INFECTED), stack.event(CLEAN, 2)]}, context))
    scan.handler(stack.step("token"), context)
    assert stack.states.answers == [("token", "Rejected: malware was found in it: Worm")]


def test_every_try_of_a_run_is_answered(stack: Stack, context: Any) -> None:
    for token in ("first", "second"):
        scan.handler(stack.step(token), context)
    verdict.handler({"Records": [stack.event(INFECTED)]}, context)
    assert sorted(token for token, _ in stack.states.answers) == ["first", "second"]


def test_a_run_that_has_gone_on_does_not_wait_again(stack: Stack, context: Any) -> None:
    scan.handler(stack.step("token"), context)
    item = {"FileName": {"S": "data.csv"}, "Entry": {"S": stack.file.ledger_key("processing")}}
    stack.db.put_item(TableName="transactions", Item=item)
    with pytest.raises(Superseded):
        scan.handler(stack.step("late"), context)


def test_what_is_no_verdict_comes_again_and_the_others_do_not(stack: Stack, context: Any) -> None:
    scan.handler(stack.step("token"), context)
    answer = verdict.handler({"Records": [record(1, {"this": "is nothing"}), stack.event(INFECTED, 2)]}, context)
    assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == ["1"]
    assert len(stack.states.answers) == 1


def test_a_version_that_is_gone_is_rejected(stack: Stack, context: Any) -> None:
    scan.handler(stack.step("token"), context)
    stack.s3.delete_object(Bucket="upload", Key="data.csv", VersionId=stack.file.version)
    assert taken(verdict.handler({"Records": [stack.event(CLEAN)]}, context))
    ((_, answer),) = stack.states.answers
    assert answer.startswith("Rejected: this version of the file was deleted")


@pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
def test_a_run_that_waits_no_more_is_passed_over(code: str) -> None:
    states = States()
    states.refuse = code
    tasks = StepFunctionsTasks(states)  # type: ignore[arg-type]
    tasks.succeed("token")
    tasks.fail("token", Rejected("no"))


def test_an_answer_that_cannot_be_given_is_an_error() -> None:
    states = States()
    states.refuse = "AccessDeniedException"
    with pytest.raises(ClientError):
        StepFunctionsTasks(states).succeed("token")  # type: ignore[arg-type]
