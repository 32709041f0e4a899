"""Records how a run ended badly: called by the state machine, or by the event of an execution that ended unseen."""

import json
from functools import cache
from typing import Any

from runtime import environment
from runtime.adapters.clients import client
from runtime.adapters.dynamodb import ledger
from runtime.adapters.telemetry import logged, logger
from runtime.domain import failures
from runtime.domain.errors import Superseded
from runtime.domain.identity import FileVersion


@cache
def _settings() -> environment.Fail:
    return environment.read(environment.Fail)


@logged
def _record(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    file, outcome = FileVersion.of(event), failures.judge(event["error"])
    ledger(_settings()).ended(file, event["run"], outcome.state, reason=outcome.reason, detail=outcome.detail)
    _tag(file, outcome)
    return {"state": outcome.state, "notification": failures.notice(file, outcome)}


def _tag(file: FileVersion, outcome: failures.Outcome) -> None:
    """Marks the object, for lifecycle rules and bucket policies; a version that is gone needs no mark."""
    s3 = client("s3")
    target: dict[str, Any] = {"Bucket": file.bucket, "Key": file.key, "VersionId": file.version}
    try:
        tags = [tag for tag in s3.get_object_tagging(**target)["TagSet"] if tag["Key"] != failures.TAG]
        mark = {"Key": failures.TAG, "Value": outcome.state}
        s3.put_object_tagging(**target, Tagging={"TagSet": [*tags, mark]})
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchKey", "NoSuchVersion", "MethodNotAllowed", "404", "405"):
            raise
        logger.warning("there is no object to tag", extra={"code": error.response["Error"]["Code"]})


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """`{"file", "run", "error": {"Error", "Cause"}}`, or an "Execution Status Change" event of EventBridge.

    Returns the state and the notification, which the state machine sends. For an event there is no state machine
    left to do it, so it is sent from here; most often the end was recorded before, and nothing is done.
    """
    if "detail-type" not in event:
        return _record(event, context)
    detail = event["detail"]
    started = failures.started_at(detail["startDate"])
    step = {
        "file": json.loads(detail["input"])["file"],
        # Not the run's own name: the slot must be empty, or the state machine has recorded its end itself.
        "run": f"{detail['name']}@{started}/{detail['status']}",
        "error": {
            "Error": detail.get("error") or f"Execution.{detail['status']}",
            "Cause": detail.get("cause") or f"The execution ended as {detail['status']}.",
        },
    }
    try:
        recorded = _record(step, context)
    except Superseded:
        return {"state": "recorded before"}
    notification = recorded["notification"]
    client("sns").publish(
        TopicArn=_settings().notifications_topic,
        Subject=notification["subject"],
        Message=notification["message"],
        MessageAttributes={"state": {"DataType": "String", "StringValue": notification["state"]}},
    )
    return recorded
