"""Types of values and columns: what each form takes is read as the value that it looks like, and joining is orderly."""

import itertools
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from runtime.domain.column_types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    FORMS,
    NULL,
    SQL,
    TIMESTAMP,
    TIMESTAMPTZ,
    USUAL,
    VARCHAR,
    decimal,
    digits_of,
    fits,
    form_of,
    join,
    misfit,
    of_string,
    of_text,
    sql_name,
)
from runtime.domain.csv_grammar import typed_records
from tests.tabling import reader

SETTINGS = settings(max_examples=300, deadline=None, database=None)
KINDS = [*SQL, decimal(5, 2), decimal(38, 0)]
DECIMALS = st.integers(1, 38).flatmap(lambda digits: st.tuples(st.just(digits), st.integers(0, digits)))


@pytest.mark.parametrize(
    ("letter", "values"),
    [
        (NULL, [""]),
        (BOOLEAN, ["true", "False", "TRUE"]),
        (BIGINT, ["0", "-0", "7", "9223372036854775807", "-9223372036854775808", "1000000000000000000"]),
        (DOUBLE, ["1.5", ".5", "5.", "1e3", "1E+307", "-1.e-9", "nan", "5e-324", "12345678901234567890.0"]),
        (DATE, ["2020-02-29", "0001-01-01", "9999-12-31", "2000-02-29", "0004-02-29"]),
        (TIMESTAMP, ["2020-01-02 03:04", "2020-01-02T03:04:05", "2020-01-02 23:59:59.123456"]),
        (TIMESTAMPTZ, ["2020-01-02T03:04Z", "2020-01-02 03:04:05.5+05:30", "2020-01-02 03:04:05-08"]),
        (TIMESTAMPTZ, ["2020-01-02T03:04+0130", "0001-01-01T00:00:00Z", "0001-01-01 00:00+00:00"]),
        (TIMESTAMPTZ, ["9999-12-31T23:59:59.999999Z", "9999-12-31 23:59+14:00", "0001-01-01 00:00-05"]),
        (VARCHAR, ["0001-01-01T00:00:00+01:00", "0001-01-01 00:00+00:30", "9999-12-31T23:59-05"]),
        (VARCHAR, ["9223372036854775808", "-9223372036854775809", "89490200001234567890", "1e-999", "1e-325"]),
        (VARCHAR, ["007", "+5", " 5", "5 ", "0x10", "1_000", "1,5", "inf", "1e400", "1e308", "yes", "NULL", "TrUe"]),
        (VARCHAR, ["2021-02-29", "1900-02-29", "2020-04-31", "0000-01-01", "2020-1-2", "01/02/2020", "epoch", "10:00"]),
        (VARCHAR, ["2020-01-02 24:00", "2020-01-02 03:04:05.1234567", "2020-01-02 03:04:60", "2020-01-02Z", "\uff15"]),
    ],
)  # fmt: skip
def test_values_have_the_types_that_they_look_like(letter: str, values: list[str]) -> None:
    assert {value: of_text(value) for value in values} == dict.fromkeys(values, letter)


def test_joining_is_associative_commutative_and_idempotent() -> None:
    for one, two, three in itertools.product(KINDS, repeat=3):
        assert join(one, join(two, three)) == join(join(one, two), three)
        assert join(one, two) == join(two, one)
        assert join(one, one) == one and join(one, NULL) == one and join(one, VARCHAR) == VARCHAR


@SETTINGS
@given(st.integers(-(2**66), 2**66))
@example(2**63 - 1)
@example(2**63)
@example(-(2**63))
@example(-(2**63) - 1)
def test_whole_numbers_are_those_of_64_bits(number: int) -> None:
    assert of_text(str(number)) == (BIGINT if -(2**63) <= number < 2**63 else VARCHAR)


@pytest.mark.parametrize("number", ["9223372036854775808", "1" + "0" * 198, "7", "1.5"])
def test_what_is_said_to_be_a_float_may_have_more_digits_than_an_integer(number: str) -> None:
    assert fits(number, DOUBLE) and not fits("9" * 200, DOUBLE)


@SETTINGS
@given(st.from_regex(re.compile(FORMS[TIMESTAMPTZ], re.ASCII), fullmatch=True))
def test_moments_with_an_offset_are_between_the_first_and_the_last_that_there_are(text: str) -> None:
    hours = re.sub(r"([+-][0-9]{2})$", r"\1:00", text)
    assert datetime.fromisoformat(hours).astimezone(UTC)


@SETTINGS
@given(st.floats(allow_infinity=False, allow_nan=False, max_value=9e307, min_value=-9e307))
def test_every_float_of_a_program_is_a_number(number: float) -> None:
    assert join(of_text(repr(number)), DOUBLE) == DOUBLE


@SETTINGS
@given(st.from_regex(re.compile(FORMS[DOUBLE], re.ASCII), fullmatch=True))
def test_no_number_becomes_infinite(text: str) -> None:
    assert float(text) not in (float("inf"), float("-inf"))


