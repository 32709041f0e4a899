"""S3 in the local cloud as far as the flow depends on it: parts, checksums, conditions, versions."""

import base64
import hashlib
import zlib
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.cloud import LocalCloud
from local.objects import MIN_PART_BYTES

BIG = bytes(range(256)) * (MIN_PART_BYTES // 256)


def _crc32(data: bytes) -> str:
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


def _sha256(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


class Upload:
    """A multipart upload of `key`."""

    def __init__(self, s3: Any, bucket: str, key: str = "key", **settings: Any) -> None:
        self._s3 = s3
        self._target = {"Bucket": bucket, "Key": key}
        self._upload = s3.create_multipart_upload(**self._target, **settings)["UploadId"]
        self.parts: list[dict[str, Any]] = []

    def add(self, body: bytes, **settings: Any) -> None:
        number = len(self.parts) + 1
        answer = self._s3.upload_part(**self._target, UploadId=self._upload, PartNumber=number, Body=body, **settings)
        self.parts.append({"PartNumber": number, "ETag": answer["ETag"]})

    def copy(self, source: dict[str, str], first: int, last: int) -> None:
        number = len(self.parts) + 1
        result = self._s3.upload_part_copy(
            **self._target,
            UploadId=self._upload,
            PartNumber=number,
            CopySource=source,
            CopySourceRange=f"bytes={first}-{last}",
        )["CopyPartResult"]
        self.parts.append({"PartNumber": number, "ETag": result["ETag"]})

    def complete(self, **settings: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._s3.complete_multipart_upload(
            **self._target, UploadId=self._upload, MultipartUpload={"Parts": self.parts}, **settings
        )
        return answer


@pytest.fixture
def bucket(kit: Any) -> str:
    name: str = kit.bucket(versioned=True)
    return name


@pytest.fixture
def s3(cloud: LocalCloud) -> Any:
    return cloud.client("s3")


def _read(s3: Any, bucket: str, key: str = "key", **settings: Any) -> bytes:
    data: bytes = s3.get_object(Bucket=bucket, Key=key, **settings)["Body"].read()
    return data


def test_part_smaller_than_5_mib_is_refused_unless_it_is_the_last(s3: Any, bucket: str) -> None:
    upload = Upload(s3, bucket)
    upload.add(BIG[:-1])
    upload.add(b"end")
    with pytest.raises(ClientError, match="EntityTooSmall"):
        upload.complete()
    upload = Upload(s3, bucket)
    upload.add(BIG)
    upload.add(b"end")
    upload.complete()
    assert _read(s3, bucket) == BIG + b"end"


def test_parts_out_of_order_are_refused(s3: Any, bucket: str) -> None:
    upload = Upload(s3, bucket)
    upload.add(BIG)
    upload.add(BIG)
    upload.parts.reverse()
    with pytest.raises(ClientError, match="InvalidPartOrder"):
        upload.complete()


def test_checksum_of_the_full_object(s3: Any, bucket: str) -> None:
    whole = BIG + b"end"
    settings = {"ChecksumAlgorithm": "CRC32", "ChecksumType": "FULL_OBJECT"}
    upload = Upload(s3, bucket, **settings)
    upload.add(BIG, ChecksumAlgorithm="CRC32")
    upload.add(b"end", ChecksumAlgorithm="CRC32")
    with pytest.raises(ClientError, match="BadDigest"):
        upload.complete(ChecksumCRC32=_crc32(whole[1:]), ChecksumType="FULL_OBJECT")
    answer = upload.complete(ChecksumCRC32=_crc32(whole), ChecksumType="FULL_OBJECT")
    assert (answer["ChecksumCRC32"], answer["ChecksumType"]) == (_crc32(whole), "FULL_OBJECT")
    for version in ({}, {"VersionId": answer["VersionId"]}):
        head = s3.head_object(Bucket=bucket, Key="key", ChecksumMode="ENABLED", **version)
        assert (head["ChecksumCRC32"], head["ChecksumType"]) == (_crc32(whole), "FULL_OBJECT")
    assert _read(s3, bucket, ChecksumMode="ENABLED") == whole


def test_composite_checksum(s3: Any, bucket: str) -> None:
    upload = Upload(s3, bucket, ChecksumAlgorithm="SHA256")
    for body in (BIG, b"end"):
        upload.add(body, ChecksumSHA256=_sha256(body))
        upload.parts[-1]["ChecksumSHA256"] = _sha256(body)
    together = _sha256(hashlib.sha256(BIG).digest() + hashlib.sha256(b"end").digest())
    assert upload.complete()["ChecksumSHA256"] == f"{together}-2"


def test_wrong_checksum_of_a_body_is_refused(s3: Any, bucket: str) -> None:
    with pytest.raises(ClientError, match=r"BadDigest|XAmzContentChecksumMismatch"):
        s3.put_object(Bucket=bucket, Key="key", Body=b"1", ChecksumSHA256=_sha256(b"2"))


def test_part_is_copied_from_a_range_of_a_pinned_version(s3: Any, bucket: str) -> None:
    version = s3.put_object(Bucket=bucket, Key="source", Body=b"head" + BIG + b"tail")["VersionId"]
    s3.put_object(Bucket=bucket, Key="source", Body=b"newer")
    upload = Upload(s3, bucket, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    source = {"Bucket": bucket, "Key": "source", "VersionId": version}
    upload.copy(source, 4, 3 + len(BIG))
    upload.add(b"end", ChecksumAlgorithm="CRC32")
    answer = upload.complete()
    assert _read(s3, bucket) == BIG + b"end"
    assert answer["ChecksumCRC32"] == _crc32(BIG + b"end")


def test_writes_that_must_not_replace_anything(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="key", Body=b"first", IfNoneMatch="*")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket=bucket, Key="key", Body=b"second", IfNoneMatch="*")
    upload = Upload(s3, bucket)
    upload.add(b"third")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        upload.complete(IfNoneMatch="*")
    s3.put_object(Bucket=bucket, Key="source", Body=b"fourth")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.copy_object(Bucket=bucket, Key="key", CopySource=f"{bucket}/source", IfNoneMatch="*")
    assert _read(s3, bucket) == b"first"


def test_range_of_a_pinned_version(s3: Any, bucket: str) -> None:
    version = s3.put_object(Bucket=bucket, Key="key", Body=b"0123456789")["VersionId"]
    s3.put_object(Bucket=bucket, Key="key", Body=b"x")
    answer = s3.get_object(Bucket=bucket, Key="key", VersionId=version, Range="bytes=2-4")
    assert (answer["Body"].read(), answer["ContentRange"], answer["VersionId"]) == (b"234", "bytes 2-4/10", version)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
    tail = s3.get_object(Bucket=bucket, Key="key", VersionId=version, Range="bytes=-3", ChecksumMode="ENABLED")
    assert tail["Body"].read() == b"789"
    with pytest.raises(ClientError, match="InvalidRange"):
        s3.get_object(Bucket=bucket, Key="key", VersionId=version, Range="bytes=10-")


def test_tags_of_an_upload_in_parts_are_the_objects(s3: Any, bucket: str) -> None:
    upload = Upload(s3, bucket, Tagging="made-by=parts&empty=")
    upload.add(b"x")
    version = upload.complete()["VersionId"]
    found = s3.get_object_tagging(Bucket=bucket, Key="key")
    assert found["VersionId"] == version
    assert {tag["Key"]: tag["Value"] for tag in found["TagSet"]} == {"made-by": "parts", "empty": ""}
