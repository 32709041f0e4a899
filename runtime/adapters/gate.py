"""The malware gate's ports on DynamoDB, Step Functions and S3 (ADR 9)."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from runtime import environment
from runtime.adapters.clients import client
from runtime.domain.errors import Rejected
from runtime.domain.ledger import verdict_entry, waiting_prefix
from runtime.domain.ports import Place
from runtime.domain.verdicts import Gate, Verdict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

# The run has been answered, has timed out or was stopped: there is nobody to tell.
_OVER = {"InvalidToken", "TaskDoesNotExist", "TaskTimedOut"}
_GONE = {"NoSuchKey", "NoSuchVersion", "MethodNotAllowed", "404", "405"}


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


class DynamoVerdicts:
    """`Verdicts` (see `runtime/domain/ports.py`), in the table of the ledger."""

    def __init__(self, client: "DynamoDBClient", *, transactions: str) -> None:
        self._db, self._table = client, transactions

    def known(self, key: str, version: str) -> Verdict | None:
        where: dict[str, AttributeValueTypeDef] = {"FileName": {"S": key}, "Entry": {"S": verdict_entry(version)}}
        item = self._db.get_item(TableName=self._table, Key=where, ConsistentRead=True).get("Item")
        return None if item is None else _verdict(key, item)

    def record(self, verdict: Verdict) -> Verdict:
        item: dict[str, AttributeValueTypeDef] = {
            "FileName": {"S": verdict.key},
            "Entry": {"S": verdict_entry(verdict.version)},
            "VersionId": {"S": verdict.version},
            "Bucket": {"S": verdict.bucket},
            "Status": {"S": verdict.status},
            "Gravity": {"N": str(verdict.gravity)},
            "Threats": {"L": [{"S": name} for name in verdict.threats]},
            "At": {"S": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")},
        }
        try:
            self._db.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression="attribute_not_exists(FileName) OR Gravity < :gravity",
                ExpressionAttributeValues={":gravity": item["Gravity"]},
            )
        except self._db.exceptions.ConditionalCheckFailedException:
            return self.known(verdict.key, verdict.version) or verdict
        return verdict

    def tokens(self, key: str, version: str) -> list[str]:
        pages = self._db.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="FileName = :name AND begins_with(Entry, :prefix)",
            ExpressionAttributeValues={":name": {"S": key}, ":prefix": {"S": waiting_prefix(version)}},
            ConsistentRead=True,
        )
        return [item["Token"]["S"] for page in pages for item in page["Items"]]


def _verdict(key: str, item: "dict[str, AttributeValueTypeDef]") -> Verdict:
    return Verdict(
        bucket=item["Bucket"]["S"],
        key=key,
        version=item["VersionId"]["S"],
        status=item["Status"]["S"],
        threats=tuple(name["S"] for name in item["Threats"]["L"]),
    )


class StepFunctionsTasks:
    """`Tasks`, with the tokens of Step Functions. They are never logged: who has one can speak for the scan."""

    def __init__(self, client: "SFNClient") -> None:
        self._states = client

    def succeed(self, token: str) -> None:
        try:
            self._states.send_task_success(taskToken=token, output="{}")
        except ClientError as error:
            _pass_over(error)

    def fail(self, token: str, error: Exception) -> None:
        kind = type(error).__name__
        # The shape in which Lambda tells of an error, which is what the recording function reads.
        cause = json.dumps({"errorMessage": str(error), "errorType": kind})
        try:
            self._states.send_task_failure(taskToken=token, error=kind, cause=cause)
        except ClientError as refusal:
            _pass_over(refusal)


def _pass_over(error: ClientError) -> None:
    if _code(error) not in _OVER:
        raise error


class S3Tags:
    """`Tags`, on S3."""

    def __init__(self, client: "S3Client") -> None:
        self._s3 = client

    def read(self, place: Place) -> dict[str, str]:
        version = {"VersionId": place.version} if place.version else {}
        try:
            tags = self._s3.get_object_tagging(Bucket=place.bucket, Key=place.key, **version)["TagSet"]  # type: ignore[arg-type]
        except ClientError as error:
            if _code(error) in _GONE:
                raise Rejected("this version of the file was deleted before it was processed") from error
            raise
        return {tag["Key"]: tag["Value"] for tag in tags}


def gate(settings: environment.Scan | environment.Verdict) -> Gate:
    """The gate, for the function's own role."""
    return Gate(
        unscannable=settings.unscannable == "accept",
        verdicts=DynamoVerdicts(client("dynamodb"), transactions=settings.transactions_table),
        tasks=StepFunctionsTasks(client("stepfunctions")),
        tags=S3Tags(client("s3")),
    )
