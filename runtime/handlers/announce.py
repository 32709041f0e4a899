"""DynamoDB stream of the ledger: emits the platform's own events (ADR 2)."""

import json
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord, DynamoDBStreamEvent

from runtime import environment
from runtime.adapters.clients import client
from runtime.adapters.telemetry import logger
from runtime.domain import announcements

# EventBridge takes at most ten events in a call.
EVENTS_IN_A_CALL = 10

Failures = dict[str, list[dict[str, str]]]


@cache
def _settings() -> environment.Announce:
    return environment.read(environment.Announce)


def _entry(record: DynamoDBRecord) -> dict[str, str] | None:
    """The event for a record of the stream, or None where there is nothing to tell."""
    if record.event_name is None or record.event_name.name != "INSERT" or record.dynamodb is None:
        return None  # a repeated write of the same entry
    announcement = announcements.from_entry(record.dynamodb.new_image or {})
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
    waiting: list[tuple[str, dict[str, str]]] = []
    for record in DynamoDBStreamEvent(event).records:
        sequence = str(record.dynamodb.sequence_number) if record.dynamodb else ""
        try:
            entry = _entry(record)
        except Exception:
            logger.exception("an entry of the ledger makes no event", extra={"sequence": sequence})
            failed = _emit(waiting) if waiting else None
            return {"batchItemFailures": [{"itemIdentifier": failed or sequence}]}
        if entry is not None:
            waiting.append((sequence, entry))
        if len(waiting) == EVENTS_IN_A_CALL:
            if failed := _emit(waiting):
                return {"batchItemFailures": [{"itemIdentifier": failed}]}
            waiting = []
    failed = _emit(waiting) if waiting else None
    return {"batchItemFailures": [{"itemIdentifier": failed}] if failed else []}
