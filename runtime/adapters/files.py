"""What the API reads of `Files` and of the ledger, on DynamoDB."""

import time
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from runtime.domain.cursors import Position
from runtime.domain.file_lists import BY_FOLDER, BY_TIME, Item, Span
from runtime.domain.identity import SHELF
from runtime.domain.refusals import Busy

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TRIES = 4
LEDGER_MOST = 100
# Sort keys of entries begin with hexadecimal digits; those of verdicts and tokens with letters behind them.
_BEHIND_ENTRIES = "G"


class DynamoFiles:
    """`Index` (see `runtime/domain/file_lists.py`), and single files with what happened to them."""

    def __init__(
        self,
        client: "DynamoDBClient",
        *,
        files: str,
        transactions: str,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._db, self._files, self._transactions, self._sleep = client, files, transactions, sleep

    def keys(
        self, folder: str | None, span: Span, *, prefix: str | None, limit: int, after: Position | None
    ) -> tuple[list[Position], Position | None]:
        index, attribute, value = (BY_TIME, "Shelf", SHELF) if folder is None else (BY_FOLDER, "Folder", folder)
        more: dict[str, Any] = {}
        values: Any = {":value": {"S": value}, ":first": {"S": span.first}, ":last": {"S": span.last}}
        if prefix is not None:
            more["FilterExpression"] = "begins_with(FileName, :prefix)"
            values[":prefix"] = {"S": prefix}
        if after is not None:
            at, name = after
            more["ExclusiveStartKey"] = {attribute: {"S": value}, "ReceivedAt": {"S": at}, "FileName": {"S": name}}
        page = self._db.query(
            TableName=self._files,
            IndexName=index,
            KeyConditionExpression=f"{attribute} = :value AND ReceivedAt BETWEEN :first AND :last",
            ExpressionAttributeValues=values,
            ScanIndexForward=False,
            Limit=limit,
            **more,
        )
        last = page.get("LastEvaluatedKey")
        return [_position(item) for item in page["Items"]], _position(last) if last else None

    def items(self, names: Collection[str]) -> dict[str, Item]:
        found: dict[str, Item] = {}
        wanted: Any = {self._files: {"Keys": [{"FileName": {"S": name}} for name in sorted(names)]}} if names else {}
        for n in range(TRIES):
            if not wanted:
                return found
            if n:
                self._sleep(0.05 * 2**n)
            answer = self._db.batch_get_item(RequestItems=wanted)
            for item in answer["Responses"].get(self._files, []):
                read = plain(item)
                found[read["FileName"]] = read
            wanted = answer.get("UnprocessedKeys")
        if wanted:
            raise Busy("Too much is being read at once.", seconds=1)
        return found

    def item(self, name: str) -> Item | None:
        """One file as it is now."""
        answer = self._db.get_item(TableName=self._files, Key={"FileName": {"S": name}}, ConsistentRead=True)
        found = answer.get("Item")
        return plain(found) if found else None

    def entries(self, name: str) -> list[Item]:
        """The newest entries of the ledger, oldest first."""
        page = self._db.query(
            TableName=self._transactions,
            KeyConditionExpression="FileName = :name AND Entry < :behind",
            ExpressionAttributeValues={":name": {"S": name}, ":behind": {"S": _BEHIND_ENTRIES}},
            ScanIndexForward=False,
            Limit=LEDGER_MOST,
            ConsistentRead=True,
        )
        return [plain(item) for item in reversed(page["Items"])]


def plain(item: Any) -> dict[str, Any]:
    """Texts and whole numbers of an item; it has nothing else that is shown."""
    read: dict[str, Any] = {}
    for name, value in item.items():
        if "S" in value:
            read[name] = value["S"]
        elif "N" in value:
            read[name] = int(value["N"])
    return read


def _position(key: Any) -> Position:
    return key["ReceivedAt"]["S"], key["FileName"]["S"]
