"""The platform's own events, made from entries of the ledger; others build on them (`docs/events.md`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SOURCE = "penstock"
SCHEMA_VERSION = 1
TYPES = {
    "received": "FileReceived",
    "succeeded": "FileSucceeded",
    "rejected": "FileRejected",
    "failed": "FileFailed",
}
# Attribute of the ledger's entry to member of the event, where the entry has it.
_MEMBERS = {
    "Size": "size",
    "Kind": "kind",
    "Sha256": "sha256",
    "Accepted": "accepted",
    "Rejected": "rejected",
    "ArchiveKey": "archive_key",
    "ArchiveBytes": "archive_bytes",
    "ArchiveSha256": "archive_sha256",
    "ResultKey": "result_key",
    "Reason": "reason",
}
_NUMBERS = {"size", "accepted", "rejected", "archive_bytes"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Announcement:
    """Detail type and detail of an event."""

    type: str
    detail: dict[str, Any]


def from_entry(entry: Mapping[str, Any]) -> Announcement | None:
    """The event for a new entry, or None for a step that is nobody's business outside."""
    kind = TYPES.get(entry["State"])
    if kind is None:
        return None
    detail: dict[str, Any] = {
        "schema": SCHEMA_VERSION,
        "name": entry["FileName"],
        "version": entry["VersionId"],
        "attempt": int(entry["Attempt"]),
        "run": entry["RunId"],
        "state": entry["State"],
        "at": entry["At"],
    }
    for attribute, member in _MEMBERS.items():
        if attribute in entry:
            value = entry[attribute]
            detail[member] = int(value) if member in _NUMBERS else value
    return Announcement(type=kind, detail=detail)
