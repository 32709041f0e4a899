"""Records how a run ended badly: called by the state machine, or by the event of an execution that ended unseen."""

import json
from functools import cache
from typing import Any

from runtime import environment
from runtime.adapters.clients import client
from runtime.adapters.dynamodb import ledger
from runtime.adapters.marks import S3Marks
from runtime.adapters.telemetry import logged
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
    S3Marks(client("s3")).set(file, outcome.state)
    return {"state": outcome.state, "notification": failures.notice(file, outcome)}


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
