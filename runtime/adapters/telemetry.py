"""Structured logs, one line of JSON each, with the file and the run on every line."""

import time
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger

from runtime.domain import metrics
from runtime.domain.errors import Rejected

logger = Logger(utc=True)

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def logged(handler: Handler) -> Handler:
    """Logs the start and the end of a step, with the file that it is about; counts a file that it refuses."""

    @logger.inject_lambda_context(clear_state=True)
    def wrapped(event: dict[str, Any], context: Any) -> dict[str, Any]:
        file, started = event.get("file", {}), time.time_ns() // 1_000_000
        logger.append_keys(file_name=file.get("key"), version=file.get("version"), run=event.get("run"))
        logger.info("started")
        try:
            answer = handler(event, context)
        except Rejected:
            print(metrics.refusal(context.function_name, started), flush=True)
            raise
        logger.info("done")
        return answer

    wrapped.__doc__ = handler.__doc__
    return wrapped


def explained(work: Callable[[Any], None]) -> Callable[[Any], None]:
    """Logs why a record of a batch failed: the batch processor itself only tells that it did."""

    def wrapped(record: Any) -> None:
        try:
            work(record)
        except Exception:
            logger.exception("a record failed")
            raise

    return wrapped
