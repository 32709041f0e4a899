"""Members of flat JSON objects as columns: their types as lines go by, and lines as rows of CSV."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from runtime.domain.column_types import BIGINT, BOOLEAN, DOUBLE, NULL, SQL, VARCHAR, join, of_string
from runtime.domain.tables import NESTED

_DECODE = msgspec.json.Decoder().decode
_MOST, _LEAST = 2**63 - 1, -(2**63)
_INFINITE = (float("inf"), float("-inf"))


def value_of(line: bytes) -> Any:
    """The value of a line that is known to be JSON. A number of hundreds of digits is infinite, as a float's is."""
    try:
        return _DECODE(line)
    except msgspec.DecodeError:
        return json.loads(line, parse_int=lambda digits: int(digits) if len(digits) < 300 else float(digits))


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
            return BIGINT if _LEAST <= value <= _MOST else DOUBLE
        case float():
            return VARCHAR if value in _INFINITE else DOUBLE
    return NESTED


class Members:
    """The types of a part's members, in the order in which they appear.

    With declared types nothing is learned: `objection` says why a line is not as declared.
    """

    def __init__(self, context: Mapping[str, Any]) -> None:
        self._wanted = "table" in context
        self._declared: Mapping[str, bool] | None = context.get("declared")
        self.found: dict[str, str] = dict(context.get("table", {}))

    def take(self, line: bytes) -> None:
        """Learns from a good line."""
        if not self._wanted or self._declared is not None or "" in self.found:
            return
        value = value_of(line)
        if not isinstance(value, dict):
            # No member has this name; it stands for the line itself.
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
        value = value_of(line)
        if not isinstance(value, dict):
            return "not an object: its members are declared"
        for name in value:
            if name not in self._declared:
                return f"column {name}: it is not declared"
        for name, nullable in self._declared.items():
            letter, each = self.found[name], value.get(name)
            if each is None and not nullable:
                return f"column {name}: there is no value, and it must have one"
            found = type_of(each)
            if found == NESTED or join(found, letter) != letter:
                return f"column {name}: {_shown(each)} is not a {SQL[letter]}"
        return None


def as_rows(lines: Sequence[bytes], names: Sequence[str]) -> bytes:
    """Lines of flat objects as CSV in which text is always quoted, and every row ends with a zero."""
    rows = []
    for line in lines:
        value = value_of(line)
        rows.append(",".join([*(_field(value.get(name)) for name in names), "0\n"]))
    return "".join(rows).encode("utf-8", "replace")


def _field(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    return json.dumps(value)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:80]}…"
