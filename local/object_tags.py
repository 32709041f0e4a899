"""Tags that an object is to have from its multipart upload on; ministack forgets them."""

import importlib
import re
from typing import Any
from urllib.parse import parse_qsl

from local.hooks import Function, Hooks

_TAGS = "penstock_tags"
_UPLOAD_ID = re.compile(rb"<UploadId>([^<]+)</UploadId>")

Answer = tuple[int, dict[str, str], bytes]


def mend(hooks: Hooks) -> None:
    """Puts it in force."""
    hooks.replace("services.s3", "_create_multipart_upload", "bucket_name key headers", _creating)
    hooks.replace("services.s3", "_complete_multipart_upload", "bucket_name key body query_params headers", _completing)


def _s3() -> Any:
    return importlib.import_module("ministack.services.s3")


def _creating(create: Function) -> Function:
    def create_upload(bucket_name: str, key: str, headers: dict[str, str]) -> Answer:
        answer: Answer = create(bucket_name, key, headers)
        found = _UPLOAD_ID.search(answer[2])
        if answer[0] == 200 and found and headers.get("x-amz-tagging"):
            tags = dict(parse_qsl(headers["x-amz-tagging"], keep_blank_values=True))
            _s3()._multipart_uploads[found[1].decode()][_TAGS] = tags
        return answer

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
        tags = s3._multipart_uploads.get(query_params.get("uploadId", [""])[0], {}).get(_TAGS)
        answer: Answer = complete(bucket_name, key, body, query_params, headers)
        if answer[0] == 200 and tags:
            version = s3._buckets[bucket_name]["objects"][key].get("version_id")
            # A scan that is faster has set its own already.
            s3._object_tags.setdefault((bucket_name, key, version), {}).update(tags)
        return answer

    return complete_upload
