"""A ZIP's directory, read by ranges: what the archive says of its members, and whether it contradicts itself.

Readers of ZIPs differ in what they make of a strange one, and that is how harm gets past those who look inside before
others do. So whatever could be read in two ways is refused. Source of the layout: PKWARE APPNOTE 6.3.10, section 4.3.
"""

import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from isal import isal_zlib

from runtime.domain.errors import Rejected

Read = Callable[[int, int], Iterable[bytes]]
"""Gives the bytes `[start, end)` of the archive, in pieces of any size."""

MOST_DIRECTORY_BYTES = 128 * 1024**2
PIECE_BYTES = 1 << 20
LOCAL, LOCAL_BYTES = b"PK\3\4", 30
FLAG_ENCRYPTED, FLAG_UTF8, FLAG_MASKED = 1 << 0, 1 << 11, 1 << 13

_END, _END64, _LOCATOR, _ENTRY = b"PK\5\6", b"PK\6\6", b"PK\6\7", b"PK\1\2"
_END_FORM, _END64_FORM, _LOCATOR_FORM = struct.Struct("<4s4H2LH"), struct.Struct("<4sQ2H2L4Q"), struct.Struct("<4sLQL")
_LOCAL_FORM = struct.Struct("<4s5H3L2H")
_ENTRY_FORM = struct.Struct("<4s6H3L5H2L")
_LONGEST_COMMENT = 0xFFFF
_MAX16, _MAX32 = 0xFFFF, 0xFFFFFFFF
_UNIX, _MACOS = 3, 19
_EXTRA_ZIP64, _EXTRA_TIME, _EXTRA_NAME = 0x0001, 0x5455, 0x7075


@dataclass(frozen=True, kw_only=True, slots=True)
class ArchiveLimits:
    """Up to where archives are taken. `ratio` is bytes inside for each byte of the archive."""

    members: int = 100_000
    unpacked_bytes: int = 50 * 1024**3
    ratio: int = 250


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """What the directory says of a member.

    `offset` is that of its local header, `raw_name` the name's bytes, `name` their text, or the nearest there is if
    `name_is_text` is false. `mode` is Unix's (0 if the archive has none); `modified` is ISO 8601, without a zone
    where the archive has none, and empty where it makes no sense. Sizes are in bytes.
    """

    name: str
    raw_name: bytes
    name_is_text: bool
    flags: int
    method: int
    crc32: int
    packed: int
    size: int
    offset: int
    mode: int
    modified: str
    room: int = 0
    """Bytes from its local header to what follows."""

    @property
    def is_folder(self) -> bool:
        return self.name.endswith(("/", "\\"))

    @property
    def least_bytes(self) -> int:
        """What it takes up at least: the local header's extra fields are not known yet."""
        return LOCAL_BYTES + len(self.raw_name) + self.packed


@dataclass(frozen=True, kw_only=True, slots=True)
class _End:
    """Where the directory is, and how many members it has."""

    members: int
    offset: int
    size: int


def read_directory(read: Read, size: int, *, most_members: int) -> list[Entry]:
    """The members of an archive of `size` bytes, in the order of their data. Raises `Rejected`."""
    end = _end(read, size)
    if end.members > most_members:
        raise Rejected(f"The archive has {end.members:,} members; at most {most_members:,} are accepted here.")
    if end.size > MOST_DIRECTORY_BYTES or end.members * _ENTRY_FORM.size > end.size:
        raise _damaged("its directory cannot have the size that is given for it")
    return _placed(list(_entries(Stream(read(end.offset, end.offset + end.size)), end)), end)


def local_end(entry: Entry, stream: "Stream") -> int | None:
    """Reads a member's local header; its length, or None if it is not that of `entry`."""
    fixed = stream.take(LOCAL_BYTES)
    if len(fixed) < LOCAL_BYTES or not fixed.startswith(LOCAL):
        return None
    _, _, flags, method, *_, name, extra = _LOCAL_FORM.unpack(fixed)
    same = (flags & FLAG_ENCRYPTED, method) == (entry.flags & FLAG_ENCRYPTED, entry.method)
    raw = stream.take(name)
    stream.take(extra)
    return LOCAL_BYTES + name + extra if same and raw == entry.raw_name else None


