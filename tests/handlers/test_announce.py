"""Ledger to events."""

import json
from typing import Any

import boto3
import pytest

from runtime.handlers import announce

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch, aws: None) -> Any:
    """Reads what was emitted on the bus."""
    events = boto3.client("events", region_name="us-east-1")
    sqs = boto3.client("sqs", region_name="us-east-1")
    events.create_event_bus(Name="penstock")
    url = sqs.create_queue(QueueName="listener")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="all", EventBusName="penstock", EventPattern=json.dumps({"source": ["penstock"]}))
    events.put_targets(Rule="all", EventBusName="penstock", Targets=[{"Id": "q", "Arn": arn}])
    monkeypatch.setenv("PENSTOCK_EVENT_BUS", "penstock")
    announce._settings.cache_clear()

    def read() -> list[Any]:
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in messages]

    return read


def record(n: int, state: str, name: str = "INSERT", **more: Any) -> dict[str, Any]:
    image = {
        "FileName": {"S": "a.csv"},
        "Entry": {"S": "e"},
        "State": {"S": state},
        "VersionId": {"S": "v1"},
        "Attempt": {"N": "1"},
        "RunId": {"S": "r"},
        "At": {"S": "2026-01-02T03:04:05Z"},
        **more,
    }
    return {
        "eventID": str(n),
        "eventName": name,
        "eventSource": "aws:dynamodb",
        "dynamodb": {"NewImage": image, "SequenceNumber": str(n), "StreamViewType": "NEW_IMAGE"},
    }


def test_entries_become_events(heard: Any, context: Any) -> None:
    records = [
        record(1, "received", Size={"N": "7"}),
        record(2, "processing"),
        record(3, "succeeded", Accepted={"N": "3"}),
        record(4, "succeeded", name="MODIFY"),
    ]
    assert announce.handler({"Records": records}, context) == {"batchItemFailures": []}
    events = {event["detail-type"]: event["detail"] for event in heard()}
    assert set(events) == {"FileReceived", "FileSucceeded"}
    assert events["FileReceived"]["size"] == 7
    assert events["FileSucceeded"]["accepted"] == 3


def test_a_bus_that_is_down_brings_the_record_again(heard: Any, context: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"FailedEntryCount": 1, "Entries": [{"ErrorMessage": "down"}]}

    class Down:
        def put_events(self, **_: Any) -> Any:
            return answer

    monkeypatch.setattr(announce, "client", lambda _service: Down())
    with pytest.raises(Exception, match="All records failed"):
        announce.handler({"Records": [record(1, "received")]}, context)
