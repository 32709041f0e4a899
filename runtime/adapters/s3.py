"""The object store, on S3.

Facts that shape it: parts of a multipart upload are 5 MiB to 5 GiB, at most 10,000; a CRC-32 can be kept for the whole
object (`FULL_OBJECT`), a SHA-256 cannot; a conditional write that meets an object answers 412, and 409 when another
upload of the same key is being completed.
"""

import base64
import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    FlexibleChecksumError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
)

from runtime.adapters.clients import client
from runtime.domain.crc import crc32_combine
from runtime.domain.errors import Corrupt, Rejected, Transient
from runtime.domain.ports import Piece, Place, Stat

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MIB = 1024 * 1024
READ_BYTES = MIB
PART_LEAST = 5 * MIB
PART_BYTES = 8 * MIB
# Every so many parts their size doubles, so that 10,000 parts are enough for any object that S3 takes.
PARTS_BEFORE_DOUBLING = 1_500
COPY_MOST = 5 * 1024 * MIB
COPY_PART = 512 * MIB
READ_TRIES = 5
# Of pieces below 5 MiB, so 40 MiB at most.
JOINED_AT_ONCE = 8
_BROKEN = (ConnectionClosedError, IncompleteReadError, ReadTimeoutError, ResponseStreamingError)
_EXISTS = {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}
_CONFLICT = {"ConditionalRequestConflict", "409"}
_GONE = {"NoSuchKey", "NoSuchVersion", "404", "405", "MethodNotAllowed"}


def _base64(crc32: int) -> str:
    return base64.b64encode(crc32.to_bytes(4, "big")).decode()


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


