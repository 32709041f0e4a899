"""Starts a file again that has failed; for the command."""

from dataclasses import asdict
from functools import cache
from typing import Any

from runtime import environment
from runtime.adapters.attempts import DynamoAttempts
from runtime.adapters.clients import client
from runtime.adapters.marks import S3Marks
from runtime.adapters.runs import StepFunctionsRuns
from runtime.adapters.telemetry import logger
from runtime.domain import redrive
from runtime.domain.refusals import NotFound, Refusal


@cache
def _settings() -> environment.Redrive:
    return environment.read(environment.Redrive)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """`{"name", "version"}` (or null: the newest) to the attempt: `{"name", "version", "attempt", "run", "started"}`.

    `{"error", "code"}` says why not: "unknown", or "refused" for what has not failed.
    """
    settings = _settings()
    try:
        redriven = redrive.redrive(
            event["name"],
            event.get("version"),
            attempts=DynamoAttempts(
                client("dynamodb"),
                files=settings.files_table,
                transactions=settings.transactions_table,
                bucket=settings.upload_bucket,
            ),
            runs=StepFunctionsRuns(client("stepfunctions"), settings.state_machine_arn),
            marks=S3Marks(client("s3")),
        )
    except Refusal as refusal:
        return {"error": refusal.detail, "code": "unknown" if isinstance(refusal, NotFound) else "refused"}
    logger.info("started again", extra={"redriven": asdict(redriven)})
    return asdict(redriven)
