"""The ledger and `Files`, on DynamoDB (ADR 2)."""

import contextlib
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from runtime import environment
from runtime.adapters.clients import client
from runtime.domain.errors import Superseded, Transient
from runtime.domain.identity import SHELF, FileVersion
from runtime.domain.ledger import EMPTY_SLOT, NOT_OLDER, redrive_entry, waiting_prefix

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TRIES = 4
FAILED = "ConditionalCheckFailed"
CONFLICT = "TransactionConflict"
_LONGEST_TEXT = 4_000


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class DynamoLedger:
    """`Ledger` (see `runtime/domain/ports.py`) with a boto3 client."""

    def __init__(self, client: "DynamoDBClient", *, files: str, transactions: str) -> None:
        self._db, self._files, self._transactions = client, files, transactions

    def scanning(self, file: FileVersion, run: str, token: str) -> None:
        guards = [
            self._check(file, "received", "attribute_exists(FileName)"),
            # A call that comes late must not take back what has begun since.
            self._check(file, "processing", "attribute_not_exists(FileName)"),
            self._unended(file),
            *self._after_failure(file),
            {"Put": self._waiting(file, run, token)},
        ]
        self._record(file, run, "scanning", guards, {}, shown={})

    def processing(self, file: FileVersion, run: str) -> None:
        guards = [
            self._check(file, "received", "attribute_exists(FileName)"),
            self._unended(file),
            *self._after_failure(file),
        ]
        self._record(file, run, "processing", guards, {}, shown={"Stage": "starting"})

    def ended(self, file: FileVersion, run: str, state: str, *, reason: str, detail: str) -> None:
        more = {"Reason": reason[:_LONGEST_TEXT], "Detail": detail[:_LONGEST_TEXT]}
        shown = {"Reason": more["Reason"], "EndedAt": _now()}
        self._record(file, run, state, [], {key: value for key, value in more.items() if value}, shown=shown)

    def again(self, file: FileVersion) -> bool:
        """Notes that this attempt follows one that failed; False, and no note, when the one before has not.

        Nor when somebody has deleted the file: `DynamoRegister.wish` looks for the note in turn.
        """
        deleted = self._check(replace(file, attempt=file.attempt - 1), "deleting", "attribute_not_exists(FileName)")
        note = {
            "TableName": self._transactions,
            "Item": {
                "FileName": {"S": file.name},
                "Entry": {"S": redrive_entry(file.version, file.attempt)},
                "At": {"S": _now()},
                **self._identity(file, file.run_id),
            },
            "ConditionExpression": EMPTY_SLOT,
            "ExpressionAttributeValues": {":run": {"S": file.run_id}},
        }
        return FAILED not in self._transact([{"Put": note}, deleted, *self._after_failure(file)])

    def stage(self, file: FileVersion, stage: str, progress: Mapping[str, int]) -> None:
        names = {f"#{name}": name for name in progress}
        assignments = "".join(f", #{name} = :{name.lower()}" for name in progress)
        # Somebody's screen stays a stage behind; the work goes on.
        with contextlib.suppress(ClientError):
            self._db.update_item(
                TableName=self._files,
                Key={"FileName": {"S": file.name}},
                UpdateExpression=f"SET Stage = :stage, UpdatedAt = :at{assignments}",
                ConditionExpression="Sequencer = :sequencer AND Attempt = :attempt AND #State = :processing",
                ExpressionAttributeNames={"#State": "State", **names},
                ExpressionAttributeValues={
                    ":stage": {"S": stage},
                    ":at": {"S": _now()},
                    ":sequencer": {"S": file.order},
                    ":attempt": {"N": str(file.attempt)},
                    ":processing": {"S": "processing"},
                    **{f":{name.lower()}": {"N": str(value)} for name, value in progress.items()},
                },
            )

    def _record(
        self,
        file: FileVersion,
        run: str,
        state: str,
        guards: list[dict[str, Any]],
        more: dict[str, str],
        *,
        shown: dict[str, str],
    ) -> None:
        entry = {"Put": self._entry(file, run, state, more)}
        ledger = [entry, *guards]
        show = {"Update": self._show(file, run, state, shown)}
        reasons = self._transact([*ledger, show])
        if FAILED in reasons[: len(ledger)]:
            raise Superseded(f"{file.name}: the ledger does not allow {state} for version {file.version} now")
        if reasons and reasons[-1] == FAILED and FAILED in self._transact(ledger):
            raise Superseded(f"{file.name}: the ledger does not allow {state} for version {file.version} now")

    def _transact(self, items: list[dict[str, Any]]) -> list[str]:
        """Writes all or nothing. Returns the reasons, one for each item, for which DynamoDB refused; [] if it did not.

        Two runs that touch the same item at once are told to try again, which this does.
        """
        for _ in range(TRIES):
            try:
                self._db.transact_write_items(TransactItems=items)  # type: ignore[arg-type]
            except self._db.exceptions.TransactionCanceledException as error:
                reasons = [str(reason.get("Code", "None")) for reason in error.response["CancellationReasons"]]
                if CONFLICT in reasons and FAILED not in reasons:
                    continue
                return reasons
            return []
        raise Transient("the ledger is busy with another run of the same file")

    def _key(self, file: FileVersion, state: str) -> dict[str, Any]:
        return {"FileName": {"S": file.name}, "Entry": {"S": file.ledger_key(state)}}

    def _check(self, file: FileVersion, state: str, condition: str) -> dict[str, Any]:
        key = self._key(file, state)
        check = {"TableName": self._transactions, "Key": key, "ConditionExpression": condition}
        return {"ConditionCheck": check}

    def _unended(self, file: FileVersion) -> dict[str, Any]:
        return self._check(file, "failed", "attribute_not_exists(FileName)")

    def _after_failure(self, file: FileVersion) -> list[dict[str, Any]]:
        """What holds of every attempt but the first, so that nothing that has succeeded or been refused goes on."""
        if file.attempt == 1:
            return []
        check = {
            "TableName": self._transactions,
            "Key": self._key(replace(file, attempt=file.attempt - 1), "failed"),
            "ConditionExpression": "#State = :failed",
            "ExpressionAttributeNames": {"#State": "State"},
            "ExpressionAttributeValues": {":failed": {"S": "failed"}},
        }
        return [{"ConditionCheck": check}]

    def _waiting(self, file: FileVersion, run: str, token: str) -> dict[str, Any]:
        """A step that is tried again has another token; both are kept, and the one that is over is no use to anyone."""
        digest = hashlib.sha256(token.encode()).hexdigest()[:16]
        return {
            "TableName": self._transactions,
            "Item": {
                "FileName": {"S": file.name},
                "Entry": {"S": f"{waiting_prefix(file.version)}{file.attempt:03d}#{digest}"},
                "Token": {"S": token},
                "At": {"S": _now()},
                **self._identity(file, run),
            },
        }

    @staticmethod
    def _identity(file: FileVersion, run: str) -> dict[str, Any]:
        return {
            "VersionId": {"S": file.version},
            "Sequencer": {"S": file.order},
            "Attempt": {"N": str(file.attempt)},
            "RunId": {"S": run},
        }

    def _entry(self, file: FileVersion, run: str, state: str, more: dict[str, str]) -> dict[str, Any]:
        return {
            "TableName": self._transactions,
            "Item": {
                **self._key(file, state),
                "State": {"S": state},
                "At": {"S": _now()},
                **self._identity(file, run),
                **{name: {"S": value} for name, value in more.items()},
            },
            "ConditionExpression": EMPTY_SLOT,
            "ExpressionAttributeValues": {":run": {"S": run}},
        }

    def _show(self, file: FileVersion, run: str, state: str, shown: dict[str, str]) -> dict[str, Any]:
        values = {
            **self._identity(file, run),
            "Folder": {"S": file.folder},
            "Shelf": {"S": SHELF},
            "ReceivedAt": {"S": file.received_at},
            "Size": {"N": str(file.size)},
            "ETag": {"S": file.etag},
            **{name: {"S": value} for name, value in shown.items()},
        }
        assignments = ", ".join(f"#{name} = :{name.lower()}" for name in values)
        return {
            "TableName": self._files,
            "Key": {"FileName": {"S": file.name}},
            "UpdateExpression": f"SET #State = :state, UpdatedAt = :at, {assignments}",
            "ConditionExpression": NOT_OLDER,
            "ExpressionAttributeNames": {"#State": "State", **{f"#{name}": name for name in values}},
            "ExpressionAttributeValues": {
                ":state": {"S": state},
                ":at": {"S": _now()},
                **{f":{name.lower()}": value for name, value in values.items()},
            },
        }


@cache
def ledger(settings: environment.Ledger) -> DynamoLedger:
    """The ledger, for the function's own role."""
    return DynamoLedger(client("dynamodb"), files=settings.files_table, transactions=settings.transactions_table)
