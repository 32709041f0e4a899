"""Declared tables: from the settings to what functions read.

They travel in the functions' packages, because Lambda's environment holds 4 KiB in all and one wide table has more.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from runtime.domain.column_types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    TIMESTAMP,
    TIMESTAMPTZ,
    VARCHAR,
    decimal,
    digits_of,
    is_decimal,
)
from runtime.environment import DECLARED

TYPES = {
    "BOOLEAN": BOOLEAN,
    "BIGINT": BIGINT,
    "DOUBLE": DOUBLE,
    "DATE": DATE,
    "TIMESTAMP": TIMESTAMP,
    "TIMESTAMPTZ": TIMESTAMPTZ,
    "VARCHAR": VARCHAR,
}
NOT_NULL = " NOT NULL"
_OF_SCHEMA = {
    ("boolean", None): BOOLEAN,
    ("integer", None): BIGINT,
    ("number", None): DOUBLE,
    ("string", None): VARCHAR,
    ("string", "date"): DATE,
    ("string", "date-time"): TIMESTAMPTZ,
}
_OF_POSTGRES = {
    BOOLEAN: "boolean",
    BIGINT: "bigint",
    DOUBLE: "double precision",
    DATE: "date",
    TIMESTAMP: "timestamp without time zone",
    TIMESTAMPTZ: "timestamp with time zone",
    VARCHAR: "text",
}
_DECIMAL = re.compile(r"decimal\(([0-9]{1,3}), ?([0-9]{1,3})\)")
_KNOWN = {"type", "format", "title", "description"}

Columns = dict[str, tuple[str, bool]]
"""Name to the letter of the type, and whether it may be without a value."""


def of_list(columns: Mapping[str, str]) -> Columns:
    """`{"amount": "DOUBLE NOT NULL"}`. Raises `ValueError` that names the column."""
    found: Columns = {}
    for name, text in columns.items():
        bare = text.removesuffix(NOT_NULL)
        letter = TYPES.get(bare) or (_decimal(name, bare.lower()) if bare.isupper() else None)
        if letter is None:
            raise ValueError(
                f"column {name}: {text!r} is not a type; there are {', '.join(TYPES)} and DECIMAL(10,2), "
                f"each with{NOT_NULL} or not"
            )
        found[name] = (letter, bare == text)
    return found


def of_schema(schema: Mapping[str, Any]) -> Columns:
    """A JSON Schema of an object whose properties are columns. Raises `ValueError` for what would not be checked."""
    properties = schema.get("properties")
    if schema.get("type") != "object" or not isinstance(properties, dict):
        raise ValueError("json_schema: it has to be of type object, with properties")
    needed = set(schema.get("required", ()))
    if unknown := sorted(needed - set(properties)):
        raise ValueError(f"json_schema: {unknown[0]} is required, but is no property")
    return {name: _column(name, each, name in needed) for name, each in properties.items()}


def _column(name: str, about: Mapping[str, Any], needed: bool) -> tuple[str, bool]:
    given = about.get("type")
    kinds = list(given) if isinstance(given, list) else [given]
    bare = [kind for kind in kinds if kind != "null"]
    if unknown := sorted(set(about) - _KNOWN):
        known = ", ".join(sorted(_KNOWN))
        raise ValueError(f"json_schema: {name}: {unknown[0]} is not checked here; there are {known}")
    form = about.get("format")
    letter = _OF_SCHEMA.get((str(bare[0]), form)) if len(bare) == 1 else None
    if bare in (["number"], ["string"]) and isinstance(form, str):
        letter = letter or _decimal(f"json_schema: {name}", form)
    if letter is None:
        raise ValueError(
            f"json_schema: {name}: type {given!r} and format {form!r} are no type of a column; there are "
            "boolean, integer, number, string with the format date, date-time or none, and number or string with the "
            "format decimal(10,2)"
        )
    return letter, not needed or "null" in kinds


def _decimal(name: str, text: str) -> str | None:
    """The letter of "decimal(10,2)"; None for anything else. Raises `ValueError` for one that there cannot be."""
    found = _DECIMAL.fullmatch(text)
    try:
        return decimal(int(found[1]), int(found[2])) if found else None
    except ValueError as error:
        raise ValueError(f"{name}: {text}: {error}") from None


def of_postgres(columns: Columns) -> dict[str, str]:
    """The types that a table in PostgreSQL has for them. Whether they may be without a value is no matter of it."""
    return {name: _postgres(letter) for name, (letter, _) in columns.items()}


def _postgres(letter: str) -> str:
    return "numeric({},{})".format(*digits_of(letter)) if is_decimal(letter) else _OF_POSTGRES[letter]


def files(tables: Sequence[tuple[str, Columns]]) -> dict[str, bytes]:
    """What goes into the packages: prefixes with their columns."""
    document = [
        {"prefix": prefix, "columns": {name: list(column) for name, column in columns.items()}}
        for prefix, columns in tables
    ]
    return {DECLARED: json.dumps(document, ensure_ascii=False).encode()}
