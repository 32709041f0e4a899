"""One pass over a file: what it is, its SHA-256, and where it is cut (ADR 3)."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath
from typing import Any

from isal import isal_zlib

from runtime.domain.errors import Corrupt, IsArchive, IsImage, IsPdf, Rejected
from runtime.domain.identity import FileVersion
from runtime.domain.ports import Writer
from runtime.domain.tables import WITH_TEXT, Schema, is_certain, may_be_table, schema_for
from runtime.domain.unpacking import GZIP, PIECE_BYTES, ZSTD, Limits, bare_name, layers, peek, unpack
from runtime.domain.zipreader import ArchiveLimits
from runtime.processors import detect, dialect, image, jsonl, pdf, zipped
from runtime.processors.api import HEAD_BYTES, Cut, Head
from runtime.processors.other import Whole

# A group is one invocation. Eight run at once on a small machine, and no group is longer than the number of parts
# that the settings allow, until a file is so large that their number would pass S3's 10,000 parts of an upload.
GROUPS_WANTED = 8
GROUPS_MOST = 9_000
# Names that promise records.
RECORDS = (*dialect.NAMES, *jsonl.NAMES)


@dataclass(kw_only=True)
class Plan:
    """What every later step knows of the file. `crc32` and `sha256` are of the whole file, `size` is in bytes."""

    kind: str
    size: int
    sha256: str
    crc32: int
    parts: int
    groups: int
    context: dict[str, Any] = field(default_factory=dict)
    clean: bool = True
    """Whether the clean records are delivered as text."""
    tables: bool = False
    """Whether they are delivered as a table, if they are one."""
    distinct: bool = False
    """Whether the table's different values are estimated."""
    original: bool = False
    """Whether the file itself is delivered along with what is made of it."""
    layers: list[str] = field(default_factory=list)
    """What the file is packed in, the outermost first (see `unpacking`); the parts are ranges of what is inside."""

    @property
    def keeps_clean(self) -> bool:
        """Whether groups keep their clean records as text: to be delivered, or in case that no table can be made."""
        return self.clean or not (self.tables and is_certain(self.context))


NO_OTHER_LIMITS = ArchiveLimits()


@dataclass(frozen=True, kw_only=True, slots=True)
class Wishes:
    """What is to be made of records, and what they have to look like; up to where archives are taken."""

    clean: bool = True
    tables: bool = False
    schemas: Sequence[Schema] = ()
    archives: ArchiveLimits = NO_OTHER_LIMITS
    nesting: int = 0
    """How deep archives in archives are unpacked into files of their own; 0 for not at all."""
    distinct: bool = False
    """Whether it is estimated how many different values each column of a table has."""

    @property
    def apart(self) -> bool:
        """Whether the members of archives are files of their own."""
        return self.nesting > 0

    @classmethod
    def of(
        cls,
        results: str,
        schemas: Sequence[Schema] = (),
        archives: ArchiveLimits = NO_OTHER_LIMITS,
        nesting: int = 0,
        *,
        distinct: bool = False,
    ) -> "Wishes":
        """`results` is "clean", "parquet" or "both"."""
        return cls(
            clean=results != "parquet",
            tables=results != "clean",
            schemas=schemas,
            archives=archives,
            nesting=nesting,
            distinct=distinct,
        )


NOTHING_ELSE = Wishes()


@dataclass(frozen=True, kw_only=True, slots=True)
class Unpacked:
    """Where what is inside of a packed file is kept, and how much of it."""

    keep: Callable[[], AbstractContextManager[Writer]]
    limits: Limits


