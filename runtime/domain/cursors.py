"""Where a list goes on: opaque to callers, and never more than a position within what they may see anyway.

A cursor holds a time and a name or id. The folder is not in it: it comes from who asks, so that a forged cursor leads
to nobody else's things.
"""

import base64
import binascii
import json
from datetime import datetime

Position = tuple[str, str]
"""The time (ISO 8601) and the name or id of the last one that was shown."""


def write(position: Position) -> str:
    """The cursor that leads on from here."""
    text = json.dumps(position, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(cursor: str) -> Position | None:
    """The position; None for what is no cursor."""
    try:
        value = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        at, name = value
        if not isinstance(at, str) or not isinstance(name, str) or not name:
            return None
        if len(name.encode()) > 1024 or datetime.fromisoformat(at).tzinfo is None or len(at) > 40:
            return None
    except (binascii.Error, ValueError, TypeError, RecursionError):
        return None
    return at, name
