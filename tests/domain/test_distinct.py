"""Estimates of different values: near the truth, as the engine's own, and the same for any way of cutting."""

from pathlib import Path

import pytest

from runtime.adapters.duckdb import tables
from runtime.domain import distinct
from runtime.domain.column_types import BIGINT, VARCHAR
from runtime.domain.tables import Rows
from tests.tabling import make, reader


def sketches(numbers: range) -> list[bytes]:
    rows = Rows(data=b"".join(b"%d,%d\n" % (n, n % 7) for n in numbers))
    columns = {'a "b"': BIGINT, "c": VARCHAR}
    return tables().distinct(tables().parquet(rows, columns), columns)


@pytest.mark.parametrize("count", [0, 1, 7, 100, 1000, 4000, 30_000, 200_000])
def test_it_is_near_the_truth_and_what_the_engine_says(tmp_path: Path, count: int) -> None:
    found = [distinct.estimate(each) for each in sketches(range(count))]
    assert abs(found[0] - count) <= 0.1 * count
    assert found[1] == min(count, 7)
    query = "SELECT approx_count_distinct(range::BIGINT), approx_count_distinct((range % 7)::VARCHAR) FROM range(?)"
    (theirs,) = reader().execute(query, [count]).fetchall()
    assert found == pytest.approx(theirs, abs=1)


def test_joining_is_counting_together() -> None:
    parts = [sketches(range(start, start + 1500)) for start in (0, 1000, 500, 2000)]
    whole = sketches(range(3500))
    assert [distinct.join(each) for each in zip(*parts, strict=True)] == whole
    assert [distinct.join(each) for each in zip(*reversed(parts), strict=True)] == whole


def test_it_is_short_as_text_and_comes_back() -> None:
    few, many = sketches(range(5))[0], sketches(range(100_000))[0]
    assert distinct.from_text(distinct.as_text(few)) == few and distinct.from_text(distinct.as_text(many)) == many
    assert len(distinct.as_text(few)) < 100 and len(distinct.as_text(many)) < 1000


def test_full_registers_are_no_division_by_nothing() -> None:
    assert distinct.estimate(bytes([55]) * 1024) == 2**64


def test_too_many_sketches_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    body = b"a,b\n" + b"".join(b"%d,x\n" % n for n in range(50))

    def made() -> tuple[list[int | None], dict[str, bytes]]:
        file = make(body, part_bytes=20, distinct=True)
        return [column["distinct"] for column in file.record["table"]["columns"]], file.results

    (counts, results), unasked = made(), make(body, part_bytes=20)
    # The estimate would be 51.
    assert counts == [50, 1]
    assert [column["distinct"] for column in unasked.record["table"]["columns"]] == [None, None]
    monkeypatch.setattr(distinct, "MOST", 3)
    assert made() == ([None, None], results) and results == unasked.results