@dataclass(kw_only=True)
class Group:
    """Neighbouring parts that one invocation processes; `n` counts groups from 0."""

    n: int
    cuts: list[Cut]

    @property
    def start(self) -> int:
        return self.cuts[0].start if self.cuts else 0

    @property
    def end(self) -> int:
        return self.cuts[-1].end if self.cuts else 0

    def as_json(self) -> dict[str, Any]:
        """Short, because 40 of them travel in the state machine's state."""
        return {"n": self.n, "cuts": [[cut.start, cut.end, cut.first, cut.crc32] for cut in self.cuts]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Group":
        cuts = [Cut(start=start, end=end, first=first, crc32=crc32) for start, end, first, crc32 in data["cuts"]]
        return cls(n=data["n"], cuts=cuts)


def as_json(plan: Plan) -> dict[str, Any]:
    """The plan as JSON values."""
    return asdict(plan)


def plan(
    file: FileVersion,
    pieces: Iterable[bytes],
    *,
    part_bytes: int,
    parts_per_group: int,
    max_file_bytes: int,
    wishes: Wishes = NOTHING_ELSE,
    unpacked: Unpacked | None = None,
    decodes: bool = False,
    takes_archives: bool = False,
) -> tuple[Plan, list[Group]]:
    """Reads the file's bytes once. Raises `Rejected` for a file that no processor can use, `Corrupt` for a wrong size.

    What is packed and has records inside is unpacked into `unpacked`, if there is such a place. The groups are empty
    for kinds that are taken whole. Raises `IsImage` or `IsPdf` before more than the file's head has been read, unless
    the caller decodes them, and `IsArchive` likewise if members are wished for as files of their own.
    """
    if file.size > max_file_bytes:
        raise Rejected(f"the file has {file.size:,} bytes; at most {max_file_bytes:,} are accepted here")
    source = _Source(pieces)
    head = Head(name=file.name, size=file.size, data=_head(source.stream))
    inside, layers = _inside(head) if unpacked else (head, [])
    processor = detect(inside)
    if processor.kind == image.KIND and not decodes:
        raise IsImage(f"{file.name} is an image")
    if processor.kind == pdf.KIND and file.size <= pdf.LARGEST and not decodes:
        raise IsPdf(f"{file.name} is a PDF")
    if processor.kind == zipped.KIND and wishes.apart and not takes_archives:
        raise IsArchive(f"{file.name} is an archive")
    stream = _chain(head.data, source.stream)
    with ExitStack() as stack:
        if unpacked and layers:
            stream = _kept(unpack(stream, layers, unpacked.limits), stack.enter_context(unpacked.keep()))
        splitter = processor.splitter(inside, part_bytes) if processor.splits else None
        look = processor.look(head) if isinstance(processor, Whole) else None
        cuts: list[Cut] = []
        for piece in stream:
            if splitter:
                cuts.extend(splitter.feed(piece))
            elif look:
                look.feed(piece)
    if source.size != file.size:
        raise Corrupt(f"{file.name}: read {source.size} bytes of version {file.version}, which has {file.size}")
    if splitter:
        cuts.extend(splitter.finish())
    groups = _groups(cuts, parts_per_group) if splitter else []
    context = dict(splitter.context) if splitter else {"summary": dict(look.summary())} if look else {}
    is_archive = processor.kind == zipped.KIND
    if is_archive:
        # Its members are found by its directory, not by reading on.
        groups, context = [Group(n=0, cuts=[])], {"limits": asdict(wishes.archives)}
    schema = schema_for(file.name, wishes.schemas)
    if (schema or wishes.tables) and not (is_archive and wishes.apart):
        context = dict(processor.tabular(inside, context, schema))
    return (
        Plan(
            kind=processor.kind,
            size=source.size,
            sha256=source.sha256.hexdigest(),
            crc32=source.crc32,
            parts=len(cuts),
            groups=len(groups),
            context=context,
            clean=wishes.clean or WITH_TEXT in context or not may_be_table(context),
            tables=wishes.tables and may_be_table(context),
            distinct=wishes.distinct,
            original=is_archive,
            layers=layers,
        ),
        groups,
    )


class _Source:
    """The file's own bytes, summed up as they go by."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.sha256, self.crc32, self.size = hashlib.sha256(), 0, 0
        self.stream = self._summed(pieces)

    def _summed(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self.sha256.update(piece)
            self.crc32 = isal_zlib.crc32(piece, self.crc32)
            self.size += len(piece)
            yield piece


def _inside(head: Head) -> tuple[Head, list[str]]:
    """The head of what a file holds, and what it is packed in, if records are inside; otherwise the file as it is."""
    names = layers(head.data)
    if not names:
        return head, []
    data = peek(head.data, names)
    if not data and head.whole and PurePosixPath(bare_name(head.name, names)).suffix.lower() in RECORDS:
        _refuse_nothing(head.data, names)
    # How much more there is, nobody knows; only whether this is all matters.
    inner = Head(name=bare_name(head.name, names), size=len(data) + (not head.whole), data=data[:HEAD_BYTES])
    # What is packed twice is nobody's records, whatever its name says.
    if not data or data.startswith((GZIP, ZSTD)) or not detect(inner).splits:
        return head, []
    return inner, names


def _refuse_nothing(data: bytes, names: list[str]) -> None:
    """Raises `Rejected` for a packed file of which nothing can be had: it is damaged, broken off, or empty inside."""
    for _ in unpack([data], names, Limits(most_bytes=PIECE_BYTES)):
        pass
    raise Rejected("There is nothing in the packed file.")


def _kept(pieces: Iterable[bytes], writer: Writer) -> Iterator[bytes]:
    for piece in pieces:
        writer.write(piece)
        yield piece


def _head(stream: Iterator[bytes]) -> bytes:
    head = bytearray()
    while len(head) < HEAD_BYTES:
        piece = next(stream, None)
        if piece is None:
            break
        head += piece
    return bytes(head)


def _chain(head: bytes, stream: Iterator[bytes]) -> Iterator[bytes]:
    if head:
        yield head
    yield from stream


def _groups(cuts: list[Cut], parts_per_group: int) -> list[Group]:
    wanted = -(-len(cuts) // GROUPS_WANTED)
    size = max(min(parts_per_group, wanted), -(-len(cuts) // GROUPS_MOST), 1)
    if not cuts:  # a file that is all header: one group without parts, so that its result is begun and ended
        return [Group(n=0, cuts=[])]
    return [Group(n=at // size, cuts=cuts[at : at + size]) for at in range(0, len(cuts), size)]
