"""Parquet files joined without reading their rows, and what their footers tell of the columns.

A Parquet file is the letters PAR1, the row groups' bytes, a footer that says where they are, the footer's length, and
PAR1 again. Row groups know nothing of where they stand; only the footer does. So the bytes before the footers, one
after the other, and one new footer with all row groups at their new places are a file with all rows.
Source: https://github.com/apache/parquet-format (parquet.thrift has the numbers of the fields).
"""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from runtime.domain import thrift
from runtime.domain.column_types import BIGINT, BOOLEAN, DATE, DOUBLE, TIMESTAMP, TIMESTAMPTZ, digits_of, is_decimal
from runtime.domain.errors import Corrupt
from runtime.domain.thrift import I16, I64, Struct

MARK = b"PAR1"

# Fields, by the names that parquet.thrift gives them.
SCHEMA, ROWS, ROW_GROUPS = 2, 3, 4
COLUMNS, GROUP_ROWS, GROUP_OFFSET, ORDINAL = 1, 3, 5, 7
CHUNK_OFFSET, META, INDEXES = 2, 3, (4, 5, 6, 7)
PATH, META_OFFSETS, STATISTICS = 3, (9, 10, 11, 14), 12
NULLS, MAX_VALUE, MIN_VALUE = 3, 5, 6
MOST_ORDINAL = 2**15 - 1

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(kw_only=True)
class Column:
    """What is known of a column: rows without a value, the least and the greatest value where there is an order.

    Values are JSON's: dates and timestamps as ISO 8601 text, decimals as text with all places. `known` is False once
    a row group has values of which it does not tell (text, or numbers of which one is none).
    """

    name: str
    type: str
    nulls: int = 0
    least: Any = None
    greatest: Any = None
    known: bool = True


def split(file: bytes) -> tuple[bytes, bytes]:
    """A file's bytes before its footer, and the footer. Raises `Corrupt` for what is no Parquet file."""
    if len(file) < 12 or file[:4] != MARK or file[-4:] != MARK:
        raise Corrupt("this is no Parquet file")
    (size,) = struct.unpack("<I", file[-8:-4])
    body = len(file) - 8 - size
    if body < len(MARK):
        raise Corrupt("the length of a Parquet file's footer is wrong")
    return file[:body], file[body:-8]


def tail(footer: bytes) -> bytes:
    """What follows the rows' bytes: the footer, its length and the mark."""
    return footer + struct.pack("<I", len(footer)) + MARK


def join(bodies: Sequence[tuple[int, bytes]]) -> bytes:
    """The footer of files joined: of each its body's size in bytes and its footer, in order.

    Raises `Corrupt` when their columns differ.
    """
    first = thrift.read(bodies[0][1])
    groups: list[Struct] = []
    rows = at = 0
    for size, footer in bodies:
        each = thrift.read(footer)
        if each[SCHEMA] != first[SCHEMA]:
            raise Corrupt("tables that are to be joined have different columns")
        rows += each[ROWS][1]
        groups += [_moved(group, at, len(groups) + n) for n, group in enumerate(each[ROW_GROUPS][1][1])]
        at += size
    return thrift.write({**first, ROWS: (I64, rows), ROW_GROUPS: (thrift.LIST, (thrift.STRUCT, groups))})


def rows_of(footer: bytes) -> int:
    """How many rows the file has."""
    return int(thrift.read(footer)[ROWS][1])


def _moved(group: Struct, by: int, ordinal: int) -> Struct:
    moved = dict(group)
    if GROUP_OFFSET in moved:
        moved[GROUP_OFFSET] = (I64, moved[GROUP_OFFSET][1] + by)
    if ORDINAL in moved:
        moved[ORDINAL] = (I16, ordinal)
        if ordinal > MOST_ORDINAL:
            del moved[ORDINAL]
    kind, chunks = moved[COLUMNS][1]
    moved[COLUMNS] = (thrift.LIST, (kind, [_moved_chunk(chunk, by) for chunk in chunks]))
    return moved


def _moved_chunk(chunk: Struct, by: int) -> Struct:
    # An index of pages has their places in it, so it would have to be written anew; readers do without.
    moved = {field: value for field, value in chunk.items() if field not in INDEXES}
    # Old writers' place of a second footer; zero says that there is none.
    if moved.get(CHUNK_OFFSET, (I64, 0))[1]:
        moved[CHUNK_OFFSET] = (I64, moved[CHUNK_OFFSET][1] + by)
    meta = dict(moved[META][1])
    for field in META_OFFSETS:
        if field in meta:
            meta[field] = (I64, meta[field][1] + by)
    moved[META] = (thrift.STRUCT, meta)
    return moved


def statistics(columns: Mapping[str, str], footers: Iterable[bytes]) -> list[Column]:
    """Of files that have these columns in this order: name to type."""
    found = [Column(name=name, type=letter) for name, letter in columns.items()]
    for footer in footers:
        for group in thrift.read(footer)[ROW_GROUPS][1][1]:
            for column, chunk in zip(found, group[COLUMNS][1][1], strict=True):
                _add(column, chunk[META][1].get(STATISTICS, (0, {}))[1], group[GROUP_ROWS][1])
    for column in found:
        if not column.known:
            column.least = column.greatest = None
        elif column.least is not None:
            column.least, column.greatest = _shown(column.type, column.least), _shown(column.type, column.greatest)
    return found


def _add(column: Column, told: Struct, rows: int) -> None:
    nulls = told.get(NULLS, (0, 0))[1]
    column.nulls += nulls
    if nulls == rows:
        return
    if not (column.type in _READ or is_decimal(column.type)) or MIN_VALUE not in told or MAX_VALUE not in told:
        column.known = False
        return
    least, greatest = (_value(column.type, told[field][1]) for field in (MIN_VALUE, MAX_VALUE))
    column.least = least if column.least is None else min(column.least, least)
    column.greatest = greatest if column.greatest is None else max(column.greatest, greatest)


_LONGEST_NUMBER = 8
_READ = {BOOLEAN: "<?", BIGINT: "<q", DOUBLE: "<d", DATE: "<i", TIMESTAMP: "<q", TIMESTAMPTZ: "<q"}


def _value(letter: str, data: bytes) -> Any:
    """A bound; a decimal's is the whole number that it is without its point."""
    if letter in _READ:
        return struct.unpack(_READ[letter], data)[0]
    # Of more than 18 digits it is no number of the machine's, and written the other way round.
    return int.from_bytes(data, "little" if len(data) <= _LONGEST_NUMBER else "big", signed=True)


def _shown(letter: str, value: Any) -> Any:
    if is_decimal(letter):
        # Not by way of a context, which would round.
        return f"{Decimal((int(value < 0), tuple(map(int, str(abs(value)))), -digits_of(letter)[1])):f}"
    return _SHOWN[letter](value) if letter in _SHOWN else value


def _day(days: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=days)).isoformat()


def _moment(microseconds: int) -> str:
    return (_EPOCH + timedelta(microseconds=microseconds)).replace(tzinfo=None).isoformat()


def _instant(microseconds: int) -> str:
    return f"{_moment(microseconds)}Z"


def _number(value: float) -> float:
    # Writers put -0.0 for a least zero.
    return value + 0.0


_SHOWN = {DOUBLE: _number, DATE: _day, TIMESTAMP: _moment, TIMESTAMPTZ: _instant}


def pieces(bodies: Iterable[bytes], footer: bytes) -> Iterator[bytes]:
    """A whole file."""
    yield from bodies
    yield tail(footer)