def _damaged(what: str) -> Rejected:
    return Rejected(f"The archive is damaged: {what}. Make it anew and upload that.")


def _end(read: Read, size: int) -> _End:
    tail_at = max(size - _END_FORM.size - _LONGEST_COMMENT - _LOCATOR_FORM.size, 0)
    tail = b"".join(read(tail_at, size))
    at = _end_record(tail)
    _, *disks, entries, members, length, offset, _ = _END_FORM.unpack_from(tail, at)
    before, place = tail_at + at, at - _LOCATOR_FORM.size
    if place >= 0 and tail.startswith(_LOCATOR, place):
        _, disk, before, pieces = _LOCATOR_FORM.unpack_from(tail, place)
        record = b"".join(read(before, before + _END64_FORM.size)) if before < tail_at + place else b""
        if len(record) < _END64_FORM.size or not record.startswith(_END64):
            raise _damaged("its end points to nothing")
        _, rest, _, _, *disks64, entries64, members64, length64, offset64 = _END64_FORM.unpack(record)
        if before + 12 + rest != tail_at + place:
            raise _damaged("something stands in its end")
        pairs = ((entries, entries64), (members, members64))
        longs = ((length, length64), (offset, offset64))
        if any(old not in (new, _MAX16) for old, new in pairs) or any(old not in (new, _MAX32) for old, new in longs):
            raise _damaged("its end says two things")
        disks = [disk, pieces - 1 if pieces else 0, *disks64]
        entries, members, length, offset = entries64, members64, length64, offset64
    if any(disks) or entries != members:
        raise Rejected("The file is one piece of an archive in several. Make one archive of it and upload that.")
    if offset + length > before:
        raise _damaged("its directory would lie behind its end")
    if offset + length < before:
        raise Rejected(
            f"The archive has {before - offset - length:,} bytes that belong to no member. Make it anew, as a plain "
            "ZIP, and upload that."
        )
    return _End(members=members, offset=offset, size=length)


def _end_record(tail: bytes) -> int:
    """Where the end record begins: the one whose comment ends with the file."""
    found, at = [], tail.find(_END)
    while at >= 0:
        if at + _END_FORM.size <= len(tail):
            comment = int.from_bytes(tail[at + 20 : at + 22], "little")
            if at + _END_FORM.size + comment == len(tail):
                found.append(at)
        at = tail.find(_END, at + 1)
    if len(found) == 1:
        return found[0]
    if found:
        raise Rejected("The archive has two ends, one in the other. Make it anew, without a comment, and upload that.")
    if tail.rfind(_END) >= 0:
        raise Rejected("Something follows the archive's end, or its end is cut off. Make it anew and upload that.")
    raise Rejected("The archive ends in the middle. Was it uploaded whole?")


