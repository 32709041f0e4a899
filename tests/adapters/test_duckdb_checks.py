"""Types that the engine checks: what it takes for one is of our form, and the same value as when told the type."""

import csv
import io
import itertools
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.adapters.duckdb import MOST_CHECKED, USUAL_LINE, tables
from runtime.domain.column_types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    NULL,
    TIMESTAMP,
    TIMESTAMPTZ,
    VARCHAR,
    decimal,
    fits,
)
from runtime.domain.csv_grammar import grammar
from runtime.domain.tables import Rows

USUAL = {
    NULL: [""],
    BOOLEAN: ["true", "False", "TRUE", ""],
    BIGINT: ["0", "7", "-1", "9223372036854775807", "-9223372036854775808", "1000000000000000000", ""],
    DOUBLE: ["1.5", ".5", "5.", "1e3", "1E+307", "-1.e-9", "nan", "12.50", "0", ""],
    DATE: ["2020-02-29", "0001-01-01", "9999-12-31", "2000-02-29", ""],
    TIMESTAMP: ["2020-01-02 03:04", "2020-01-02T03:04:05", "2020-01-02 23:59:59.123456", "2020-01-02", ""],
    TIMESTAMPTZ: ["2020-01-02T03:04Z", "2020-01-02 03:04:05.5+05:30", "2020-01-02 03:04:05-08", ""],
    VARCHAR: ["007", " 5 ", "NULL", "é", ""],
    decimal(6, 2): ["0", "1234.56", "-1.5", ".5", "7.", "1.500", ""],
    decimal(3, 0): ["999", "-1", "5.0", ".0", ""],
    decimal(38, 38): ["0.12345678901234567890123456789012345678", "-.5", ""],
}
ODD = [
    *("007", "+5", " 5", "5 ", "0x10", "0b1", "1_000", "1,5", "1e400", "1e308", "1e2", "1e3", "1.0", "2.5", "-0"),
    *("--1", "-", ".", "-.", "1.005", "99999", "e", "1e", "1f", "1d"),
    *("NaN", "-nan", "+nan", "inf", "-inf", "infinity", "Infinity", "\uff15"),
    *("yes", "no", "t", "f", "y", "n", "1", "on", "off", "TrUe", "tRUE", "true ", "NULL", "null", "None", "\\N"),
    *("2021-02-29", "0000-01-01", "2020-1-2", "2020/01/02", "2020 01 02", "2020.01.02", "2020\\01\\02", "01/02/2020"),
    *("10000-01-01", "99999-01-01", "-2020-01-01", "0044-03-15 (BC)", "2020-01-01 (BC)", "epoch", "10:00", "20200102"),
    *("2020-01-02 24:00", "2020-01-02 03:04:05.1234567", "2020-01-02 03:04:60", "2020-01-02Z", "2020-01-02 00:00:00"),
    *("2020-01-02 3:04", "2020-01-02  03:04", "2020-01-02T03:04.", "2020-01-02 03:04 UTC", "2020-01-02 03:04 +01"),
    *("2020-01-02T03:04:05+15:00", "2020-01-02T03:04:05+1:00", "2020-01-02 03:04:05+01:30:15", "290309-12-22 (BC)"),
    *("0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-05:00", "9999-12-31T23:59:59Z", "12345678901234567890"),
    *("9223372036854775808", "-9223372036854775809", "00", "0.0", "1e-400", "1e-999", "\t5", "5\n", "5\v", "5\xa0"),
]  # fmt: skip


def checked(value: str, letter: str, *, required: bool = False) -> bytes | None:
    """A table of one row, if there is one; it has to be the one of an engine that is told the type."""
    quoted = '"' + value.replace('"', '""') + '"'
    for written in {quoted, value} if not set(value) & {",", '"', "\n"} else {quoted}:
        rows = Rows(data=f"{written},x\n".encode())
        columns = {"a": letter, "b": VARCHAR}
        made = tables().checked(rows, columns, ["a"] if required else [])
        if made is not None:
            assert made == tables().parquet(rows, {**columns, "a": VARCHAR if letter == NULL else letter}), written
    return made


