"""Columns of delimited text: their names, and their types as rows go by."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from runtime.domain.column_types import NULL, fits, join_rows, misfit
from runtime.domain.csv_grammar import good_records, typed_records
from runtime.domain.tables import unique_names
from runtime.processors.dialect import fields

_PATTERN_COLUMNS = 1024
"""So many columns in all are put into patterns while a part is read; a pattern takes up to a millisecond for each."""


@lru_cache(maxsize=16)
def names_of(header: str, delimiter: str) -> tuple[str, ...]:
    """The columns' names in the table: as in the header, made unique."""
    return tuple(unique_names(next(fields(header, delimiter))))


class Columns:
    """The types of a part's columns. `pattern` matches rows that these types hold, as many as there are.

    `exact` is False while it matches rows of any types. With declared types nothing is learned: `objection` says why
    a row is not as declared.
    """

    def __init__(self, context: Mapping[str, Any]) -> None:
        self._delimiter: str = context["delimiter"]
        table: Mapping[str, str] | None = context.get("table")
        self._names = tuple(table or ())
        self._types = None if table is None else "".join(table.values())
        declared: Mapping[str, bool] | None = context.get("declared")
        self._required = "" if declared is None else "".join(" " if declared[name] else "!" for name in self._names)
        self._declared = declared is not None
        self._count: int = context["columns"]
        self._budget = _PATTERN_COLUMNS
        self._set()

    def _set(self) -> None:
        self.exact = self._types is not None and (self._budget > 0 or self._declared)
        if self._types is not None and self.exact:
            self._budget -= len(self._types)
            self.pattern = typed_records(self._delimiter, self._types, self._required)
        else:
            self.pattern = good_records(self._delimiter, self._count)

    def take(self, rows: bytes) -> None:
        """Learns from good rows."""
        if self._types is None or self._declared:
            return
        joined = join_rows(self._types, list(fields(rows.decode(), self._delimiter)))
        if joined != self._types:
            self._types = joined
            if self.exact:
                self._set()

    def objection(self, raw: bytes) -> str | None:
        """Why a good row is not as declared; None if it is."""
        if self._types is None or not self._declared:
            return None
        values = next(fields(raw.decode(), self._delimiter))
        for name, wanted, need, value in zip(self._names, self._types, self._required, values, strict=True):
            if not value and need == "!":
                return f"column {name}: there is no value, and it must have one"
            if not fits(value, wanted):
                return f"column {name}: {_shown(value)} {misfit(value, wanted)}"
        return None

    @property
    def found(self) -> dict[str, str]:
        """Name to type, for the outcome."""
        return dict(zip(self._names, self._types or "", strict=True))


def floor(rows: list[list[str]], columns: int) -> str:
    """The types that a file's first rows need: a part that begins with them comes to the file's own sooner."""
    return join_rows(NULL * columns, rows)


def _shown(value: str) -> str:
    return repr(value if len(value) <= 80 else f"{value[:80]}…")
