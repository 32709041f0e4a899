"""What the stand-in for the malware scan looks for: the EICAR test file, plain or packed into ZIP and gzip."""

import gzip
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Protocol, cast

from cli.generate import EICAR

CLEAN, INFECTED, UNSUPPORTED = "NO_THREATS_FOUND", "THREATS_FOUND", "UNSUPPORTED"
THREAT = "EICAR-Test-File (not a virus)"
# GuardDuty's own limits are five levels, 10,000 files and 100 GB; the last would be no limit at all on a laptop.
DEPTH_MOST = 5
MEMBERS_MOST = 10_000
UNPACKED_MOST = 1024**3
_IN_MEMORY = 8 * 1024 * 1024
_PIECE = 1024 * 1024
_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"
_ENCRYPTED = 0x1
_BROKEN = (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError)
_GRAVITY = (CLEAN, UNSUPPORTED, INFECTED)


class _Readable(Protocol):
    def read1(self, size: int, /) -> bytes: ...


class _TooMuchError(Exception):
    """There is more in an archive than is looked at."""


@dataclass
class Budget:
    """What may still be unpacked of one object."""

    members: int = MEMBERS_MOST
    size: int = UNPACKED_MOST

    def take(self, size: int) -> None:
        self.size -= size
        if self.size < 0:
            raise _TooMuchError

    def open(self) -> None:
        self.members -= 1
        if self.members < 0:
            raise _TooMuchError


def scan(pieces: Iterable[bytes], budget: Budget | None = None) -> str:
    """GuardDuty's word for an object with these bytes. Reads no further than it must."""
    return _scan(pieces, budget or Budget(), DEPTH_MOST)


def _scan(pieces: Iterable[bytes], budget: Budget, depth: int) -> str:
    """`depth` is how many levels of archives may still be opened."""
    tail, spool, begun = b"", None, False
    with SpooledTemporaryFile(_IN_MEMORY) as copy:
        for piece in pieces:
            seen = tail + piece
            if EICAR in seen:
                return INFECTED
            if spool is not None:
                spool.write(piece)
            elif not begun and len(seen) >= len(_ZIP):
                begun = True
                if seen.startswith((_ZIP, _GZIP)):
                    spool = copy
                    spool.write(seen)
            tail = seen[-len(EICAR) + 1 :]
        if spool is None:
            return CLEAN
        if depth == 0:
            return UNSUPPORTED
        spool.seek(0)
        try:
            return _worst(_members(spool, budget), budget, depth - 1)
        except _TooMuchError:
            return UNSUPPORTED
        except _BROKEN:
            # No archive after all.
            return CLEAN


def _worst(members: Iterator[Iterable[bytes] | None], budget: Budget, depth: int) -> str:
    worst = CLEAN
    for member in members:
        try:
            found = UNSUPPORTED if member is None else _scan(member, budget, depth)
        except _BROKEN:
            # Nobody else can unpack it either.
            continue
        if found == INFECTED:
            return INFECTED
        worst = max(worst, found, key=_GRAVITY.index)
    return worst


def _members(archive: IO[bytes], budget: Budget) -> Iterator[Iterable[bytes] | None]:
    """The contents of what an archive holds; None for one that takes a password, or is packed in a way not known."""
    if archive.read(len(_ZIP)) != _ZIP:
        archive.seek(0)
        with gzip.GzipFile(fileobj=archive, mode="rb") as unpacked:
            yield _read(unpacked, budget)
        return
    with zipfile.ZipFile(archive) as zipped:
        for info in zipped.infolist():
            budget.open()
            if info.flag_bits & _ENCRYPTED:
                yield None
            elif not info.is_dir():
                try:
                    with zipped.open(info) as member:
                        yield _read(cast(zipfile.ZipExtFile, member), budget)
                except zipfile.BadZipFile:
                    continue
                except NotImplementedError:
                    yield None


def _read(stream: _Readable, budget: Budget) -> Iterator[bytes]:
    while piece := stream.read1(_PIECE):
        budget.take(len(piece))
        yield piece
