"""Cutting a stream into parts: what the splitters of all kinds share."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from isal import isal_zlib

from runtime.domain.errors import Rejected
from runtime.processors.api import Cut

Count = Callable[[bytearray, int, int], int]
"""Counts records, in the processor's unit, in a range of the buffer."""


class Boundary(Protocol):
    """Finds where records end. It may remember how far it has looked; `forget` begins anew at a part's start."""

    at: int
    """Where it has looked up to: a place in the buffer that needs no second look."""

    def find(self, data: bytearray, target: int, final: bool) -> int:
        """The end of the first record that ends at or after `target`, or -1 if that is not in sight yet.

        `data` begins with a record. `final` says that nothing will follow it.
        """
        ...

    def forget(self) -> None:
        """The buffer begins with a new part now."""
        ...


class Parts:
    """The bytes since the last cut, and where they stand in the file."""

    def __init__(self, *, skip: int, first: int) -> None:
        """`skip` bytes precede the first part; `first` is the number of the first record."""
        self._skip = skip
        self.buffer = bytearray()
        self.start = skip
        self.first = first

    @property
    def end(self) -> int:
        """Offset in the file of the byte after the buffer."""
        return self.start + len(self.buffer)

    def add(self, data: bytes) -> None:
        """Appends the stream's next bytes, less what precedes the first part."""
        if self._skip:
            skipped = min(self._skip, len(data))
            self._skip -= skipped
            data = data[skipped:]
        self.buffer += data

    def take(self, size: int, count: Count) -> Cut:
        """Removes the next part; `count` says how many records (in the processor's unit) it holds."""
        with memoryview(self.buffer) as buffer, buffer[:size] as piece:
            crc32 = isal_zlib.crc32(piece)
        cut = Cut(start=self.start, end=self.start + size, first=self.first, crc32=crc32)
        self.first += count(self.buffer, 0, size)
        self.start += size
        del self.buffer[:size]
        return cut


class RecordSplitter:
    """Splits kinds whose records simply follow one another.

    Work is linear in the file's size however it is fed: after a search in vain the next one waits until there is a
    quarter more to look at.
    """

    def __init__(
        self,
        *,
        boundary: Boundary,
        count: Count,
        skip: int,
        first: int,
        part_bytes: int,
        max_record_bytes: int,
        context: Mapping[str, Any],
    ) -> None:
        self._boundary = boundary
        self._count = count
        self._parts = Parts(skip=skip, first=first)
        self._part_bytes = part_bytes
        self._limit = part_bytes + max_record_bytes
        self._max_record_bytes = max_record_bytes
        self._enough = part_bytes
        self.context = context

    def feed(self, data: bytes) -> Iterator[Cut]:
        """Takes the next bytes; returns the cuts known by now. Raises `Rejected` for a record that is too long."""
        self._parts.add(data)
        return iter(self._cuts(final=False))

    def finish(self) -> Iterator[Cut]:
        """Returns the last cuts. Raises `Rejected` for a record that is too long."""
        self._enough = self._part_bytes
        cuts = self._cuts(final=True)
        if self._parts.buffer:
            cuts.append(self._parts.take(len(self._parts.buffer), self._count))
        return iter(cuts)

    def _cuts(self, *, final: bool) -> list[Cut]:
        cuts = []
        buffer = self._parts.buffer
        while len(buffer) >= self._enough:
            end = self._boundary.find(buffer, self._part_bytes, final)
            if end >= 0:
                cuts.append(self._parts.take(end, self._count))
                self._boundary.forget()
                self._enough = self._part_bytes
                continue
            if len(buffer) > self._limit:
                number = self._parts.first + self._count(buffer, 0, self._boundary.at)
                raise Rejected(too_long(number, self._max_record_bytes))
            self._enough = min(len(buffer) + 1 + (len(buffer) - self._boundary.at) // 4, self._limit + 1)
            if final:
                break
        return cuts


def too_long(line: int, limit: int) -> str:
    """The reason for refusing a file with an endless record."""
    size = f"{limit >> 20} MiB" if limit >> 20 else f"{limit} bytes"
    return (
        f"The record that begins on line {line} or soon after is longer than {size}. "
        "Is a line end missing, or a quote never closed?"
    )
