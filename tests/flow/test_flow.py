"""The main job on the local cloud, with the functions' real packages: what goes in comes out, or is refused."""

import csv
import hashlib
import io
import json
import time
from pathlib import Path
from typing import Any

import jsonschema
import pypdf
import pytest
from PIL import Image, ImageOps

from cli.generate import generate
from runtime.domain import results
from tests.archives import openers
from tests.flow.driver import Driver, http
from tests.imaging.samples import png

pytestmark = pytest.mark.flow
MIB = 1024 * 1024


def data(kind: str, size: int, seed: int = 1) -> bytes:
    return b"".join(generate(kind, size=size, seed=seed))


def rows(table: bytes) -> list[list[str]]:
    """The rows without the header, as the csv module reads them."""
    return [row for row in csv.reader(io.StringIO(table.decode(), newline="")) if row][1:]


@pytest.mark.parametrize(
    ("kind", "size", "is_kind", "steps"),
    [
        ("csv", 50_000, "csv", "Process"),
        ("jsonl", 50_000, "jsonl", "Process"),
        ("recipe", 50_000, "recipe", "Process"),
        ("binary", 50_000, "other", "Process"),
        ("photo", 50_000, "image", "Image"),
        ("photo", 6 * MIB, "image", "Image"),
        ("pdf", 50_000, "pdf", "Image"),
        ("pdf", 9 * MIB, "pdf", "Image"),
        ("text", 50_000, "text", "Process"),
        ("text", 9 * MIB, "text", "Archive"),
        ("csv", 12 * MIB, "csv", "PartsInline"),
        ("csv", 42 * MIB, "csv", "PartsDistributed"),
        ("jsonl", 6 * MIB, "jsonl", "PartsInline"),
        ("recipe", 8 * MIB, "recipe", "PartsInline"),
        ("binary", 9 * MIB, "other", "Archive"),
    ],
)
def test_a_file_goes_in_and_a_verified_download_comes_out(
    driver: Driver, tmp_path: Path, kind: str, size: int, is_kind: str, steps: str
) -> None:
    name, content = f"in {kind}/{size}+ü.dat", data(kind, size)
    version = driver.put(name, content)
    entry = driver.wait(name, version)
    assert (entry["State"], entry["Kind"]) == ("succeeded", is_kind), entry
    assert entry["Sha256"] == hashlib.sha256(content).hexdigest()

    states = [item["State"] for item in driver.ledger(name)]
    assert states == ["received", "scanning", "processing", "succeeded"]
    shown = driver.shown(name)
    assert {shown[key] == entry[key] for key in ("State", "VersionId", "Accepted", "ArchiveKey", "RunId")} == {True}
    assert "Stage" not in shown

    record = driver.record(entry)
    jsonschema.validate(record, results.schema())
    (backup,) = [artifact for artifact in record["artifacts"] if artifact["store"] == "backup"]
    assert driver.object("backup", backup["key"]) == content

    archive = driver.archive(name)
    (tmp_path / "x.zip").write_bytes(http(driver.link(name)["link"])[1])
    assert "zipfile" in openers(tmp_path / "x.zip")
    members = {info.filename: archive.read(info) for info in archive.infolist()}
    for line in members.pop("SHA256SUMS").decode().splitlines():
        digest, member = line.split("  ", 1)
        assert hashlib.sha256(archive.read(member)).hexdigest() == digest
    if is_kind == "csv":
        expected = rows(content)
        assert entry["Accepted"] + entry["Rejected"] == len(expected)
        assert len(rows(members["clean.csv"])) == entry["Accepted"]
        assert driver.object("output", record["artifacts"][1]["key"]) == members["clean.csv"]
    elif is_kind == "jsonl":
        assert members["clean.jsonl"].count(b"\n") == entry["Accepted"]
    elif is_kind == "recipe":
        assert members["recipes.jsonl"].count(b"\n") == entry["Accepted"] == len(json.loads(content)["recipes"])
    elif is_kind == "image":
        _sizes_are_right(driver, content, record, members)
    else:
        assert members[name.rsplit("/", 1)[-1]] == content
    if is_kind == "pdf":
        _first_page_is_shown(driver, content, record)
    elif is_kind == "text":
        lines = content.decode().splitlines()
        assert (record["summary"]["lines"], record["summary"]["words"]) == (len(lines), len(content.split()))
        assert record["summary"]["beginning"].startswith(lines[0])

    (execution,) = driver.executions(name)
    assert execution["status"] == "SUCCEEDED"
    history = driver.client("stepfunctions").get_execution_history(
        executionArn=execution["executionArn"], maxResults=1000
    )["events"]
    entered = [event["stateEnteredEventDetails"]["name"] for event in history if "stateEnteredEventDetails" in event]
    assert steps in entered
    # The name does not tell that it is an image or a PDF, so one that is small is met by `process` first.
    ways = {"Process": 6, "Archive": 9, "Image": 7 if size < 5 * MIB else 8}
    assert len(entered) == ways.get(steps, 11)
    if steps != "PartsInline":
        assert record["cost"]["transitions"] >= len(entered)


