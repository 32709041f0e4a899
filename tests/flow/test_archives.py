"""Archives on the local cloud, with every role enforced: their members go through as files of their own, once each."""

import io
import json
import random
import zipfile
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from cli.generate import generate
from local.cloud import LocalCloud
from local.deploy import deploy
from local.sessions import open_session
from runtime.domain.identity import FileVersion
from tests.conftest import Platform
from tests.flow.driver import Driver
from tests.recorder import BUILT_PAGE

pytestmark = pytest.mark.flow

SETTINGS = {
    "penstock:functions": {"platform": "host"},
    "penstock:archives": {"members": "process", "nesting": 2},
    "penstock:malware": {"gate": "guardduty"},
    "penstock:catalogue": {"enabled": False},
}
RANDOM = random.Random(4).randbytes(9_000_000)


@pytest.fixture(scope="module")
def opening(cloud: LocalCloud) -> Driver:
    """A stack of its own, beside the one of the other tests."""
    config = {key: json.dumps(value) for key, value in SETTINGS.items()}
    return Driver(Platform(cloud=cloud, deployment=deploy(cloud, config={**BUILT_PAGE, **config}, name="opening")))


def archive(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in members.items():
            zipped.writestr(name, data)
    return file.getvalue()


def members_prefix(driver: Driver, name: str, version: str) -> str:
    fields: dict[str, Any] = {"size": 0, "etag": "", "sequencer": "", "received_at": ""}
    return FileVersion(bucket=driver.out("upload_bucket"), key=name, version=version, **fields).members_prefix


def versions(driver: Driver, prefix: str) -> dict[str, list[str]]:
    """The versions of every upload whose name begins so."""
    found: dict[str, list[str]] = {}
    answer = driver.client("s3").list_object_versions(Bucket=driver.out("upload_bucket"), Prefix=prefix)
    for one in answer.get("Versions", []):
        found.setdefault(one["Key"], []).append(one["VersionId"])
    return found


def listed(driver: Driver, entry: dict[str, Any]) -> list[dict[str, Any]]:
    """The list of an archive's members."""
    data = driver.object("output", entry["ResultKey"].replace("result.json", "members.jsonl"))
    return [json.loads(line) for line in data.splitlines()]


def test_members_go_through_as_files_of_their_own_once_each(opening: Driver) -> None:
    table, photo = (b"".join(generate(kind, size=30_000, seed=3)) for kind in ("csv", "photo"))
    members = {
        "orders/2026.csv": table,
        "photo.jpg": photo,
        "large.bin": RANDOM,
        "inner.zip": archive({"deep.txt": b"Dear Ada,\nyours, as ever\n" * 9}),
        "empty.txt": b"",
    }
    name, data = "in/things.zip", archive(members)
    entry = opening.wait(name, version := opening.put(name, data))
    assert (entry["State"], entry["Kind"], entry["Accepted"], entry["Rejected"]) == ("succeeded", "zip", 4, 1)
    lines = listed(opening, entry)
    prefix = members_prefix(opening, name, version)
    assert {line["name"]: line["file"] for line in lines if line["status"] == "taken"} == {
        member: prefix + member for member in members if member != "empty.txt"
    }
    kinds = {}
    for member, content in members.items():
        if not content:
            continue
        key = prefix + member
        (made,) = versions(opening, prefix)[key]
        ended = opening.wait(key, made)
        kinds[member] = ended["Kind"]
        told = opening.record(ended)["file"]
        assert told["origin"] == {"archive": name, "version": version, "member": member, "depth": 1}
        assert told["size"] == len(content)
    assert kinds == {"orders/2026.csv": "csv", "photo.jpg": "image", "large.bin": "other", "inner.zip": "zip"}
    (inner,) = versions(opening, prefix + "inner.zip")[prefix + "inner.zip"]
    deep = members_prefix(opening, prefix + "inner.zip", inner) + "deep.txt"
    (version_of_deep,) = versions(opening, deep)[deep]
    assert opening.wait(deep, version_of_deep)["State"] == "succeeded"
    _again(opening, name, entry, prefix)


def _again(driver: Driver, name: str, entry: dict[str, Any], prefix: str) -> None:
    """The step once more, as after a lost answer: no version is added, so there is nothing to start a run."""
    before = versions(driver, prefix)
    (execution,) = driver.executions(name)
    history = driver.client("stepfunctions").describe_execution(executionArn=execution["executionArn"])
    given = {"file": json.loads(history["input"])["file"], "group": {"n": 0, "cuts": [[0, 5, 0, 0]]}}
    functions = driver.client("lambda").list_functions()["Functions"]
    (unpack,) = [one["FunctionName"] for one in functions if one["FunctionName"].endswith("opening-unpack")]
    answer = driver.client("lambda").invoke(FunctionName=unpack, Payload=json.dumps(given).encode())
    assert "FunctionError" not in answer, answer["Payload"].read()
    assert versions(driver, prefix) == before


def test_an_archive_by_another_name_and_one_that_is_large_go_through_too(opening: Driver) -> None:
    for name, size in (("in/no-name", 1_000), ("in/large", 6_000_000)):
        entry = opening.wait(name, opening.put(name, archive({"a.bin": RANDOM[:size], "b.bin": RANDOM[:size][::-1]})))
        assert (entry["State"], entry["Accepted"]) == ("succeeded", 2)
        (execution,) = opening.executions(name)
        pages = opening.client("stepfunctions").get_paginator("get_execution_history")
        events = [event for page in pages.paginate(executionArn=execution["executionArn"]) for event in page["events"]]
        entered = [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]
        # The Map's own states have no events here; there is one for its only group.
        assert opening.record(entry)["cost"]["transitions"] == len(entered) + 1, entered


def test_malware_in_a_member_is_found(opening: Driver) -> None:
    """The archive is scanned as a whole, before anybody opens it."""
    data = archive({"fine.txt": b"text", "evil.txt": b"".join(generate("eicar", size=2_000, seed=1))})
    entry = opening.wait("in/evil.zip", version := opening.put("in/evil.zip", data))
    assert entry["State"] == "rejected"
    assert versions(opening, members_prefix(opening, "in/evil.zip", version)) == {}


def test_the_function_cannot_replace_an_upload(opening: Driver) -> None:
    functions = opening.client("lambda").list_functions()["Functions"]
    (unpack,) = [one for one in functions if one["FunctionName"].endswith("opening-unpack")]
    client = boto3.client(
        "s3",
        endpoint_url=opening.platform.cloud.endpoint,
        region_name=opening.platform.cloud.region,
        **open_session(unpack["Role"], unpack["FunctionName"]),
    )
    bucket = opening.out("upload_bucket")
    client.put_object(Bucket=bucket, Key="free/name.txt", Body=b"x", IfNoneMatch="*")
    with pytest.raises(ClientError, match="AccessDenied"):
        client.put_object(Bucket=bucket, Key="free/name.txt", Body=b"y")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        client.put_object(Bucket=bucket, Key="free/name.txt", Body=b"y", IfNoneMatch="*")
    upload = client.create_multipart_upload(Bucket=bucket, Key="free/name.txt")["UploadId"]
    part = client.upload_part(Bucket=bucket, Key="free/name.txt", UploadId=upload, PartNumber=1, Body=b"z")
    with pytest.raises(ClientError, match="AccessDenied"):
        client.complete_multipart_upload(
            Bucket=bucket,
            Key="free/name.txt",
            UploadId=upload,
            MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
        )
