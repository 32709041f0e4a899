"""DynamoDB stream of the ledger: archives its entries and emits the platform's own events (ADR 2)."""

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord, DynamoDBStreamEvent

from runtime import environment
from runtime.adapters.clients import client
from runtime.adapters.s3 import objects
from runtime.adapters.telemetry import logger
from runtime.domain import announcements, journal
from runtime.domain.ports import Place

# EventBridge takes at most ten events in a call.
EVENTS_IN_A_CALL = 10

Failures = dict[str, list[dict[str, str]]]


@cache
def _settings() -> environment.Announce:
    return environment.read(environment.Announce)


def _new(record: DynamoDBRecord) -> dict[str, Any] | None:
    """The entry that a record of the stream is about, or None where it is a repeated write of the same one."""
    if record.event_name is None or record.event_name.name != "INSERT" or record.dynamodb is None:
        return None
    return record.dynamodb.new_image


def _archive(records: list[DynamoDBRecord]) -> None:
    """Writes a batch into the ledger's archive; the same batch again is the same object."""
    entries = [entry for record in records if (entry := _new(record)) and "State" in entry]
    first = records[0].dynamodb if records else None
    if not entries or first is None:
        return
    at = first.approximate_creation_date_time
    key = journal.key(str(first.sequence_number), datetime.fromtimestamp(at or 0, UTC))
    place = Place(_settings().ledger_bucket, key)
    objects().put(place, journal.lines(entries), content_type=journal.CONTENT_TYPE)


def _event(record: DynamoDBRecord) -> dict[str, str] | None:
    """The event for a record of the stream, or None where there is nothing to tell."""
    entry = _new(record)
    announcement = announcements.from_entry(entry) if entry else None
    if announcement is None:
        return None
    return {
        "EventBusName": _settings().event_bus,
        "Source": announcements.SOURCE,
        "DetailType": announcement.type,
        "Detail": json.dumps(announcement.detail),
    }


def _emit(told: list[tuple[str, dict[str, str]]]) -> str | None:
    """Emits up to ten events; gives the sequence number of the first one that was not taken."""
    answer = client("events").put_events(Entries=[entry for _, entry in told])
    for (sequence, _), outcome in zip(told, answer["Entries"], strict=True):
        if outcome.get("ErrorCode"):
            logger.error("an event was not taken", extra={"sequence": sequence, "outcome": outcome})
            return sequence
    return None


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> Failures:
    """A batch of the stream's records; answers from which of them on the stream must come again."""
    records = list(DynamoDBStreamEvent(event).records)
    _archive(records)
    waiting: list[tuple[str, dict[str, str]]] = []
    for record in records:
        sequence = str(record.dynamodb.sequence_number) if record.dynamodb else ""
        try:
            told = _event(record)
        except Exception:
            logger.exception("an entry of the ledger makes no event", extra={"sequence": sequence})
            failed = _emit(waiting) if waiting else None
            return {"batchItemFailures": [{"itemIdentifier": failed or sequence}]}
        if told is not None:
            waiting.append((sequence, told))
        if len(waiting) == EVENTS_IN_A_CALL:
            if failed := _emit(waiting):
                return {"batchItemFailures": [{"itemIdentifier": failed}]}
            waiting = []
    failed = _emit(waiting) if waiting else None
    return {"batchItemFailures": [{"itemIdentifier": failed}] if failed else []}
