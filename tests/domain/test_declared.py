"""Declared columns: what a file must have, and which rows are set aside."""

import json
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.domain.column_types import BIGINT, DATE, DOUBLE, VARCHAR, decimal
from runtime.domain.errors import Rejected
from runtime.domain.tables import Column, Schema, schema_for
from tests.tabling import Made, make

SALES = Schema(
    prefix="sales/",
    columns={"id": Column(type=BIGINT, nullable=False), "amount": Column(type=DOUBLE), "day": Column(type=DATE)},
)
CODES = Schema(prefix="", columns={"code": Column(type=VARCHAR, nullable=False), "n": Column(type=BIGINT)})
BODY = b"""id,day,amount
1,2020-01-01,5
2,,12.5
x,2020-01-01,1
3,2020-02-30,1
,2020-01-01,1
4,2020-01-01,"12,5"
5,too few
6,2020-01-02,
"""


def reasons(made: Made) -> list[tuple[int, str]]:
    return [(each["line"], each["reason"]) for each in made.rejects]


@pytest.mark.parametrize("part_bytes", [None, 1, 40])
def test_rows_that_are_not_as_declared_are_set_aside_with_column_value_and_line(part_bytes: int | None) -> None:
    made = make(BODY, name="sales/today.csv", schemas=[SALES], part_bytes=part_bytes)
    assert reasons(made) == [
        (4, "column id: 'x' is not a BIGINT"),
        (5, "column day: '2020-02-30' is not a DATE"),
        (6, "column id: there is no value, and it must have one"),
        (7, "column amount: '12,5' is not a DOUBLE"),
        (8, "expected 3 fields, found 2"),
    ]
    assert made.rejects[3]["raw"] == '4,2020-01-01,"12,5"'
    assert made.record["counts"] == {"accepted": 3, "rejected": 5}
    assert made.record["summary"]["rejected_because"] == {"rejected_fields": 1, "rejected_value": 4}
    assert made.types == {"id": "BIGINT", "day": "DATE", "amount": "DOUBLE"}


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (b"id,day\n1,2\n", "it lacks column 'amount'"),
        (b"id,day,amount,more,less\n1,2,3,4,5\n", "it has columns 'more', 'less', which is not declared"),
        (b"id,day,price\n1,2,3\n", "it lacks column 'amount' and it has column 'price'"),
    ],
)
def test_a_file_with_other_columns_is_rejected(header: bytes, says: str) -> None:
    with pytest.raises(Rejected, match=says):
        make(header, name="sales/today.csv", schemas=[SALES])


def test_a_file_that_is_no_table_is_rejected_where_tables_are_declared() -> None:
    with pytest.raises(Rejected, match=r"'sales/' have to be CSV or JSON Lines"):
        make(bytes(range(256)), name="sales/thing", schemas=[SALES])


def test_the_longest_prefix_wins() -> None:
    assert schema_for("sales/a.csv", [CODES, SALES]) is SALES
    assert schema_for("other.csv", [CODES, SALES]) is CODES
    assert schema_for("other.csv", [SALES]) is None


def test_declared_text_keeps_what_would_be_a_number() -> None:
    made = make(b"code,n\n007,1\n8,\n,2\n", schemas=[CODES])
    assert made.types == {"code": "VARCHAR", "n": "BIGINT"}
    assert reasons(made) == [(4, "column code: there is no value, and it must have one")]


@pytest.mark.parametrize("part_bytes", [None, 1])
def test_lines_of_json_are_held_against_what_is_declared(part_bytes: int | None) -> None:
    lines = [
        {"id": 1, "amount": 2, "day": "2020-01-01"},
        {"id": 2},
        {"id": "3", "amount": 1.5},
        {"amount": 1.5},
        {"id": 4, "more": True},
        {"id": 5, "day": "01.02.2020"},
        [1],
    ]
    body = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    made = make(body, name="sales/today.jsonl", schemas=[SALES], part_bytes=part_bytes)
    assert reasons(made) == [
        (3, 'column id: "3" is not a BIGINT'),
        (4, "column id: there is no value, and it must have one"),
        (5, "column more: it is not declared"),
        (6, 'column day: "01.02.2020" is not a DATE'),
        (7, "not an object: its members are declared"),
    ]
    assert made.types == {"id": "BIGINT", "amount": "DOUBLE", "day": "DATE"}


MONEY = Schema(prefix="", columns={"price": Column(type=decimal(7, 2)), "wide": Column(type=decimal(38, 10))})


def arrow_rows(made: Made, folder: Path) -> list[tuple[object, ...]]:
    (folder / "arrow.parquet").write_bytes(made.results["table.parquet"])
    table = pyarrow.parquet.read_table(folder / "arrow.parquet")
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


