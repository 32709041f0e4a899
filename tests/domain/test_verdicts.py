"""The malware gate on stores in memory: whichever order things come in, the right runs get the right answer."""

from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import Any

import pytest

from runtime.domain.errors import Rejected, Superseded, Transient, Unscanned
from runtime.domain.ports import Place
from runtime.domain.verdicts import CLEAN, EVENT, INFECTED, TAG, TAG_TRIES, UNSCANNABLE, Gate, NotAVerdict, Verdict
from tests.fakes import FakeLedger, version

FILE = version(b"x")
VERDICT = Verdict(bucket=FILE.bucket, key=FILE.key, version=FILE.version, status=CLEAN)
PASSED = "passed"


@dataclass
class World(FakeLedger):
    """The ledger, the verdicts, the runs that wait and the tags."""

    verdicts: dict[tuple[str, str], Verdict] = field(default_factory=dict)
    waiting: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    answers: dict[str, list[str | Exception]] = field(default_factory=dict)
    looked: int = 0
    tagged_at: int = 1
    deleted: bool = False

    def scanning(self, file: Any, run: str, token: str) -> None:
        super().scanning(file, run, token)
        self.waiting.setdefault((file.key, file.version), []).append(token)

    def known(self, key: str, version: str) -> Verdict | None:
        return self.verdicts.get((key, version))

    def record(self, verdict: Verdict) -> Verdict:
        known = self.verdicts.get((verdict.key, verdict.version))
        if known is None or known.gravity < verdict.gravity:
            self.verdicts[verdict.key, verdict.version] = known = verdict
        return known

    def tokens(self, key: str, version: str) -> list[str]:
        return self.waiting.get((key, version), [])

    def succeed(self, token: str) -> None:
        self.answers.setdefault(token, []).append(PASSED)

    def fail(self, token: str, error: Exception) -> None:
        self.answers.setdefault(token, []).append(error)

    def read(self, place: Place) -> dict[str, str]:
        if self.deleted:
            raise Rejected("this version of the file was deleted before it was processed")
        self.looked += 1
        known = self.verdicts.get((place.key, str(place.version)))
        return {TAG: known.status} if known and self.looked >= self.tagged_at else {}

    def gate(self, *, unscannable: bool = False) -> Gate:
        return Gate(unscannable=unscannable, verdicts=self, tasks=self, tags=self, sleep=lambda _seconds: None)

    def first(self, token: str) -> str | Exception:
        """What Step Functions takes of all the answers to a token."""
        return self.answers[token][0]


def event(**result: Any) -> dict[str, Any]:
    return {
        "detail-type": EVENT,
        "detail": {
            "s3ObjectDetails": {"bucketName": "upload", "objectKey": "a b.csv", "versionId": "v1"},
            "scanResultDetails": {"scanResultStatus": CLEAN, "threats": None, **result},
        },
    }


def test_a_verdict_is_read_from_the_event() -> None:
    assert Verdict.of(event()) == Verdict(bucket="upload", key="a b.csv", version="v1", status=CLEAN)
    infected = Verdict.of(event(scanResultStatus=INFECTED, threats=[{"name": "Worm"}, {"name": "Horse"}]))
    assert infected.threats == ("Worm", "Horse")


@pytest.mark.parametrize("body", [{}, {"detail-type": "Object Created"}, {"detail-type": EVENT, "detail": {}}, []])
def test_what_is_no_verdict_is_refused(body: Any) -> None:
    with pytest.raises(NotAVerdict):
        Verdict.of(body)


@pytest.mark.parametrize("steps", list(permutations(["wait", "arrive", "arrive again"])))
def test_the_run_is_answered_whichever_comes_first(steps: tuple[str, ...]) -> None:
    world = World()
    for step in steps:
        if step == "wait":
            world.gate().wait(FILE, "run", "token", ledger=world)
        else:
            world.gate().arrived(VERDICT)
    assert world.first("token") == PASSED


