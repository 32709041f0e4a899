"""SQS: starts one execution for each object version that an event tells of."""

from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from runtime import environment
from runtime.adapters.clients import client
from runtime.adapters.runs import StepFunctionsRuns
from runtime.adapters.telemetry import explained, logger
from runtime.domain import starts

_batch = BatchProcessor(event_type=EventType.SQS)


@cache
def _settings() -> environment.Ingest:
    return environment.read(environment.Ingest)


@explained
def _start(record: SQSRecord) -> None:
    start = starts.from_event(record.body)
    if start is None:
        logger.info("not a file", extra={"body": record.body[:500]})
        return
    if not StepFunctionsRuns(client("stepfunctions"), _settings().state_machine_arn).start(start):
        logger.info("started before", extra={"run": start.name})


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> Any:
    """A batch of queue messages, each an "Object Created" event; answers which of them must come again."""
    return process_partial_response(event=event, record_handler=_start, processor=_batch, context=context)
