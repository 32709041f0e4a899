"""Waiting for a version, on a source that changes as the test says."""

import threading
from collections.abc import Iterator
from dataclasses import replace

from cli.following import Progress, follow, look
from cli.records import Record

RECEIVED = Record(name="a.csv", version="v1", state="received", attempt=1, at="2026-01-01T00:00:00Z")
PROCESSING = replace(RECEIVED, state="processing")
SUCCEEDED = replace(RECEIVED, state="succeeded", kind="csv", accepted=3)
SHOWN = replace(PROCESSING, stage="processing", parts=60, groups=8)


class Script:
    """Each look finds the next of `steps`: the ledger's entries, the shown file, and the groups done."""

    def __init__(self, *steps: tuple[list[Record], Record | None, int | None]) -> None:
        self._steps: Iterator[tuple[list[Record], Record | None, int | None]] = iter(steps)
        self.looks = 0

    def entries(self, name: str, version: str | None = None) -> list[Record]:
        entries, self._shown, self._groups = next(self._steps)
        self.looks += 1
        return [entry for entry in entries if entry.name == name and entry.version == version]

    def file(self, name: str) -> Record | None:
        return self._shown

    def groups_done(self, record: Record) -> int | None:
        return self._groups


class Clock(threading.Event):
    """Time that passes only while someone waits."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.pauses: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.pauses.append(timeout or 0.0)
        self.now += timeout or 0.0
        return self.is_set()


def test_nothing_in_the_ledger_is_an_upload_not_yet_seen() -> None:
    assert look(Script(([], None, None)), "a.csv", "v1") == (Progress(state="uploaded"), None)


def test_parts_are_counted_from_groups_while_they_are_processed() -> None:
    progress, end = look(Script(([RECEIVED, PROCESSING], SHOWN, 3)), "a.csv", "v1")
    assert (progress.done, progress.total, end) == (24, 60, None)
    assert str(progress) == "processing 24/60 parts"


def test_the_last_group_may_be_short() -> None:
    progress, _ = look(Script(([RECEIVED, PROCESSING], SHOWN, 8)), "a.csv", "v1")
    assert progress.done == 60


def test_without_access_to_the_parts_the_stage_alone_is_told() -> None:
    progress, _ = look(Script(([PROCESSING], SHOWN, None)), "a.csv", "v1")
    assert str(progress) == "processing"


def test_another_stage_is_told_by_its_name() -> None:
    progress, _ = look(Script(([PROCESSING], replace(SHOWN, stage="merging"), 3)), "a.csv", "v1")
    assert str(progress) == "merging"


def test_the_first_stage_of_a_small_file_is_processing() -> None:
    progress, _ = look(Script(([PROCESSING], replace(SHOWN, stage="starting"), None)), "a.csv", "v1")
    assert str(progress) == "processing"


def test_the_stage_of_a_newer_version_is_not_ours() -> None:
    progress, _ = look(Script(([PROCESSING], replace(SHOWN, version="v2"), 3)), "a.csv", "v1")
    assert progress == Progress(state="processing")


def test_the_stage_of_an_older_attempt_is_not_ours() -> None:
    second = replace(PROCESSING, attempt=2)
    progress, _ = look(Script(([second], SHOWN, 3)), "a.csv", "v1")
    assert progress == Progress(state="processing")


def test_an_attempt_after_a_failure_has_not_ended() -> None:
    again = replace(RECEIVED, attempt=2)
    _, end = look(Script(([RECEIVED, replace(RECEIVED, state="failed"), again], None, None)), "a.csv", "v1")
    assert end is None


def test_following_tells_of_changes_only_and_returns_the_end() -> None:
    clock, told = Clock(), list[Progress]()
    source = Script(
        ([], None, None),
        ([], None, None),
        ([RECEIVED], None, None),
        ([RECEIVED, PROCESSING], SHOWN, 3),
        ([RECEIVED, PROCESSING], SHOWN, 3),
        ([RECEIVED, PROCESSING, SUCCEEDED], None, None),
    )
    end = follow(source, "a.csv", "v1", seconds=60, tell=told.append, stop=clock, clock=lambda: clock.now)
    assert end == SUCCEEDED
    assert [str(one) for one in told] == ["uploaded", "received", "processing 24/60 parts", "succeeded"]


def test_another_version_that_ended_is_not_ours() -> None:
    clock = Clock()
    other = replace(SUCCEEDED, version="v2")
    source = Script(*[([other], other, None)] * 50)
    end = follow(source, "a.csv", "v1", seconds=5, tell=lambda _: None, stop=clock, clock=lambda: clock.now)
    assert end is None
    assert clock.now == 5


def test_it_looks_less_often_when_nothing_moves_and_soon_again_when_it_does() -> None:
    clock = Clock()
    still = [([RECEIVED], None, None)] * 20
    source = Script(*still, ([RECEIVED, PROCESSING], SHOWN, 1), ([RECEIVED, SUCCEEDED], None, None))
    follow(source, "a.csv", "v1", seconds=1e6, tell=lambda _: None, stop=clock, clock=lambda: clock.now)
    assert clock.pauses[:19] == sorted(clock.pauses[:19])
    assert clock.pauses[18] == max(clock.pauses)
    assert clock.pauses[-1] == clock.pauses[0]


def test_it_lets_go_when_it_is_stopped() -> None:
    clock = Clock()
    clock.set()
    source = Script(([RECEIVED], None, None))
    assert follow(source, "a.csv", "v1", seconds=60, tell=lambda _: None, stop=clock, clock=lambda: clock.now) is None
    assert source.looks == 1
