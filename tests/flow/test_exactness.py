"""One run for each version, whatever arrives how often; nothing lost when a run dies."""

import json
import threading
import time
from typing import Any

import pytest

from cli.generate import generate
from tests.flow.driver import Driver

pytestmark = pytest.mark.flow
MIB = 1024 * 1024


def event(driver: Driver, name: str, version: str) -> dict[str, Any]:
    """The event of an upload as EventBridge puts it into the queue, made again."""
    (received,) = [entry for entry in driver.ledger(name, version) if entry["State"] == "received"]
    return {
        "version": "0",
        "id": "again",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "time": received["ReceivedAt"],
        "detail": {
            "bucket": {"name": driver.out("upload_bucket")},
            "object": {
                "key": name,
                "size": received["Size"],
                "etag": received["ETag"],
                "version-id": version,
                "sequencer": received["Sequencer"].rstrip("0") or "0",
            },
        },
    }


def send(driver: Driver, body: Any) -> None:
    driver.client("sqs").send_message(QueueUrl=driver.out("queue_url"), MessageBody=json.dumps(body))


def test_the_same_event_again_starts_nothing(driver: Driver) -> None:
    version = driver.put("again.csv", b"a,b\n1,2\n")
    driver.wait("again.csv", version)
    before = driver.ledger("again.csv")
    for _ in range(3):
        send(driver, event(driver, "again.csv", version))
    marker = driver.put("after.csv", b"a,b\n1,2\n")
    driver.wait("after.csv", marker)
    time.sleep(1)
    assert driver.ledger("again.csv") == before
    assert len(driver.executions("again.csv")) == 1


def test_a_late_event_of_an_older_version_changes_nothing_shown(driver: Driver) -> None:
    old = driver.put("late.csv", b"a,b\n1,2\n")
    driver.wait("late.csv", old)
    late = event(driver, "late.csv", old)
    new = driver.put("late.csv", b"a,b\n1,2\n3,4\n")
    driver.wait("late.csv", new)
    send(driver, late)
    time.sleep(2)
    assert driver.shown("late.csv")["VersionId"] == new
    assert driver.shown("late.csv")["Accepted"] == 2


@pytest.mark.parametrize("size", [1000, 7 * MIB])
def test_a_key_overwritten_while_it_is_processed_gives_two_results(driver: Driver, size: int) -> None:
    name = f"twice-{size}.csv"
    first, second = (b"".join(generate("csv", size=size, seed=seed)) for seed in (1, 2))
    versions = [driver.put(name, content) for content in (first, second)]
    entries = [driver.wait(name, version) for version in versions]
    assert [entry["State"] for entry in entries] == ["succeeded", "succeeded"]
    assert entries[0]["Sha256"] != entries[1]["Sha256"]
    assert entries[0]["ArchiveKey"] != entries[1]["ArchiveKey"]
    assert driver.shown(name)["VersionId"] == versions[1]
    assert driver.shown(name)["State"] == "succeeded"
    assert len(driver.executions(name)) == 2
    for entry, content in zip(entries, (first, second), strict=True):
        assert driver.record(entry)["file"]["size"] == len(content)


def test_every_way_of_making_an_object_starts_a_run(driver: Driver) -> None:
    s3, bucket = driver.client("s3"), driver.out("upload_bucket")
    content = b"a,b\n1,2\n"
    versions = {"put.csv": driver.put("put.csv", content)}
    copy = s3.copy_object(Bucket=bucket, Key="copy.csv", CopySource={"Bucket": bucket, "Key": "put.csv"})
    versions["copy.csv"] = copy["VersionId"]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="multipart.csv")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="multipart.csv", UploadId=upload, PartNumber=1, Body=content)
    versions["multipart.csv"] = s3.complete_multipart_upload(
        Bucket=bucket,
        Key="multipart.csv",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )["VersionId"]
    for name, version in versions.items():
        assert driver.wait(name, version)["State"] == "succeeded"
        assert len(driver.executions(name)) == 1


def test_a_run_that_is_stopped_is_recorded_as_failed(driver: Driver) -> None:
    name = "stopped.csv"
    version = driver.put(name, b"".join(generate("csv", size=30 * MIB, seed=1)))
    deadline = time.monotonic() + 30
    while not (found := driver.executions(name)) and time.monotonic() < deadline:
        time.sleep(0.05)
    driver.client("stepfunctions").stop_execution(executionArn=found[0]["executionArn"])
    entry = driver.wait(name, version)
    assert entry["State"] == "failed"
    assert "stopped by hand" in entry["Reason"]
    time.sleep(2)
    begun = ("received", "scanning", "processing")
    assert [item["State"] for item in driver.ledger(name) if item["State"] not in begun] == ["failed"], (
        "functions that were still at work have not changed the end"
    )
    assert driver.shown(name)["State"] == "failed"


def test_what_is_no_event_ends_in_the_dead_letter_queue(driver: Driver) -> None:
    sqs = driver.client("sqs")
    sqs.set_queue_attributes(QueueUrl=driver.out("queue_url"), Attributes={"VisibilityTimeout": "1"})
    send(driver, {"this": "is nothing"})
    bodies = driver.messages(driver.out("dead_letter_queue_url"), least=1, seconds=60)
    assert [json.loads(body) for body in bodies] == [{"this": "is nothing"}]


def test_events_are_emitted_from_the_ledger(driver: Driver) -> None:
    sqs, events = driver.client("sqs"), driver.client("events")
    url = sqs.create_queue(QueueName="listener")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sender = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**sender, "Resource": arn}]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    pattern = json.dumps({"source": ["penstock"], "detail": {"name": ["heard.csv", "unheard"]}})
    events.put_rule(Name="listener", EventBusName=driver.out("event_bus"), EventPattern=pattern)
    events.put_targets(Rule="listener", EventBusName=driver.out("event_bus"), Targets=[{"Id": "queue", "Arn": arn}])
    good, bad = driver.put("heard.csv", b"a,b\n1,2\n"), driver.put("unheard", b"")
    heard = [json.loads(body) for body in driver.messages(url, least=4, seconds=40)]
    assert {(item["detail-type"], item["detail"]["version"]) for item in heard} == {
        ("FileReceived", good),
        ("FileSucceeded", good),
        ("FileReceived", bad),
        ("FileRejected", bad),
    }
    assert len(heard) == 4


def test_twenty_files_at_once_with_every_event_three_times(driver: Driver) -> None:
    """The bounded part of the campaign in `test_campaign.py`."""
    names = [f"crowd/{n}.csv" for n in range(20)]
    versions: dict[str, str] = {}

    def upload(name: str) -> None:
        versions[name] = driver.put(name, b"a,b\n" + b"1,2\n" * (1 + int(name[6:-4])))

    threads = [threading.Thread(target=upload, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name in names:
        driver.wait(name, versions[name])
        for _ in range(2):
            send(driver, event(driver, name, versions[name]))
    time.sleep(1)
    for n, name in enumerate(names):
        assert [entry["State"] for entry in driver.ledger(name)] == ["received", "scanning", "processing", "succeeded"]
        assert driver.shown(name)["Accepted"] == n + 1
