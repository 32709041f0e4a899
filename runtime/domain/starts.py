"""From an upload's event to the start of its run."""

import json
from dataclasses import asdict, dataclass

from runtime.domain.identity import FileVersion


class NotAnEvent(ValueError):
    """The message is not an "Object Created" event of S3: it goes to the dead-letter queue, for a person to see."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """Name and input (JSON) of an execution."""

    name: str
    input: str


def from_event(body: str) -> Start | None:
    """The run for an event, or None when the object is no file (a console's folder). Raises `NotAnEvent`.

    The shape is that of EventBridge: keys are not URL-encoded there, unlike in S3's own notifications.
    """
    try:
        event = json.loads(body)
        if event["detail-type"] != "Object Created":
            raise NotAnEvent(f"an event of type {event['detail-type']!r} has no business in the upload queue")
        detail = event["detail"]
        thing = detail["object"]
        file = FileVersion(
            bucket=detail["bucket"]["name"],
            key=thing["key"],
            version=thing.get("version-id", "null"),
            size=int(thing["size"]),
            etag=str(thing.get("etag", "")).strip('"'),
            sequencer=thing["sequencer"],
            received_at=event["time"],
        )
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise NotAnEvent(f"the message is not an S3 event of EventBridge: {error!r}") from error
    if file.key.endswith("/") and file.size == 0:
        return None
    return for_file(file)


def for_file(file: FileVersion) -> Start:
    """The run of one attempt at a version; the same for every event that tells of it."""
    state = {
        "file": asdict(file),
        "order": file.order,
        "folder": file.folder,
        "entries": {"received": file.ledger_key("received"), "ended": file.ledger_key("succeeded")},
    }
    return Start(name=file.run_id, input=json.dumps(state, sort_keys=True))