@pytest.mark.parametrize("part_bytes", [None, 1, 30])
def test_decimals_are_exact_and_what_has_more_digits_is_set_aside(tmp_path: Path, part_bytes: int | None) -> None:
    wide = "-1234567890123456789012345678.0123456789"
    body = f"price,wide\n12345.67,1\n-0.5,{wide}\n1.234,1\n123456,1\n1e2,\n,.5\n7.100,\n".encode()
    made = make(body, schemas=[MONEY], part_bytes=part_bytes)
    assert reasons(made) == [
        (4, "column price: '1.234' is not a DECIMAL(7,2): more than 2 digits follow its point"),
        (5, "column price: '123456' is not a DECIMAL(7,2): more than 5 digits stand before its point"),
        (6, "column price: '1e2' is not a DECIMAL(7,2)"),
    ]
    assert made.types == {"price": "DECIMAL(7,2)", "wide": "DECIMAL(38,10)"}
    rows = [
        (Decimal("12345.67"), Decimal(1)),
        (Decimal("-0.5"), Decimal(wide)),
        (None, Decimal("0.5")),
        (Decimal("7.1"), None),
    ]
    assert made.rows(tmp_path) == arrow_rows(made, tmp_path) == rows
    bounds = [(column["nulls"], column["least"], column["greatest"]) for column in made.record["table"]["columns"]]
    assert bounds == [(1, "-0.50", "12345.67"), (1, wide, "1.0000000000")]


def test_decimals_of_json_keep_the_digits_that_a_float_has_not(tmp_path: Path) -> None:
    lines = [
        '{"price": 0.1, "wide": 1234567890123456789012345678.0123456789}',
        '{"price": "12.30", "wide": 12345678901234567890}',
        '{"price": 1e2, "wide": 5E-9}',
        '{"price": 1e-3}',
        '{"price": true}',
        '{"price": ""}',
        '{"price": 123456}',
        '{"price": 1e400}',
        '{"price": "x"}',
        f'{{"price": 1.5, "wide": {"9" * 400}}}',
        '{"wide": -0.0}',
    ]
    made = make("\n".join(lines).encode(), name="data.jsonl", schemas=[MONEY])
    assert reasons(made) == [
        (4, "column price: 1e-3 is not a DECIMAL(7,2): more than 2 digits follow its point"),
        (5, "column price: true is not a DECIMAL(7,2)"),
        (6, 'column price: "" is not a DECIMAL(7,2)'),
        (7, "column price: 123456 is not a DECIMAL(7,2): more than 5 digits stand before its point"),
        (8, "column price: 1e400 is not a DECIMAL(7,2)"),
        (9, 'column price: "x" is not a DECIMAL(7,2)'),
        (10, f"column wide: {'9' * 80}… is not a DECIMAL(38,10)"),
    ]
    assert made.rows(tmp_path) == arrow_rows(made, tmp_path) == [
        (Decimal("0.1"), Decimal("1234567890123456789012345678.0123456789")),
        (Decimal("12.3"), Decimal("12345678901234567890")),
        (Decimal(100), Decimal("5E-9")),
        (None, Decimal(0)),
    ]  # fmt: skip


SIZES = st.tuples(st.integers(1, 38), st.integers(0, 38)).map(lambda size: (max(size), min(size)))


@settings(max_examples=40, deadline=None, database=None)
@given(SIZES, st.data(), st.integers(1, 60), st.booleans())
def test_decimals_of_any_size_come_out_as_they_went_in(
    tmp_path_factory: pytest.TempPathFactory, size: tuple[int, int], data: st.DataObject, part_bytes: int, lines: bool
) -> None:
    digits, scale = size
    most = 10**digits - 1
    unscaled = data.draw(st.lists(st.integers(-most, most) | st.sampled_from([most, -most, 0]), min_size=1, max_size=6))
    values = [Decimal((int(n < 0), tuple(map(int, str(abs(n)))), -scale)) for n in unscaled]
    if lines:
        body = b"".join(b'{"a": %s, "n": 1}\n' % f"{value:f}".encode() for value in values)
    else:
        body = b"a,n\n" + b"".join(b"%s,1\n" % f"{value:f}".encode() for value in values)
    schema = Schema(prefix="", columns={"a": Column(type=decimal(digits, scale)), "n": Column(type=BIGINT)})
    folder = tmp_path_factory.mktemp("decimals")
    made = make(body, name="a.jsonl" if lines else "a.csv", schemas=[schema], part_bytes=part_bytes)
    assert made.rejects == []
    assert made.rows(folder) == arrow_rows(made, folder) == [(value, 1) for value in values]
    told = made.record["table"]["columns"][0]
    assert (Decimal(told["least"]), Decimal(told["greatest"])) == (min(values), max(values))


def test_rows_are_held_against_it_even_if_no_table_is_wanted() -> None:
    made = make(BODY, name="sales/today.csv", schemas=[SALES], results="clean")
    assert made.record["counts"] == {"accepted": 3, "rejected": 5} and "table.parquet" not in made.results
