"""The engine that writes tables: DuckDB, one thread, no network, files only in a folder of the call's own.

It is imported when the first table is written, because that takes longer than a small file's whole work. What each
value is has been decided before (`domain/column_types`), so all that it does is to convert.
"""

import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from runtime.adapters.duckdb_checks import checked
from runtime.domain.column_types import sql_name
from runtime.domain.tables import Rows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Rows longer than this need a reader with a larger buffer.
USUAL_LINE = 2_000_000
MEMORY = "768MB"
MOST_CHECKED = 64


class DuckTables:
    """`Tables` (see `runtime/domain/ports.py`)."""

    def parquet(self, rows: Rows, columns: Mapping[str, str]) -> bytes:
        with _files(rows) as (source, target):
            _write(rows, columns, source, target)
            return target.read_bytes()

    def checked(self, rows: Rows, columns: Mapping[str, str], required: Collection[str]) -> bytes | None:
        # A pattern is compiled for each column, whatever there is to match.
        if len(columns) > MOST_CHECKED:
            return None
        engine, duckdb = _engine()
        values = [checked(f"c{n}", letter, name in required) for n, (name, letter) in enumerate(columns.items())]
        with _files(rows) as (source, target):
            read = _read(rows, ["VARCHAR"] * len(columns), source, {"strict_mode": "true", "parallel": "false"})
            try:
                engine.execute(_copy(read, columns, values, target))
            except (duckdb.InvalidInputException, duckdb.ConversionException):
                return None
            return target.read_bytes()

    def distinct(self, file: bytes, columns: Collection[str]) -> list[bytes]:
        engine, _ = _engine()
        counted = ", ".join(f"approx_count_distinct({_named(name)}) EXPORT_STATE" for name in columns)
        with tempfile.TemporaryDirectory(prefix="table-") as folder:
            source = Path(folder) / "table.parquet"
            source.write_bytes(file)
            query = f"SELECT {counted} FROM read_parquet({_quoted(str(source))})"  # noqa: S608 - all quoted
            (states,) = engine.execute(query).fetchall()
        return [bytes(state["registers"]) for state in states]


@contextmanager
def _files(rows: Rows) -> Iterator[tuple[Path, Path]]:
    with tempfile.TemporaryDirectory(prefix="table-") as folder:
        source = Path(folder) / "rows.csv"
        # The first line is skipped, so that what looks like a byte order mark in the first row stays.
        with source.open("wb") as file:
            file.write(b"-\n")
            file.write(rows.data)
        yield source, Path(folder) / "table.parquet"


def _write(rows: Rows, columns: Mapping[str, str], source: Path, target: Path) -> None:
    engine, duckdb = _engine()
    types = [sql_name(letter) for letter in columns.values()] + ["VARCHAR"] * rows.padded
    values = [f"c{n}" for n in range(len(columns))]
    try:
        engine.execute(_copy(_read(rows, types, source, {}), columns, values, target))
    except duckdb.InvalidInputException:
        if len(rows.data) <= USUAL_LINE:
            raise
        most = str(len(rows.data) + 16)
        read = _read(rows, types, source, {"max_line_size": most, "buffer_size": most})
        engine.execute(_copy(read, columns, values, target))


def _copy(read: str, columns: Iterable[str], values: Iterable[str], target: Path) -> str:
    named = [f"{value} AS {_named(name)}" for name, value in zip(columns, values, strict=True)]
    rows_read = f"SELECT {', '.join(named)} FROM {read}"  # noqa: S608 - all quoted
    return f"COPY ({rows_read}) TO {_quoted(str(target))} (FORMAT parquet, COMPRESSION zstd)"


def _read(rows: Rows, types: Iterable[str], source: Path, more: Mapping[str, str]) -> str:
    # Columns have numbers while they are read: nothing that somebody wrote into a header is SQL.
    read = [f"'c{n}': '{name}'" for n, name in enumerate(types)]
    options = {
        "auto_detect": "false",
        "header": "false",
        "skip": "1",
        "delim": _quoted(rows.delimiter),
        "quote": "'\"'",
        "escape": "'\"'",
        "new_line": "'\\n'",
        "allow_quoted_nulls": str(not rows.empty_text).lower(),
        "columns": f"{{{', '.join(read)}}}",
        **more,
    }
    given = ", ".join(f"{option} = {value}" for option, value in options.items())
    return f"read_csv({_quoted(str(source))}, {given})"


def _named(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@cache
def _engine() -> tuple["DuckDBPyConnection", ModuleType]:
    duckdb = import_module("duckdb")
    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1,
        "memory_limit": MEMORY,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "temp_directory": tempfile.gettempdir(),
    }
    engine: DuckDBPyConnection = duckdb.connect(":memory:", config=settings)
    # It reads what strangers wrote: it has no business anywhere else, and nothing that it reads changes that.
    engine.execute(f"SET allowed_directories = [{_quoted(tempfile.gettempdir() + '/')}]")
    engine.execute("SET enable_external_access = false")
    engine.execute("SET lock_configuration = true")
    return engine, duckdb


@cache
def tables() -> DuckTables:
    """The engine of this process."""
    return DuckTables()
