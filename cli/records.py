"""An item of `Files` or `Transactions`; the two tables name what they share alike."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any, Self

ENDED = frozenset({"succeeded", "rejected", "failed", "deleted"})

# Field to attribute, where the one is not the other in CamelCase.
_ODD = {"name": "FileName", "version": "VersionId", "run": "RunId"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """What a table says of one version of a file. Times are ISO 8601 in UTC, sizes in bytes.

    `at` is when the entry was written: of `Files` the last change, of the ledger the step. None is what is not known
    in this state, or not kept in this table.
    """

    name: str
    version: str
    state: str
    attempt: int
    at: str
    size: int | None = None
    received_at: str | None = None
    ended_at: str | None = None
    stage: str | None = None
    parts: int | None = None
    groups: int | None = None
    kind: str | None = None
    sha256: str | None = None
    accepted: int | None = None
    rejected: int | None = None
    archive_key: str | None = None
    archive_bytes: int | None = None
    archive_sha256: str | None = None
    result_key: str | None = None
    reason: str | None = None
    detail: str | None = None
    run: str | None = None

    @classmethod
    def from_item(cls, item: Mapping[str, Any]) -> Self:
        """From plain values by attribute; attributes that are not of interest here are left out."""
        values: dict[str, Any] = {name: item[attribute] for name, attribute in _ATTRIBUTES.items() if attribute in item}
        values.setdefault("at", item.get("UpdatedAt", ""))
        values |= {name: int(one) for name, one in values.items() if isinstance(one, Decimal)}
        return cls(**values)

    @property
    def ended(self) -> bool:
        """True when this attempt is over, or nothing is left of it."""
        return self.state in ENDED

    def as_json(self) -> dict[str, Any]:
        """All that is known, for programs."""
        return {name: value for name, value in asdict(self).items() if value is not None}


_ATTRIBUTES = {
    field.name: _ODD.get(field.name, "".join(word.capitalize() for word in field.name.split("_")))
    for field in fields(Record)
}
