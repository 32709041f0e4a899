"""The engine: the same bytes for the same rows, and no way out of its folder."""

from pathlib import Path

import duckdb
import pytest

from runtime.adapters.duckdb import _engine, tables
from runtime.domain.column_types import BIGINT, VARCHAR
from runtime.domain.tables import Rows


def test_the_same_call_gives_the_same_bytes() -> None:
    rows = Rows(data=b"".join(b"%d,text %d\n" % (n, n % 9) for n in range(5000)))
    made = {tables().parquet(rows, {"n": BIGINT, "t": VARCHAR}) for _ in range(3)}
    assert len(made) == 1


def test_a_value_that_is_not_of_its_type_stops_it() -> None:
    with pytest.raises(duckdb.Error):
        tables().parquet(Rows(data=b"1\nx\n"), {"n": BIGINT})


def test_rows_of_another_width_stop_it() -> None:
    for data in (b"1,2\n3\n", b"1,2\n3,4,5\n", b'1,2\n"3"x,4\n'):
        with pytest.raises(duckdb.Error):
            tables().parquet(Rows(data=data), {"a": BIGINT, "b": BIGINT})


def test_empty_quoted_text_is_nothing_in_csv_and_text_in_json(tmp_path: Path) -> None:
    for empty_text, found in ((False, [(1, None), (2, None)]), (True, [(1, ""), (2, None)])):
        path = tmp_path / f"{empty_text}.parquet"
        path.write_bytes(tables().parquet(Rows(data=b'1,""\n2,\n', empty_text=empty_text), {"n": BIGINT, "t": VARCHAR}))
        assert duckdb.sql(f"SELECT * FROM '{path}'").fetchall() == found


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_csv('https://example.com/a.csv')",
        "COPY (SELECT 1) TO '/var/tmp/out.csv'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '10GB'",
    ],
)
def test_it_reaches_nothing_but_its_folder(query: str) -> None:
    engine, _ = _engine()
    with pytest.raises(duckdb.Error):
        engine.execute(query)
