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
    "deleting": "FileDeleting",
    "deleted": "FileDeleted",
}
_TEXT, _COUNT = {"type": "string", "minLength": 1}, {"type": "integer", "minimum": 0}
_SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
# Attribute of the ledger's entry to member of the event, where the entry has it, and what is to be said of it.
_MEMBERS: dict[str, tuple[str, dict[str, Any], str]] = {
    "Size": ("size", _COUNT, "of the file, in bytes"),
    "Kind": ("kind", _TEXT, "what the file was processed as"),
    "Sha256": ("sha256", _SHA256, "of the file, in hexadecimal"),
    "Accepted": ("accepted", _COUNT, "records that were taken"),
    "Rejected": ("rejected", _COUNT, "records that were set aside"),
    "ArchiveKey": ("archive_key", _TEXT, "key of the ZIP in the delivery bucket"),
    "ArchiveBytes": ("archive_bytes", _COUNT, "size of the ZIP"),
    "ArchiveSha256": ("archive_sha256", _SHA256, "of the ZIP, in hexadecimal"),
    "ResultKey": ("result_key", _TEXT, "key of `result.json` in the output bucket"),
    "Reason": ("reason", _TEXT, "why the file was rejected or failed"),
}
_ALWAYS: dict[str, tuple[dict[str, Any], str]] = {
    "schema": ({"const": SCHEMA_VERSION}, "version of this schema"),
    "name": (_TEXT, "key of the file in the upload bucket"),
    "version": (_TEXT, "version of the object"),
    "sequencer": (_TEXT, "order of the versions of a file, comparable as text"),
    "attempt": ({"type": "integer", "minimum": 1}, "how often this version has been started, with this time"),
    "run": (_TEXT, "who wrote the entry: the execution and its start"),
    "state": ({"enum": list(TYPES)}, "what the file now is"),
    "at": ({"type": "string", "format": "date-time"}, "when, in UTC"),
}
_SUCCEEDED = [member for member, _, _ in _MEMBERS.values() if member not in ("size", "reason")]
_REQUIRED = {"received": ["size"], "succeeded": _SUCCEEDED}


@dataclass(frozen=True, kw_only=True, slots=True)
class Announcement:
    """Detail type and detail of an event."""

    type: str
    detail: dict[str, Any]


def from_entry(entry: Mapping[str, Any]) -> Announcement | None:
    """The event for a new entry, or None for a step that is nobody's business outside."""
    kind = TYPES.get(entry.get("State", ""))
    if kind is None:
        return None
    detail: dict[str, Any] = {
        "schema": SCHEMA_VERSION,
        "name": entry["FileName"],
        "version": entry["VersionId"],
        "sequencer": entry["Sequencer"],
        "attempt": int(entry["Attempt"]),
        "run": entry["RunId"],
        "state": entry["State"],
        "at": entry["At"],
    }
    for attribute, (member, shape, _) in _MEMBERS.items():
        if attribute in entry:
            value = entry[attribute]
            detail[member] = int(value) if shape is _COUNT else value
    return Announcement(type=kind, detail=detail)


def schema() -> dict[str, Any]:
    """The JSON Schema of an event's detail."""
    members = {**_ALWAYS, **{member: (shape, meaning) for member, shape, meaning in _MEMBERS.values()}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Detail of an event of {SOURCE}",
        "type": "object",
        "properties": {member: {**shape, "description": meaning} for member, (shape, meaning) in members.items()},
        "required": list(_ALWAYS),
        "allOf": [
            {"if": {"properties": {"state": {"const": state}}}, "then": {"required": needed}}
            for state, needed in _REQUIRED.items()
        ],
    }
