"""The engine that writes tables: DuckDB, one thread, no network, files only in a folder of the call's own.

It is imported when the first table is written, because that takes longer than a small file's whole work. What each
value is has been decided before (`domain/column_types`), so all that it does is to convert.
"""

import tempfile
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from runtime.domain.column_types import sql_name
from runtime.domain.tables import Rows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Rows longer than this need a reader with a larger buffer.
USUAL_LINE = 2_000_000
MEMORY = "768MB"


class DuckTables:
    """`Tables` (see `runtime/domain/ports.py`)."""

    def parquet(self, rows: Rows, columns: Mapping[str, str]) -> bytes:
        with tempfile.TemporaryDirectory(prefix="table-") as folder:
            source, target = Path(folder) / "rows.csv", Path(folder) / "table.parquet"
            # The first line is skipped, so that what looks like a byte order mark in the first row stays.
            with source.open("wb") as file:
                file.write(b"-\n")
                file.write(rows.data)
            _write(rows, columns, source, target)
            return target.read_bytes()


def _write(rows: Rows, columns: Mapping[str, str], source: Path, target: Path) -> None:
    engine, duckdb = _engine()
    try:
        engine.execute(_copy(rows, columns, source, target, {}))
    except duckdb.InvalidInputException:
        if len(rows.data) <= USUAL_LINE:
            raise
        most = str(len(rows.data) + 16)
        engine.execute(_copy(rows, columns, source, target, {"max_line_size": most, "buffer_size": most}))


def _copy(rows: Rows, columns: Mapping[str, str], source: Path, target: Path, more: Mapping[str, str]) -> str:
    # Columns have numbers while they are read: nothing that somebody wrote into a header is SQL.
    types = [sql_name(letter) for letter in columns.values()]
    read = [f"'c{n}': '{name}'" for n, name in enumerate([*types, "VARCHAR"] if rows.padded else types)]
    named = [f'c{n} AS "{name.replace(chr(34), chr(34) * 2)}"' for n, name in enumerate(columns)]
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
    rows_read = f"SELECT {', '.join(named)} FROM read_csv({_quoted(str(source))}, {given})"  # noqa: S608 - all quoted
    return f"COPY ({rows_read}) TO {_quoted(str(target))} (FORMAT parquet, COMPRESSION zstd)"


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
