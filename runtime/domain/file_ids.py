"""The id of a file: its name, in letters that are safe in a path. It stands for the name, not for one version of it."""

import base64
import binascii
import re

_SHAPE = re.compile(r"[A-Za-z0-9_-]{2,1368}")


def of_name(name: str) -> str:
    """Base64url of the name's UTF-8, without padding."""
    return base64.urlsafe_b64encode(name.encode()).decode().rstrip("=")


def name_of(identity: str) -> str | None:
    """The name; None for what is no id. A name has one id only."""
    if not _SHAPE.fullmatch(identity):
        return None
    try:
        name = base64.urlsafe_b64decode(identity + "=" * (-len(identity) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
    return name if of_name(name) == identity else None
