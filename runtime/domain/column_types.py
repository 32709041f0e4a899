"""Types of columns: how a value of each is written, and which type holds the values of two.

A value's type is decided by its bytes alone, and a column's is the join of its values' types. Joining is associative,
commutative and idempotent, so a column has the same type however its file is cut. The forms are narrower than what
readers take: DuckDB reads "1.5" as the number 2 when told to expect whole numbers, cuts a timestamp to a date when
told to expect dates, and makes 7 of "007". What is of a form here is read as the very value that it looks like.
"""

import re
from functools import lru_cache, reduce

NULL, BOOLEAN, BIGINT, DOUBLE, DATE, TIMESTAMP, TIMESTAMPTZ, VARCHAR = "nbifdtzs"
"""A letter for each type, so that those of a thousand columns are a short text."""

SQL = {
    NULL: "VARCHAR",
    BOOLEAN: "BOOLEAN",
    BIGINT: "BIGINT",
    DOUBLE: "DOUBLE",
    DATE: "DATE",
    TIMESTAMP: "TIMESTAMP",
    TIMESTAMPTZ: "TIMESTAMP WITH TIME ZONE",
    VARCHAR: "VARCHAR",
}
"""What a table calls those that are found. A column without any value is text. Decimals are declared only."""

MOST_DIGITS = 38
_FIRST_DECIMAL = 0xE000


def decimal(digits: int, scale: int) -> str:
    """The letter of numbers with so many digits, `scale` of them after the point; one of Unicode's private ones."""
    if not 0 <= scale <= digits <= MOST_DIGITS or not digits:
        raise ValueError(f"a DECIMAL has 1 to {MOST_DIGITS} digits, of which not more than all follow its point")
    return chr(_FIRST_DECIMAL + digits * (MOST_DIGITS + 1) + scale)


def is_decimal(letter: str) -> bool:
    """True for the letter of any `decimal`."""
    return letter >= chr(_FIRST_DECIMAL)


def digits_of(letter: str) -> tuple[int, int]:
    """How many digits a `decimal` has, and how many of them follow the point."""
    return divmod(ord(letter) - _FIRST_DECIMAL, MOST_DIGITS + 1)


def sql_name(letter: str) -> str:
    """What a table calls the type."""
    return "DECIMAL({},{})".format(*digits_of(letter)) if is_decimal(letter) else SQL[letter]


_WIDER = {frozenset((BIGINT, DOUBLE)): DOUBLE, frozenset((DATE, TIMESTAMP)): TIMESTAMP}


def join(one: str, other: str) -> str:
    """The narrowest type that holds the values of both."""
    if other in (one, NULL):
        return one
    return other if one == NULL else _WIDER.get(frozenset((one, other)), VARCHAR)


def _up_to(limit: str) -> str:
    """Numbers that have as many digits as `limit` and are not above it."""
    places = [(limit[:at], int(digit), len(limit) - at - 1) for at, digit in enumerate(limit)]
    lower = [f"{before}[{int(not before)}-{digit - 1}][0-9]{{{after}}}" for before, digit, after in places if digit]
    return "|".join([*lower, limit])


_YEAR = "(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
_LEAP = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
_DAY = (
    f"(?:{_YEAR}-(?:(?:0[13-9]|1[0-2])-(?:0[1-9]|[12][0-9]|30)|(?:0[13578]|1[02])-31|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    f"|{_LEAP}-02-29)"
)
EDGES = r"(?!0001-01-01[T ][0-9:.]*\+(?!00(?::?00)?(?![0-9:]))|9999-12-31[T ][0-9:.]*-(?!00(?::?00)?(?![0-9:])))"
"""Not a moment of the first or last day of all that may be before or behind them where there is no offset."""
EDGE_DAYS = ("0001-01-01", "9999-12-31")
_TIME = r"[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?"

# 64 bits with a sign. Leading zeros are those of codes and telephone numbers.
_WHOLE = rf"-?(?:0|[1-9][0-9]{{0,17}}|{_up_to('9223372036854775807')})|-9223372036854775808"

_TINY = "-(?:[0-9]{1,2}|[12][0-9]{2}|3(?:[01][0-9]|2[0-4]))"

