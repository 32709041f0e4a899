"""A ZIP, written as a stream: bytes go out once, in order, and no more than one piece is held.

The same members give the same bytes: no clock, no host. Names are UTF-8. Sizes, offsets and counts that do not fit
the classic fields are written as ZIP64. Source of the layout: PKWARE APPNOTE 6.3.10, sections 4.3 to 4.5.
"""

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from isal import isal_zlib

from runtime.domain.errors import Corrupt

STORED, DEFLATED = 0, 8
FINAL_BLOCK = b"\x03\x00"
"""An empty last block of fixed codes: what turns fragments that each end on a byte border into a whole stream."""

_MAX16, _MAX32 = 0xFFFF, 0xFFFFFFFF
_MAX_CLASSIC = 0xF0000000
"""Up to this size a file fits the classic fields even if deflating makes it longer."""
_CLASSIC, _ZIP64 = 20, 45
_UNIX = 3 << 8
_REGULAR_FILE = 0o100644 << 16
_FLAG_DESCRIPTOR, _FLAG_UTF8 = 1 << 3, 1 << 11
_TIME, _DATE = 0, 1 << 5 | 1  # 1980-01-01 00:00:00, the first moment that the format knows


LEVEL = 2
"""Of isal's levels the one that holds a ninth of level 6's CPU for every kind of data; `benchmarks/zip_speed.py`."""
_LEVELS = {"csv": 3}
"""By kind of file, where a higher one holds it as well. Of rows of values it costs next to nothing, of JSON a half."""


def level_for(kind: str) -> int:
    """The level for the results of a kind of file."""
    return _LEVELS.get(kind, LEVEL)


class FragmentDeflater:
    """Deflates one fragment: raw, and ended on a byte border so that another fragment may follow."""

    def __init__(self, level: int = LEVEL) -> None:
        """`level` is isal's, 0 to 3."""
        self._deflate = isal_zlib.compressobj(level, isal_zlib.DEFLATED, -isal_zlib.MAX_WBITS)

    def compress(self, data: bytes) -> bytes:
        """Takes the next bytes; gives back what is ready."""
        return self._deflate.compress(data)

    def flush(self) -> bytes:
        """The rest of the fragment."""
        return self._deflate.flush(isal_zlib.Z_FULL_FLUSH)


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """One file in the archive. `offset` is that of its local header; sizes are in bytes."""

    name: str
    method: int
    flags: int
    crc32: int
    size: int
    compressed_size: int
    offset: int
    version: int


