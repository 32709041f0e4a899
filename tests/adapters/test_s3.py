"""The object store on S3, as two emulators have it."""

import contextlib
import hashlib
import io
import os
import zlib
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import IncompleteReadError

from runtime.adapters import s3 as module
from runtime.adapters.s3 import S3Objects
from runtime.domain.errors import Corrupt, Rejected, Transient
from runtime.domain.ports import Piece, Place
from tests.mocked import mocked_aws

MIB = 1024 * 1024


@pytest.fixture(params=["moto", "local cloud"])
def client(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Two emulators that err in different places: what both allow is likely to be right."""
    if request.param == "local cloud":
        client = request.getfixturevalue("cloud").client("s3")
        _empty(client)
        yield client
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mocked_aws():
        client = boto3.client("s3", region_name="us-east-1")
        _empty(client)
        yield client


def _empty(client: Any) -> None:
    """The bucket, with versions, and nothing in it."""
    with contextlib.suppress(client.exceptions.BucketAlreadyOwnedByYou):
        client.create_bucket(Bucket="bucket")
    client.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    found = client.list_object_versions(Bucket="bucket")
    for version in [*found.get("Versions", []), *found.get("DeleteMarkers", [])]:
        client.delete_object(Bucket="bucket", Key=version["Key"], VersionId=version["VersionId"])


@pytest.fixture
def objects(client: Any) -> S3Objects:
    return S3Objects(client)


def test_a_version_is_read_whatever_came_after(client: Any, objects: S3Objects) -> None:
    first = client.put_object(Bucket="bucket", Key="k", Body=b"one")["VersionId"]
    client.put_object(Bucket="bucket", Key="k", Body=b"two!")
    assert b"".join(objects.read(Place("bucket", "k", first))) == b"one"
    assert b"".join(objects.read(Place("bucket", "k"), start=1, end=3)) == b"wo"
    assert b"".join(objects.read(Place("bucket", "k"), start=1)) == b"wo!"


def test_a_version_that_is_gone_is_the_uploaders_doing(client: Any, objects: S3Objects) -> None:
    version = client.put_object(Bucket="bucket", Key="k", Body=b"one")["VersionId"]
    client.delete_object(Bucket="bucket", Key="k", VersionId=version)
    with pytest.raises(Rejected, match="deleted"):
        objects.get(Place("bucket", "k", version))
    with pytest.raises(Rejected, match="deleted"):
        objects.copy(Place("bucket", "k", version), Place("bucket", "copy"), size=3)


def test_an_object_that_is_too_short_is_corrupt(client: Any, objects: S3Objects) -> None:
    client.put_object(Bucket="bucket", Key="k", Body=b"one")
    with pytest.raises(Corrupt, match="ends at byte 3"):
        list(objects.read(Place("bucket", "k"), start=0, end=9))


class Breaking:
    """A client whose bodies break off after every `after` bytes."""

    def __init__(self, data: bytes, after: int) -> None:
        self.data, self.after, self.opened = data, after, 0

    def get_object(self, *, Range: str = "bytes=0-", **_: Any) -> Any:
        self.opened += 1
        start = int(Range.removeprefix("bytes=").split("-")[0])
        return {"Body": self._Body(self.data[start:], self.after)}

    class _Body(io.BytesIO):
        def __init__(self, data: bytes, after: int) -> None:
            super().__init__(data)
            self.after = after

        def iter_chunks(self, size: int) -> Iterator[bytes]:
            data = self.read()
            yield data[: self.after]
            if len(data) > self.after:
                raise IncompleteReadError(actual_bytes=self.after, expected_bytes=len(data))


def test_a_broken_connection_is_taken_up_where_it_broke() -> None:
    client = Breaking(bytes(range(100)), after=30)
    assert b"".join(S3Objects(client).read(Place("bucket", "k"), end=100)) == bytes(range(100))  # type: ignore[arg-type]
    assert client.opened == 4


def test_a_connection_that_always_breaks_is_given_up() -> None:
    with pytest.raises(Transient, match="5 times"):
        list(S3Objects(Breaking(bytes(100), after=1)).read(Place("bucket", "k"), end=100))  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [0, 1, 5 * MIB, 17 * MIB + 3])
def test_a_stream_becomes_an_object_with_its_checksum(objects: S3Objects, size: int) -> None:
    data = os.urandom(size)
    for _ in range(2):
        with objects.write(Place("bucket", "k"), content_type="x/y", filename='a "ü".zip') as writer:
            for at in range(0, size, 3 * MIB):
                writer.write(data[at : at + 3 * MIB])
    assert objects.get(Place("bucket", "k")) == data
    assert objects.stat(Place("bucket", "k")).size == size


def test_a_name_to_save_under_is_safe_in_a_header(client: Any, objects: S3Objects) -> None:
    with objects.write(Place("bucket", "k"), content_type="x/y", filename='a"\r\nü.zip') as writer:
        writer.write(b"x")
    head = client.head_object(Bucket="bucket", Key="k")
    assert head["ContentDisposition"] == "attachment; filename=\"a____.zip\"; filename*=UTF-8''a%22%0D%0A%C3%BC.zip"


def test_nothing_is_left_of_a_stream_that_fails(client: Any, objects: S3Objects) -> None:
    with pytest.raises(ZeroDivisionError), objects.write(Place("bucket", "k"), content_type="x/y") as writer:
        writer.write(os.urandom(9 * MIB))
        raise ZeroDivisionError
    assert client.list_objects_v2(Bucket="bucket").get("Contents", []) == []
    assert client.list_multipart_uploads(Bucket="bucket").get("Uploads", []) == []


@pytest.mark.parametrize("size", [10, 9 * MIB])
def test_other_bytes_under_the_same_key_are_refused(objects: S3Objects, size: int) -> None:
    with objects.write(Place("bucket", "k"), content_type="x/y") as writer:
        writer.write(b"x" * size)
    with (
        pytest.raises(Corrupt, match="another object"),
        objects.write(Place("bucket", "k"), content_type="x/y") as writer,
    ):
        writer.write(b"y" * (size + 1))


@pytest.mark.parametrize(
    "sizes", [[], [3], [3, 4], [6 * MIB, 6 * MIB, 1], [2 * MIB, 6 * MIB, 2 * MIB, 7 * MIB, 5], [6 * MIB, *range(1, 20)]]
)
def test_pieces_are_joined_in_order(client: Any, objects: S3Objects, sizes: list[int]) -> None:
    datas = [os.urandom(size) for size in sizes]
    for n, data in enumerate(datas):
        client.put_object(Bucket="bucket", Key=f"p{n}", Body=data)
    pieces = [
        Piece(place=Place("bucket", f"p{n}"), size=len(data), crc32=zlib.crc32(data)) for n, data in enumerate(datas)
    ]
    for _ in range(2):
        objects.join(Place("bucket", "whole"), pieces, content_type="x/y")
    digest = hashlib.sha256(objects.get(Place("bucket", "whole"))).digest()
    assert digest == hashlib.sha256(b"".join(datas)).digest()


def test_a_piece_that_was_changed_is_noticed(client: Any, objects: S3Objects) -> None:
    client.put_object(Bucket="bucket", Key="p", Body=b"changed")
    with pytest.raises(Corrupt, match="CRC-32"):
        objects.join(Place("bucket", "whole"), [Piece(place=Place("bucket", "p"), size=7, crc32=1)], content_type="x/y")


def test_what_is_written_once_stays(objects: S3Objects) -> None:
    assert objects.put_once(Place("bucket", "k"), b"first", content_type="x/y") == b"first"
    assert objects.put_once(Place("bucket", "k"), b"second", content_type="x/y") == b"first"


@pytest.mark.parametrize("most", [module.COPY_MOST, 4 * MIB])
def test_a_copy_is_made_once(client: Any, objects: S3Objects, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(module, "COPY_MOST", most)
    monkeypatch.setattr(module, "COPY_PART", 5 * MIB)
    data = os.urandom(12 * MIB)
    version = client.put_object(Bucket="bucket", Key="k", Body=data)["VersionId"]
    for _ in range(2):
        objects.copy(Place("bucket", "k", version), Place("bucket", "copy"), size=len(data))
    assert objects.get(Place("bucket", "copy")) == data


def test_a_missing_object_has_no_stat(objects: S3Objects) -> None:
    with pytest.raises(Corrupt, match="not there"):
        objects.stat(Place("bucket", "nothing"))
