"""What the stand-in for the malware scan looks for: the EICAR test file, plain or packed into ZIP and gzip."""

import gzip
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Protocol

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
_GRAVITY = (CLEAN, UNSUPPORTED, INFECTED)


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _TooMuchError(Exception):
    """There is more in an archive than is looked at."""


@dataclass
class _Budget:
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


def scan(pieces: Iterable[bytes]) -> str:
    """GuardDuty's word for an object with these bytes. Reads no further than it must."""
    return _scan(pieces, _Budget(), DEPTH_MOST)


def _scan(pieces: Iterable[bytes], budget: _Budget, depth: int) -> str:
    """`depth` is how many levels of archives may still be opened."""
    tail, spool = b"", None
    with SpooledTemporaryFile(_IN_MEMORY) as copy:
        for n, piece in enumerate(pieces):
            if EICAR in tail + piece:
                return INFECTED
            tail = (tail + piece)[-len(EICAR) + 1 :]
            if n == 0 and piece.startswith((_ZIP, _GZIP)):
                spool = copy
            if spool is not None:
                spool.write(piece)
        if spool is None:
            return CLEAN
        if depth == 0:
            return UNSUPPORTED
        spool.seek(0)
        try:
            return _worst(_members(spool, budget), budget, depth - 1)
        except _TooMuchError:
            return UNSUPPORTED
        except (zipfile.BadZipFile, EOFError, OSError, zlib.error, NotImplementedError):
            # No archive after all, or a broken one: nobody else can open it either.
            return CLEAN


def _worst(members: Iterator[Iterable[bytes] | None], budget: _Budget, depth: int) -> str:
    worst = CLEAN
    for member in members:
        found = UNSUPPORTED if member is None else _scan(member, budget, depth)
        if found == INFECTED:
            return INFECTED
        worst = max(worst, found, key=_GRAVITY.index)
    return worst


def _members(archive: IO[bytes], budget: _Budget) -> Iterator[Iterable[bytes] | None]:
    """The contents of what an archive holds; None for one that takes a password."""
    if archive.read(len(_ZIP)) != _ZIP:
        archive.seek(0)
        with gzip.GzipFile(fileobj=archive) as unpacked:
            yield _read(unpacked, budget)
        return
    with zipfile.ZipFile(archive) as zipped:
        for info in zipped.infolist():
            budget.open()
            if info.flag_bits & _ENCRYPTED:
                yield None
            elif not info.is_dir():
                with zipped.open(info) as member:
                    yield _read(member, budget)


def _read(stream: _Readable, budget: _Budget) -> Iterator[bytes]:
    while piece := stream.read(_PIECE):
        budget.take(len(piece))
        yield piece
