"""Version ids in the object events that S3 sends to EventBridge; ministack leaves them out."""

import contextvars
import json
from typing import Any

from local.hooks import Function, Hooks

_version: contextvars.ContextVar[str | None] = contextvars.ContextVar("penstock_version", default=None)


def mend_events(hooks: Hooks) -> None:
    """Puts `version-id` into the events of versioned buckets."""
    hooks.replace(
        "services.s3",
        "_fire_s3_event",
        "bucket_name key event_name size etag deletion_type restore_event_data version_id sequencer object_extra "
        "record_extra",
        _remembering,
    )
    hooks.replace("services.eventbridge", "_dispatch_event", "event view", _naming)


def _remembering(fire: Function) -> Function:
    def fire_event(*args: Any, version_id: str | None = None, **keywords: Any) -> None:
        token = _version.set(version_id)
        try:
            fire(*args, version_id=version_id, **keywords)
        finally:
            _version.reset(token)

    return fire_event


def _naming(dispatch: Function) -> Function:
    def dispatch_event(event: dict[str, Any], view: Any = None) -> Any:
        version = _version.get()
        if version and event.get("Source") == "aws.s3":
            detail = json.loads(event["Detail"])
            detail["object"]["version-id"] = version
            event = {**event, "Detail": json.dumps(detail)}
        return dispatch(event, view)

    return dispatch_event
