"""What a table is to the rest of the platform: names, how clean bytes are read, what was declared of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runtime.domain.column_types import NULL, join
from runtime.domain.errors import Rejected

TABLE_NAME = "table.parquet"
MOST_COLUMNS = 1000
TOO_WIDE = f"no table is made of more than {MOST_COLUMNS:,} columns"
"""Wider files are delivered as text only: each group of rows describes each of its columns in the table's footer."""

WITH_TEXT = "with_text"
"""In a context: the table does not hold all that the text does, so that this is delivered whatever is wished for."""

NESTED = "x"
"""A value that no column holds: an object, a list, or a line that is no object. It spoils the table."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """Accepted records as CSV without a header, each with a field for each column, in their order.

    A field that is nothing is NULL; so is an empty quoted one, unless `empty_text`. With `padded`, rows have one more
    field that means nothing (a lone column's NULL would be an empty line).
    """

    data: bytes
    delimiter: str = ","
    empty_text: bool = False
    padded: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A declared column: the letter of its type, and whether it may be without a value."""

    type: str
    nullable: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Schema:
    """What files whose names begin with `prefix` have to look like."""

    prefix: str
    columns: Mapping[str, Column]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Schema":
        """`{"prefix", "columns": {name: [letter, nullable]}}`"""
        columns = {name: Column(type=letter, nullable=nullable) for name, (letter, nullable) in data["columns"].items()}
        return cls(prefix=data["prefix"], columns=columns)

    def compare(self, names: Sequence[str]) -> None:
        """Raises `Rejected` unless a file's columns are the declared ones, in any order."""
        missing = [name for name in self.columns if name not in names]
        extra = [name for name in names if name not in self.columns]
        if missing or extra:
            lacks = f"it lacks {_listed(missing)}" if missing else ""
            has = f"it has {_listed(extra)}, which is not declared" if extra else ""
            where = f"files under {self.prefix!r}" if self.prefix else "all files"
            what = " and ".join(filter(None, (lacks, has)))
            raise Rejected(f"The columns are not those that are declared for {where}: {what}.")


def schema_for(name: str, schemas: Iterable[Schema]) -> Schema | None:
    """The schema of the longest prefix of the file's name."""
    fitting = [schema for schema in schemas if name.startswith(schema.prefix)]
    return max(fitting, key=lambda schema: len(schema.prefix), default=None)


def unique_names(names: Iterable[str]) -> list[str]:
    """`names`, each once whatever its case, because SQL does not tell cases apart; none is empty."""
    given = [name if name.strip() else f"column_{number}" for number, name in enumerate(names, 1)]
    taken = {name.casefold() for name in given}
    seen: set[str] = set()
    unique = []
    for name in given:
        chosen, number = name, 1
        while chosen.casefold() in seen or (number > 1 and chosen.casefold() in taken):
            number += 1
            chosen = f"{name}_{number}"
        seen.add(chosen.casefold())
        unique.append(chosen)
    return unique


def joined(one: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    """The columns of both, in the order in which they first appear. Nested values stay nested."""
    both = dict(one)
    for name, each in other.items():
        before = both.get(name, NULL)
        both[name] = NESTED if NESTED in (before, each) else join(before, each)
    return both


def may_be_table(context: Mapping[str, Any]) -> bool:
    """True for files of a kind that makes tables, once `tabular` has had its say on the context.

    The context has then either `table`, the columns that are known before any record is looked at, name to type; or
    `no_table`, the reason for which there will be none. `declared`, name to whether it may be without a value, says
    that the types of `table` are not to be widened.
    """
    return "table" in context or "no_table" in context


def is_certain(context: Mapping[str, Any]) -> bool:
    """True if there will be a table whatever the records hold: its columns are known, and only types are open."""
    columns: Mapping[str, str] = context.get("table", {})
    return bool(columns) and no_table(context, columns) is None


def no_table(context: Mapping[str, Any], columns: Mapping[str, str]) -> str | None:
    """Why there can be no table of these columns; None if there can be."""
    if "no_table" in context:
        return str(context["no_table"])
    if not columns:
        return "no table is made of records without members"
    if len(columns) > MOST_COLUMNS:
        return TOO_WIDE
    nested = next((name for name, each in columns.items() if each == NESTED), None)
    if nested is not None:
        return f"no table is made of nested values, as in {nested!r}" if nested else "no table is made of such lines"
    return _bad_names(columns)


def _bad_names(columns: Mapping[str, str]) -> str | None:
    if "" in columns:
        return "no table is made of members without a name"
    if len({name.casefold() for name in columns}) < len(columns):
        return "no table is made of columns whose names differ in case only"
    return None


def _listed(names: list[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:5])
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"{'column' if len(names) == 1 else 'columns'} {shown}{more}"
