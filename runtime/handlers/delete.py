"""SQS: takes away what there is of files that somebody has deleted (ADR 15)."""

from functools import cache
from typing import Any

from runtime import environment
from runtime.adapters.clients import client
from runtime.adapters.deletions import CloudFrontEdge, DynamoRegister, S3Store
from runtime.adapters.telemetry import logger
from runtime.domain import deletions

Failures = dict[str, list[dict[str, str]]]


@cache
def _settings() -> environment.Delete:
    return environment.read(environment.Delete)


def _delete(body: str) -> None:
    settings = _settings()
    wish = deletions.from_event(body, settings.upload_bucket)
    if wish is None:
        logger.info("not an event about deleting", extra={"body": body[:500]})
        return
    done = deletions.carry_out(
        wish,
        register=DynamoRegister(
            client("dynamodb"),
            files=settings.files_table,
            transactions=settings.transactions_table,
            bucket=settings.upload_bucket,
        ),
        store=S3Store(client("s3")),
        edge=CloudFrontEdge(client("cloudfront"), distribution=settings.distribution),
        stores=deletions.Stores(
            output=settings.output_bucket, delivery=settings.delivery_bucket, backup=settings.backup_bucket
        ),
    )
    logger.info("deleted" if done else "deleted before", extra={"run": wish.run, "version": wish.file.version})


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> Failures:
    """A batch of queue messages, each an event of the platform's bus; answers which of them must come again."""
    failed = []
    for message in event["Records"]:
        try:
            _delete(message["body"])
        except Exception:
            logger.exception("a file was not deleted", extra={"message_id": message["messageId"]})
            failed.append({"itemIdentifier": message["messageId"]})
    return {"batchItemFailures": failed}
