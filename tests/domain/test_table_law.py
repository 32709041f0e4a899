"""The law of tables: same types, rows and statistics, however a file is cut; and nothing lost on the way."""

import csv
import io
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tabling import Made, make

VALUES = [
    *("", "0", "1", "7", "-0", "007", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "1.5"),
    *("1e3", "1e307", "1e400", "-.5", "5.", "nan", "inf", "true", "False", "yes", "NULL", "2020-02-29", "2021-02-29"),
    *("0001-01-01", "2020-01-02 03:04", "2020-01-02T03:04:05.123456", "2020-01-02 03:04:05.1234567", "é", "x" * 300),
    *("2020-01-02T03:04:05Z", "2020-01-02 03:04:05+05:30", "01/02/2020", "epoch", " 5", "0x10", "1,5"),
    *('a"b', "two\nlines"),
]  # fmt: skip
WEIGHTED = st.one_of(st.sampled_from(VALUES), st.integers(-5, 5).map(str), st.just(""))


def written(rows: list[list[str]], newline: str = "\n") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=newline)
    for row in rows:
        writer.writerow(row)
    return text.getvalue().encode()


def table_of(made: Made, folder: Path) -> Any:
    (folder / "arrow.parquet").write_bytes(made.results["table.parquet"])
    return pyarrow.parquet.read_table(folder / "arrow.parquet")


@settings(max_examples=60, deadline=None, database=None)
@given(
    columns=st.integers(1, 4),
    data=st.data(),
    newline=st.sampled_from(["\n", "\r\n"]),
    part_bytes=st.integers(1, 200),
    per_group=st.integers(1, 4),
)
def test_a_table_is_the_same_however_its_file_is_cut(
    tmp_path_factory: pytest.TempPathFactory,
    columns: int,
    data: st.DataObject,
    newline: str,
    part_bytes: int,
    per_group: int,
) -> None:
    kinds = [data.draw(st.lists(WEIGHTED, min_size=1, max_size=4)) for _ in range(columns)]
    rows = [
        [data.draw(st.sampled_from(kinds[at])) for at in range(columns)] for _ in range(data.draw(st.integers(0, 12)))
    ]
    body = written([[f"c{n}" for n in range(columns)], *rows], newline)
    folder = tmp_path_factory.mktemp("law")
    whole, cut = make(body), make(body, part_bytes=part_bytes, parts_per_group=per_group)
    assert whole.record == cut.record
    ours = whole.rows(folder)
    assert ours == cut.rows(folder)
    kept = [row for row in csv.reader(io.StringIO(body.decode(), newline="")) if row][1:]
    assert len(ours) == len(kept) == whole.record["counts"]["accepted"]
    arrow = table_of(cut, folder)
    assert arrow.num_rows == len(kept) and arrow.schema == table_of(whole, folder).schema
    for at, (name, kind) in enumerate(whole.types.items()):
        values = [row[at] for row in kept]
        nulls = sum(not value for value in values)
        assert [row[at] is None for row in ours] == [not value for value in values], name
        told = whole.record["table"]["columns"][at]
        assert told["nulls"] == nulls
        if kind == "VARCHAR":
            assert [row[at] for row in ours] == [value or None for value in values]
        if kind == "BIGINT":
            assert [row[at] for row in ours] == [int(value) if value else None for value in values]
        if kind == "DOUBLE" and "NaN" not in [row[at] for row in ours]:
            assert [row[at] for row in ours] == [float(value) if value else None for value in values]
            assert told["least"] == min(float(value) for value in values if value)
