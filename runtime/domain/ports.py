"""What the domain asks of the world. `runtime/adapters` answers with AWS, the tests with fakes in memory."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from runtime.domain.identity import FileVersion
from runtime.domain.tables import Rows

if TYPE_CHECKING:
    from runtime.domain.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object is. With a `version` it is that version and no other."""

    bucket: str
    key: str
    version: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Buckets:
    """Where results go; the upload itself is named by the event."""

    work: str = ""
    output: str = ""
    delivery: str = ""
    backup: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stat:
    """What the store says of an object: bytes, and the CRC-32 of all of them where it keeps one."""

    size: int
    crc32: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """An object, or a part of a result, that is joined with others. `crc32` is of its bytes."""

    place: Place
    size: int
    crc32: int


class Writer(Protocol):
    """An object being written in a stream; it appears when the `with` block ends, and not at all if that raises."""

    def write(self, data: bytes) -> object: ...


class Objects(Protocol):
    """An object store. Reads and writes verify checksums; what disagrees raises `Corrupt`."""

    def read(self, place: Place, *, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes `[start, end)`, in pieces of at most 1 MiB. A connection that breaks is taken up again."""
        ...

    def get(self, place: Place) -> bytes:
        """A small object, whole."""
        ...

    def put(self, place: Place, data: bytes, *, content_type: str, sha256: str | None = None) -> None:
        """Writes a small object; writing the same bytes again is no harm. `sha256` (hexadecimal) saves making it."""
        ...

    def put_once(self, place: Place, data: bytes, *, content_type: str) -> bytes:
        """Writes a small object unless there is one; returns what is there now."""
        ...

    def write(
        self, place: Place, *, content_type: str, filename: str | None = None, inline: bool = False
    ) -> AbstractContextManager[Writer]:
        """A stream of any length into an object. Meeting an object of the same size and CRC-32 there is success.

        With a `filename` it is for browsers, which keep it, and save it under that name, or show it if it is `inline`.
        """
        ...

    def deposit(self, place: Place, pieces: Iterable[bytes], *, metadata: Mapping[str, str]) -> None:
        """A stream of any length into an object that nobody else writes, and that the caller may not read.

        What is there already is taken for the same, from an earlier try. `metadata` is ASCII, 2 KB at most.
        """
        ...

    def metadata(self, place: Place) -> Mapping[str, str]:
        """What its writer had to say of an object."""
        ...

    def join(self, place: Place, pieces: Sequence[Piece], *, content_type: str) -> None:
        """Pieces, one after the other, as one object; large ones are copied without passing through."""
        ...

    def copy(self, source: Place, target: Place, *, size: int) -> None:
        """A copy made by the store itself. Meeting the same copy there is success."""
        ...

    def stat(self, place: Place) -> Stat:
        """Raises `Corrupt` if there is no such object."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """One size of an image: what it is for, its bytes, and its width and height in pixels."""

    role: str
    data: bytes
    width: int
    height: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Developed:
    """What came of an image or a document: what is to be known of it as JSON values, and its sizes, the largest first.

    There are none of a document that asks for a password, or whose first page takes too long to draw.
    """

    about: dict[str, Any]
    pictures: Sequence[Picture]


class Pictures(Protocol):
    """Decodes images and the first pages of documents, where they can do no harm."""

    content_type: str
    """Of the sizes that are made."""
    suffix: str
    """Of their names."""

    def develop(self, source: Path, form: str) -> Developed:
        """The sizes of what is in a file; `form` is its format. Raises `Rejected` for one that cannot be used."""
        ...


class Ledger(Protocol):
    """The tables, as far as functions write to them (ADR 2)."""

    def scanning(self, file: FileVersion, run: str, token: str) -> None:
        """Records that the run waits for a verdict, with the `token` that ends the wait.

        Raises `Superseded` when this attempt has gone on or ended already.
        """
        ...

    def processing(self, file: FileVersion, run: str) -> None:
        """Records that work has begun. Raises `Superseded` when this attempt has ended already."""
        ...

    def stage(self, file: FileVersion, stage: str, progress: Mapping[str, int]) -> None:
        """Shows in `Files` how far the work is. Never fails the work: it is for people to look at."""
        ...

    def ended(self, file: FileVersion, run: str, state: str, *, reason: str, detail: str) -> None:
        """Records *rejected* or *failed*. Raises `Superseded` when another run has recorded an end."""
        ...


class Verdicts(Protocol):
    """What is known of the malware scan of each version, and which runs wait to hear of it. Reads are consistent."""

    def known(self, key: str, version: str) -> "Verdict | None":
        """The verdict of a version."""
        ...

    def record(self, verdict: "Verdict") -> "Verdict":
        """Keeps the verdict unless one is known that is as grave; returns what is known now."""
        ...

    def tokens(self, key: str, version: str) -> list[str]:
        """The tokens of all runs of a version that ever waited, those that were answered included."""
        ...


class Tasks(Protocol):
    """Ends the wait of a run. A token that was answered before, or whose run has ended, is no error."""

    def succeed(self, token: str) -> None: ...

    def fail(self, token: str, error: Exception) -> None:
        """The run's task fails with the class's name and the error's text."""
        ...


class Tags(Protocol):
    """The tags of objects."""

    def read(self, place: Place) -> dict[str, str]:
        """The tags of a version. Raises `Rejected` when the version was deleted."""
        ...


class Tables(Protocol):
    """Writes tables."""

    def parquet(self, rows: Rows, columns: Mapping[str, str]) -> bytes:
        """Rows as one Parquet file; `columns` are name to type (see `column_types`). The same call, the same bytes."""
        ...

    def checked(self, rows: Rows, columns: Mapping[str, str], required: Collection[str]) -> bytes | None:
        """Likewise, of rows whose values nobody has looked at: None unless each is of its column's type.

        It may be None in more cases, never in fewer. Columns of `required` must have a value.
        """
        ...

    def distinct(self, file: bytes, columns: Collection[str]) -> list[bytes]:
        """Of each column of a Parquet file a sketch of its different values (see `distinct`)."""
        ...


class Signer(Protocol):
    """Makes links that CloudFront accepts."""

    def sign(self, key: str) -> tuple[str, str]:
        """A link to an object of the delivery bucket, and when it ends (ISO 8601, UTC)."""
        ...


def pieces_of(data: bytes, size: int = 1024 * 1024) -> Iterable[bytes]:
    """`data` in pieces of at most `size` bytes."""
    return (data[at : at + size] for at in range(0, len(data), size))


Json = dict[str, Any]
