"""The ledger's archive: its entries as JSON Lines, in objects that can be locked against any change (ADR 2).

An entry may stand in two objects, when a batch of the stream came again in other pieces; `FileName` and `Entry`
together say which entry it is.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

PREFIX = "transactions/"
CONTENT_TYPE = "application/jsonl"


def key(first_sequence: str, at: datetime) -> str:
    """Key of the object for a batch: the day, and the stream's sequence number of the first entry in it."""
    return f"{PREFIX}{at.astimezone(UTC):%Y/%m/%d}/{first_sequence}.jsonl"


def lines(entries: Iterable[Mapping[str, Any]]) -> bytes:
    """One line for each entry, members in order of their names, numbers as whole numbers."""
    written = (json.dumps(entry, sort_keys=True, ensure_ascii=False, default=_number) for entry in entries)
    return "".join(f"{line}\n" for line in written).encode()


def _number(value: Any) -> int:
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    raise TypeError(f"the ledger has no {type(value).__name__}")
