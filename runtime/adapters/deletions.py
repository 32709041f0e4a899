"""Deleting files, on DynamoDB, S3 and CloudFront (ADR 15)."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from runtime.domain.deletions import DELETED, DELETING, Version, Wish
from runtime.domain.errors import Transient
from runtime.domain.identity import RANKS, TERMINAL_RANK, FileVersion
from runtime.domain.ledger import redrive_entry
from runtime.domain.ports import Place

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

# Of a file that is gone: `Files` refuses what is told of any attempt at its version, however late it comes.
NO_MORE_ATTEMPTS = 1_000_000
AT_ONCE = 8
TRIES, WAIT_SECONDS = 6, 10.0
_TOO_MANY = "TooManyInvalidationsInProgress"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class DynamoRegister:
    """`Register` (see `runtime/domain/deletions.py`); `bucket` is that of uploads."""

    def __init__(self, client: "DynamoDBClient", *, files: str, transactions: str, bucket: str) -> None:
        self._db, self._files, self._transactions, self._bucket = client, files, transactions, bucket

    def versions(self, name: str, order: str) -> list[Version]:
        found: dict[str, list[Any]] = {}
        for entry in self._entries(name, order):
            found.setdefault(entry["VersionId"]["S"], []).append(entry)
        return [self._version(name, entries) for entries in found.values()]

    def wish(self, item: Mapping[str, Any], by: str) -> bool:
        file = self._file(item["FileName"], item["VersionId"], item["Sequencer"], item["Attempt"])
        at = _now()
        again = {"FileName": {"S": file.name}, "Entry": {"S": redrive_entry(file.version, file.attempt + 1)}}
        return self._transact(
            [
                {"Put": self._entry(Wish(file=file, run=f"delete@{at}"), DELETING, {"By": {"S": by}})},
                {
                    # Somebody has just started it again.
                    "ConditionCheck": {
                        "TableName": self._transactions,
                        "Key": again,
                        "ConditionExpression": "attribute_not_exists(FileName)",
                    }
                },
                {
                    "Update": {
                        "TableName": self._files,
                        "Key": {"FileName": {"S": file.name}},
                        # Without these two it is in no list.
                        "UpdateExpression": "SET #State = :deleting, UpdatedAt = :at REMOVE Folder, Shelf",
                        "ConditionExpression": "Sequencer = :order AND Attempt = :attempt AND #State = :seen",
                        "ExpressionAttributeNames": {"#State": "State"},
                        "ExpressionAttributeValues": {
                            ":deleting": {"S": DELETING},
                            ":at": {"S": at},
                            ":order": {"S": file.order},
                            ":attempt": {"N": str(file.attempt)},
                            ":seen": {"S": item["State"]},
                        },
                    }
                },
            ]
        )

    def is_done(self, wish: Wish) -> bool:
        key = {"FileName": {"S": wish.file.name}, "Entry": {"S": wish.file.ledger_key(DELETED)}}
        return "Item" in self._db.get_item(TableName=self._transactions, Key=key, ConsistentRead=True)

    def done(self, wish: Wish) -> None:
        entry = {"Put": self._entry(wish, DELETED, {})}
        file = wish.file
        gone = {
            "FileName": {"S": file.name},
            "State": {"S": DELETED},
            "VersionId": {"S": file.version},
            "Sequencer": {"S": file.order},
            "Attempt": {"N": str(NO_MORE_ATTEMPTS)},
            "UpdatedAt": {"S": _now()},
        }
        shown = {
            "Put": {
                "TableName": self._files,
                "Item": gone,
                "ConditionExpression": "#State = :deleting AND Sequencer = :order",
                "ExpressionAttributeNames": {"#State": "State"},
                "ExpressionAttributeValues": {":deleting": {"S": DELETING}, ":order": {"S": file.order}},
            }
        }
        # A newer version is shown already, or another call was faster.
        if not self._transact([entry, shown]):
            self._transact([entry])

    def _entries(self, name: str, order: str) -> Iterator[Any]:
        pages = self._db.get_paginator("query").paginate(
            TableName=self._transactions,
            # Sort keys go on with `#`, which `$` follows.
            KeyConditionExpression="FileName = :name AND Entry < :behind",
            ExpressionAttributeValues={":name": {"S": name}, ":behind": {"S": f"{order}$"}},
            ConsistentRead=True,
        )
        for page in pages:
            yield from page["Items"]

    def _version(self, name: str, entries: Sequence[Any]) -> Version:
        last = max(int(one["Attempt"]["N"]) for one in entries)
        received = next((one["ReceivedAt"]["S"] for one in entries if "ReceivedAt" in one), "")
        first = entries[0]
        return Version(
            file=self._file(name, first["VersionId"]["S"], first["Sequencer"]["S"], last, received),
            ended=any(
                int(one["Attempt"]["N"]) == last and RANKS[one["State"]["S"]] >= TERMINAL_RANK for one in entries
            ),
        )

    def _file(self, name: str, version: str, order: str, attempt: int, received_at: str = "") -> FileVersion:
        return FileVersion(
            bucket=self._bucket,
            key=name,
            version=version,
            size=0,
            etag="",
            sequencer=order,
            received_at=received_at,
            attempt=attempt,
        )

    def _entry(self, wish: Wish, state: str, more: dict[str, Any]) -> dict[str, Any]:
        file = wish.file
        return {
            "TableName": self._transactions,
            "Item": {
                "FileName": {"S": file.name},
                "Entry": {"S": file.ledger_key(state)},
                "State": {"S": state},
                "At": {"S": _now()},
                "VersionId": {"S": file.version},
                "Sequencer": {"S": file.order},
                "Attempt": {"N": str(file.attempt)},
                "RunId": {"S": wish.run},
                **more,
            },
            "ConditionExpression": "attribute_not_exists(FileName)",
        }

    def _transact(self, items: list[dict[str, Any]]) -> bool:
        """All or nothing; False where a condition did not hold. Raises `Transient` when others are writing the same."""
        try:
            self._db.transact_write_items(TransactItems=items)  # type: ignore[arg-type]
        except self._db.exceptions.TransactionCanceledException as error:
            reasons = {reason.get("Code") for reason in error.response["CancellationReasons"]}
            if "ConditionalCheckFailed" in reasons:
                return False
            raise Transient("the ledger is busy with the same file") from error
        return True


class S3Store:
    """`Store` (see `runtime/domain/deletions.py`)."""

    def __init__(self, client: "S3Client") -> None:
        self._s3 = client

    def versions(self, place: Place) -> list[str]:
        found = []
        for key, version in self._all(place.bucket, place.key):
            # The key itself is the first of those that begin with it.
            if key != place.key:
                break
            found.append(version)
        return found

    def remove(self, places: Iterable[Place]) -> None:
        for place in places:
            self._remove(place)

    def remove_all(self, bucket: str, prefix: str) -> None:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            places = (Place(bucket, key, version) for key, version in self._all(bucket, prefix))
            list(pool.map(self._remove, places))

    def retire(self, place: Place) -> None:
        self._s3.delete_object(Bucket=place.bucket, Key=place.key)

    def _remove(self, place: Place) -> None:
        self._s3.delete_object(Bucket=place.bucket, Key=place.key, VersionId=place.version or "null")

    def _all(self, bucket: str, prefix: str) -> Iterator[tuple[str, str]]:
        """Keys and versions, by key, newest first. Marks of deletions stay: the buckets tidy them up."""
        pages = self._s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
        for page in pages:
            for one in page.get("Versions", []):
                yield one["Key"], one["VersionId"]


class CloudFrontEdge:
    """`Edge` (see `runtime/domain/deletions.py`): fifteen wildcards of a distribution are worked on at a time."""

    def __init__(
        self, client: "CloudFrontClient", *, distribution: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._front, self._distribution, self._sleep = client, distribution, sleep

    def forget(self, paths: Sequence[str], reference: str) -> None:
        for n in range(TRIES):
            if n:
                self._sleep(WAIT_SECONDS)
            try:
                self._front.create_invalidation(
                    DistributionId=self._distribution,
                    InvalidationBatch={
                        "Paths": {"Quantity": len(paths), "Items": list(paths)},
                        "CallerReference": reference,
                    },
                )
            except ClientError as error:
                if error.response["Error"]["Code"] != _TOO_MANY:
                    raise
                continue
            return
        raise Transient("CloudFront is busy forgetting other files")
