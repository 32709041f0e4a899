"""Joined files are read by two readers of others, as the table that the pieces were."""

from pathlib import Path

import duckdb
import pyarrow
import pyarrow.parquet
import pytest

from runtime.domain import parquet
from runtime.domain.column_types import BIGINT, BOOLEAN, DATE, DOUBLE, TIMESTAMP, VARCHAR
from runtime.domain.errors import Corrupt

SELECT = """
    SELECT range + {at} AS n, 'text ' || (range % 7) AS t, (range % 5)::DOUBLE / 2 AS f,
           DATE '2020-01-01' + (range % 900)::INTEGER AS d, range % 2 = 0 AS b,
           CASE WHEN range % 3 = 0 THEN NULL ELSE TIMESTAMP '2020-01-01' + to_seconds(range) END AS at
    FROM range({rows})
"""
COLUMNS = {"n": BIGINT, "t": VARCHAR, "f": DOUBLE, "d": DATE, "b": BOOLEAN, "at": TIMESTAMP}


def piece(folder: Path, at: int, rows: int, options: str = "") -> bytes:
    path = folder / f"piece-{at}.parquet"
    duckdb.execute(f"COPY ({SELECT.format(at=at, rows=rows)}) TO '{path}' (FORMAT parquet{options})")
    return path.read_bytes()


def joined(folder: Path, files: list[bytes]) -> Path:
    halves = [parquet.split(file) for file in files]
    footer = parquet.join([(len(body), footer) for body, footer in halves])
    path = folder / "joined.parquet"
    path.write_bytes(b"".join(body for body, _ in halves) + parquet.tail(footer))
    return path


@pytest.mark.parametrize("options", ["", ", COMPRESSION zstd", ", ROW_GROUP_SIZE 2048", ", PARQUET_VERSION v2"])
def test_both_readers_see_all_rows_in_order(tmp_path: Path, options: str) -> None:
    sizes = [10_000, 1, 5000, 0, 3000]
    starts = [sum(sizes[:at]) for at in range(len(sizes))]
    path = joined(tmp_path, [piece(tmp_path, at, rows, options) for at, rows in zip(starts, sizes, strict=True)])
    wanted = " UNION ALL ".join(f"({SELECT.format(at=at, rows=rows)})" for at, rows in zip(starts, sizes, strict=True))
    expected = sorted(duckdb.sql(wanted).fetchall())
    assert duckdb.sql(f"SELECT * FROM '{path}'").fetchall() == expected
    arrow = pyarrow.parquet.read_table(path)
    assert list(zip(*(column.to_pylist() for column in arrow.columns), strict=True)) == expected
    # What is looked for is found by way of statistics and of bloom filters, in the right pieces.
    for n in (0, 9_999, 10_000, 10_001, 17_999):
        (found,) = duckdb.sql(f"SELECT count(*) FROM '{path}' WHERE n = {n}").fetchall()
        assert found == (1,)
    (found,) = duckdb.sql(f"SELECT count(*) FROM '{path}' WHERE t = 'text 3'").fetchall()
    assert found == (sum(row[1] == "text 3" for row in expected),)


def test_statistics_are_those_of_all_pieces(tmp_path: Path) -> None:
    path = joined(tmp_path, [piece(tmp_path, 100, 1000), piece(tmp_path, 0, 100)])
    _, footer = parquet.split(path.read_bytes())
    assert parquet.rows_of(footer) == 1100
    n, t, f, d, b, at = parquet.statistics(COLUMNS, [footer])
    assert (n.nulls, n.least, n.greatest) == (0, 0, 1099)
    assert (t.least, t.greatest) == (None, None)
    assert (f.least, f.greatest, b.least, b.greatest) == (0.0, 2.0, False, True)
    assert (d.least, d.greatest) == ("2020-01-01", "2022-06-18")
    assert (at.nulls, at.least) == (334 + 34, "2020-01-01T00:00:01")


def test_page_indexes_are_left_out_because_they_have_places_in_them(tmp_path: Path) -> None:
    files = []
    for at in (0, 1000):
        path = tmp_path / f"{at}.parquet"
        table = pyarrow.table({"n": list(range(at, at + 1000))})
        pyarrow.parquet.write_table(table, path, write_page_index=True)
        files.append(path.read_bytes())
    read = pyarrow.parquet.ParquetFile(joined(tmp_path, files))
    assert read.read().column("n").to_pylist() == list(range(2000))
    assert not read.metadata.row_group(1).column(0).has_offset_index


def test_pieces_of_other_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    duckdb.sql("SELECT 1 AS other").write_parquet(str(path))
    with pytest.raises(Corrupt, match="different columns"):
        joined(tmp_path, [piece(tmp_path, 0, 10), path.read_bytes()])


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1" * 4, b"PAR1\xff\xff\xff\x7fPAR1", b"x" * 50])
def test_what_is_no_parquet_file_is_refused(data: bytes) -> None:
    with pytest.raises(Corrupt):
        parquet.split(data)
