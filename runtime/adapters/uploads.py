"""Uploads in parts, on DynamoDB and S3.

Facts: the algorithm of the parts' checksums is declared when an upload is begun; each part's checksum is a signed
header of its link, and so is its length, so that S3 takes those bytes and no others. A part of no bytes is allowed if
it is the last one. Source: S3 User Guide, "Checking object integrity for data uploads", and `UploadPart` of its API.
"""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from runtime import environment
from runtime.adapters.clients import CONFIG, client
from runtime.domain.identity import folder_of
from runtime.domain.refusals import Busy
from runtime.domain.upload_names import NAMED_SUM
from runtime.domain.upload_records import KEPT, OPEN, NoSuchUpload, Part, Upload
from runtime.domain.uploads import Uploads

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

OPEN_INDEX, EXPIRY = "open", "Forgotten"
"""The index of open uploads; the attribute that says when DynamoDB forgets an upload (seconds since 1970)."""
TAG = "penstock-upload"
LINK_SECONDS = 900
CHECKSUM_HEADER = "x-amz-checksum-sha256"
# Older regions would sign with an older algorithm, and the first one for an address that redirects.
S3_CONFIG = CONFIG.merge(
    Config(
        signature_version="s3v4",
        request_checksum_calculation="when_required",
        s3={"us_east_1_regional_endpoint": "regional"},
    )
)
_UNKNOWN = {"NoSuchUpload", "404"}
_GONE = {"NoSuchKey", "NoSuchVersion", "MethodNotAllowed", "404", "405"}


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


class S3Multipart:
    """`Multipart` (see `runtime/domain/upload_records.py`)."""

    def __init__(self, client: "S3Client", *, bucket: str) -> None:
        self._s3, self._bucket = client, bucket

    def begin(self, name: str, identity: str, content_type: str, sha256: str | None) -> str:
        return self._s3.create_multipart_upload(
            Bucket=self._bucket,
            Key=name,
            ContentType=content_type,
            ChecksumAlgorithm="SHA256",
            Tagging=f"{TAG}={identity}",
            Metadata={NAMED_SUM: sha256} if sha256 else {},
        )["UploadId"]

    def sign(self, upload: Upload, number: int, sha256: str) -> tuple[str, dict[str, str], str]:
        checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
        expires = datetime.now(UTC) + timedelta(seconds=LINK_SECONDS)
        url = self._s3.generate_presigned_url(
            "upload_part",
            Params={
                **self._upload(upload),
                "PartNumber": number,
                "ChecksumSHA256": checksum,
                "ContentLength": upload.bytes_of(number),
            },
            ExpiresIn=LINK_SECONDS,
        )
        # Browsers and programs send the length by themselves.
        return url, {CHECKSUM_HEADER: checksum}, expires.isoformat(timespec="seconds").replace("+00:00", "Z")

    def parts(self, upload: Upload, after: int) -> tuple[list[Part], int | None]:
        try:
            page = self._s3.list_parts(**self._upload(upload), PartNumberMarker=after)
        except ClientError as error:
            raise _translated(error) from error
        found = [
            Part(number=one["PartNumber"], size=one["Size"], etag=one["ETag"], sha256=_hexadecimal(one))
            for one in page.get("Parts", [])
        ]
        return found, found[-1].number if page.get("IsTruncated") and found else None

    def complete(self, upload: Upload, parts: Sequence[Part]) -> str:
        listed: list[Any] = [{"PartNumber": part.number, "ETag": part.etag, **_checksum(part)} for part in parts]
        try:
            answer = self._s3.complete_multipart_upload(
                **self._upload(upload), MultipartUpload={"Parts": listed}, MpuObjectSize=upload.size
            )
        except ClientError as error:
            if _code(error) in ("InvalidPart", "ConditionalRequestConflict"):
                raise Busy("A part has been sent again in this moment.", seconds=1) from error
            raise _translated(error) from error
        return answer["VersionId"]

    def abort(self, upload: Upload) -> None:
        try:
            self._s3.abort_multipart_upload(**self._upload(upload))
        except ClientError as error:
            raise _translated(error) from error

    def is_there(self, upload: Upload) -> bool:
        try:
            # Reading tags asks for less than reading the object, and the malware gate lets it pass.
            self._s3.get_object_tagging(Bucket=self._bucket, Key=upload.name, VersionId=upload.version or "null")
        except ClientError as error:
            if _code(error) in _GONE:
                return False
            raise
        return True

    def completed(self, upload: Upload) -> str | None:
        try:
            answer = self._s3.get_object_tagging(Bucket=self._bucket, Key=upload.name)
        except ClientError as error:
            if _code(error) in _GONE:
                return None
            raise
        own = {"Key": TAG, "Value": upload.id}
        return answer["VersionId"] if own in answer["TagSet"] else None

    def _upload(self, upload: Upload) -> dict[str, Any]:
        return {"Bucket": self._bucket, "Key": upload.name, "UploadId": upload.s3_id}


