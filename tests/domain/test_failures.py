"""What is recorded and told of errors."""

import json

import pytest

from runtime.domain import announcements, failures, notices
from tests.fakes import version


def cause(kind: str, message: str) -> str:
    return json.dumps({"errorType": kind, "errorMessage": message, "stackTrace": ["…"]})


@pytest.mark.parametrize(
    ("name", "given", "state", "reason"),
    [
        ("Rejected", cause("Rejected", "the file is empty"), "rejected", "the file is empty"),
        ("Rejected", "not JSON", "rejected", "not JSON"),
        ("Rejected", "", "rejected", "the file was refused"),
        ("Corrupt", cause("Corrupt", "a bit flipped"), "failed", "a bit flipped"),
        ("KeyError", cause("KeyError", "'x'"), "failed", "KeyError: 'x'"),
        ("Sandbox.Timedout", cause("Sandbox.Timedout", "3 s"), "failed", "a step took longer than it may"),
        ("Boom", "[1]", "failed", "Boom"),
        ("Boom", '"text"', "failed", "Boom"),
    ],
)
def test_judgement(name: str, given: str, state: str, reason: str) -> None:
    outcome = failures.judge({"Error": name, "Cause": given})
    assert outcome.state == state
    assert outcome.reason == reason or outcome.reason.startswith(f"{reason}:")
    notice = failures.notice(version(b"x", name="ä" * 300), outcome)
    assert notice["state"] == state
    assert outcome.reason in notice["message"]
    assert len(notice["subject"]) <= notices.SUBJECT_MOST and notice["subject"].isascii()


def test_times_are_as_the_state_machine_gives_them() -> None:
    assert failures.started_at(1767323045000) == "2026-01-02T03:04:05.000Z"


def test_only_what_concerns_others_is_announced() -> None:
    entry = {
        "FileName": "a.csv",
        "VersionId": "v1",
        "Attempt": 1,
        "RunId": "r",
        "Sequencer": "01",
        "State": "processing",
        "At": "2026-01-02T03:04:05Z",
    }
    assert announcements.from_entry(entry) is None
    made = announcements.from_entry({**entry, "State": "succeeded", "Accepted": 3, "Kind": "csv"})
    assert made is not None
    assert made.type == "FileSucceeded"
    assert (made.detail["accepted"], made.detail["kind"], made.detail["name"]) == (3, "csv", "a.csv")