@pytest.mark.parametrize("letter", USUAL)
def test_usual_values_are_taken(letter: str) -> None:
    for value in USUAL[letter]:
        assert checked(value, letter) is not None, value
        assert (checked(value, letter, required=True) is not None) == bool(value), value


@pytest.mark.parametrize("letter", [letter for letter in USUAL if letter != VARCHAR])
def test_what_is_taken_is_of_our_form(letter: str) -> None:
    for value in sorted({*ODD, *itertools.chain(*USUAL.values())}):
        if checked(value, letter) is not None:
            assert fits(value, letter) and (letter != NULL or not value), value


@settings(max_examples=150, deadline=None, database=None)
@given(
    st.sampled_from([BIGINT, DOUBLE, DATE, TIMESTAMP, TIMESTAMPTZ, BOOLEAN, decimal(4, 1)]),
    st.text("0123456789+-.:eETZ _xaf", min_size=1, max_size=12),
)
def test_whatever_is_taken_is_of_our_form(letter: str, value: str) -> None:
    if checked(value, letter) is not None:
        assert fits(value, letter)


@pytest.mark.parametrize(
    "damaged",
    [
        *(b"\xff", b"\x80", b"\xc3", b"\xc3(", b"\xc0\x80", b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"),
        *(b"\xf0\x80\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xe2\x82", b"\xef\xbf", b"a\xe9b"),
    ],
)
def test_what_is_not_utf8_is_not_taken(damaged: bytes) -> None:
    for row in (b"1,%s\n", b'1,"%s"\n', b"1,longer than twelve bytes %s and on\n", b"1,x\n2,y%s\n"):
        assert tables().checked(Rows(data=row % damaged), {"a": BIGINT, "b": VARCHAR}, []) is None


def test_text_of_any_letters_is_kept(tmp_path: Path) -> None:
    texts = ["\ufeffx", "\U0001f600", "\u2028", "\x1a", "\x7f", "#", "\\", "'", "x" * 1000]
    rows = Rows(data="".join(f"{text},1\n" for text in texts).encode())
    made = tables().checked(rows, {'a "b"': VARCHAR, "A'": BIGINT}, [])
    assert made is not None
    (tmp_path / "made.parquet").write_bytes(made)
    assert duckdb.sql(f"FROM '{tmp_path}/made.parquet'").fetchall() == [(text, 1) for text in texts]


def test_rows_of_another_width_and_long_ones_are_not_taken() -> None:
    for data in (b"1\n", b"1,2,3\n", b"1,2\n3\n", b'1,"2"x\n', b"1," + b"x" * (USUAL_LINE + 9) + b"\n"):
        assert tables().checked(Rows(data=data), {"a": BIGINT, "b": VARCHAR}, []) is None


def test_many_columns_are_not_checked_here() -> None:
    columns = {f"c{n}": BIGINT for n in range(MOST_CHECKED + 1)}
    assert tables().checked(Rows(data=b"1" + b",1" * MOST_CHECKED + b"\n"), columns, []) is None


def test_even_rows_are_read_as_the_csv_module_reads_them(tmp_path: Path) -> None:
    texts = (b"".join(text) for text in itertools.product([b"a", b" ", b'"', b",", b"\n"], repeat=7))
    even = b"".join(text for text in texts if text.endswith(b"\n") and grammar(",").even(text, 2))
    made = tables().checked(Rows(data=even), {"a": VARCHAR, "b": VARCHAR}, [])
    assert made is not None
    (tmp_path / "made.parquet").write_bytes(made)
    rows = csv.reader(io.StringIO(even.decode(), newline=""))
    expected = [tuple(value or None for value in row) for row in rows]
    assert duckdb.sql(f"FROM '{tmp_path}/made.parquet'").fetchall() == expected
    assert len(expected) > 800
