"""The tag on an upload that says how it ended: for people, lifecycle rules and bucket policies."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from runtime.adapters.telemetry import logger
from runtime.domain.failures import TAG
from runtime.domain.identity import FileVersion

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import TagTypeDef

_GONE = ("NoSuchKey", "NoSuchVersion", "MethodNotAllowed", "404", "405")
_REFUSED = ("AccessDenied", "403")


class S3Marks:
    """`Marks` (see `runtime/domain/redrive.py`); a version that is gone needs no mark."""

    def __init__(self, client: "S3Client") -> None:
        self._s3 = client

    def set(self, file: FileVersion, state: str) -> None:
        """Marks the object as *rejected* or *failed*."""
        self._change(file, [{"Key": TAG, "Value": state}])

    def clear(self, file: FileVersion) -> None:
        self._change(file, [])

    def _change(self, file: FileVersion, marks: list["TagTypeDef"]) -> None:
        target: dict[str, Any] = {"Bucket": file.bucket, "Key": file.key, "VersionId": file.version}
        try:
            before = self._s3.get_object_tagging(**target)["TagSet"]
            try:
                self._write(target, before, marks)
            except ClientError as error:
                # A set of tags is written as a whole, and the bucket's policy keeps the scan's verdict in it: where it
                # came between reading and writing, the set is written once more, with it.
                now = self._s3.get_object_tagging(**target)["TagSet"]
                if error.response["Error"]["Code"] not in _REFUSED or now == before:
                    raise
                self._write(target, now, marks)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _GONE:
                raise
            logger.warning("there is no object to tag", extra={"code": error.response["Error"]["Code"]})

    def _write(self, target: dict[str, Any], before: Sequence["TagTypeDef"], marks: list["TagTypeDef"]) -> None:
        wanted: list[TagTypeDef] = [*(tag for tag in before if tag["Key"] != TAG), *marks]
        if wanted != before:
            self._s3.put_object_tagging(**target, Tagging={"TagSet": wanted})
