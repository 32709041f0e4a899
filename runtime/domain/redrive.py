"""Starting a file again that failed: a new attempt at the same version, for the command and the API alike (ADR 2).

What is written and started has names that the version and the attempt fix: two redrives at once, or one that died in
the middle and came again, are one attempt.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from runtime.domain import starts
from runtime.domain.identity import FileVersion
from runtime.domain.refusals import Conflict, NotFound
from runtime.domain.starts import Start

FAILED = "failed"
_ENDED_OTHERWISE = {
    "succeeded": "{name} has succeeded; there is nothing to start again.",
    "rejected": "{name} was rejected, which starting it again does not change: {reason}",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """An entry of the ledger: `state` of an attempt, and why, where it ended badly."""

    attempt: int
    state: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What is known of a version: the file as its first attempt had it, and the ledger's steps in order."""

    file: FileVersion
    steps: Sequence[Step]


@dataclass(frozen=True, kw_only=True, slots=True)
class Redriven:
    """The attempt, and the name of its execution. `started` is False where there was one of that name before."""

    name: str
    version: str
    attempt: int
    run: str
    started: bool


class Attempts(Protocol):
    """The ledger, as far as starting again goes."""

    def known(self, name: str, version: str | None) -> Known | None:
        """What is known of a version, or of the newest one; None if there is none. Reads are consistent."""
        ...

    def allow(self, file: FileVersion) -> bool:
        """Writes down that this attempt follows one that failed; False when the one before has not failed."""
        ...


class Runs(Protocol):
    """The state machine."""

    def start(self, start: Start) -> bool:
        """Starts an execution; False if there is one of its name."""
        ...


class Marks(Protocol):
    """The tag on an object that says how it ended."""

    def clear(self, file: FileVersion) -> None:
        """Takes it off. An object that is gone has none."""
        ...


def redrive(name: str, version: str | None, *, attempts: Attempts, runs: Runs, marks: Marks) -> Redriven:
    """Starts the newest version of a file again, or the `version` that is named.

    Raises `NotFound` when there is none, and `Conflict` when it has not failed.
    """
    known = attempts.known(name, version)
    if known is None:
        raise NotFound(f"There is no file named {name}." if version is None else f"{name} has no version {version}.")
    last = _last(known)
    file = replace(known.file, attempt=last.attempt + 1)
    # First, because it may fail, and a file that is allowed to start again cannot be deleted until it has.
    marks.clear(file)
    if not attempts.allow(file):
        raise Conflict(f"{name} has changed meanwhile; look at it again.")
    start = starts.for_file(file)
    started = runs.start(start)
    return Redriven(name=name, version=file.version, attempt=file.attempt, run=start.name, started=started)


def _last(known: Known) -> Step:
    """The step with which the last attempt failed. Raises `Conflict` when it did not."""
    name, last = known.file.name, known.steps[-1]
    if last.state == FAILED:
        return last
    said = _ENDED_OTHERWISE.get(last.state, "{name} is {state}: only a file that has failed can be started again.")
    raise Conflict(said.format(name=name, state=last.state, reason=last.reason))
