"""SQS: takes the verdicts of the malware scan and ends the waiting of runs (ADR 9)."""

import json
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from runtime import environment
from runtime.adapters.gate import gate
from runtime.adapters.telemetry import explained, logger
from runtime.domain.verdicts import Verdict

_batch = BatchProcessor(event_type=EventType.SQS)


@cache
def _settings() -> environment.Verdict:
    return environment.read(environment.Verdict)


@explained
def _take(record: SQSRecord) -> None:
    verdict = Verdict.of(json.loads(record.body))
    logger.info("verdict", extra={"file_name": verdict.key, "version": verdict.version, "status": verdict.status})
    gate(_settings()).arrived(verdict)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> Any:
    """A batch of queue messages, each a scan result of GuardDuty; answers which of them must come again."""
    return process_partial_response(event=event, record_handler=_take, processor=_batch, context=context)