def _sizes_are_right(driver: Driver, content: bytes, record: dict[str, Any], members: dict[str, bytes]) -> None:
    with Image.open(io.BytesIO(content)) as original:
        assert original.getexif().get_ifd(0x8825), "the sample says where it was made"
        upright = ImageOps.exif_transpose(original)
    sizes = {one["role"]: one for one in record["artifacts"] if one["role"] in ("web", "preview", "thumbnail")}
    assert len(sizes) == 3
    for role, artifact in sizes.items():
        data = driver.object("delivery", artifact["key"])
        assert members[f"{role}.webp"] == data
        with Image.open(io.BytesIO(data)) as made:
            assert not dict(made.getexif())
            assert made.width / made.height == pytest.approx(upright.width / upright.height, rel=0.03)
    assert record["summary"]["place"] == {"latitude": 47.376667, "longitude": 8.54}


def _first_page_is_shown(driver: Driver, content: bytes, record: dict[str, Any]) -> None:
    summary = record["summary"]
    assert (summary["title"], summary["pages"]) == ("Prose", len(pypdf.PdfReader(io.BytesIO(content)).pages))
    sizes = {one["role"]: one for one in record["artifacts"] if one["role"] in ("web", "preview", "thumbnail")}
    for role, artifact in sizes.items():
        with Image.open(io.BytesIO(driver.object("delivery", artifact["key"]))) as made:
            assert made.size == (summary["sizes"][role]["width"], summary["sizes"][role]["height"])
            darkest, lightest = made.convert("L").getextrema()
            assert (made.height > made.width, lightest) == (True, 255) and darkest < 200
    assert len(sizes) == 3


def test_a_size_is_shown_by_the_browser_under_a_link_of_its_own(driver: Driver) -> None:
    content = data("photo", 60_000, seed=9)
    entry = driver.wait("holiday.jpg", driver.put("holiday.jpg", content))
    (preview,) = [one for one in driver.record(entry)["artifacts"] if one["role"] == "preview"]
    head = driver.client("s3").head_object(Bucket=driver.out("delivery_bucket"), Key=preview["key"])
    assert head["ContentType"] == "image/webp"
    assert head["CacheControl"] == "private, max-age=31536000, immutable"
    assert head["ContentDisposition"].startswith("inline;")
    (execution,) = driver.executions("holiday.jpg")
    history = driver.client("stepfunctions").get_execution_history(executionArn=execution["executionArn"])["events"]
    entered = [event["stateEnteredEventDetails"]["name"] for event in history if "stateEnteredEventDetails" in event]
    assert entered == ["Register", "Scan", "RouteBySize", "Image", "Complete", "Notify"]
    assert driver.record(entry)["cost"]["transitions"] == len(entered)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("torn.jpg", data("photo", 50_000)[:9_000], "ends too early"),
        ("notes.png", b"id,name\n1,a\n", "it is text"),
        ("bomb.png", png(60_000, 60_000), "million"),
    ],
)
def test_an_image_that_lies_is_rejected(driver: Driver, name: str, content: bytes, reason: str) -> None:
    entry = driver.wait(name, driver.put(name, content))
    assert (entry["State"], reason in entry.get("Reason", "")) == ("rejected", True), entry


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("empty", "empty"), ("broken-csv", ""), ("broken-json", "")],
)
def test_a_bad_file_is_rejected_with_a_reason(driver: Driver, notifications: str, kind: str, reason: str) -> None:
    name = f"bad/{kind}.{'json' if kind == 'broken-json' else 'csv'}"
    version = driver.put(name, data(kind, 20_000))
    entry = driver.wait(name, version)
    assert entry["State"] == "rejected", entry
    assert reason in entry["Reason"] and entry["Reason"]
    assert driver.shown(name)["Reason"] == entry["Reason"]
    assert driver.link(name)["code"] == "not-ready"
    told = _told(driver, notifications, name)
    assert entry["Reason"] in told["Message"]
    tags = driver.client("s3").get_object_tagging(Bucket=driver.out("upload_bucket"), Key=name, VersionId=version)[
        "TagSet"
    ]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {
        "GuardDutyMalwareScanStatus": "NO_THREATS_FOUND",
        "penstock-state": "rejected",
    }
    assert driver.executions(name)[0]["status"] == "SUCCEEDED", "a refused file is no failure of ours"