def _translated(error: ClientError) -> Exception:
    return NoSuchUpload(str(error)) if _code(error) in _UNKNOWN else error


def _hexadecimal(part: Any) -> str | None:
    checksum = part.get("ChecksumSHA256")
    return base64.b64decode(checksum).hex() if checksum else None


def _checksum(part: Part) -> dict[str, str]:
    if part.sha256 is None:
        return {}
    return {"ChecksumSHA256": base64.b64encode(bytes.fromhex(part.sha256)).decode()}


class DynamoUploads:
    """`Table` (see `upload_records`). An open upload stands in the index `open`, by folder and time."""

    def __init__(self, client: "DynamoDBClient", *, table: str) -> None:
        self._db, self._table = client, table

    def get(self, identity: str) -> Upload | None:
        answer = self._db.get_item(TableName=self._table, Key={"Id": {"S": identity}}, ConsistentRead=True)
        item = answer.get("Item")
        return None if item is None else _upload(item)

    def add(self, upload: Upload, instead_of: Upload | None) -> bool:
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(Id)"}
        if instead_of:
            condition["ConditionExpression"] += " OR UploadId = :earlier"
            condition["ExpressionAttributeValues"] = {":earlier": {"S": instead_of.s3_id}}
        try:
            self._db.put_item(TableName=self._table, Item=_item(upload), **condition)
        except self._db.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def completed(self, identity: str, version: str) -> None:
        self._change(
            identity,
            "SET #State = :complete, VersionId = :version REMOVE OpenIn",
            "attribute_exists(Id)",
            {":complete": {"S": "complete"}, ":version": {"S": version}},
        )

    def aborted(self, identity: str) -> None:
        self._change(
            identity,
            "SET #State = :aborted REMOVE OpenIn",
            "#State = :open",
            {":aborted": {"S": "aborted"}, ":open": {"S": OPEN}},
        )

    def _change(self, identity: str, update: str, condition: str, values: dict[str, Any]) -> None:
        try:
            self._db.update_item(
                TableName=self._table,
                Key={"Id": {"S": identity}},
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeNames={"#State": "State"},
                ExpressionAttributeValues=values,
            )
        except self._db.exceptions.ConditionalCheckFailedException:
            # Another request has told how it ended, or its time in the table is over.
            return

    def open_in(self, folder: str, limit: int, *, since: str, after: tuple[str, str] | None) -> list[Upload]:
        start: dict[str, Any] = {}
        if after is not None:
            created, identity = after
            if created <= since:
                # DynamoDB refuses to begin outside of what is asked for.
                return []
            key = {"OpenIn": {"S": folder}, "CreatedAt": {"S": created}, "Id": {"S": identity}}
            start = {"ExclusiveStartKey": key}
        page = self._db.query(
            TableName=self._table,
            IndexName=OPEN_INDEX,
            KeyConditionExpression="OpenIn = :folder AND CreatedAt > :since",
            ExpressionAttributeValues={":folder": {"S": folder}, ":since": {"S": since}},
            ScanIndexForward=False,
            Limit=limit,
            **start,
        )
        return [_upload(item) for item in page["Items"]]


def _item(upload: Upload) -> dict[str, Any]:
    texts = {
        "Id": upload.id,
        "FileName": upload.name,
        "By": upload.by,
        "UploadId": upload.s3_id,
        "Type": upload.type,
        "State": upload.state,
        "CreatedAt": upload.created_at,
        "ExpiresAt": upload.expires_at,
        "Asked": upload.asked,
        "Sha256": upload.sha256,
        "OpenIn": folder_of(upload.name),
    }
    forgotten = datetime.fromisoformat(upload.expires_at) + KEPT
    numbers = {"Size": upload.size, "PartBytes": upload.part_bytes, EXPIRY: int(forgotten.timestamp())}
    return {
        **{name: {"S": value} for name, value in texts.items() if value is not None},
        **{name: {"N": str(value)} for name, value in numbers.items()},
    }


def _upload(item: Any) -> Upload:
    return Upload(
        id=item["Id"]["S"],
        name=item["FileName"]["S"],
        by=item["By"]["S"],
        s3_id=item["UploadId"]["S"],
        size=int(item["Size"]["N"]),
        part_bytes=int(item["PartBytes"]["N"]),
        type=item["Type"]["S"],
        state=item["State"]["S"],
        created_at=item["CreatedAt"]["S"],
        expires_at=item["ExpiresAt"]["S"],
        asked=item["Asked"]["S"],
        sha256=item["Sha256"]["S"] if "Sha256" in item else None,
        version=item["VersionId"]["S"] if "VersionId" in item else None,
    )


def uploads(settings: environment.Uploads) -> Uploads:
    """The operations, for the function's own role."""
    make: Any = boto3.client
    return Uploads(
        table=DynamoUploads(client("dynamodb"), table=settings.uploads_table),
        multipart=S3Multipart(make("s3", config=S3_CONFIG), bucket=settings.upload_bucket),
        max_file_bytes=settings.max_file_bytes,
    )
