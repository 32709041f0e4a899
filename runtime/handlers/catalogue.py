"""SQS: writes the platform's own events into the catalogue. Nothing waits for it, least of all a delivery (ADR 12)."""

import contextlib
from functools import cache
from typing import Any

import psycopg
from botocore.exceptions import ClientError

from runtime import environment
from runtime.adapters.catalogue import catalogue
from runtime.adapters.clients import client
from runtime.adapters.s3 import objects
from runtime.adapters.telemetry import logger
from runtime.domain.catalogue import RowsTable, from_event, tables, take

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 60, 3600

Failures = dict[str, list[dict[str, str]]]


@cache
def _settings() -> environment.Catalogue:
    return environment.read(environment.Catalogue)


@cache
def _tables() -> list[RowsTable]:
    return tables(_settings().rows_tables)


def _write(message: dict[str, Any]) -> None:
    record = from_event(message["body"])
    if record is None:
        logger.info("not an event of ours", extra={"body": message["body"][:500]})
        return
    take(record, catalogue(_settings()), objects(), known=_tables(), bucket=_settings().output_bucket)


def _later(message: dict[str, Any]) -> None:
    """The message comes again after a minute, then two, then four: a database that starts anew is soon back."""
    times = int(message["attributes"]["ApproximateReceiveCount"])
    seconds = min(FIRST_WAIT_SECONDS * 2 ** (times - 1), LONGEST_WAIT_SECONDS)
    # Without it the message is back when its visibility ends, which is later.
    with contextlib.suppress(ClientError):
        client("sqs").change_message_visibility(
            QueueUrl=_settings().catalogue_queue, ReceiptHandle=message["receiptHandle"], VisibilityTimeout=seconds
        )


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> Failures:
    """A batch of queue messages, each an event of the platform's bus; answers which of them must come again."""
    failed, is_there = [], True
    try:
        catalogue(_settings()).wake()
    except psycopg.OperationalError:
        logger.exception("the catalogue is not there")
        is_there = False
    for message in event["Records"]:
        try:
            if is_there:
                _write(message)
                continue
        except Exception:
            logger.exception("an event was not written", extra={"message_id": message["messageId"]})
        failed.append(message)
    for message in failed:
        _later(message)
    return {"batchItemFailures": [{"itemIdentifier": message["messageId"]} for message in failed]}