def test_a_csv_in_utf16_is_delivered(driver: Driver) -> None:
    content = data("utf16-csv", 20_000)
    entry = driver.wait("wide.csv", driver.put("wide.csv", content))
    rows_there = len(list(csv.reader(io.StringIO(content.decode("utf-16"), newline="")))) - 1
    assert (entry["State"], entry["Accepted"], entry["Rejected"]) == ("succeeded", rows_there, 0), entry


def test_a_header_alone_is_delivered(driver: Driver) -> None:
    version = driver.put("header.csv", data("header-only", 100))
    entry = driver.wait("header.csv", version)
    assert (entry["State"], entry["Accepted"]) == ("succeeded", 0)


@pytest.fixture
def notifications(driver: Driver) -> Any:
    """A queue that the notifications' topic fills."""
    yield from _queue(driver, "told")


def _queue(driver: Driver, name: str) -> Any:
    sqs = driver.client("sqs")
    url = sqs.create_queue(QueueName=f"{name}-{time.monotonic_ns()}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    subscription = driver.client("sns").subscribe(
        TopicArn=driver.out("notifications_topic_arn"), Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    yield url
    driver.client("sns").unsubscribe(SubscriptionArn=subscription)
    sqs.delete_queue(QueueUrl=url)


def _told(driver: Driver, queue: str, name: str) -> dict[str, Any]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for body in driver.messages(queue, least=1):
            message: dict[str, Any] = json.loads(body)
            if name in message["Message"]:
                return message
    raise AssertionError(f"nobody was told of {name}")


def test_success_is_told_with_a_link_that_works(driver: Driver, notifications: str) -> None:
    version = driver.put("told.csv", b"a,b\n1,2\n")
    entry = driver.wait("told.csv", version)
    message = _told(driver, notifications, "told.csv")
    (link,) = [line for line in message["Message"].splitlines() if line.startswith("http")]
    status, body = http(link)
    assert status == 200
    assert hashlib.sha256(body).hexdigest() == entry["ArchiveSha256"]


def test_only_the_signed_link_opens_the_archive(driver: Driver) -> None:
    version = driver.put("signed.csv", b"a,b\n1,2\n")
    driver.wait("signed.csv", version)
    link = driver.link("signed.csv")["link"]
    assert http(link)[0] == 200, http(link)
    path, query = link.split("?")
    altered = link.replace("Signature=", "Signature=x", 1)
    later = query.replace("Expires=1", "Expires=2", 1)
    assert [http(url)[0] for url in (path, altered, f"{path}?{later}", f"{path}x?{query}")] == [403, 403, 403, 403]
    key = driver.shown("signed.csv")["ArchiveKey"]
    direct = f"{driver.platform.cloud.endpoint}/{driver.out('delivery_bucket')}/{key}"
    assert http(direct)[0] == 403


def test_delivery_answers_with_the_headers_of_the_policy(driver: Driver) -> None:
    import urllib.request

    version = driver.put("headers.csv", b"a,b\n1,2\n")
    driver.wait("headers.csv", version)
    with urllib.request.urlopen(driver.link("headers.csv")["link"], timeout=30) as answer:  # noqa: S310
        headers = {name.lower(): value for name, value in answer.headers.items()}
    assert "max-age=" in headers["strict-transport-security"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["content-disposition"].startswith('attachment; filename="headers.csv.zip"')


def test_the_ledgers_entries_are_archived_as_they_are(driver: Driver) -> None:
    version = driver.put("archived.csv", data("csv", 3_000))
    driver.wait("archived.csv", version)
    entries = driver.ledger("archived.csv", version)
    s3, bucket = driver.client("s3"), driver.out("ledger_bucket")

    def archived() -> list[dict[str, Any]]:
        listed = s3.list_objects_v2(Bucket=bucket, Prefix="transactions/").get("Contents", [])
        lines = b"".join(driver.object("ledger", one["Key"]) for one in listed).splitlines()
        return [entry for entry in map(json.loads, lines) if entry["FileName"] == "archived.csv"]

    deadline = time.monotonic() + 30
    while len(archived()) < len(entries) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert sorted(archived(), key=lambda entry: str(entry["Entry"])) == entries
