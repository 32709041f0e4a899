"""Thrift's compact protocol, as much of it as Parquet's footers need: any struct, read and written without its schema.

A struct is a dict of field id to `(type, value)`. Values: bool, int, float, bytes, a struct, for a list or set
`(element type, [values])`, for a map `(key type, value type, [(key, value)])`. What was read is written again byte for
byte if its writer used the short forms, as all do.
Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
"""

import struct
from typing import Any

from runtime.domain.errors import Corrupt

TRUE, FALSE, I8, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT, UUID = range(1, 14)
DEEPEST = 32
_WHOLE = (I16, I32, I64)
_PACKED = {I8: ("b", 1), DOUBLE: ("<d", 8)}
_LONG = 15
"""A list of so many values or more has its length behind its head."""

Struct = dict[int, tuple[int, Any]]


def read(data: bytes) -> Struct:
    """The struct that `data` is. Raises `Corrupt` when it is not one."""
    reader = _Reader(data)
    try:
        value = reader.struct(0)
    except (IndexError, struct.error) as error:
        raise Corrupt("a footer ends in the middle") from error
    if reader.at != len(data):
        raise Corrupt(f"a footer is followed by {len(data) - reader.at} bytes")
    return value


def write(value: Struct) -> bytes:
    """The bytes of a struct."""
    out = bytearray()
    _write_struct(out, value)
    return bytes(out)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self.at = data, 0

    def _byte(self) -> int:
        byte = self._data[self.at]
        self.at += 1
        return byte

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 63:
                raise Corrupt("a footer has a number that is too long")

    def _zigzag(self) -> int:
        value = self._varint()
        return value >> 1 ^ -(value & 1)

    def _bytes(self, size: int) -> bytes:
        taken = self._data[self.at : self.at + size]
        if len(taken) < size:
            raise Corrupt("a footer ends in the middle")
        self.at += size
        return taken

    def struct(self, depth: int) -> Struct:
        if depth > DEEPEST:
            raise Corrupt("a footer is nested too deeply")
        fields: Struct = {}
        last = 0
        while head := self._byte():
            kind = head & 0x0F
            last = last + (head >> 4) if head >> 4 else self._zigzag()
            fields[last] = (TRUE, kind == TRUE) if kind in (TRUE, FALSE) else (kind, self.value(kind, depth))
        return fields

    def value(self, kind: int, depth: int) -> Any:
        if kind in _WHOLE:
            return self._zigzag()
        if kind == BINARY:
            return self._bytes(self._varint())
        if kind == STRUCT:
            return self.struct(depth + 1)
        if kind in (LIST, SET):
            return self._list(depth + 1)
        return self._rare(kind, depth)

    def _list(self, depth: int) -> tuple[int, list[Any]]:
        head = self._byte()
        size, element = head >> 4, head & 0x0F
        if size == _LONG:
            size = self._varint()
        return element, [self.value(element, depth) for _ in range(size)]

    def _rare(self, kind: int, depth: int) -> Any:
        match kind:
            case 1 | 2:  # in a list a boolean has a byte of its own
                return self._byte() == TRUE
            case 3 | 7:
                form, size = _PACKED[kind]
                return struct.unpack(form, self._bytes(size))[0]
            case 11:
                size = self._varint()
                kinds = self._byte() if size else 0
                pairs = [(self.value(kinds >> 4, depth + 1), self.value(kinds & 0x0F, depth + 1)) for _ in range(size)]
                return kinds >> 4, kinds & 0x0F, pairs
            case 13:
                return self._bytes(16)
        raise Corrupt(f"a footer has a value of type {kind}, which there is not")


def _write_varint(out: bytearray, value: int) -> None:
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)


def _write_zigzag(out: bytearray, value: int) -> None:
    _write_varint(out, value << 1 if value >= 0 else (-value << 1) - 1)


def _write_struct(out: bytearray, fields: Struct) -> None:
    last = 0
    for number, (kind, value) in fields.items():
        written = (TRUE if value else FALSE) if kind == TRUE else kind
        if 0 < number - last <= 15:
            out.append(number - last << 4 | written)
        else:
            out.append(written)
            _write_zigzag(out, number)
        last = number
        if kind != TRUE:
            _write_value(out, kind, value)
    out.append(0)


def _write_value(out: bytearray, kind: int, value: Any) -> None:
    if kind in _WHOLE:
        _write_zigzag(out, value)
    elif kind == BINARY:
        _write_varint(out, len(value))
        out += value
    elif kind == STRUCT:
        _write_struct(out, value)
    elif kind in (LIST, SET):
        element, values = value
        out.append(min(len(values), _LONG) << 4 | element)
        if len(values) >= _LONG:
            _write_varint(out, len(values))
        for each in values:
            _write_value(out, element, each)
    else:
        _write_rare(out, kind, value)


def _write_rare(out: bytearray, kind: int, value: Any) -> None:
    match kind:
        case 1 | 2:
            out.append(TRUE if value else FALSE)
        case 3 | 7:
            out += struct.pack(_PACKED[kind][0], value)
        case 11:
            key, kept, pairs = value
            _write_varint(out, len(pairs))
            if pairs:
                out.append(key << 4 | kept)
            for name, each in pairs:
                _write_value(out, key, name)
                _write_value(out, kept, each)
        case 13:
            out += value
