"""How files are called in archives, and archives when they are kept."""

import unicodedata
from pathlib import PurePosixPath

MANIFEST_NAME = "manifest.json"
SUMS_NAME = "SHA256SUMS"


def member_name(name: str) -> str:
    """The last part of an object's key as a member's name: never a path, a control character or one of our own."""
    last = "".join(
        "_" if unicodedata.category(char) == "Cc" or char == "\\" else char for char in PurePosixPath(name).name
    )
    if last in ("", ".", ".."):
        return "file"
    return f"original-{last}" if last in (MANIFEST_NAME, SUMS_NAME) else last


def archive_name(name: str) -> str:
    """What a file's archive is called when it is kept."""
    return f"{member_name(name)}.zip"
