"""S3 where ministack is more lenient than S3, or forgets half of what it was asked.

It accepts parts of any size and order, takes every checksum of a multipart object for a composite one, ignores
`If-None-Match` on copies, and sends the whole object when a range of a pinned version was asked for.
"""

import base64
import contextvars
import importlib
import re
import zlib
from typing import Any

from local.hooks import Function, Hooks

MIN_PART_BYTES = 5 * 1024 * 1024
_FULL = "FULL_OBJECT"
_MARK = "penstock_checksum_type"
_PART_NUMBER = re.compile(rb"<PartNumber>\s*(\d+)\s*</PartNumber>")
_UPLOAD_ID = re.compile(rb"<UploadId>([^<]+)</UploadId>")
_COMPOSITE_TYPE, _FULL_TYPE = b"<ChecksumType>COMPOSITE<", b"<ChecksumType>FULL_OBJECT<"

Answer = tuple[int, dict[str, str], bytes]
# The bodies of the upload that is being completed, when its checksum is to be of the full object.
_bodies: contextvars.ContextVar[list[bytes] | None] = contextvars.ContextVar("penstock_bodies", default=None)


def mend(hooks: Hooks) -> None:
    """Puts all of it in force."""
    hooks.replace("services.s3", "_get_object", "bucket_name key headers query_params", _slicing)
    hooks.replace("services.s3", "_copy_object", "bucket_name dest_key headers", _copying)
    hooks.replace("services.s3", "_create_multipart_upload", "bucket_name key headers", _creating)
    hooks.replace("services.s3", "_complete_multipart_upload", "bucket_name key body query_params headers", _completing)
    hooks.replace("services.s3", "_composite_checksum", "algorithm part_checksums", _summing)


def _s3() -> Any:
    return importlib.import_module("ministack.services.s3")


def body_of(bucket: str, key: str, version: str) -> bytes:
    """The bytes of a version, whoever asks; raises `KeyError` when it is gone."""
    s3 = _s3()
    for each in s3._object_versions.get((bucket, key), []):
        if each["version_id"] == version:
            body: bytes | None = s3._version_body(s3._ensure_bucket(bucket), bucket, key, each)
            if body is not None:
                return body
    raise KeyError(f"{bucket}/{key} has no version {version}")


def _slicing(get: Function) -> Function:
    def get_object(
        bucket_name: str, key: str, headers: dict[str, str], query_params: dict[str, list[str]] | None = None
    ) -> Answer:
        wanted = headers.get("range")
        if not wanted or not (query_params or {}).get("versionId"):
            return _plain(get(bucket_name, key, headers, query_params))
        # A checksum is of the whole object, so none goes with a part of it.
        others = {name: value for name, value in headers.items() if name not in ("range", "x-amz-checksum-mode")}
        status, answer, body = _plain(get(bucket_name, key, others, query_params))
        if status != 200 or "Content-Range" in answer:
            return status, answer, body
        s3, size = _s3(), len(body)
        found = s3._parse_range(wanted, size)
        if found is None:
            refusal = {"Content-Type": "application/xml", "Content-Range": f"bytes */{size}"}
            return 416, refusal, s3._xml_body(s3._range_error_xml(bucket_name, key))
        first, last = found
        piece = body[first : last + 1]
        answer["Content-Length"] = str(len(piece))
        answer["Content-Range"] = f"bytes {first}-{last}/{size}"
        return 206, answer, piece

    return get_object


def _copying(copy: Function) -> Function:
    def copy_object(bucket_name: str, dest_key: str, headers: dict[str, str]) -> Answer:
        s3 = _s3()
        bucket = s3._ensure_bucket(bucket_name)
        existing = bucket["objects"].get(dest_key) if bucket else None
        refusal = s3._check_put_preconditions(headers, existing)
        return _plain(refusal or copy(bucket_name, dest_key, headers))

    return copy_object


def _creating(create: Function) -> Function:
    def create_upload(bucket_name: str, key: str, headers: dict[str, str]) -> Answer:
        status, answer, body = create(bucket_name, key, headers)
        wanted = headers.get("x-amz-checksum-type", "").upper() == _FULL
        only_full = answer.get("x-amz-checksum-algorithm") == "CRC64NVME"
        found = _UPLOAD_ID.search(body)
        if status == 200 and found and (wanted or only_full):
            _s3()._multipart_uploads[found[1].decode()][_MARK] = _FULL
            answer["x-amz-checksum-type"] = _FULL
        return status, answer, body

    return create_upload


def _completing(complete: Function) -> Function:
    def complete_upload(
        bucket_name: str,
        key: str,
        body: bytes,
        query_params: dict[str, list[str]],
        headers: dict[str, str] | None = None,
    ) -> Answer:
        s3 = _s3()
        upload_id = query_params.get("uploadId", [""])[0]
        upload = s3._multipart_uploads.get(upload_id)
        if upload is None:
            return _plain(complete(bucket_name, key, body, query_params, headers))
        numbers = [int(number) for number in _PART_NUMBER.findall(body)]
        parts = upload["parts"]
        if numbers != sorted(set(numbers)):
            return _plain(s3._error("InvalidPartOrder", "The list of parts was not in ascending order.", 400))
        if any(number in parts and len(parts[number]["body"]) < MIN_PART_BYTES for number in numbers[:-1]):
            message = "Your proposed upload is smaller than the minimum allowed size"
            return _plain(s3._error("EntityTooSmall", message, 400))
        if upload.get(_MARK) != _FULL:
            return _plain(complete(bucket_name, key, body, query_params, headers))
        token = _bodies.set([parts[number]["body"] for number in numbers if number in parts])
        try:
            status, answer, text = complete(bucket_name, key, body, query_params, headers)
        finally:
            _bodies.reset(token)
        if status == 200:
            text = text.replace(_COMPOSITE_TYPE, _FULL_TYPE)
            s3._completed_multipart_uploads[upload_id]["response"] = (status, answer, text)
            s3._buckets[bucket_name]["objects"][key]["checksum_type"] = _FULL
        return status, answer, text

    return complete_upload


def _summing(composite: Function) -> Function:
    def checksum(algorithm: str, part_checksums: list[str | None]) -> str | None:
        bodies = _bodies.get()
        if bodies is None or not algorithm:
            found: str | None = composite(algorithm, part_checksums)
            return found
        if algorithm == "CRC32":
            value = 0
            for body in bodies:
                value = zlib.crc32(body, value)
            return base64.b64encode(value.to_bytes(4, "big")).decode()
        whole: str | None = _s3()._compute_s3_checksum(algorithm, b"".join(bodies))
        return whole

    return checksum


def _plain(answer: Any) -> Answer:
    status, headers, body = answer
    return status, headers, body
