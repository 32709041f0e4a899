"""Uploads in parts, as two emulators have S3 and DynamoDB: what both allow is likely to be right."""

import base64
import contextlib
import hashlib
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from runtime.adapters.uploads import LINK_SECONDS, S3_CONFIG, DynamoUploads, S3Multipart
from runtime.domain.refusals import Conflict, NotFound
from runtime.domain.upload_records import ABORTED, COMPLETE, Part, Upload
from runtime.domain.uploads import Uploads
from tests.answers import ACME, OPERATOR, OTHER
from tests.mocked import mocked_aws
from tests.tables import make_uploads_table

BUCKET, TABLE = "uploads-in-parts", "uploads-test"
MIB = 1024 * 1024


class World:
    """The operations with what is behind them."""

    def __init__(self, s3: Any, db: Any) -> None:
        self.s3, self.db = s3, db
        self.multipart = S3Multipart(s3, bucket=BUCKET)
        self.table = DynamoUploads(db, table=TABLE)
        self.uploads = Uploads(table=self.table, multipart=self.multipart, max_file_bytes=100 * MIB)

    def create(self, data: bytes, *, key: str | None = None, name: str = "a/ü.bin") -> Upload:
        return self.uploads.create(ACME, {"name": name, "size": len(data), "type": "x/y"}, key)

    def send(self, upload: Upload, data: bytes, *numbers: int) -> None:
        """Puts parts as S3 would take them by the signed links."""
        for number in numbers or range(1, upload.parts + 1):
            part = data[(number - 1) * upload.part_bytes :][: upload.bytes_of(number)]
            self.s3.upload_part(
                Bucket=BUCKET,
                Key=upload.name,
                UploadId=upload.s3_id,
                PartNumber=number,
                Body=part,
                ChecksumSHA256=base64.b64encode(hashlib.sha256(part).digest()).decode(),
            )

    def begun(self) -> list[Any]:
        """Uploads that S3 has not seen the end of."""
        found: list[Any] = self.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
        return found


def _make_bucket(s3: Any) -> None:
    with contextlib.suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})


@pytest.fixture(params=["moto", "local cloud"])
def world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    if request.param == "local cloud":
        cloud = request.getfixturevalue("cloud")
        s3, db = cloud.client("s3"), cloud.client("dynamodb")
        _make_bucket(s3)
        make_uploads_table(db, uploads=TABLE)
        yield World(s3, db)
        db.delete_table(TableName=TABLE)
        for version in s3.list_object_versions(Bucket=BUCKET).get("Versions", []):
            s3.delete_object(Bucket=BUCKET, Key=version["Key"], VersionId=version["VersionId"])
        for begun in s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []):
            s3.abort_multipart_upload(Bucket=BUCKET, Key=begun["Key"], UploadId=begun["UploadId"])
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mocked_aws():
        s3 = boto3.client("s3", region_name="us-east-1", config=S3_CONFIG)
        _make_bucket(s3)
        db = boto3.client("dynamodb", region_name="us-east-1")
        make_uploads_table(db, uploads=TABLE)
        yield World(s3, db)


