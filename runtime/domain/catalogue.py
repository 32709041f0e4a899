"""What goes into the catalogue, made of the platform's own events; and how it gets there exactly once (ADR 12)."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from runtime.domain.announcements import SOURCE, TYPES
from runtime.domain.deletions import DELETED, DELETING
from runtime.domain.errors import Corrupt
from runtime.domain.ports import Objects, Place

# Users of the database: who owns the tables, who writes rows, who only reads.
OWNER, WRITER, READER = "catalogue_owner", "catalogue_writer", "catalogue_reader"
WITH_ROWS = "csv"
_STATES = {kind: state for state, kind in TYPES.items() if state != DELETING}
WRITTEN = tuple(_STATES)
"""The events that it is made of."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """What an event says about a version of a file. Counts are of records; what an event does not have is None."""

    filename: str
    version: str
    sequencer: str
    attempt: int
    run: str
    status: str
    at: str
    kind: str | None = None
    size: int | None = None
    sha256: str | None = None
    accepted: int | None = None
    rejected: int | None = None
    result_key: str | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RowsTable:
    """Table for the rows of files whose names begin with `prefix`; `columns` are names and types of PostgreSQL."""

    prefix: str
    table: str
    columns: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Clean:
    """The accepted rows of a version, as CSV with a header."""

    header: Sequence[str]
    delimiter: str
    rows: int
    pieces: Iterable[bytes]


class Catalogue(Protocol):
    """The database."""

    def forget(self, record: Record) -> None:
        """Leaves of a file's versions up to the record's only that they were deleted, whatever is told of them later.

        Their rows go as well.
        """
        ...

    def note(self, record: Record) -> None:
        """Writes a record down; one that is older than what is there changes nothing that is newer."""
        ...

    def has_rows(self, record: Record, table: str) -> bool:
        """Whether the rows of this run are there already, or are nobody's business any more."""
        ...

    def load(self, record: Record, table: RowsTable, clean: Clean) -> int:
        """Puts a version's rows in place of those that it had, all or nothing; how many there are.

        Raises `Unfit` when they do not fit the table.
        """
        ...

    def refuse(self, record: Record, table: str, reason: str) -> None:
        """Writes down that the version has no rows in the table, and why."""
        ...


class Unfit(Exception):
    """Rows that a table does not take, today or tomorrow; the message says why."""


def from_event(body: str) -> Record | None:
    """The record in an event of the platform's bus, as a queue holds it; None for an event of another kind.

    Raises `ValueError` when it is not what `docs/events.md` says.
    """
    event = json.loads(body)
    if event.get("source") != SOURCE or event.get("detail-type") not in _STATES:
        return None
    detail = event["detail"]
    try:
        return Record(
            filename=detail["name"],
            version=detail["version"],
            sequencer=detail["sequencer"],
            attempt=detail["attempt"],
            run=detail["run"],
            status=detail["state"],
            at=detail["at"],
            kind=detail.get("kind"),
            size=detail.get("size"),
            sha256=detail.get("sha256"),
            accepted=detail.get("accepted"),
            rejected=detail.get("rejected"),
            result_key=detail.get("result_key"),
            reason=detail.get("reason"),
        )
    except KeyError as error:
        raise ValueError(f"the event has no {error}") from error


def tables(text: str) -> list[RowsTable]:
    """The tables for rows, from the setting as JSON."""
    return [RowsTable(**table) for table in json.loads(text)]


def table_for(filename: str, known: Iterable[RowsTable]) -> RowsTable | None:
    """The table whose prefix fits best."""
    fitting = [table for table in known if filename.startswith(table.prefix)]
    return max(fitting, key=lambda table: len(table.prefix), default=None)


def take(record: Record, catalogue: Catalogue, objects: Objects, *, known: Iterable[RowsTable], bucket: str) -> None:
    """Brings the catalogue up to a record; `bucket` is where results are.

    Any number of times, in any order with others, killed anywhere in between: the outcome is the same.
    """
    if record.status == DELETED:
        catalogue.forget(record)
        return
    catalogue.note(record)
    table = table_for(record.filename, known)
    if table is None or record.status != "succeeded" or record.kind != WITH_ROWS or record.result_key is None:
        return
    if catalogue.has_rows(record, table.table):
        return
    result = json.loads(objects.get(Place(bucket, record.result_key)))
    try:
        catalogue.load(record, table, _clean(record, result, objects, bucket))
    except Unfit as error:
        catalogue.refuse(record, table.table, str(error))


def _clean(record: Record, result: Mapping[str, Any], objects: Objects, bucket: str) -> Clean:
    (artifact,) = (one for one in result["artifacts"] if one["role"] == "clean")
    return Clean(
        header=result["summary"]["columns"],
        delimiter=result["summary"]["delimiter"],
        rows=result["counts"]["accepted"],
        pieces=_verified(objects.read(Place(bucket, artifact["key"])), artifact, record.filename),
    )


def _verified(pieces: Iterator[bytes], artifact: Mapping[str, Any], filename: str) -> Iterator[bytes]:
    """The pieces; raises `Corrupt` at the end when they are not what was written, before anything is committed."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
        yield piece
    if digest.hexdigest() != artifact["sha256"]:
        raise Corrupt(f"{filename}: {artifact['key']} is not what was written: its SHA-256 has changed")
