"""The codec of footers: what is read is written again, and what is not whole is refused."""

from pathlib import Path
from typing import Any

import duckdb
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.domain import parquet, thrift
from runtime.domain.errors import Corrupt

WHOLE = st.integers(-(2**63), 2**63 - 1)
SCALARS: dict[int, st.SearchStrategy[Any]] = {
    thrift.TRUE: st.booleans(),
    thrift.I8: st.integers(-128, 127),
    thrift.I16: st.integers(-(2**15), 2**15 - 1),
    thrift.I32: st.integers(-(2**31), 2**31 - 1),
    thrift.I64: WHOLE,
    thrift.DOUBLE: st.floats(allow_nan=False),
    thrift.BINARY: st.binary(max_size=200),
    thrift.UUID: st.binary(min_size=16, max_size=16),
}


def lists(kinds: dict[int, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    return st.sampled_from(sorted(kinds)).flatmap(
        lambda kind: st.tuples(st.just(kind), st.lists(kinds[kind], max_size=20))
    )


def maps(kinds: dict[int, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    pair = st.sampled_from(sorted(kinds))
    return st.tuples(pair, pair).flatmap(
        lambda two: st.tuples(
            st.just(two[0]),
            st.just(two[1]),
            st.lists(st.tuples(kinds[two[0]], kinds[two[1]]), min_size=1, max_size=5),
        )
    )


def structs(depth: int) -> st.SearchStrategy[thrift.Struct]:
    kinds = dict(SCALARS)
    if depth:
        kinds[thrift.STRUCT] = structs(depth - 1)
    every = kinds | {thrift.LIST: lists(kinds), thrift.SET: lists(kinds), thrift.MAP: maps(kinds)}
    field = st.sampled_from(sorted(every)).flatmap(lambda kind: st.tuples(st.just(kind), every[kind]))
    return st.dictionaries(st.integers(-40, 400), field, max_size=6)


@settings(max_examples=300, deadline=None, database=None)
@given(structs(2))
def test_what_is_written_is_read(value: thrift.Struct) -> None:
    assert thrift.read(thrift.write(value)) == value


@settings(max_examples=200, deadline=None, database=None)
@given(structs(1), st.data())
def test_what_is_cut_is_refused(value: thrift.Struct, data: st.DataObject) -> None:
    written = thrift.write(value)
    with pytest.raises(Corrupt):
        thrift.read(written[: data.draw(st.integers(0, len(written) - 1))])
    with pytest.raises(Corrupt):
        thrift.read(written + b"\0")


@settings(max_examples=300, deadline=None, database=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        thrift.read(data)
    except Corrupt:
        return


def test_endless_nesting_is_refused() -> None:
    with pytest.raises(Corrupt, match="nested"):
        thrift.read(b"\x1c" * 10_000)


def test_footers_of_both_writers_are_written_again_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "one.parquet"
    duckdb.sql("SELECT range AS n, 'x' || range AS t, range / 3 AS f FROM range(5000)").write_parquet(str(path))
    _, footer = parquet.split(path.read_bytes())
    assert thrift.write(thrift.read(footer)) == footer
    table = pyarrow.table({"n": list(range(500)), "t": [None, "a"] * 250})
    pyarrow.parquet.write_table(table, path, write_page_index=True, bloom_filter_options=None)
    _, footer = parquet.split(path.read_bytes())
    assert thrift.write(thrift.read(footer)) == footer
