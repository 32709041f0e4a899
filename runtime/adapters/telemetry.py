"""Structured logs, one line of JSON each, with the file and the run on every line."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger

logger = Logger(utc=True)

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def logged(handler: Handler) -> Handler:
    """Logs the start and the end of a step, with the file that it is about."""

    @logger.inject_lambda_context(clear_state=True)
    def wrapped(event: dict[str, Any], context: Any) -> dict[str, Any]:
        file = event.get("file", {})
        logger.append_keys(file_name=file.get("key"), version=file.get("version"), run=event.get("run"))
        logger.info("started")
        answer = handler(event, context)
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
