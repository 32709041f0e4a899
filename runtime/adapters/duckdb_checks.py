"""Values that nobody has looked at, as SQL that fails unless they are of a type of ours.

DuckDB's own conversions take more: " 12", "1_0", "007", "1e3" for a whole number, "infinity" for a date.
"""

from runtime.domain.column_types import (
    BIGINT,
    DATE,
    EDGE_DAYS,
    EDGES,
    NULL,
    TIMESTAMPTZ,
    VARCHAR,
    form_of,
    is_decimal,
    sql_name,
)

_DAY_BYTES = 10


def checked(column: str, letter: str, required: bool) -> str:
    """The text `column` as the type `letter`; nothing stays NULL, unless a value is required."""
    if letter == VARCHAR:
        return _unless(f"{column} IS NOT NULL", column) if required else column
    if letter == NULL:
        return _unless("false" if required else f"{column} IS NULL", column)
    value = f"CAST({column} AS {sql_name(letter)})"
    fine = _is_of(column, letter, value)
    return _unless(fine if required else f"({fine}) OR {column} IS NULL", value)


def _is_of(column: str, letter: str, value: str) -> str:
    # What comes back as it was written was written as we want it. That is sooner known than by a pattern.
    back = f"CAST({value} AS VARCHAR) = {column}"
    if letter == BIGINT:
        return back
    if letter == DATE:
        return f"{back} AND strlen({column}) = {_DAY_BYTES}"
    # Its patterns never go back, nor look ahead: it has no word for either.
    form = (
        form_of(letter)
        .replace("*+", "*")
        .replace("++", "+")
        .replace("}+", "}")
        .replace("(?=[0-9])", "")
        .replace(EDGES, "")
    )
    fine = f"regexp_full_match({column}, '{form}')"
    if letter == TIMESTAMPTZ:
        # Those of the first and the last day are for the long way.
        return " AND ".join([fine, *(f"NOT starts_with({column}, '{day}')" for day in EDGE_DAYS)])
    return f"{fine} AND {column} NOT IN ('.', '-.')" if is_decimal(letter) else fine


def _unless(fine: str, value: str) -> str:
    return f"CASE WHEN {fine} THEN {value} ELSE error('not of the type') END"