class S3Objects:
    """`Objects` (see `runtime/domain/ports.py`) with a boto3 client."""

    def __init__(self, client: "S3Client") -> None:
        self._s3 = client

    def read(self, place: Place, *, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        at, tries = start, 0
        while end is None or at < end:
            try:
                for piece in self._open(place, at, end):
                    at += len(piece)
                    yield piece
            except FlexibleChecksumError as error:
                raise Corrupt(f"{place.key}: {error}") from error
            except _BROKEN as error:
                tries += 1
                if tries == READ_TRIES:
                    raise Transient(f"{place.key}: reading broke off {READ_TRIES} times, at byte {at}") from error
                continue
            if end is not None and at < end:
                raise Corrupt(f"{place.key}: ends at byte {at}, before {end}")
            return

    def _open(self, place: Place, start: int, end: int | None) -> Iterator[bytes]:
        whole = start == 0 and end is None
        arguments: dict[str, Any] = {"Bucket": place.bucket, "Key": place.key}
        if place.version:
            arguments["VersionId"] = place.version
        if whole:
            arguments["ChecksumMode"] = "ENABLED"
        else:
            arguments["Range"] = f"bytes={start}-{'' if end is None else end - 1}"
        try:
            body = self._s3.get_object(**arguments)["Body"]
        except ClientError as error:
            if place.version and _code(error) in _GONE:
                raise Rejected("this version of the file was deleted before it was processed") from error
            if start and _code(error) == "InvalidRange":
                return
            raise
        with body:
            yield from body.iter_chunks(READ_BYTES)

    def get(self, place: Place) -> bytes:
        return b"".join(self.read(place))

    def put(self, place: Place, data: bytes, *, content_type: str, sha256: str | None = None) -> None:
        digest = bytes.fromhex(sha256) if sha256 else hashlib.sha256(data).digest()
        self._s3.put_object(
            Bucket=place.bucket,
            Key=place.key,
            Body=data,
            ContentType=content_type,
            ChecksumSHA256=base64.b64encode(digest).decode(),
        )

    def put_once(self, place: Place, data: bytes, *, content_type: str) -> bytes:
        try:
            self._s3.put_object(
                Bucket=place.bucket,
                Key=place.key,
                Body=data,
                ContentType=content_type,
                ChecksumSHA256=base64.b64encode(hashlib.sha256(data).digest()).decode(),
                IfNoneMatch="*",
            )
        except ClientError as error:
            if _code(error) not in _EXISTS:
                raise
            return self.get(place)
        return data

    @contextmanager
    def write(
        self, place: Place, *, content_type: str, filename: str | None = None, inline: bool = False
    ) -> Iterator["_Upload"]:
        headers: dict[str, Any] = {"ContentType": content_type}
        if filename is not None:
            # The name that a browser saves under; RFC 6266 wants other than ASCII percent-encoded.
            plain = "".join(char if " " <= char <= "~" and char not in '"\\' else "_" for char in filename)
            shown = "inline" if inline else "attachment"
            headers["ContentDisposition"] = f"{shown}; filename=\"{plain}\"; filename*=UTF-8''{quote(filename)}"
            headers["CacheControl"] = "private, max-age=31536000, immutable"
        upload = _Upload(self, self._s3, place, headers)
        try:
            yield upload
            upload.close()
        except BaseException:
            upload.abort()
            raise

    def deposit(self, place: Place, pieces: Iterable[bytes], *, metadata: Mapping[str, str]) -> None:
        headers = {"ContentType": "application/octet-stream", "Metadata": dict(metadata)}
        upload = _Upload(self, self._s3, place, headers, compares=False)
        try:
            for piece in pieces:
                upload.write(piece)
            upload.close()
        except BaseException:
            upload.abort()
            raise

    def metadata(self, place: Place) -> Mapping[str, str]:
        version: dict[str, Any] = {"VersionId": place.version} if place.version else {}
        try:
            return self._s3.head_object(Bucket=place.bucket, Key=place.key, **version)["Metadata"]
        except ClientError as error:
            if _code(error) in _GONE:
                raise Rejected("this version of the file was deleted before it was processed") from error
            raise

    def join(self, place: Place, pieces: Sequence[Piece], *, content_type: str) -> None:
        with self.write(place, content_type=content_type) as upload, ThreadPoolExecutor(JOINED_AT_ONCE) as pool:
            for start in range(0, len(pieces), JOINED_AT_ONCE):
                some = pieces[start : start + JOINED_AT_ONCE]
                # A file has hundreds of small pieces; one after the other each would wait for the store.
                small = pool.map(self._piece, (piece for piece in some if piece.size < PART_LEAST))
                for piece in some:
                    if piece.size < PART_LEAST:
                        upload.write(next(small))
                    elif upload.pending == 0:
                        upload.copy(piece)
                    else:
                        crc32 = 0
                        for data in self.read(piece.place):
                            crc32 = zlib.crc32(data, crc32)
                            upload.write(data)
                        _compare(piece, crc32)

    def _piece(self, piece: Piece) -> bytes:
        data = self.get(piece.place)
        _compare(piece, zlib.crc32(data))
        return data

    def copy(self, source: Place, target: Place, *, size: int) -> None:
        if size > COPY_MOST:
            self._copy_large(source, target, size)
            return
        try:
            self._s3.copy_object(
                Bucket=target.bucket,
                Key=target.key,
                CopySource=_source(source),
                IfNoneMatch="*",
                TaggingDirective="REPLACE",
                ChecksumAlgorithm="CRC32",
            )
        except ClientError as error:
            if _code(error) in _GONE:
                raise Rejected("this version of the file was deleted before it was processed") from error
            if _code(error) not in _EXISTS:
                raise
            if self.stat(target).size != size:
                raise Corrupt(f"{target.key}: a copy of another size is there already") from error

    def _copy_large(self, source: Place, target: Place, size: int) -> None:
        upload = _Upload(self, self._s3, target, {"ContentType": "application/octet-stream"})
        try:
            upload.copy_ranges(source, size)
        except BaseException:
            upload.abort()
            raise

    def stat(self, place: Place) -> Stat:
        try:
            head = self._s3.head_object(Bucket=place.bucket, Key=place.key, ChecksumMode="ENABLED")
        except ClientError as error:
            if _code(error) in _GONE:
                raise Corrupt(f"{place.key} is not there") from error
            raise
        crc32 = head.get("ChecksumCRC32")
        known = crc32 is not None and "-" not in crc32 and head.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT"
        return Stat(
            size=head["ContentLength"],
            crc32=int.from_bytes(base64.b64decode(crc32), "big") if crc32 and known else None,
        )


@cache
def objects() -> S3Objects:
    """The object store, for the function's own role."""
    return S3Objects(client("s3"))


def _compare(piece: Piece, crc32: int) -> None:
    if crc32 != piece.crc32:
        raise Corrupt(f"{piece.place.key} is not what was written: its CRC-32 has changed")


def _source(place: Place) -> Any:
    source = {"Bucket": place.bucket, "Key": place.key}
    return {**source, "VersionId": place.version} if place.version else source


class _Upload:
    """An object in the making: one request while it is small, a multipart upload from 8 MiB on."""

    def __init__(
        self, objects: S3Objects, client: "S3Client", place: Place, headers: dict[str, Any], *, compares: bool = True
    ) -> None:
        """With `compares` an object that is there already is held against what is written."""
        self._objects, self._s3, self._place, self._headers = objects, client, place, headers
        self._compares = compares
        self._buffer = bytearray()
        self._id: str | None = None
        self._parts: list[dict[str, Any]] = []
        self._crc32 = 0
        self._size = 0

    @property
    def pending(self) -> int:
        """Bytes that are not sent yet."""
        return len(self._buffer)

    @property
    def _target(self) -> dict[str, Any]:
        return {"Bucket": self._place.bucket, "Key": self._place.key}

    def write(self, data: bytes) -> None:
        self._buffer += data
        wanted = PART_BYTES << (len(self._parts) // PARTS_BEFORE_DOUBLING)
        while len(self._buffer) >= wanted:
            self._send(bytes(self._buffer[:wanted]))
            del self._buffer[:wanted]

    def copy(self, piece: Piece) -> None:
        """Adds a stored piece of 5 MiB or more without reading it; nothing may be pending."""
        answer = self._s3.upload_part_copy(
            **self._target,
            UploadId=self._begin(),
            PartNumber=len(self._parts) + 1,
            CopySource=_source(piece.place),
        )["CopyPartResult"]
        crc32 = answer.get("ChecksumCRC32")
        if crc32 is not None and crc32 != _base64(piece.crc32):
            raise Corrupt(f"{piece.place.key} is not what was written: its CRC-32 has changed")
        self._note(answer, piece.crc32, piece.size)

    def copy_ranges(self, source: Place, size: int) -> None:
        """The whole of a large object, in ranges that are copied side by side; then completes."""
        identity = self._begin()

        def copy(n: int) -> dict[str, Any]:
            start, end = n * COPY_PART, min((n + 1) * COPY_PART, size)
            answer = self._s3.upload_part_copy(
                **self._target,
                UploadId=identity,
                PartNumber=n + 1,
                CopySource=_source(source),
                CopySourceRange=f"bytes={start}-{end - 1}",
            )["CopyPartResult"]
            return self._part(n + 1, answer)

        with ThreadPoolExecutor(8) as pool:
            self._parts = list(pool.map(copy, range(-(-size // COPY_PART))))
        self._size = size
        self._complete(checksum=None)

    def close(self) -> None:
        if self._id is None:
            body = bytes(self._buffer)
            self._crc32, self._size = zlib.crc32(body), len(body)
            try:
                self._s3.put_object(
                    **self._target, **self._headers, Body=body, ChecksumCRC32=_base64(self._crc32), IfNoneMatch="*"
                )
            except ClientError as error:
                self._settle(error)
            return
        if self._buffer:
            self._send(bytes(self._buffer))
            self._buffer.clear()
        self._complete(checksum=_base64(self._crc32))

    def abort(self) -> None:
        """Leaves nothing behind; what cannot be removed now is removed by the bucket's lifecycle."""
        if self._id is not None:
            try:
                self._s3.abort_multipart_upload(**self._target, UploadId=self._id)
            except ClientError:
                return

    def _begin(self) -> str:
        if self._id is None:
            self._id = self._s3.create_multipart_upload(
                **self._target, **self._headers, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT"
            )["UploadId"]
        return self._id

    def _send(self, data: bytes) -> None:
        crc32 = zlib.crc32(data)
        answer = self._s3.upload_part(
            **self._target,
            UploadId=self._begin(),
            PartNumber=len(self._parts) + 1,
            Body=data,
            ChecksumCRC32=_base64(crc32),
        )
        self._note(dict(answer), crc32, len(data))

    @staticmethod
    def _part(number: int, answer: Any) -> dict[str, Any]:
        part = {"PartNumber": number, "ETag": answer["ETag"]}
        return {**part, "ChecksumCRC32": answer["ChecksumCRC32"]} if answer.get("ChecksumCRC32") else part

    def _note(self, answer: Any, crc32: int, size: int) -> None:
        self._parts.append(self._part(len(self._parts) + 1, answer))
        self._crc32 = crc32_combine(self._crc32, crc32, size)
        self._size += size

    def _complete(self, *, checksum: str | None) -> None:
        more: dict[str, Any] = {"ChecksumCRC32": checksum} if checksum else {}
        try:
            self._s3.complete_multipart_upload(
                **self._target,
                UploadId=self._begin(),
                MultipartUpload={"Parts": self._parts},  # type: ignore[typeddict-item]
                ChecksumType="FULL_OBJECT",
                MpuObjectSize=self._size,
                IfNoneMatch="*",
                **more,
            )
        except ClientError as error:
            self._settle(error)
            self.abort()

    def _settle(self, error: ClientError) -> None:
        """Something is there already: the same bytes, from an earlier try, are success; others are not."""
        if _code(error) not in _EXISTS:
            raise error
        if not self._compares:
            if _code(error) in _CONFLICT:
                raise Transient(f"{self._place.key} is being written by somebody else") from error
            return
        found = self._objects.stat(self._place)
        if found.size != self._size or (self._crc32 and found.crc32 not in (None, self._crc32)):
            raise Corrupt(f"{self._place.key}: another object is there already") from error
