"""What S3 tells EventBridge: every way of making an object, with the version that it made."""

import io
import json
from typing import Any

import pytest

from local.cloud import LocalCloud


@pytest.fixture
def watched(kit: Any) -> tuple[str, str]:
    """A versioned bucket, and a queue that its events go to."""
    bucket = kit.bucket(versioned=True, events=True)
    url, arn = kit.queue()
    kit.rule({"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {"bucket": {"name": [bucket]}}}, arn)
    return bucket, url


def _put(s3: Any, bucket: str) -> str:
    version: str = s3.put_object(Bucket=bucket, Key="a b", Body=b"1")["VersionId"]
    return version


def _copy(s3: Any, bucket: str) -> str:
    s3.put_object(Bucket=bucket, Key="source", Body=b"1")
    version: str = s3.copy_object(Bucket=bucket, Key="a b", CopySource={"Bucket": bucket, "Key": "source"})["VersionId"]
    return version


def _multipart(s3: Any, bucket: str) -> str:
    target = {"Bucket": bucket, "Key": "a b"}
    upload = s3.create_multipart_upload(**target)["UploadId"]
    etag = s3.upload_part(**target, UploadId=upload, PartNumber=1, Body=b"1")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    version: str = s3.complete_multipart_upload(**target, UploadId=upload, MultipartUpload=parts)["VersionId"]
    return version


def _post(s3: Any, bucket: str) -> str:
    from urllib.request import Request, urlopen

    form = s3.generate_presigned_post(bucket, "a b")
    boundary = "penstock"
    body = io.BytesIO()
    for name, value in form["fields"].items():
        body.write(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    body.write(f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n1\r\n'.encode())
    body.write(f"--{boundary}--\r\n".encode())
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    with urlopen(Request(form["url"], data=body.getvalue(), headers=headers)) as answer:  # noqa: S310
        assert answer.status < 300
    version: str = s3.head_object(Bucket=bucket, Key="a b")["VersionId"]
    return version


@pytest.mark.parametrize(
    ("make", "reason"),
    [(_put, "PutObject"), (_copy, "CopyObject"), (_multipart, "CompleteMultipartUpload"), (_post, "POST Object")],
)
def test_event_names_the_version(kit: Any, cloud: LocalCloud, watched: tuple[str, str], make: Any, reason: str) -> None:
    bucket, url = watched
    version = make(cloud.client("s3"), bucket)
    events = kit.messages(url, 2 if make is _copy else 1)
    (event,) = [event for event in events if event["detail"]["object"]["key"] == "a b"]
    assert event["detail"]["object"]["version-id"] == version
    assert event["detail"]["reason"] == reason
    assert event["detail"]["object"]["size"] == 1
    assert int(event["detail"]["object"]["sequencer"], 16) > 0


def test_two_quick_overwrites_are_two_events_in_order(kit: Any, cloud: LocalCloud, watched: tuple[str, str]) -> None:
    bucket, url = watched
    versions = [_put(cloud.client("s3"), bucket) for _ in range(8)]
    objects = [event["detail"]["object"] for event in kit.messages(url, 8)]
    assert [found["version-id"] for found in sorted(objects, key=lambda found: found["sequencer"])] == versions


def test_unversioned_bucket_has_no_version_in_its_events(kit: Any, cloud: LocalCloud) -> None:
    bucket = kit.bucket(events=True)
    url, arn = kit.queue()
    kit.rule({"source": ["aws.s3"], "detail": {"bucket": {"name": [bucket]}}}, arn)
    cloud.client("s3").put_object(Bucket=bucket, Key="a", Body=b"")
    (event,) = kit.messages(url, 1)
    assert "version-id" not in event["detail"]["object"]


def test_rule_invokes_a_function(kit: Any, cloud: LocalCloud) -> None:
    url, arn = kit.queue()
    source = """
import boto3, json, os
def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["DONE"], MessageBody=json.dumps(event["detail"]))
"""
    name = kit.function(
        source,
        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn},
        Environment={"Variables": {"DONE": url}},
    )
    mark = kit.name("mark")
    rule = kit.rule({"source": [mark]}, kit.function_arn(name))
    cloud.client("lambda").add_permission(
        FunctionName=name,
        StatementId="rule",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=f"arn:aws:events:{cloud.region}:{cloud.account}:rule/{rule}",
    )
    entry = {"Source": mark, "DetailType": "Test", "Detail": json.dumps({"n": 1})}
    cloud.client("events").put_events(Entries=[entry])
    assert kit.messages(url, 1) == [{"n": 1}]
