"""Starting a file again: only what has failed, once for each failure, whoever asks and however often."""

from dataclasses import dataclass, field

import pytest

from runtime.domain.identity import FileVersion
from runtime.domain.redrive import Known, Step, redrive
from runtime.domain.refusals import Conflict, NotFound
from runtime.domain.starts import Start
from tests.fakes import version

FILE = version(b"a,b\n1,2\n", name="in/report.csv")


@dataclass
class World:
    """`Attempts`, `Runs` and `Marks` in memory; `stops` says after which call the caller dies."""

    steps: list[Step]
    stops: str = ""
    allowed: set[int] = field(default_factory=set)
    runs: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def known(self, name: str, version: str | None) -> Known | None:
        found = name == FILE.name and version in (None, FILE.version)
        return Known(file=FILE, steps=self.steps) if found else None

    def allow(self, file: FileVersion) -> bool:
        if Step(attempt=file.attempt - 1, state="failed", reason="boom") not in self.steps:
            return False
        self.allowed.add(file.attempt)
        self._done("allow")
        return True

    def clear(self, file: FileVersion) -> None:
        self._done("clear")

    def start(self, start: Start) -> bool:
        fresh = start.name not in self.runs
        self.runs.setdefault(start.name, start.input)
        self._done("start")
        return fresh

    def _done(self, call: str) -> None:
        self.calls.append(call)
        if call == self.stops:
            self.stops = ""
            raise ConnectionError(call)


def failed(attempt: int = 1) -> list[Step]:
    return [
        Step(attempt=n, state=state, reason=reason)
        for n in range(1, attempt + 1)
        for state, reason in (("received", ""), ("processing", ""), ("failed", "boom"))
    ]


def test_the_next_attempt_is_started_and_the_ledger_knows_it_first() -> None:
    world = World(failed(2))
    redriven = redrive("in/report.csv", None, attempts=world, runs=world, marks=world)
    assert (redriven.attempt, redriven.version, redriven.started) == (3, FILE.version, True)
    assert world.calls == ["clear", "allow", "start"]
    assert redriven.run in world.runs
    assert redriven.run.endswith("-3")


def test_two_at_once_are_one_attempt() -> None:
    world = World(failed())
    first, second = (redrive(FILE.name, FILE.version, attempts=world, runs=world, marks=world) for _ in range(2))
    assert (first.run, first.started, second.run, second.started) == (second.run, True, first.run, False)
    assert len(world.runs) == 1


@pytest.mark.parametrize("stops", ["allow", "clear", "start"])
def test_one_that_died_is_taken_up_again(stops: str) -> None:
    world = World(failed(), stops=stops)
    with pytest.raises(ConnectionError):
        redrive(FILE.name, None, attempts=world, runs=world, marks=world)
    again = redrive(FILE.name, None, attempts=world, runs=world, marks=world)
    assert (again.attempt, list(world.runs)) == (2, [again.run])


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (Step(attempt=1, state="succeeded"), "has succeeded"),
        (Step(attempt=1, state="rejected", reason="it is empty"), "was rejected.*it is empty"),
        (Step(attempt=1, state="processing"), "is processing: only a file that has failed"),
        (Step(attempt=2, state="received"), "is received"),
    ],
)
def test_what_has_not_failed_is_refused_with_the_reason(last: Step, said: str) -> None:
    world = World([*(failed() if last.attempt == 2 else []), last])
    with pytest.raises(Conflict, match=said):
        redrive(FILE.name, None, attempts=world, runs=world, marks=world)
    assert world.calls == []


def test_the_ledger_has_the_last_word() -> None:
    """Somebody else's attempt has ended between looking and writing."""
    world = World(failed())
    world.known = lambda name, version: Known(file=FILE, steps=failed(2))  # type: ignore[method-assign]
    with pytest.raises(Conflict, match="changed meanwhile"):
        redrive(FILE.name, None, attempts=world, runs=world, marks=world)
    assert world.runs == {}


@pytest.mark.parametrize(("name", "which"), [("other.csv", None), (FILE.name, "no-such")])
def test_what_is_not_there_is_said(name: str, which: str | None) -> None:
    with pytest.raises(NotFound):
        redrive(name, which, attempts=World([]), runs=World([]), marks=World([]))
