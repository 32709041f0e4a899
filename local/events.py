"""Version ids in the events that S3 sends to EventBridge, which ministack leaves out; and who else hears of uploads."""

import contextvars
import json
from collections.abc import Callable
from typing import Any

from local.hooks import Function, Hooks
from local.scanner import Upload

_version: contextvars.ContextVar[str | None] = contextvars.ContextVar("penstock_version", default=None)


def mend_events(hooks: Hooks, created: Callable[[Upload], None]) -> None:
    """Puts `version-id` into the events of versioned buckets; calls `created` for each new version."""

    def remembering(fire: Function) -> Function:
        def fire_event(
            bucket_name: str,
            key: str,
            event_name: str,
            size: int = 0,
            etag: str = "",
            *args: Any,
            version_id: str | None = None,
            **keywords: Any,
        ) -> None:
            token = _version.set(version_id)
            try:
                fire(bucket_name, key, event_name, size, etag, *args, version_id=version_id, **keywords)
                if event_name.startswith("s3:ObjectCreated:"):
                    created(Upload(bucket=bucket_name, key=key, version=version_id or "null", etag=etag.strip('"')))
            finally:
                _version.reset(token)

        return fire_event

    hooks.replace(
        "services.s3",
        "_fire_s3_event",
        "bucket_name key event_name size etag deletion_type restore_event_data version_id sequencer object_extra "
        "record_extra",
        remembering,
    )
    hooks.replace("services.eventbridge", "_dispatch_event", "event view", _naming)


def _naming(dispatch: Function) -> Function:
    def dispatch_event(event: dict[str, Any], view: Any = None) -> Any:
        version = _version.get()
        if version and event.get("Source") == "aws.s3":
            detail = json.loads(event["Detail"])
            detail["object"]["version-id"] = version
            event = {**event, "Detail": json.dumps(detail)}
        return dispatch(event, view)

    return dispatch_event