@pytest.mark.parametrize("size", [0, 1, 8 * MIB, 8 * MIB + 1, 17 * MIB])
def test_parts_become_a_file(world: World, size: int) -> None:
    data = bytes(range(251)) * (size // 251 + 1)
    data = data[:size]
    upload = world.create(data)
    world.send(upload, data)
    done = world.uploads.complete(ACME, upload.id)
    assert done.state == COMPLETE
    assert done.version
    there = world.s3.get_object(Bucket=BUCKET, Key="acme/a/ü.bin", VersionId=done.version)
    assert there["Body"].read() == data
    assert there["ContentType"] == "x/y"
    assert world.uploads.complete(ACME, upload.id) == done
    assert world.begun() == []


def test_what_has_arrived_is_listed(world: World) -> None:
    data = bytes(17 * MIB)
    upload = world.create(data)
    world.send(upload, data, 3, 1)
    found, more = world.uploads.parts(ACME, upload.id, 0)
    assert [(part.number, part.size) for part in found] == [(1, 8 * MIB), (3, MIB)]
    assert more is None
    assert [part.number for part in world.uploads.parts(ACME, upload.id, 1)[0]] == [3]
    with pytest.raises(Conflict, match="1 of 3 parts are missing or not whole: 2"):
        world.uploads.complete(ACME, upload.id)


def test_a_part_that_is_too_short_is_not_whole(world: World) -> None:
    upload = world.create(bytes(9 * MIB))
    world.send(replace(upload, part_bytes=5 * MIB), bytes(9 * MIB), 1)
    world.send(upload, bytes(9 * MIB), 2)
    with pytest.raises(Conflict, match="not whole: 1"):
        world.uploads.complete(ACME, upload.id)


def test_many_parts_are_listed_page_by_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytes(17 * MIB)
    upload = world.create(data)
    world.send(upload, data)
    whole = world.s3.list_parts
    monkeypatch.setattr(world.s3, "list_parts", lambda **more: whole(MaxParts=2, **more))
    first, more = world.uploads.parts(ACME, upload.id, 0)
    assert ([part.number for part in first], more) == ([1, 2], 2)
    assert world.uploads.complete(ACME, upload.id).state == COMPLETE


def test_a_key_that_comes_again_is_the_same_upload(world: World) -> None:
    first = world.create(b"x", key="key-00001")
    assert world.create(b"x", key="key-00001") == first
    assert len(world.begun()) == 1
    with pytest.raises(Conflict, match="another upload"):
        world.create(b"xy", key="key-00001")
    other = world.uploads.create(OTHER, {"name": "a/ü.bin", "size": 1, "type": "x/y"}, "key-00001")
    assert other.id != first.id


def test_two_at_once_with_one_key_leave_one_upload(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first = world.create(b"x", key="key-00001")
    known, looks = world.table.get, iter([None])
    monkeypatch.setattr(world.table, "get", lambda identity: next(looks, None) or known(identity))
    assert world.create(b"x", key="key-00001") == first
    assert [begun["UploadId"] for begun in world.begun()] == [first.s3_id]


def test_what_cannot_be_noted_is_not_begun(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: Upload, __: Upload | None) -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr(world.table, "add", fails)
    with pytest.raises(ZeroDivisionError):
        world.create(b"x", key="key-00001")
    assert world.begun() == []


def test_given_up_twice_is_given_up(world: World) -> None:
    upload = world.create(b"x")
    for _ in range(2):
        world.uploads.abort(ACME, upload.id)
    assert world.uploads.get("getUpload", ACME, upload.id).state == ABORTED
    assert world.begun() == []
    with pytest.raises(Conflict, match="given up"):
        world.uploads.complete(ACME, upload.id)
    with pytest.raises(Conflict, match="given up"):
        world.uploads.parts(ACME, upload.id, 0)


def test_what_is_complete_is_not_given_up(world: World) -> None:
    upload = world.create(b"x")
    world.send(upload, b"x")
    world.uploads.complete(ACME, upload.id)
    with pytest.raises(Conflict, match="complete"):
        world.uploads.abort(ACME, upload.id)


@pytest.mark.parametrize("way", ["complete", "abort", "parts"])
def test_a_completion_that_nobody_has_noted_is_found_out(world: World, way: str) -> None:
    """The function stopped between S3's answer and its own note."""
    upload = world.create(b"x")
    world.send(upload, b"x")
    parts, _ = world.multipart.parts(upload, 0)
    version = world.multipart.complete(upload, parts)
    if way == "complete":
        assert world.uploads.complete(ACME, upload.id).version == version
    else:
        with pytest.raises(Conflict, match="complete"):
            world.uploads.abort(ACME, upload.id) if way == "abort" else world.uploads.parts(ACME, upload.id, 0)
    assert world.uploads.get("getUpload", ACME, upload.id).version == version


@pytest.mark.parametrize("newer", [True, False])
def test_parts_that_the_bucket_gave_up_are_given_up(world: World, newer: bool) -> None:
    upload = world.create(b"x")
    world.multipart.abort(upload)
    if newer:
        world.s3.put_object(Bucket=BUCKET, Key=upload.name, Body=b"another's")
    with pytest.raises(Conflict, match="given up"):
        world.uploads.complete(ACME, upload.id)
    assert world.uploads.get("getUpload", ACME, upload.id).state == ABORTED


def test_a_late_note_does_not_take_back_a_completion(world: World) -> None:
    upload = world.create(b"x")
    world.table.completed(upload.id, "v1")
    world.table.aborted(upload.id)
    assert world.uploads.get("getUpload", ACME, upload.id).version == "v1"
    world.table.completed("there-is-none-such", "v1")
    assert world.table.get("there-is-none-such") is None


def test_open_ones_are_listed_newest_first(world: World) -> None:
    made = [world.create(b"x", name=f"{n}.bin") for n in range(4)]
    world.uploads.abort(ACME, made[1].id)
    world.uploads.create(OTHER, {"name": "x", "size": 1}, None)
    first = world.uploads.listed(ACME, 2, None)
    assert [upload.id for upload in first] == [made[3].id, made[2].id]
    rest = world.uploads.listed(ACME, 2, (first[-1].created_at, first[-1].id))
    assert [upload.id for upload in rest] == [made[0].id]
    assert world.uploads.listed(ACME, 2, ("2020-01-01T00:00:00Z", "x")) == []
    assert world.table.open_in("acme", 10, since=made[2].created_at, after=None) == [made[3]]


def test_others_uploads_are_not_there(world: World) -> None:
    upload = world.create(b"x")
    for operation in ("getUpload", "abortUpload", "signParts", "completeUpload", "listParts"):
        with pytest.raises(NotFound):
            world.uploads.get(operation, OTHER, upload.id)
    assert world.uploads.get("getUpload", OPERATOR, upload.id) == upload


def test_a_link_has_checksum_and_length_signed_and_a_short_life(world: World) -> None:
    upload = world.create(bytes(9 * MIB))
    digest = hashlib.sha256(b"x").digest()
    (signed,) = world.uploads.sign(ACME, upload.id, {"parts": [{"number": 2, "sha256": digest.hex()}]})
    address = urlsplit(signed["url"])
    query = parse_qs(address.query)
    assert query["X-Amz-SignedHeaders"] == ["content-length;host;x-amz-checksum-sha256"]
    assert query["X-Amz-Expires"] == [str(LINK_SECONDS)]
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert (query["partNumber"], query["uploadId"]) == (["2"], [upload.s3_id])
    assert signed["headers"] == {"x-amz-checksum-sha256": base64.b64encode(digest).decode()}


def test_an_address_is_the_regions_own() -> None:
    nobody = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    s3 = boto3.client("s3", region_name="us-east-1", config=S3_CONFIG, **nobody)
    upload = Upload(
        id="i", name="acme/a b", by="x", s3_id="u", size=1, part_bytes=8 * MIB, type="x/y", state="open",
        created_at="2026-01-01T00:00:00Z", expires_at="2026-01-03T00:00:00Z", asked="",
    )  # fmt: skip
    url, _, _ = S3Multipart(s3, bucket="bucket").sign(upload, 1, "0" * 64)
    assert url.startswith("https://bucket.s3.us-east-1.amazonaws.com/acme/a%20b?")


def test_s3_takes_the_bytes_of_the_link_and_no_others(cloud: Any) -> None:
    """By the local cloud, which looks at checksums, not at signatures."""
    s3, db = cloud.client("s3"), cloud.client("dynamodb")
    _make_bucket(s3)
    with contextlib.suppress(db.exceptions.ResourceInUseException):
        make_uploads_table(db, uploads=TABLE)
    world = World(s3, db)
    upload = world.create(b"right")
    digest = hashlib.sha256(b"right").hexdigest()
    (signed,) = world.uploads.sign(ACME, upload.id, {"parts": [{"number": 1, "sha256": digest}]})

    def put(data: bytes) -> int:
        request = urllib.request.Request(signed["url"], data, signed["headers"], method="PUT")  # noqa: S310
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return int(answer.status)

    with pytest.raises(urllib.error.HTTPError, match="400"):
        put(b"wrong")
    assert put(b"right") == 200
    assert world.multipart.parts(upload, 0)[0] == [Part(number=1, size=5, etag=_any_etag(world, upload), sha256=digest)]
    assert world.uploads.complete(ACME, upload.id).state == COMPLETE
    db.delete_table(TableName=TABLE)


def _any_etag(world: World, upload: Upload) -> str:
    return world.multipart.parts(upload, 0)[0][0].etag