class ZipWriter:
    """Writes members to `sink`, one after the other, and the directory on `close`."""

    def __init__(self, sink: Callable[[bytes], object]) -> None:
        self._sink = sink
        self._offset = 0
        self._names: set[str] = set()
        # Entries are kept as they will be written: 100,000 of them are some 10 MB, a fifth of what objects would take.
        self._directory = bytearray()

    @property
    def offset(self) -> int:
        """Bytes written so far."""
        return self._offset

    def add(
        self, name: str, chunks: Iterable[bytes], *, compress: bool, size: int | None = None, level: int = LEVEL
    ) -> Member:
        """Adds a file in chunks of any size; its sums follow the data (a data descriptor).

        `size` is that of the file if it is known: ZIP64, which some old programs cannot read, is then used only for
        a large file. Raises `Corrupt` if the file has another size.
        """
        method = DEFLATED if compress else STORED
        zip64 = size is None or size > _MAX_CLASSIC
        offset = self._begin(name, method, _FLAG_DESCRIPTOR, crc32=0, size=0, compressed_size=0, zip64=zip64)
        begin = self._offset
        deflater = FragmentDeflater(level) if compress else None
        crc32 = actual = 0
        for chunk in chunks:
            crc32 = isal_zlib.crc32(chunk, crc32)
            actual += len(chunk)
            self._write(deflater.compress(chunk) if deflater else chunk)
        if size not in (None, actual):
            raise Corrupt(f"{name}: {size} bytes were announced, {actual} came")
        if deflater:
            self._write(deflater.flush() + FINAL_BLOCK)
        compressed_size = self._offset - begin
        self._write(struct.pack("<4sLQQ" if zip64 else "<4s3L", b"PK\x07\x08", crc32, compressed_size, actual))
        return self._end(name, method, _FLAG_DESCRIPTOR, crc32, actual, compressed_size, offset, zip64=zip64)

    def add_deflated(
        self, name: str, fragments: Iterable[bytes], *, crc32: int, size: int, compressed_size: int
    ) -> Member:
        """Adds a file out of fragments that `FragmentDeflater` has made, in pieces of any size.

        `crc32` and `size` are of the inflated file, `compressed_size` is the sum of the fragments' sizes. Raises
        `Corrupt` if it is not.
        """
        total = compressed_size + len(FINAL_BLOCK)
        zip64 = max(size, total) >= _MAX32
        offset = self._begin(name, DEFLATED, 0, crc32=crc32, size=size, compressed_size=total, zip64=zip64)
        begin = self._offset
        for fragment in fragments:
            self._write(fragment)
        if self._offset - begin != compressed_size:
            raise Corrupt(f"{name}: {compressed_size} deflated bytes were announced, {self._offset - begin} came")
        self._write(FINAL_BLOCK)
        return self._end(name, DEFLATED, 0, crc32, size, total, offset, zip64=zip64)

    def add_bytes(self, name: str, data: bytes) -> Member:
        """Adds a small file, deflated if that makes it smaller."""
        deflater = FragmentDeflater()
        packed = deflater.compress(data) + deflater.flush() + FINAL_BLOCK
        method, body = (DEFLATED, packed) if len(packed) < len(data) else (STORED, data)
        crc32 = isal_zlib.crc32(data)
        offset = self._begin(name, method, 0, crc32=crc32, size=len(data), compressed_size=len(body), zip64=False)
        self._write(body)
        return self._end(name, method, 0, crc32, len(data), len(body), offset, zip64=False)

    def close(self) -> None:
        """Writes the directory of all members. Nothing may be added after it."""
        start = self._offset
        self._write(bytes(self._directory))
        self._write(_directory_end(len(self._names), start, len(self._directory)))

    def _write(self, data: bytes) -> None:
        if data:
            self._sink(data)
            self._offset += len(data)

    def _begin(
        self, name: str, method: int, flags: int, *, crc32: int, size: int, compressed_size: int, zip64: bool
    ) -> int:
        encoded = name.encode()
        if name in self._names:
            raise ValueError(f"{name!r} is in the archive already")
        if not 0 < len(encoded) <= _MAX16:
            raise ValueError(f"a member's name has 1 to {_MAX16} bytes, not {len(encoded)}")
        offset = self._offset
        extra = struct.pack("<HHQQ", 1, 16, size, compressed_size) if zip64 else b""
        sizes = (_MAX32, _MAX32) if zip64 else (compressed_size, size)
        version = _ZIP64 if zip64 else _CLASSIC
        fields = (version, flags | _FLAG_UTF8, method, _TIME, _DATE, crc32, *sizes, len(encoded), len(extra))
        self._write(struct.pack("<4s5H3L2H", b"PK\x03\x04", *fields) + encoded + extra)
        return offset

    def _end(
        self,
        name: str,
        method: int,
        flags: int,
        crc32: int,
        size: int,
        compressed_size: int,
        offset: int,
        *,
        zip64: bool,
    ) -> Member:
        member = Member(
            name=name,
            method=method,
            flags=flags | _FLAG_UTF8,
            crc32=crc32,
            size=size,
            compressed_size=compressed_size,
            offset=offset,
            version=_ZIP64 if zip64 else _CLASSIC,
        )
        self._names.add(name)
        self._directory += _directory_entry(member)
        return member


def _directory_entry(member: Member) -> bytes:
    name = member.name.encode()
    # The extra field holds those values, in this order, whose classic fields say "too large".
    values = (member.size, member.compressed_size, member.offset)
    large = [value for value in values if value >= _MAX32]
    extra = struct.pack(f"<HH{len(large)}Q", 1, 8 * len(large), *large) if large else b""
    size, compressed_size, offset = (min(value, _MAX32) for value in values)
    version = _ZIP64 if large else member.version
    entry = struct.pack(
        "<4s6H3L5H2L",
        b"PK\x01\x02",
        _UNIX | version,
        version,
        member.flags,
        member.method,
        _TIME,
        _DATE,
        member.crc32,
        compressed_size,
        size,
        len(name),
        len(extra),
        0,  # length of the comment
        0,  # number of the disk
        0,  # internal attributes
        _REGULAR_FILE,
        offset,
    )
    return entry + name + extra


def _directory_end(count: int, start: int, size: int) -> bytes:
    records = b""
    if count >= _MAX16 or start >= _MAX32 or size >= _MAX32:
        made = _UNIX | _ZIP64
        records = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, made, _ZIP64, 0, 0, count, count, size, start)
        records += struct.pack("<4sLQL", b"PK\x06\x07", 0, start + size, 1)
    counts = min(count, _MAX16)
    sizes = (min(size, _MAX32), min(start, _MAX32))
    return records + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, counts, counts, *sizes, 0)
