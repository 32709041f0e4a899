"""The demo's checks must be able to fail: each is shown what is wrong."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import pytest

from cli.putting import Job, Outcome
from local.checks import Notice, ended, listed
from local.samples import Sample
from runtime.domain import notices
from runtime.domain.identity import FileVersion

SAMPLE = Sample(name="a.csv", kind="csv", size=10)
GOOD = Outcome(job=Job(path=Path("a.csv"), name="a.csv", label="a.csv"), state="succeeded", version="v1")
TOLD = Notice(version="v1", state="succeeded", link="https://x")


def broken(sample: Sample, outcome: Outcome, told: list[Notice]) -> list[str]:
    return [check.text for check in ended(sample, outcome, told) if not check.holds]


def test_what_ended_well_and_was_told_once_holds() -> None:
    assert broken(SAMPLE, GOOD, [TOLD, replace(TOLD, version="v2")]) == []


def test_another_end_is_noticed() -> None:
    assert broken(SAMPLE, replace(GOOD, state="failed"), [TOLD]) == ["a.csv: ended failed"]
    assert broken(replace(SAMPLE, must_end="rejected"), GOOD, [replace(TOLD, state="rejected")]) != []


def test_a_message_too_few_or_too_many_is_noticed() -> None:
    assert broken(SAMPLE, GOOD, []) == ["a.csv: 0 notifications (none)"]
    assert broken(SAMPLE, GOOD, [TOLD, TOLD]) == ["a.csv: 2 notifications (succeeded, succeeded)"]
    assert broken(SAMPLE, GOOD, [replace(TOLD, state="failed")]) == ["a.csv: 1 notification (failed)"]


def test_version_and_link_are_read_from_the_message_that_people_get() -> None:
    file = FileVersion(
        bucket="b", key="a.csv", version="v.1_x", size=1, etag="", sequencer="1", received_at="2026-01-01T00:00:00Z"
    )
    failed = Notice.of(notices.failed(file, "the disk, for one, was full")["message"], "failed")
    assert failed == Notice(version="v.1_x", state="failed", link=None)
    rejected = Notice.of(notices.rejected(file, "line 2: see https://x.org")["message"], "rejected")
    assert rejected == Notice(version="v.1_x", state="rejected", link=None)

    link = "http://localhost:1/archives/a/a.csv.zip?Expires=1&Signature=x~-_"
    message = notices.succeeded(file, kind="csv", sha256="0" * 64, accepted=1, rejected=0, link=link, expires="then")
    succeeded = Notice.of(message["message"], "succeeded")
    assert succeeded == Notice(version="v.1_x", state="succeeded", link=link)


@pytest.mark.parametrize(
    ("change", "holds"), [({}, True), ({"size": 4}, False), ({"crc32": "0"}, False), ({"status": "refused"}, False)]
)
def test_a_list_that_is_not_the_archives_is_noticed(tmp_path: Path, change: dict[str, object], holds: bool) -> None:
    source, delivered = tmp_path / "in.zip", tmp_path / "out.zip"
    with zipfile.ZipFile(source, "w") as zipped:
        zipped.writestr("a.txt", "text!")
    line = {"name": "a.txt", "size": 5, "crc32": f"{crc32(b'text!'):08x}", "status": "taken"}
    with zipfile.ZipFile(delivered, "w") as zipped:
        zipped.writestr("members.jsonl", json.dumps({**line, **change}))
    assert listed(SAMPLE, source, delivered).holds is holds
