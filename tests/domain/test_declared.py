"""Declared columns: what a file must have, and which rows are set aside."""

import json

import pytest

from runtime.domain.column_types import BIGINT, DATE, DOUBLE, VARCHAR
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


def test_rows_are_held_against_it_even_if_no_table_is_wanted() -> None:
    made = make(BODY, name="sales/today.csv", schemas=[SALES], results="clean")
    assert made.record["counts"] == {"accepted": 3, "rejected": 5} and "table.parquet" not in made.results