@pytest.mark.parametrize(
    ("status", "error", "reason"),
    [
        (INFECTED, Rejected, "malware was found in it: Worm"),
        (UNSCANNABLE, Rejected, "cannot be scanned"),
        ("FAILED", Unscanned, "no verdict (FAILED)"),
        ("ACCESS_DENIED", Unscanned, "no verdict (ACCESS_DENIED)"),
        ("SOMETHING_NEW", Unscanned, "no verdict (SOMETHING_NEW)"),
    ],
)
def test_everything_but_a_clean_verdict_fails_the_run(status: str, error: type[Exception], reason: str) -> None:
    world = World()
    world.gate().wait(FILE, "run", "token", ledger=world)
    world.gate().arrived(replace(VERDICT, status=status, threats=("Worm",)))
    answer = world.first("token")
    assert type(answer) is error
    assert reason in str(answer)


def test_files_that_cannot_be_scanned_pass_only_where_that_is_set() -> None:
    world = World()
    world.gate(unscannable=True).wait(FILE, "run", "token", ledger=world)
    world.gate(unscannable=True).arrived(replace(VERDICT, status=UNSCANNABLE))
    assert world.first("token") == PASSED


@pytest.mark.parametrize("statuses", list(permutations([CLEAN, INFECTED, "FAILED", UNSCANNABLE])))
def test_the_gravest_verdict_stays_whatever_the_order(statuses: tuple[str, ...]) -> None:
    world = World()
    for status in statuses:
        world.gate().arrived(replace(VERDICT, status=status))
    world.gate().wait(FILE, "run", "token", ledger=world)
    assert isinstance(world.first("token"), Rejected)


def test_a_verdict_that_comes_late_lets_the_next_attempt_pass() -> None:
    world = World()
    world.gate().wait(FILE, "run 1", "first", ledger=world)
    world.gate().arrived(replace(VERDICT, status="FAILED"))
    world.gate().arrived(VERDICT)
    world.gate().wait(replace(FILE, attempt=2), "run 2", "second", ledger=world)
    assert isinstance(world.first("first"), Unscanned)
    assert world.first("second") == PASSED


def test_each_version_has_its_own_verdict() -> None:
    world, clean = World(), replace(FILE, version="v2")
    world.gate().arrived(replace(VERDICT, status=INFECTED))
    world.gate().wait(clean, "run 2", "second", ledger=world)
    world.gate().wait(FILE, "run 1", "first", ledger=world)
    assert "second" not in world.answers, "nobody has scanned it yet"
    world.gate().arrived(replace(VERDICT, version="v2"))
    assert world.first("second") == PASSED
    assert isinstance(world.first("first"), Rejected)


def test_a_verdict_that_nobody_waits_for_is_kept() -> None:
    world = World()
    world.gate().arrived(VERDICT)
    assert (world.answers, world.known(FILE.key, FILE.version)) == ({}, VERDICT)


def test_a_run_goes_on_only_when_the_tag_lets_it_read() -> None:
    world = World(tagged_at=TAG_TRIES)
    world.gate().wait(FILE, "run", "token", ledger=world)
    world.gate().arrived(VERDICT)
    assert (world.first("token"), world.looked) == (PASSED, TAG_TRIES)


def test_a_tag_that_does_not_come_brings_the_verdict_back() -> None:
    world = World(tagged_at=TAG_TRIES + 1)
    world.gate().wait(FILE, "run", "token", ledger=world)
    with pytest.raises(Transient, match="tag"):
        world.gate().arrived(VERDICT)
    assert world.answers == {}
    world.gate().arrived(VERDICT)
    assert world.first("token") == PASSED


def test_a_version_that_was_deleted_is_rejected() -> None:
    world = World(deleted=True)
    world.gate().arrived(VERDICT)
    world.gate().wait(FILE, "run", "token", ledger=world)
    assert "deleted" in str(world.first("token"))


def test_a_run_that_has_ended_waits_for_nothing() -> None:
    world = World(has_ended=True)
    with pytest.raises(Superseded):
        world.gate().wait(FILE, "run", "token", ledger=world)
    assert world.waiting == {}
