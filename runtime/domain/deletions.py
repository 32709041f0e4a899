"""Deleting a file with all of its versions: noted at once, carried out behind that, in steps that may be repeated
(ADR 15).

Who deletes a file means what they have seen. A version that comes later, under the same name, is another file: nothing
here touches it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from runtime.domain.announcements import SOURCE, TYPES
from runtime.domain.errors import Transient
from runtime.domain.identity import FileVersion
from runtime.domain.ports import Place
from runtime.domain.refusals import Conflict

DELETING, DELETED = "deleting", "deleted"
GONE = (DELETING, DELETED)
"""States in which a file is not shown to anybody."""
ENDED = ("succeeded", "rejected", "failed")
# Links lead to them (`behaviors.FILE_PREFIXES`, and results); a wildcard is one path, whatever it matches.
_SERVED = ("archives", "images", "results")


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """A version that the ledger knows, with the last of its attempts, and whether that has ended."""

    file: FileVersion
    ended: bool

    def attempts(self) -> Iterator[FileVersion]:
        """The file as each of its attempts had it: their results lie in places of their own."""
        return (replace(self.file, attempt=attempt) for attempt in range(1, self.file.attempt + 1))


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """That a file is to be gone, up to the version that `file` is; `run` tells it from every other wish."""

    file: FileVersion
    run: str


class Register(Protocol):
    """The ledger and `Files`, as far as deleting goes. Reads are consistent."""

    def versions(self, name: str, order: str) -> list[Version]:
        """What is known of a file's versions up to the one of that order."""
        ...

    def wish(self, item: Mapping[str, Any], by: str) -> bool:
        """Writes down who wishes the file away that an item of `Files` shows; False if it has changed since."""
        ...

    def is_done(self, wish: Wish) -> bool: ...

    def done(self, wish: Wish) -> None:
        """Writes down that nothing is left; a version that has come since is shown on."""
        ...


class Store(Protocol):
    """The buckets. What is gone already is no error."""

    def versions(self, place: Place) -> list[str]:
        """All versions of one object, newest first."""
        ...

    def remove(self, places: Iterable[Place]) -> None:
        """Removes versions for ever, one after the other."""
        ...

    def remove_all(self, bucket: str, prefix: str) -> None:
        """Removes all versions of all objects for ever whose keys begin so."""
        ...

    def retire(self, place: Place) -> None:
        """Hides an object; its versions go when their time in the bucket is over, no sooner."""
        ...


class Edge(Protocol):
    """What serves links, and keeps copies."""

    def forget(self, paths: Sequence[str], reference: str) -> None:
        """Has all copies forgotten; with the `reference` of an earlier call it is that call. Raises `Transient`."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Stores:
    """Names of buckets."""

    output: str
    delivery: str
    backup: str


def ask(item: Mapping[str, Any], by: str, *, register: Register) -> None:
    """Notes that the file is to be gone that an item of `Files` shows. It is noted for ever; asked twice is once.

    Raises `Conflict` while any of its versions is being worked on.
    """
    if item["State"] in GONE:
        return
    if item["State"] not in ENDED:
        raise Conflict(f"The file is {item['State']}; it can be deleted once that has ended.")
    if not all(version.ended for version in register.versions(item["FileName"], item["Sequencer"])):
        raise Conflict("An older version of the file is still being processed; delete it once that has ended.")
    if not register.wish(item, by):
        raise Conflict("The file has changed meanwhile; look at it again.")


def from_event(body: str, bucket: str) -> Wish | None:
    """The wish in an event of the platform's bus, as a queue holds it; None for an event of another kind.

    `bucket` is that of uploads. Raises `ValueError` when it is not what `docs/events.md` says.
    """
    event = json.loads(body)
    if event.get("source") != SOURCE or event.get("detail-type") != TYPES[DELETING]:
        return None
    detail = event["detail"]
    try:
        file = FileVersion(
            bucket=bucket,
            key=detail["name"],
            version=detail["version"],
            size=0,
            etag="",
            sequencer=detail["sequencer"],
            received_at="",
            attempt=detail["attempt"],
        )
        return Wish(file=file, run=detail["run"])
    except KeyError as error:
        raise ValueError(f"the event has no {error}") from error


def carry_out(wish: Wish, *, register: Register, store: Store, edge: Edge, stores: Stores) -> bool:
    """Takes away what there is of the file; False if that was done before. Any number of times, stopped anywhere.

    The originals go first: a run that begins after that finds nothing to read, and one that began before is waited for
    (`Transient`), so that nothing is made behind our back. Copies at the edge go when there is nothing left to copy.
    """
    if register.is_done(wish):
        return False
    file = wish.file
    _remove_originals(file, register.versions(file.name, file.order), store)
    versions = register.versions(file.name, file.order)
    if not all(version.ended for version in versions):
        raise Transient(f"{file.name}: a version is still being processed; what that makes is deleted after it")
    for version in versions:
        for attempt in version.attempts():
            store.remove_all(stores.output, attempt.result_key(""))
            store.remove_all(stores.delivery, f"archives/{attempt.file_id}/")
            store.remove_all(stores.delivery, attempt.image_key(""))
        # Without the time of its upload it had not come as far as a backup.
        if version.file.received_at:
            store.retire(Place(stores.backup, version.file.backup_key))
    edge.forget([f"/{top}/{file.stem}/*" for top in _SERVED], wish.run)
    register.done(wish)
    return True


def _remove_originals(file: FileVersion, known: Sequence[Version], store: Store) -> None:
    """The version of the wish goes last: as long as it is there, S3's own order tells which ones are older."""
    there = store.versions(Place(file.bucket, file.key))
    older = there[there.index(file.version) + 1 :] if file.version in there else []
    doomed = {*older, *(version.file.version for version in known)} - {file.version}
    last = [file.version] if file.version in there else []
    going = [*(version for version in reversed(there) if version in doomed), *last]
    store.remove(Place(file.bucket, file.key, version) for version in going)
