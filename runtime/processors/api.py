"""What a processor is: one module for one kind of file. Adding one touches nothing else but the list in `__init__`.

A processor is pure: it is given bytes and gives bytes back. It never sees S3, the environment or the clock, so that
the same code runs in a function, in a test, and over every way of cutting a file.

The law that every processor keeps (property tests hold it for every part size from 1 byte up):
processing a file whole, and processing its parts in any order and concatenating what comes out in the order of the
parts, gives the same bytes, counts and totals.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from runtime.domain.errors import Rejected
from runtime.domain.tables import Rows, Schema

HEAD_BYTES = 256 * 1024
MAX_RECORD_BYTES = 32 * 1024 * 1024
"""A record longer than this makes the file *rejected*: it is what bounds a function's memory."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """What a processor may look at to recognise a file: its name, size and first `HEAD_BYTES` bytes (or all)."""

    name: str
    size: int
    data: bytes

    @property
    def whole(self) -> bool:
        """True when `data` is the whole file."""
        return len(self.data) >= self.size


@dataclass(frozen=True, kw_only=True, slots=True)
class Cut:
    """One part: the byte range `[start, end)` of the file, cut between records.

    `first` is the number that the part's first record or line has in the file (the processor's own unit; the CSV
    processor counts physical lines from 1, the recipe processor elements from 0). `crc32` is of the range's bytes.
    """

    start: int
    end: int
    first: int
    crc32: int


@dataclass(kw_only=True, slots=True)
class Outcome:
    """What came out of a part. Two outcomes of neighbouring parts add up to that of both together.

    `clean` and `rejects` are bytes of the two results; `accepted` and `rejected` count records; `totals` are further
    sums, added key by key. They are whole numbers, because adding floats in another order gives another sum; one that
    is zero is left out. `columns` are those of the accepted records, name to type (see `domain/column_types`), in the
    order in which they appear; joined by `domain.tables.joined`. Empty for kinds that make no table.
    """

    clean: bytes = b""
    rejects: bytes = b""
    accepted: int = 0
    rejected: int = 0
    totals: dict[str, int] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)


class Splitter(Protocol):
    """Finds the cuts of one file while its bytes stream by, once, in pieces of any size.

    The union of all cuts' ranges is one contiguous range; what stands before and after it (a byte order mark, a
    header, the brackets around an array) is the splitter's to check and to put into the context. A file without
    records has no cuts.
    """

    def feed(self, data: bytes) -> Iterator[Cut]:
        """Takes the next bytes; yields cuts as soon as they are known. Raises `Rejected`."""
        ...

    def finish(self) -> Iterator[Cut]:
        """Yields the last cuts. Raises `Rejected` when the file as a whole makes no sense (truncated, …)."""
        ...

    @property
    def context(self) -> Mapping[str, Any]:
        """What every part must know (header, dialect, …) as plain JSON values of at most 64 KiB; after `finish`."""
        ...


class Processor(Protocol):
    """One kind of file."""

    kind: str
    """Name of the kind, as in `result.json` ("csv", "jsonl", "recipe", "other")."""
    clean_name: str
    """Name of the main result in output bucket and archive ("clean.csv", …)."""
    splits: bool
    """False for kinds that are taken whole and delivered as they are; the methods below are then never called."""

    def detect(self, head: Head) -> bool:
        """True if the content is of this kind. May raise `Rejected` for content that certainly is, but is unusable."""
        ...

    def splitter(self, head: Head, part_bytes: int) -> Splitter:
        """A splitter for parts of about `part_bytes` bytes (a record longer than that is a part of its own)."""
        ...

    def begin(self, context: Mapping[str, Any]) -> bytes:
        """What stands before the first part's `clean` in the merged result (a header line, an opening bracket)."""
        ...

    def tabular(self, head: Head, context: Mapping[str, Any], schema: Schema | None) -> Mapping[str, Any]:
        """The context for parts whose records are columns, as `schema` declares them or as they turn out to be.

        Raises `Rejected` when the file as a whole is not as declared.
        """
        ...

    def rows(self, clean: bytes, names: Sequence[str], context: Mapping[str, Any]) -> Rows:
        """`clean`, of one part or of neighbouring ones, as rows of the columns `names`."""
        ...

    def evident(self, data: bytes, context: Mapping[str, Any]) -> int | None:
        """How many records `data` holds, if all are certain to be accepted as they are, whatever their values.

        None if that needs `process`. Certain is: if their values are UTF-8, are as declared or of the types that the
        context's `table` has, and no longer than an engine for tables reads.
        """
        ...

    def process(self, data: bytes, cut: Cut, context: Mapping[str, Any]) -> Outcome:
        """Processes the bytes of one part. Raises `Rejected` when they make the whole file bad."""
        ...

    def end(self, context: Mapping[str, Any]) -> bytes:
        """What stands after the last part's `clean` in the merged result."""
        ...

    def summary(self, outcome: Outcome, context: Mapping[str, Any]) -> Mapping[str, Any]:
        """The kind's own section of `result.json`, from the summed outcome (whose bytes are empty here).

        Raises `Rejected` when nothing of the file is usable (every record was refused).
        """
        ...


def refuse_schema(schema: Schema | None) -> None:
    """For kinds that have no columns of their files' own. Raises `Rejected` where some are declared."""
    if schema is not None:
        raise Rejected(f"Files under {schema.prefix!r} have to be CSV or JSON Lines: columns are declared for them.")


class NothingEvident:
    """Base of kinds whose records have to be looked at one by one."""

    def evident(self, data: bytes, context: Mapping[str, Any]) -> int | None:
        """Never."""
        return None


class NoTable(NothingEvident):
    """Base of kinds that make no table."""

    def tabular(self, head: Head, context: Mapping[str, Any], schema: Schema | None) -> Mapping[str, Any]:
        """The context as it is. Raises `Rejected` where tables are declared: this file cannot be one."""
        refuse_schema(schema)
        return context

    def rows(self, clean: bytes, names: Sequence[str], context: Mapping[str, Any]) -> Rows:
        """Not for this kind: no outcome of it has columns."""
        raise TypeError(f"{type(self).__name__} makes no table")
