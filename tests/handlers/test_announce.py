"""Ledger to events."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from runtime.adapters.s3 import objects
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
    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="ledger")
    monkeypatch.setenv("PENSTOCK_EVENT_BUS", "penstock")
    monkeypatch.setenv("PENSTOCK_LEDGER_BUCKET", "ledger")
    announce._settings.cache_clear()
    objects.cache_clear()

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
        "Sequencer": {"S": "0001"},
        "Attempt": {"N": "1"},
        "RunId": {"S": "r"},
        "At": {"S": "2026-01-02T03:04:05Z"},
        **more,
    }
    return {
        "eventID": str(n),
        "eventName": name,
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "ApproximateCreationDateTime": 1767323045,
            "NewImage": image,
            "SequenceNumber": str(n),
            "StreamViewType": "NEW_IMAGE",
        },
    }


def archived() -> dict[str, list[dict[str, Any]]]:
    """The objects of the ledger's archive, by key, as lists of entries."""
    s3 = boto3.client("s3", region_name="us-east-1")
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket="ledger").get("Contents", [])]
    bodies = {key: s3.get_object(Bucket="ledger", Key=key)["Body"].read() for key in keys}
    return {key: [json.loads(line) for line in body.splitlines()] for key, body in bodies.items()}


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


class Bus:
    """A bus that takes only so many events; `calls` are those that it was sent."""

    def __init__(self, takes: int) -> None:
        self.left, self.calls = takes, []  # type: ignore[var-annotated]

    def put_events(self, *, Entries: list[dict[str, str]]) -> Any:
        self.calls.append(len(Entries))
        outcomes = []
        for _ in Entries:
            outcomes.append({"EventId": "1"} if self.left > 0 else {"ErrorCode": "ThrottlingException"})
            self.left -= 1
        return {"FailedEntryCount": sum("ErrorCode" in outcome for outcome in outcomes), "Entries": outcomes}


@pytest.mark.parametrize(
    ("takes", "calls", "failed"),
    [(25, [10, 10, 5], []), (24, [10, 10, 5], ["24"]), (10, [10, 10], ["10"]), (0, [10], ["0"])],
)
def test_the_stream_comes_again_from_the_first_event_that_was_not_taken(
    heard: Any, context: Any, monkeypatch: pytest.MonkeyPatch, takes: int, calls: list[int], failed: list[str]
) -> None:
    bus = Bus(takes)
    monkeypatch.setattr(announce, "client", lambda _service: bus)
    answer = announce.handler({"Records": [record(n, "received") for n in range(25)]}, context)
    assert bus.calls == calls
    assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == failed


def test_an_entry_that_makes_no_event_does_not_hold_back_those_before_it(heard: Any, context: Any) -> None:
    broken = record(2, "received")
    del broken["dynamodb"]["NewImage"]["VersionId"]
    answer = announce.handler({"Records": [record(1, "received"), broken, record(3, "received")]}, context)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "2"}]}
    assert len(heard()) == 1


def test_every_entry_is_archived_once_however_often_the_batch_comes(heard: Any, context: Any) -> None:
    records = [
        record(11, "received", Size={"N": "7"}),
        record(12, "processing"),
        record(13, "received", name="MODIFY"),
        record(14, "succeeded", Entry={"S": "é"}),
    ]
    for _ in range(2):
        announce.handler({"Records": records}, context)
    ((key, entries),) = archived().items()
    assert key == "transactions/2026/01/02/11.jsonl"
    assert [entry["State"] for entry in entries] == ["received", "processing", "succeeded"]
    assert (entries[0]["Size"], entries[2]["Entry"]) == (7, "é")


def test_nothing_is_announced_that_could_not_be_archived(heard: Any, context: Any) -> None:
    boto3.client("s3", region_name="us-east-1").delete_bucket(Bucket="ledger")
    with pytest.raises(ClientError, match="NoSuchBucket"):
        announce.handler({"Records": [record(1, "received")]}, context)
    assert heard() == []
