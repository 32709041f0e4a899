"""The table of a file: written by groups, each as narrow as its own rows allow, and joined when all are known.

A group whose rows need narrower types than the whole file's is written anew, from its clean bytes, with the file's.
Joining copies bytes: nothing that was written is read again (see `parquet`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from runtime.domain import distinct, parquet
from runtime.domain.column_types import NULL, VARCHAR, sql_name
from runtime.domain.errors import Corrupt
from runtime.domain.planning import Plan
from runtime.domain.ports import Tables
from runtime.domain.tables import no_table
from runtime.processors import by_kind


@dataclass(kw_only=True)
class Piece:
    """Some rows of the table: the bytes before the footer, the footer, sketches of its columns' different values."""

    body: bytes
    footer: bytes
    rows: int
    sketches: list[bytes] = field(default_factory=list)


@dataclass(kw_only=True)
class Table:
    """The whole table; `columns` is for `result.json`. `size` and `crc32` are of its file."""

    rows: int
    columns: list[dict[str, Any]] = field(default_factory=list)
    size: int = 0
    crc32: int = 0


def settled(columns: Mapping[str, str]) -> dict[str, str]:
    """The types as the table has them: a column without any value is text."""
    return {name: VARCHAR if letter == NULL else letter for name, letter in columns.items()}


def piece(plan: Plan, columns: Mapping[str, str], clean: bytes, rows: int, tables: Tables) -> Piece:
    """The rows of `clean` (records only), counted before. Raises `Corrupt` if the engine counts otherwise."""
    typed = settled(columns)
    file = tables.parquet(by_kind(plan.kind).rows(clean, list(typed), plan.context), typed)
    found = _piece(file)
    if found.rows != rows:
        raise Corrupt(f"{rows} rows were accepted, but the table has {found.rows}")
    return _sketched(found, plan, file, columns, tables)


def evident(plan: Plan, columns: Mapping[str, str], data: bytes, tables: Tables) -> Piece | None:
    """The rows of `data`, if it is certain without a look at each that all are accepted, and of these types.

    What the engine takes for rows has to be as many as were counted before.
    """
    processor = by_kind(plan.kind)
    if no_table(plan.context, columns) is not None or not (rows := processor.evident(data, plan.context)):
        return None
    required = [name for name, nullable in plan.context.get("declared", {}).items() if not nullable]
    file = tables.checked(processor.rows(data, list(columns), plan.context), columns, required)
    if file is None or (found := _piece(file)).rows != rows:
        return None
    return _sketched(found, plan, file, columns, tables)


def _piece(file: bytes) -> Piece:
    body, footer = parquet.split(file)
    return Piece(body=body, footer=footer, rows=parquet.rows_of(footer))


def _sketched(piece: Piece, plan: Plan, file: bytes, columns: Mapping[str, str], tables: Tables) -> Piece:
    if plan.distinct and plan.groups * len(columns) <= distinct.MOST:
        piece.sketches = tables.distinct(file, columns)
    return piece


def table(columns: Mapping[str, str], footer: bytes, sketches: Sequence[Sequence[bytes]]) -> Table:
    """What there is to tell of a table; `sketches` are those of each piece."""
    counts = [distinct.estimate(distinct.join(each)) for each in zip(*sketches, strict=True)]
    rows = parquet.rows_of(footer)
    shown = [
        {
            "name": each.name,
            "type": sql_name(each.type),
            "nulls": each.nulls,
            "least": each.least,
            "greatest": each.greatest,
            "distinct": None if count is None else min(count, rows - (each.nulls or 0)),
        }
        for each, count in zip_longest(parquet.statistics(settled(columns), [footer]), counts)
    ]
    return Table(rows=rows, columns=shown)
