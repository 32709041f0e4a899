"""Queue to state machine."""

import json
from typing import Any

import boto3
import pytest

from runtime.handlers import ingest
from tests.domain.test_starts import event

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, aws: None) -> str:
    states = boto3.client("stepfunctions", region_name="us-east-1")
    definition = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
    arn: str = states.create_state_machine(
        name="files", definition=definition, roleArn="arn:aws:iam::123456789012:role/r"
    )["stateMachineArn"]
    monkeypatch.setenv("PENSTOCK_STATE_MACHINE_ARN", arn)
    ingest._settings.cache_clear()
    return arn


def record(n: int, body: Any) -> dict[str, Any]:
    return {
        "messageId": str(n),
        "receiptHandle": "h",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:q",
    }


def executions(machine: str) -> list[Any]:
    states = boto3.client("stepfunctions", region_name="us-east-1")
    return [
        json.loads(states.describe_execution(executionArn=execution["executionArn"])["input"])
        for execution in states.list_executions(stateMachineArn=machine)["executions"]
    ]


def test_each_version_is_started_once(machine: str, context: Any) -> None:
    records = [record(1, event()), record(2, event()), record(3, event(**{"version-id": "v2"}))]
    for _ in range(2):
        assert ingest.handler({"Records": records}, context) == {"batchItemFailures": []}
    assert sorted(given["file"]["version"] for given in executions(machine)) == ["v1", "v2"]


def test_only_what_failed_comes_again(machine: str, context: Any) -> None:
    records = [record(1, event()), record(2, "nonsense"), record(3, event(key="folder/", size=0))]
    answer = ingest.handler({"Records": records}, context)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "2"}]}
    assert len(executions(machine)) == 1
