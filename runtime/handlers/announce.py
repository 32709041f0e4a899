"""DynamoDB stream of the ledger: emits the platform's own events (ADR 2)."""

import json
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from runtime import environment
from runtime.adapters.clients import client
from runtime.adapters.telemetry import explained, logger
from runtime.domain import announcements
from runtime.domain.errors import Transient

_batch = BatchProcessor(event_type=EventType.DynamoDBStreams)


@cache
def _settings() -> environment.Announce:
    return environment.read(environment.Announce)


@explained
def _announce(record: DynamoDBRecord) -> None:
    if record.event_name is None or record.event_name.name != "INSERT" or record.dynamodb is None:
        return  # a repeated write of the same entry
    announcement = announcements.from_entry(record.dynamodb.new_image)
    if announcement is None:
        return
    entry = {
        "EventBusName": _settings().event_bus,
        "Source": announcements.SOURCE,
        "DetailType": announcement.type,
        "Detail": json.dumps(announcement.detail),
    }
    answer = client("events").put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise Transient(f"the event was not taken: {answer['Entries'][0].get('ErrorMessage')}")


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> Any:
    """A batch of the stream's records; answers which of them must come again."""
    return process_partial_response(event=event, record_handler=_announce, processor=_batch, context=context)