FORMS = {
    BOOLEAN: "(?:[Tt]rue|TRUE|[Ff]alse|FALSE)",
    BIGINT: rf"(?:{_WHOLE})",
    # Exponents stop short of where a number becomes infinite, or nothing; so does the number of digits. Whole numbers
    # that no integer holds are numbers of cards, parcels and accounts: as floats, different ones would be the same.
    DOUBLE: (
        rf"(?:-?(?:(?:0|[1-9][0-9]{{0,198}})\.[0-9]*+|\.[0-9]++)(?:[eE](?:{_TINY}|\+?[0-9]{{1,2}}))?"
        rf"|-?(?:0|[1-9][0-9]{{0,198}})[eE](?:{_TINY}|\+?[0-9]{{1,2}})"
        rf"|-?[0-9](?:\.[0-9]*+)?[eE]\+?(?:[12][0-9]{{2}}|30[0-7])|-?(?:nan|NaN|NAN)|{_WHOLE})"
    ),
    DATE: _DAY,
    TIMESTAMP: rf"(?:{_DAY}(?:{_TIME})?)",
    TIMESTAMPTZ: rf"(?:{EDGES}{_DAY}{_TIME}(?:Z|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?))",
}
"""Regular expressions for the text of a value. Days and months are never guessed: dates are ISO 8601."""

_DECLARED = {DOUBLE: rf"(?:{FORMS[DOUBLE]}|-?[1-9][0-9]{{18,198}})"}
"""What may be written besides, once somebody has said that it is a float."""

USUAL = {
    BIGINT: "-?[1-9][0-9]{0,17}+",
    DOUBLE: r"-?[1-9][0-9]{0,14}+\.[0-9]++",
    DATE: "[12][0-9]{3}-(?:0[13-9]|1[0-2])-(?:0[1-9]|[12][0-9]|30)",
}
"""Of some types the values that there are most of: a part of the form that is matched sooner."""

_OF_TEXT = re.compile("|".join(f"(?P<{name}>{form})" for name, form in FORMS.items()))
_MOMENT = re.compile("|".join(f"(?P<{name}>{FORMS[name]})" for name in (DATE, TIMESTAMP, TIMESTAMPTZ)))
_NUMBER = re.compile(r"-?[0-9]*+(?:\.[0-9]*+)?")


@lru_cache(maxsize=256)
def form_of(letter: str, *, declared: bool = False) -> str:
    """A regular expression for the text of a value of any type but text, found or `declared`."""
    if not is_decimal(letter):
        return _DECLARED.get(letter, FORMS[letter]) if declared else FORMS[letter]
    digits, scale = digits_of(letter)
    whole = f"(?:0|[1-9][0-9]{{0,{digits - scale - 1}}})" if digits > scale else "0"
    # Zeros behind the last place are no digits that would be lost.
    places = f"[0-9]{{0,{scale}}}+0*+"
    return rf"(?:-?(?:{whole}(?:\.{places})?|\.(?=[0-9]){places}))"


@lru_cache(maxsize=256)
def _whole_form(letter: str) -> re.Pattern[str]:
    return re.compile(form_of(letter, declared=True))


def of_text(value: str) -> str:
    """The type of a value that is written as text, as in CSV. Nothing is NULL."""
    return _remembered(_OF_TEXT, value) if value else NULL


def of_string(value: str) -> str:
    """The type of a string whose writer could have written a number or a boolean, as in JSON."""
    return _remembered(_MOMENT, value)


def _remembered(forms: re.Pattern[str], value: str) -> str:
    return _short(forms, value) if len(value) <= _SHORT else _type(forms, value)


def _type(forms: re.Pattern[str], value: str) -> str:
    found = forms.fullmatch(value)
    return str(found.lastgroup) if found else VARCHAR


_SHORT = 40
_short = lru_cache(maxsize=50_000)(_type)


def fits(value: str, wanted: str) -> bool:
    """True if the text `value` is of the declared type `wanted`, or is nothing."""
    return not value or wanted == VARCHAR or bool(_whole_form(wanted).fullmatch(value))


def misfit(value: str, wanted: str) -> str:
    """What is to be said behind a value that does not fit."""
    said = f"is not a {sql_name(wanted)}"
    if not is_decimal(wanted) or not _NUMBER.fullmatch(value):
        return said
    digits, scale = digits_of(wanted)
    whole, _, places = value.lstrip("-").partition(".")
    if len(places.rstrip("0")) > scale:
        return f"{said}: more than {scale} digits follow its point"
    if len(whole) > digits - scale and not whole.startswith("0"):
        return f"{said}: more than {digits - scale} digits stand before its point"
    return said


def join_rows(types: str, rows: list[list[str]]) -> str:
    """The types of columns that hold `rows` beside values of `types`; each row has as many values."""
    joined = list(types)
    for at, column in enumerate(zip(*rows, strict=True)):
        if joined[at] != VARCHAR:
            joined[at] = reduce(join, map(of_text, set(column)), joined[at])
    return "".join(joined)
