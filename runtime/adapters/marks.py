"""The tag on an upload that says how it ended: for people, lifecycle rules and bucket policies."""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from runtime.adapters.telemetry import logger
from runtime.domain.failures import TAG
from runtime.domain.identity import FileVersion

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_GONE = ("NoSuchKey", "NoSuchVersion", "MethodNotAllowed", "404", "405")


class S3Marks:
    """`Marks` (see `runtime/domain/redrive.py`); a version that is gone needs no mark."""

    def __init__(self, client: "S3Client") -> None:
        self._s3 = client

    def set(self, file: FileVersion, state: str) -> None:
        """Marks the object as *rejected* or *failed*."""
        self._change(file, [{"Key": TAG, "Value": state}])

    def clear(self, file: FileVersion) -> None:
        self._change(file, [])

    def _change(self, file: FileVersion, marks: list[dict[str, str]]) -> None:
        target: dict[str, Any] = {"Bucket": file.bucket, "Key": file.key, "VersionId": file.version}
        try:
            before = self._s3.get_object_tagging(**target)["TagSet"]
            kept = [tag for tag in before if tag["Key"] != TAG]
            self._s3.put_object_tagging(**target, Tagging={"TagSet": [*kept, *marks]})  # type: ignore[list-item]
        except ClientError as error:
            if error.response["Error"]["Code"] not in _GONE:
                raise
            logger.warning("there is no object to tag", extra={"code": error.response["Error"]["Code"]})
