"""The platform's own events: made from entries of the ledger, as their published schema says."""

from typing import Any

import jsonschema
import pytest

from runtime.domain.announcements import TYPES, from_entry, schema

ENTRY: dict[str, Any] = {
    "FileName": "a.csv",
    "Entry": "0001#v1#0001#0",
    "VersionId": "v1",
    "Attempt": 1,
    "RunId": "run@2026-01-02T03:04:05Z",
    "At": "2026-01-02T03:04:05.000Z",
    "Sequencer": "0001",
}
MORE: dict[str, dict[str, Any]] = {
    "received": {"Size": 7, "ETag": "e", "ReceivedAt": "2026-01-02T03:04:05Z"},
    "succeeded": {
        "Kind": "csv",
        "Sha256": "0" * 64,
        "Accepted": 3,
        "Rejected": 0,
        "ArchiveKey": "archives/a.zip",
        "ArchiveBytes": 9,
        "ArchiveSha256": "1" * 64,
        "ResultKey": "results/result.json",
    },
    "rejected": {"Reason": "the file is empty", "Detail": "more"},
    "failed": {"Reason": "States.Timeout"},
    "deleting": {"By": "somebody"},
    "deleted": {},
}


def detail(state: str, **more: Any) -> dict[str, Any]:
    made = from_entry({**ENTRY, "State": state, **MORE[state], **more})
    assert made is not None
    assert made.type == TYPES[state]
    return made.detail


@pytest.mark.parametrize("state", TYPES)
def test_an_event_is_as_the_schema_says(state: str) -> None:
    jsonschema.validate(detail(state), schema())


def test_events_say_nothing_that_the_schema_does_not() -> None:
    known = schema()["properties"].keys()
    assert {member for state in TYPES for member in detail(state)} == known


@pytest.mark.parametrize("member", ["archive_key", "sha256", "accepted"])
def test_the_schema_refuses_a_success_without_its_outcome(member: str) -> None:
    made = detail("succeeded")
    del made[member]
    with pytest.raises(jsonschema.ValidationError, match=member):
        jsonschema.validate(made, schema())


def test_a_step_inside_of_a_run_is_nobodys_business() -> None:
    assert from_entry({**ENTRY, "State": "processing"}) is None


def test_numbers_are_numbers_whatever_the_stream_made_of_them() -> None:
    assert detail("received", Size="7")["size"] == 7
