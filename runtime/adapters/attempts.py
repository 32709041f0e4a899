"""What the ledger knows of the attempts at a version, for those who start one again (ADR 2)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from runtime.adapters.dynamodb import DynamoLedger
from runtime.domain.identity import FileVersion, safe
from runtime.domain.redrive import Known, Step
from runtime.domain.refusals import Conflict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Sort keys of steps begin with hexadecimal digits; those of everything else with letters behind them.
_BEHIND_STEPS = "G"
_OF_UPLOAD = ("Size", "ETag", "ReceivedAt", "Sequencer")


class DynamoAttempts:
    """`Attempts` (see `runtime/domain/redrive.py`); `bucket` is that of uploads."""

    def __init__(self, client: "DynamoDBClient", *, files: str, transactions: str, bucket: str) -> None:
        self._db, self._files, self._transactions, self._bucket = client, files, transactions, bucket
        self._ledger = DynamoLedger(client, files=files, transactions=transactions)

    def known(self, name: str, version: str | None) -> Known | None:
        shown = self._db.get_item(TableName=self._files, Key={"FileName": {"S": name}}, ConsistentRead=True).get("Item")
        if shown is not None and version in (None, shown["VersionId"]["S"]):
            steps = list(self._steps(name, f"{shown['Sequencer']['S']}#{safe(shown['VersionId']['S'], 100)}#"))
        elif version is not None:
            steps = [step for step in self._steps(name, None) if step["VersionId"]["S"] == version]
        else:
            return None
        if not steps:
            return None
        # Where not even the first step was recorded, how the upload looked stands with what is shown of it.
        found = [one for one in (*steps, shown) if one is not None and all(key in one for key in _OF_UPLOAD)]
        uploads = [one for one in found if one["VersionId"] == steps[0]["VersionId"]]
        if not uploads:
            raise Conflict(f"Too little is known of the upload of {name} to start it again. Upload it anew.")
        return Known(
            file=self._file(name, uploads[0]),
            steps=[
                Step(
                    attempt=int(one["Attempt"]["N"]), state=one["State"]["S"], reason=one.get("Reason", {}).get("S", "")
                )
                for one in steps
            ],
        )

    def allow(self, file: FileVersion) -> bool:
        return self._ledger.again(file)

    def _steps(self, name: str, prefix: str | None) -> Iterator[dict[str, Any]]:
        """The ledger's steps of all versions in order, or of one whose entries begin with `prefix`."""
        condition, value = ("begins_with(Entry, :entry)", prefix) if prefix else ("Entry < :entry", _BEHIND_STEPS)
        pages = self._db.get_paginator("query").paginate(
            TableName=self._transactions,
            KeyConditionExpression=f"FileName = :name AND {condition}",
            ExpressionAttributeValues={":name": {"S": name}, ":entry": {"S": value}},
            ConsistentRead=True,
        )
        for page in pages:
            yield from page["Items"]

    def _file(self, name: str, item: dict[str, Any]) -> FileVersion:
        return FileVersion(
            bucket=self._bucket,
            key=name,
            version=item["VersionId"]["S"],
            size=int(item["Size"]["N"]),
            etag=item["ETag"]["S"],
            sequencer=item["Sequencer"]["S"],
            received_at=item["ReceivedAt"]["S"],
        )
