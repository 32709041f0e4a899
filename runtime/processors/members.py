"""Members of flat JSON objects as columns: their types as lines go by, and lines as rows of CSV."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from runtime.domain.column_types import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    MOST_DIGITS,
    NULL,
    VARCHAR,
    fits,
    is_decimal,
    join,
    misfit,
    of_string,
)
from runtime.domain.tables import NESTED


class Number(str):
    """A number of JSON with a point or an exponent, as it is written: a float would not have all of its digits."""

    __slots__ = ()


_DECODE = msgspec.json.Decoder().decode
_DECODE_EXACTLY = msgspec.json.Decoder(float_hook=Number).decode
# Others have more digits than any decimal, or none that it would show.
_SHORT_NUMBER = re.compile(r".{1,80}[eE][+-]?[0-9]{1,2}")
_MOST, _LEAST = 2**63 - 1, -(2**63)
# As in CSV, whole numbers of more digits are text, even where they are said to be floats (see `column_types`).
_LONG, _TOO_MUCH = 300, 10**199
_INFINITE = (float("inf"), float("-inf"))


def value_of(line: bytes, *, exact: bool = False) -> Any:
    """The value of a line that is known to be JSON. A number that would be infinite is `Number`.

    So are others that are not whole, if that is to be `exact`.
    """
    try:
        return _DECODE_EXACTLY(line) if exact else _DECODE(line)
    except msgspec.DecodeError:
        return json.loads(
            line,
            parse_int=lambda digits: int(digits) if len(digits) < _LONG else Number(digits),
            parse_float=lambda text: Number(text) if exact or math.isinf(float(text)) else float(text),
        )


def type_of(value: Any) -> str:
    """The type of a member's value, or `NESTED`."""
    match value:
        case None:
            return NULL
        case bool():
            return BOOLEAN
        case str():
            return of_string(value)
        case int():
            return BIGINT if _LEAST <= value <= _MOST else VARCHAR
        case float():
            return VARCHAR if value in _INFINITE else DOUBLE
    return NESTED


def decimal_text(value: Any) -> str:
    """How a decimal would be written that is a number of JSON, or text (whose writer mistrusts readers of numbers)."""
    match value:
        case Number():
            return f"{Decimal(value):f}" if _SHORT_NUMBER.fullmatch(value) else str(value)
        case str():
            return value
        case int() if not isinstance(value, bool) and abs(value) < 10**MOST_DIGITS:
            return str(value)
    return ""


class Members:
    """The types of a part's members, in the order in which they appear.

    With declared types nothing is learned: `objection` says why a line is not as declared.
    """

    def __init__(self, context: Mapping[str, Any]) -> None:
        self._wanted = "table" in context
        self._declared: Mapping[str, bool] | None = context.get("declared")
        self.found: dict[str, str] = dict(context.get("table", {}))
        self._exact = any(map(is_decimal, self.found.values()))

    def take(self, line: bytes) -> None:
        """Learns from a good line."""
        if not self._wanted or self._declared is not None or self.found.get("") == NESTED:
            return
        value = value_of(line)
        if not isinstance(value, dict):
            # A member without a name spoils the table as well; a nested one stands for the line itself.
            self.found = {"": NESTED}
            return
        for name, each in value.items():
            before = self.found.get(name, NULL)
            if before == VARCHAR and isinstance(each, str):
                continue
            letter = type_of(each)
            if letter != before or name not in self.found:
                self.found[name] = NESTED if NESTED in (letter, before) else join(before, letter)

    def objection(self, line: bytes) -> str | None:
        """Why a good line is not as declared; None if it is."""
        if self._declared is None:
            return None
        value = value_of(line, exact=self._exact)
        if not isinstance(value, dict):
            return "not an object: its members are declared"
        for name in value:
            if name not in self._declared:
                return f"column {name}: it is not declared"
        for name, nullable in self._declared.items():
            letter, each = self.found[name], value.get(name)
            if each is None and not nullable:
                return f"column {name}: there is no value, and it must have one"
            if not _holds(letter, each):
                return f"column {name}: {_shown(each)} {misfit(decimal_text(each), letter)}"
        return None


def _holds(letter: str, value: Any) -> bool:
    if value is None:
        return True
    if is_decimal(letter):
        text = decimal_text(value)
        return bool(text) and fits(text, letter)
    if letter == DOUBLE and isinstance(value, int) and not isinstance(value, bool):
        return abs(value) < _TOO_MUCH
    found = type_of(float(value) if isinstance(value, Number) else value)
    return found != NESTED and join(found, letter) == letter


def as_rows(lines: Sequence[bytes], columns: Mapping[str, str]) -> bytes:
    """Lines of flat objects as CSV in which text is always quoted, and every row ends with a zero.

    `columns` are those wanted, name to type; of other types than decimals it does not matter which.
    """
    fields = [(name, decimal_text if is_decimal(letter) else _field) for name, letter in columns.items()]
    exact = any(field is decimal_text for _, field in fields)
    rows = []
    for line in lines:
        value = value_of(line, exact=exact)
        rows.append(",".join([*(field(value.get(name)) for name, field in fields), "0\n"]))
    return "".join(rows).encode("utf-8", "replace")


def quoted(text: str) -> str:
    """Text as a field of CSV."""
    return '"' + text.replace('"', '""') + '"'


def _field(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Number):
        number = float(value)
        return str(value) if math.isinf(number) else json.dumps(number)
    if isinstance(value, str):
        return quoted(value)
    return json.dumps(value)


def _shown(value: Any) -> str:
    text = value if isinstance(value, Number) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:80]}…"
