"""Waits for the end of one version of a file, and says meanwhile how far it is."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cli.records import Record

SOON_SECONDS = 0.25
LATE_SECONDS = 3.0
GROWTH = 1.3


class Source(Protocol):
    """What is looked at; `Platform` is one."""

    def entries(self, name: str, version: str | None = None) -> list[Record]: ...

    def file(self, name: str) -> Record | None: ...

    def groups_done(self, record: Record) -> int | None: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far a version is. `done` of `total` parts, where parts are counted."""

    state: str
    stage: str | None = None
    done: int | None = None
    total: int | None = None

    def __str__(self) -> str:
        words = self.stage if self.state == "processing" and self.stage not in (None, "starting") else self.state
        return f"{words} {self.done}/{self.total} parts" if self.done is not None else str(words)


def look(source: Source, name: str, version: str, *, attempt: int = 1) -> tuple[Progress, Record | None]:
    """How far the version is now, and its last entry in the ledger once it has ended; attempts before are over.

    The ledger has every version; `Files` knows the stage, but of the newest version alone.
    """
    entries = [one for one in source.entries(name, version) if one.attempt >= attempt]
    if not entries:
        return Progress(state="uploaded"), None
    last = entries[-1]
    if last.ended:
        return Progress(state=last.state), last
    shown = source.file(name) if last.state == "processing" else None
    if shown is None or (shown.version, shown.attempt) != (version, last.attempt):
        return Progress(state=last.state), None
    if shown.stage != "processing" or not shown.parts or not shown.groups:
        return Progress(state=last.state, stage=shown.stage), None
    groups = source.groups_done(shown)
    # Groups are what is reported; all but the last have this many parts.
    each = -(-shown.parts // shown.groups)
    done = None if groups is None else min(groups * each, shown.parts)
    return Progress(state=last.state, stage=shown.stage, done=done, total=shown.parts), None


def follow(
    source: Source,
    name: str,
    version: str,
    *,
    attempt: int = 1,
    seconds: float,
    tell: Callable[[Progress], None],
    stop: threading.Event,
    clock: Callable[[], float] = time.monotonic,
) -> Record | None:
    """Waits up to `seconds` for the version's end, and `tell`s of every change. None when it has not come, or `stop`.

    It looks often while things move and less often when they do not.
    """
    until, pause, before = clock() + seconds, SOON_SECONDS, None
    while True:
        progress, end = look(source, name, version, attempt=attempt)
        if progress != before:
            tell(progress)
            pause, before = SOON_SECONDS, progress
        if end is not None:
            return end
        left = until - clock()
        if left <= 0 or stop.wait(min(pause, left)):
            return None
        pause = min(pause * GROWTH, LATE_SECONDS)
