"""Lists of files, newest first, page by page."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from runtime.domain import access, file_ids
from runtime.domain.cursors import Position
from runtime.domain.identity import folder_of
from runtime.domain.refusals import Fault, Invalid

BY_FOLDER, BY_TIME = "by_folder", "by_time"
"""The indexes of `Files`: of each folder, and of everything, both by the time of the upload."""
STATES = ("received", "scanning", "processing", "succeeded", "rejected", "failed")
"""Of files that are there; one that is being deleted is not shown to anybody."""
# How often a page is looked for on, when a filter lets little through; the page ends then, and its cursor leads on.
LOOKS = 5
LOOK_KEYS, LOOK_NAMES = 100, 1000

Item = Mapping[str, Any]
"""An item of `Files` or of the ledger: attribute to text or whole number."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Times of `ReceivedAt` as text, both included. Longer than the times that were asked for by less than a second."""

    first: str
    last: str

    @classmethod
    def of(cls, since: datetime | None, until: datetime | None) -> "Span":
        """All texts of a second lie between the second without a zone and the same with `~` behind it."""
        return cls(first=_second(since) if since else "0", last=f"{_second(until)}~" if until else "~")

    def holds(self, at: str) -> bool:
        """Whether a text lies in it."""
        return self.first <= at <= self.last


def _second(at: datetime) -> str:
    return at.isoformat(timespec="seconds")[:19]


class Index(Protocol):
    """What is read of `Files`. Reads may be a moment behind."""

    def keys(
        self, folder: str | None, span: Span, *, prefix: str | None, limit: int, after: Position | None
    ) -> tuple[list[Position], Position | None]:
        """Times and names of a folder, or of all, newest first; and where to look on, if there may be more."""
        ...

    def items(self, names: Collection[str]) -> dict[str, Item]:
        """By their names; at most 100. One that is not there is left out."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What a list is asked for; `until` is excluded."""

    limit: int
    after: Position | None
    state: str | None
    prefix: str | None
    since: datetime | None
    until: datetime | None

    def fits(self, item: Item) -> bool:
        """Whether an item is to be shown."""
        if item["State"] not in STATES:
            return False
        at = datetime.fromisoformat(item["ReceivedAt"])
        return (
            (self.state is None or item["State"] == self.state)
            and (self.since is None or at >= self.since)
            and (self.until is None or at < self.until)
        )


def page(caller: access.Caller, wanted: Wanted, *, index: Index) -> tuple[list[Item], Position | None]:
    """The items of a page, and the position after which there may be more. Raises `Invalid` for a foreign cursor."""
    span, position = Span.of(wanted.since, wanted.until), wanted.after
    if span.first > span.last:
        return [], None
    if position is not None and not span.holds(position[0]):
        raise Invalid([Fault(detail="cursor is of a list of other times", parameter="cursor")])
    folder = access.listed(caller, wanted.prefix)
    found: dict[str, Item] = {}
    for _ in range(LOOKS):
        # Names are compared by the index; whatever else is asked for costs the reading of items.
        limit = LOOK_NAMES if wanted.prefix else LOOK_KEYS if wanted.state else wanted.limit
        keys, more = index.keys(folder, span, prefix=wanted.prefix, limit=limit, after=position)
        for start in range(0, len(keys), LOOK_KEYS):
            some = keys[start : start + LOOK_KEYS]
            items = index.items({name for _, name in some})
            for at, position in enumerate(some, start):
                item = items.get(position[1])
                if item is not None and wanted.fits(item) and access.sees(caller, folder_of(position[1])):
                    found.setdefault(position[1], item)
                if len(found) == wanted.limit:
                    return list(found.values()), position if at + 1 < len(keys) or more else None
        if more is None:
            return list(found.values()), None
        position = more
    return list(found.values()), position


def shown(item: Item) -> dict[str, Any]:
    """A file as the API shows it."""
    state = item["State"]
    members = {
        "id": file_ids.of_name(item["FileName"]),
        "name": item["FileName"],
        "version": item["VersionId"],
        "state": state,
        "stage": item.get("Stage") if state == "processing" else None,
        "groups": item.get("Groups"),
        "attempt": item["Attempt"],
        "size": item.get("Size"),
        "kind": item.get("Kind"),
        "sha256": item.get("Sha256"),
        "accepted": item.get("Accepted"),
        "rejected": item.get("Rejected"),
        "reason": item.get("Reason"),
        "received_at": item["ReceivedAt"],
        "updated_at": item["UpdatedAt"],
        "ended_at": item.get("EndedAt"),
    }
    return {name: value for name, value in members.items() if value is not None}


def entry(item: Item) -> dict[str, Any]:
    """An entry of the ledger as the API shows it."""
    members = {
        "version": item["VersionId"],
        "state": item["State"],
        "attempt": item["Attempt"],
        "at": item["At"],
        "reason": item.get("Reason"),
        "by": item.get("By"),
    }
    return {name: value for name, value in members.items() if value is not None}
