"""Cutting one big JSON array between its elements, in a stream.

Up to a part's target size only the nesting is followed, a block at a time and without looking at single characters;
from there on, character by character, to the next comma between two elements. What is cut off is checked to be
elements separated by commas, so that a file is accepted if and only if it is JSON, wherever it is cut.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from runtime.domain.errors import Rejected
from runtime.domain.patterns import many
from runtime.domain.text import count_lines
from runtime.processors.api import Cut
from runtime.processors.escapes import with_whole_escapes
from runtime.processors.parts import Parts

BLANK = b" \t\r\n"
ENVELOPE_BYTES = 32 * 1024
"""What may stand around the array: the other members of the top-level object."""

_MOST_DIGITS = 1_000
_STEP = 4096
_CANCELLED_LEVELS = 32
_QUOTE, _COMMA = b'",'
_NOT_STRUCTURE = bytes(byte for byte in range(256) if byte not in b'"{}[]')
_INSIDE = rb'[^"\\]*+' + many(rb'\\.[^"\\]*+')
TOKEN = re.compile(rb'"' + _INSIDE + rb'("?)|[{}\[\]:,]', re.DOTALL)
"""A string (group 1 is empty if it does not end here) or one character of structure."""
_STRING_REST = re.compile(_INSIDE + rb'("?)', re.DOTALL)
_POSITION = re.compile(r" \(byte (\d+)\)")
_ELEMENTS = msgspec.json.Decoder(list[msgspec.Raw])


def array_of(part: bytes | bytearray) -> bytes:
    """A part as an array of its own: without the comma that separated it from the next part."""
    return b"[" + part.strip(BLANK).removesuffix(b",") + b"]"


def elements(part: bytes | bytearray, start: int) -> list[msgspec.Raw]:
    """The elements of a part that stands at offset `start` of the file. Raises `Rejected` if that is not JSON."""
    try:
        found = _decoded(array_of(part))
    except msgspec.DecodeError as error:
        lead = len(part) - len(part.lstrip(BLANK))
        position = _POSITION.search(str(error))
        reason = _POSITION.sub("", str(error)).removeprefix("JSON is malformed: ")
        at = start + lead + max(int(position[1]) - 1, 0) if position else start + len(part)
        raise Rejected(f"The file is not valid JSON: {reason} near byte {at:,}.") from None
    except RecursionError:
        raise Rejected(f"The file is nested too deeply, at or after byte {start:,}.") from None
    if not found:
        raise Rejected(f"The file is not valid JSON: a comma without an element near byte {start:,}.")
    return found


def _decoded(array: bytes) -> list[msgspec.Raw]:
    """The elements as they are written, halves of characters included: whose they are is looked at later."""
    try:
        return _ELEMENTS.decode(array)
    except msgspec.DecodeError:
        if (whole := with_whole_escapes(array)) == array:
            raise
    found, at = [], 1
    for raw in map(bytes, _ELEMENTS.decode(whole)):
        # Nothing but commas and blanks lies between them.
        start = whole.index(raw, at)
        at = start + len(raw)
        found.append(msgspec.Raw(array[start:at]))
    return found


class ElementSplitter:
    """Splits the array whose opening bracket is the last byte of `prefix`; elements are numbered from 0.

    `describe` makes the context out of the object around the array (None for a bare array).
    """

    def __init__(
        self,
        *,
        prefix: bytes,
        skip: int,
        part_bytes: int,
        max_record_bytes: int,
        describe: Callable[[dict[str, Any] | None], Mapping[str, Any]],
    ) -> None:
        """`skip` bytes of the file stand before the first element; `prefix` are those of them that are JSON."""
        self._prefix = prefix
        self._parts = Parts(skip=skip, first=0)
        self._part_bytes = part_bytes
        self._max_record_bytes = max_record_bytes
        self._limit = part_bytes + max_record_bytes
        self._describe = describe
        self._at = 0
        self._depth = 0
        self._in_string = False
        self._tail: bytearray | None = None
        self._tail_start = 0
        self._lines = count_lines(prefix)
        self._context: Mapping[str, Any] = {}

    @property
    def context(self) -> Mapping[str, Any]:
        """What `describe` said; after `finish`."""
        return self._context

    def feed(self, data: bytes) -> Iterator[Cut]:
        """Takes the next bytes; returns the cuts known by now. Raises `Rejected` where the file is not JSON."""
        if self._tail is not None:
            self._add_to_tail(data)
            return iter(())
        self._parts.add(data)
        return iter(self._advance())

    def finish(self) -> Iterator[Cut]:
        """No cuts: the last one ends where the array does. Raises `Rejected` for a truncated or malformed file."""
        if self._tail is None:
            line = 1 + self._lines + count_lines(self._parts.buffer)
            raise Rejected(
                f"The file ends in the middle of its list (byte {self._parts.end:,}, line {line:,}): it is truncated."
            )
        self._context = self._describe(self._envelope(bytes(self._tail)))
        return iter(())

    def _advance(self) -> list[Cut]:
        cuts: list[Cut] = []
        buffer = self._parts.buffer
        while self._tail is None and self._at < len(buffer):
            ahead = self._part_bytes - 1 - self._at
            block = bytes(buffer[self._at : self._at + (ahead if ahead > 0 else _STEP)])
            if (len(block) - len(block.rstrip(b"\\"))) % 2:
                # An escape stays in one piece; if its second byte is not here yet, it waits.
                block = block[:-1] or bytes(buffer[self._at : self._at + 2])
                if block == b"\\":
                    break
            if not self._skim(block, floor=0 if ahead > 0 else 1):
                self._walk(block, cuts)
            if self._at > self._limit:
                raise Rejected(self._too_long(self._parts.start))
        return cuts

    def _skim(self, block: bytes, floor: int) -> bool:
        """Steps over `block` if the depth in it does not fall below `floor`; 0 is between two elements."""
        if b"\\" in block:
            structure = block.replace(b"\\\\", b"__").replace(b'\\"', b"__").translate(None, _NOT_STRUCTURE)
        else:
            structure = block.translate(None, _NOT_STRUCTURE)
        in_string = self._in_string
        if in_string:
            structure = b'"' + structure
        if b'"' in structure:
            pieces = structure.replace(b'""', b"").split(b'"')
            in_string = len(pieces) % 2 == 0
            structure = b"".join(pieces[::2])
        # What is opened and closed within the block cancels out. Deeper nesting than this is left to the exact walk.
        for _ in range(_CANCELLED_LEVELS):
            shorter = structure.replace(b"{}", b"").replace(b"[]", b"")
            if len(shorter) == len(structure):
                break
            structure = shorter
        closers = structure.count(b"}") + structure.count(b"]")
        if self._depth - closers < floor:
            return False
        self._depth += len(structure) - 2 * closers
        self._in_string = in_string
        self._at += len(block)
        return True

    def _walk(self, block: bytes, cuts: list[Cut]) -> None:
        """Follows `block` exactly, up to the first cut or the end of the array."""
        begin = 0
        if self._in_string:
            rest = _STRING_REST.match(block)
            begin = rest.end() if rest else len(block)
            self._in_string = not (rest and rest[1])
        for token in TOKEN.finditer(block, begin):
            first = block[token.start()]
            if first in b"{[":
                self._depth += 1
            elif first == _QUOTE:
                self._in_string = not token[1]
            elif self._depth == 0:
                position = self._at + token.start()
                if first == _COMMA and position + 1 >= self._part_bytes:
                    self._cut(position + 1, cuts)
                    return
                if first in b"]}":
                    self._close(position, cuts)
                    return
            elif first in b"]}":
                self._depth -= 1
        self._at += len(block)

    def _cut(self, size: int, cuts: list[Cut]) -> None:
        start = self._parts.start
        cuts.append(self._parts.take(size, lambda data, begin, end: self._count(data[begin:end], start)))
        self._at = 0

    def _count(self, piece: bytearray, start: int) -> int:
        self._lines += count_lines(piece)
        found = elements(piece, start)
        if len(piece) > self._max_record_bytes and any(len(bytes(raw)) > self._max_record_bytes for raw in found):
            raise Rejected(self._too_long(start))
        return len(found)

    def _too_long(self, start: int) -> str:
        return f"An element of the list at or after byte {start:,} is longer than {self._max_record_bytes:,} bytes."

    def _close(self, size: int, cuts: list[Cut]) -> None:
        """The array ends after `size` more bytes: its last part, and the beginning of what follows."""
        last = self._parts.buffer[:size].strip(BLANK)
        if last.endswith(b",") or (not last and self._parts.first):
            raise Rejected(
                f"The file is not valid JSON: the list ends with a comma, before byte {self._parts.start + size:,}."
            )
        if last:
            self._cut(size, cuts)
            size = 0
        self._tail = bytearray()
        self._tail_start = self._parts.start + size
        self._add_to_tail(bytes(self._parts.buffer[size:]))
        self._parts.buffer.clear()

    def _add_to_tail(self, data: bytes) -> None:
        assert self._tail is not None  # noqa: S101 - both callers have made it
        room = ENVELOPE_BYTES - len(self._tail)
        self._tail += data[:room]
        if data[room:].strip(BLANK):
            raise Rejected(
                f"More than {ENVELOPE_BYTES >> 10} KiB follow the list that ends at byte {self._tail_start:,}."
            )

    def _envelope(self, tail: bytes) -> dict[str, Any] | None:
        """The object around the array, without the array; None for a bare array."""
        try:
            text = with_whole_escapes(self._prefix + tail).decode()
            document = json.loads(
                text, parse_constant=_refuse_constant, parse_int=_whole, object_pairs_hook=_without_doubles
            )
        except (ValueError, RecursionError) as error:
            place = f"before or after its list, which ends at byte {self._tail_start:,}"
            raise Rejected(f"The file is not valid JSON {place}: {error}.") from None
        return document if isinstance(document, dict) else None


def _whole(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"a number has more than {_MOST_DIGITS:,} digits")
    return int(digits)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member is there twice")
    return members