class Stream:
    """Takes so many bytes at a time out of pieces of any size."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces, self._held, self._at = iter(pieces), b"", 0

    def take(self, count: int) -> bytes:
        """The next `count` bytes, or fewer if there are no more."""
        while len(self._held) - self._at < count:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._held, self._at = self._held[self._at :] + piece, 0
        taken = self._held[self._at : self._at + count]
        self._at += len(taken)
        return taken

    def pieces(self, count: int, most: int = PIECE_BYTES) -> Iterator[bytes]:
        """The next `count` bytes, or fewer if there are no more, in pieces of at most `most`."""
        while count > 0 and (piece := self.take(min(count, most))):
            count -= len(piece)
            yield piece

    def drain(self) -> None:
        """Passes over all that is left."""
        for _ in self._pieces:
            self._held, self._at = b"", 0


def _entries(stream: Stream, end: _End) -> Iterator[Entry]:
    taken = 0
    for n in range(end.members):
        fixed = stream.take(_ENTRY_FORM.size)
        if len(fixed) < _ENTRY_FORM.size or not fixed.startswith(_ENTRY):
            raise _damaged(f"entry {n + 1} of its directory is not there")
        fields = _ENTRY_FORM.unpack(fixed)
        lengths = fields[10:13]
        texts = [stream.take(length) for length in lengths]
        if [len(text) for text in texts] != list(lengths):
            raise _damaged(f"entry {n + 1} of its directory ends too early")
        taken += len(fixed) + sum(lengths)
        yield _entry(n, fields, *texts)
    if taken != end.size:
        raise _damaged("its directory has more in it than members")


def _entry(n: int, fields: tuple[int, ...], raw_name: bytes, extra: bytes, _comment: bytes) -> Entry:
    _, made_by, _, flags, method, time, date, crc32, packed, size, _, _, _, disk, _, attributes, offset = fields
    extras = _extras(n, extra)
    long = iter(struct.unpack_from(f"<{len(extras.get(_EXTRA_ZIP64, b'')) // 8}Q", extras.get(_EXTRA_ZIP64, b"")))
    try:
        # Only those are there that did not fit, in this order.
        size = next(long) if size == _MAX32 else size
        packed = next(long) if packed == _MAX32 else packed
        offset = next(long) if offset == _MAX32 else offset
    except StopIteration:
        raise _damaged(f"entry {n + 1} of its directory lacks a size") from None
    if disk not in (0, _MAX16):
        raise Rejected("The file is one piece of an archive in several. Make one archive of it and upload that.")
    name, is_text = _name(raw_name, flags, extras.get(_EXTRA_NAME, b""))
    return Entry(
        name=name,
        raw_name=raw_name,
        name_is_text=is_text,
        flags=flags,
        method=method,
        crc32=crc32,
        packed=packed,
        size=size,
        offset=offset,
        mode=attributes >> 16 if made_by >> 8 in (_UNIX, _MACOS) else 0,
        modified=_modified(date, time, extras.get(_EXTRA_TIME, b"")),
    )


def _extras(n: int, extra: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind in found and kind in (_EXTRA_ZIP64, _EXTRA_NAME):
            raise _damaged(f"entry {n + 1} of its directory says two things")
        found[kind] = extra[at + 4 : at + 4 + length]
        at += 4 + length
    return found


def _name(raw: bytes, flags: int, unicode: bytes) -> tuple[str, bool]:
    """The name's text and whether it is one. Without a mark it is UTF-8 where it can be, else the DOS of old."""
    if not flags & FLAG_UTF8 and unicode[:1] == b"\1" and unicode[1:5] == isal_zlib.crc32(raw).to_bytes(4, "little"):
        raw, flags = unicode[5:], flags | FLAG_UTF8
    try:
        return raw.decode(), True
    except UnicodeDecodeError:
        if flags & FLAG_UTF8:
            return raw.decode("utf-8", "replace"), False
        return raw.decode("cp437"), True


def _modified(date: int, time: int, extra: bytes) -> str:
    if len(extra) >= 5 and extra[0] & 1:
        return datetime.fromtimestamp(int.from_bytes(extra[1:5], "little", signed=True), UTC).isoformat()
    day = (date >> 9) + 1980, date >> 5 & 15, date & 31
    try:
        return datetime(*day, time >> 11, time >> 5 & 63, (time & 31) * 2).isoformat()
    except ValueError:
        return ""


def _placed(entries: list[Entry], end: _End) -> list[Entry]:
    """The entries in the order of their data, with their room.

    No two members may share bytes: that is how a small archive unpacks to a hundred million times its size.
    """
    ordered = sorted(entries, key=lambda entry: entry.offset)
    if ordered and ordered[0].offset:
        raise Rejected(
            f"The archive's first {ordered[0].offset:,} bytes belong to no member. Make it anew, as a plain ZIP, and "
            "upload that."
        )
    borders = [*(entry.offset for entry in ordered), end.offset]
    for n, entry in enumerate(ordered):
        if entry.offset + entry.least_bytes > borders[n + 1]:
            raise Rejected(
                f"The archive's member {entry.name!r} overlaps another one, or the directory. No honest program makes "
                "such archives."
            )
    return [replace(entry, room=borders[n + 1] - entry.offset) for n, entry in enumerate(ordered)]