@SETTINGS
@given(st.integers(0, 9999), st.integers(0, 13), st.integers(0, 32))
def test_days_are_those_of_the_calendar(year: int, month: int, day: int) -> None:
    text = f"{year:04d}-{month:02d}-{day:02d}"
    try:
        date.fromisoformat(text)
    except ValueError:
        assert of_text(text) == VARCHAR
    else:
        assert of_text(text) == DATE == of_string(text)


@SETTINGS
@given(st.datetimes())
def test_moments_are_those_of_the_calendar(moment: datetime) -> None:
    assert of_text(moment.isoformat()) == of_text(moment.isoformat(" ")) == TIMESTAMP == of_string(moment.isoformat())


def test_a_decimal_has_a_letter_of_its_own() -> None:
    letters = {decimal(digits, scale) for digits in range(1, 39) for scale in range(digits + 1)}
    assert len(letters) == 38 * 41 // 2 and all(len(letter) == 1 for letter in letters)
    assert not letters & set(SQL)
    assert {digits_of(letter) for letter in letters} == {(n, m) for n in range(1, 39) for m in range(n + 1)}
    assert sql_name(decimal(38, 7)) == "DECIMAL(38,7)"
    for digits, scale in ((0, 0), (39, 0), (5, 6), (5, -1)):
        with pytest.raises(ValueError, match="1 to 38 digits"):
            decimal(digits, scale)


@settings(max_examples=500, deadline=None, database=None)
@given(DECIMALS, st.from_regex(re.compile(r"-?[0-9]{0,40}(\.[0-9]{0,40})?", re.ASCII), fullmatch=True))
@example((5, 2), "999.99")
@example((5, 2), "1000")
@example((5, 2), "0.0100")
@example((5, 5), "0")
@example((5, 5), ".99999")
@example((5, 0), "5.")
@example((5, 0), ".")
@example((5, 2), "007")
def test_a_decimal_holds_what_loses_no_digit(size: tuple[int, int], text: str) -> None:
    digits, scale = size
    whole, _, places = text.lstrip("-").partition(".")
    plain = bool(whole or places) and (whole == "0" or not whole.startswith("0"))
    small = plain and abs(Decimal(text)) < 10 ** (digits - scale) and len(places.rstrip("0")) <= scale
    assert fits(text, decimal(digits, scale)) == (small or not text)


@settings(max_examples=150, deadline=None, database=None)
@given(DECIMALS, st.data())
def test_a_decimal_is_read_as_the_number_that_it_is(size: tuple[int, int], data: st.DataObject) -> None:
    letter = decimal(*size)
    text = data.draw(st.from_regex(re.compile(form_of(letter), re.ASCII), fullmatch=True))
    (found,) = reader().execute(f"SELECT ?::{sql_name(letter)}", [text]).fetchall()
    assert found == (Decimal(text),)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("12.345", "is not a DECIMAL(5,2): more than 2 digits follow its point"),
        ("-1234.5", "is not a DECIMAL(5,2): more than 3 digits stand before its point"),
        ("0012", "is not a DECIMAL(5,2)"),
        ("1e2", "is not a DECIMAL(5,2)"),
        ("x", "is not a DECIMAL(5,2)"),
    ],
)
def test_it_is_said_why_a_decimal_does_not_fit(value: str, says: str) -> None:
    assert misfit(value, decimal(5, 2)) == says


@pytest.mark.parametrize("letter", USUAL)
def test_the_usual_is_a_part_of_the_form(letter: str) -> None:
    @settings(max_examples=200, deadline=None, database=None)
    @given(st.from_regex(re.compile(USUAL[letter], re.ASCII), fullmatch=True))
    def check(text: str) -> None:
        assert of_text(text) == letter

    check()


@settings(max_examples=400, deadline=None, database=None)
@given(
    st.lists(st.sampled_from(["", "1", "1.5", "true", "2020-01-01", "x", "-5", "5.", "007", "nan", "2020-01-01 10:00"]),
             min_size=1, max_size=3),
    st.data(),
)  # fmt: skip
def test_patterns_take_exactly_what_fits(values: list[str], data: st.DataObject) -> None:
    types = "".join(data.draw(st.sampled_from(KINDS)) for _ in values)
    required = "".join(data.draw(st.sampled_from(" !")) for _ in values)
    quoted = [data.draw(st.booleans()) or (len(values) == 1 and not value) for value in values]
    row = ",".join(f'"{value}"' if quote else value for value, quote in zip(values, quoted, strict=True)).encode()
    good = all(
        (bool(value) if need == "!" else True) and (not value if kind == NULL else fits(value, kind))
        for value, kind, need in zip(values, types, required, strict=True)
        if kind != NULL or need != "!"
    )
    if any(kind == NULL and need == "!" for kind, need in zip(types, required, strict=True)):
        return
    found = typed_records(",", types, required).match(row + b"\n")
    assert found is not None and (found.end() == len(row) + 1) == good
