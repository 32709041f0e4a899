"""Many files at once, on a platform in memory."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli.boards import Silent
from cli.platform import Link, Platform
from cli.problems import Code, Problem
from cli.putting import Job, Outcome, gravest, jobs_for, put, wait
from cli.records import Record


class Memory(Platform):
    """Takes uploads, and says of each version what `ends` says of its name."""

    def __init__(self, ends: dict[str, str]) -> None:
        super().__init__({"upload_bucket": "uploads"}, name="memory", make_client=lambda _: self)
        self.ends = ends
        self.versions: dict[str, list[str]] = {}
        self.refused: set[str] = set()
        self.lock = threading.Lock()

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ChecksumCRC32: str) -> dict[str, Any]:
        if Key in self.refused:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutObject")
        with self.lock:
            versions = self.versions.setdefault(Key, [])
            versions.append(f"{Key}-{len(versions) + 1}")
            return {"VersionId": versions[-1]}

    def entries(self, name: str, version: str | None = None) -> list[Record]:
        record = Record(name=name, version=version or "", state="received", attempt=1, at="")
        state = self.ends.get(name, "received")
        return [record, replace(record, state=state, archive_sha256=f"sum of {version}", reason="it is bad")]

    def file(self, name: str) -> Record | None:
        return None

    def link(self, name: str) -> Link:
        return Link(url="https://there", expires="later", sha256=f"sum of {self.versions[name][-1]}", size=1)


def jobs(tmp_path: Path, *names: str) -> list[Job]:
    for name in names:
        (tmp_path / name).write_text(name)
    return [Job(path=tmp_path / name, name=name, label=name) for name in names]


def test_every_file_gets_its_own_end_in_the_order_given(tmp_path: Path) -> None:
    platform = Memory({"a": "succeeded", "b": "rejected", "c": "failed"})
    outcomes = put(platform, jobs(tmp_path, "a", "b", "c"), Silent(), seconds=5)
    assert [(one.state, one.version, one.code) for one in outcomes] == [
        ("succeeded", "a-1", Code.FINE),
        ("rejected", "b-1", Code.REJECTED),
        ("failed", "c-1", Code.FAILED),
    ]
    assert outcomes[0].link is not None
    assert outcomes[1].link is None
    assert outcomes[1].reason == "it is bad"


def test_what_does_not_end_in_time_is_timed_out(tmp_path: Path) -> None:
    (outcome,) = put(Memory({}), jobs(tmp_path, "a"), Silent(), seconds=0)
    assert (outcome.state, outcome.code) == ("timed out", Code.TIMED_OUT)
    assert "penstock status" in (outcome.reason or "")


def test_nobody_waits_who_does_not_want_to(tmp_path: Path) -> None:
    (outcome,) = put(Memory({}), jobs(tmp_path, "a"), Silent(), wait=False, seconds=5)
    assert (outcome.state, outcome.version, outcome.code) == ("uploaded", "a-1", Code.FINE)


def test_versions_that_are_there_already_are_waited_for(tmp_path: Path) -> None:
    platform = Memory({"a": "rejected", "b": "succeeded"})
    uploaded = put(platform, jobs(tmp_path, "a", "b"), Silent(), wait=False, seconds=5)
    first, second = wait(platform, uploaded, Silent(), seconds=5)
    assert [(one.state, one.version, one.link is None) for one in (first, second)] == [
        ("rejected", "a-1", True),
        ("succeeded", "b-1", False),
    ]


def test_a_refused_upload_does_not_stop_the_others(tmp_path: Path) -> None:
    platform = Memory({"a": "succeeded", "b": "succeeded"})
    platform.refused = {"a"}
    first, second = put(platform, jobs(tmp_path, "a", "b"), Silent(), seconds=5)
    assert (first.state, first.code, second.state) == ("not uploaded", Code.UNEXPECTED, "succeeded")
    assert "AccessDenied" in (first.reason or "")


def test_a_version_that_is_no_longer_the_newest_has_no_fresh_link(tmp_path: Path) -> None:
    platform = Memory({"a": "succeeded"})
    twice = [Job(path=job.path, name="a", label=label) for job in jobs(tmp_path, "a") for label in ("1st", "2nd")]
    outcomes = put(platform, twice, Silent(), seconds=5)
    newest = platform.versions["a"][-1]
    assert {one.version for one in outcomes} == {"a-1", "a-2"}
    for outcome in outcomes:
        if outcome.version != newest:
            assert outcome.link is None or outcome.link.sha256 == f"sum of {outcome.version}"
        else:
            assert outcome.link is not None


def test_a_fault_of_ours_ends_the_command(tmp_path: Path) -> None:
    class Broken(Memory):
        def entries(self, name: str, version: str | None = None) -> list[Record]:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        put(Broken({}), jobs(tmp_path, "a", "b"), Silent(), seconds=5)


def test_hundreds_of_files_all_get_an_end(tmp_path: Path) -> None:
    names = [f"f{number}" for number in range(200)]
    outcomes = put(Memory(dict.fromkeys(names, "succeeded")), jobs(tmp_path, *names), Silent(), seconds=30)
    assert [one.job.name for one in outcomes] == names
    assert {one.state for one in outcomes} == {"succeeded"}


@pytest.mark.parametrize(
    ("states", "code"),
    [
        ((), Code.FINE),
        (("succeeded", "uploaded"), Code.FINE),
        (("succeeded", "rejected"), Code.REJECTED),
        (("rejected", "timed out"), Code.TIMED_OUT),
        (("timed out", "failed", "rejected"), Code.FAILED),
    ],
)
def test_the_gravest_status_counts(states: tuple[str, ...], code: Code) -> None:
    job = Job(path=Path("a"), name="a", label="a")
    assert gravest([Outcome(job=job, state=state) for state in states]) == code


def test_folders_give_all_that_is_in_them_named_from_the_folder_on(tmp_path: Path) -> None:
    folder = tmp_path / "march"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "b.csv").write_text("b")
    (folder / "a.csv").write_text("a")
    (tmp_path / "c.csv").write_text("c")
    found = jobs_for([folder, tmp_path / "c.csv"], prefix="in/")
    assert [job.name for job in found] == ["in/march/a.csv", "in/march/deep/b.csv", "in/c.csv"]


@pytest.mark.parametrize(
    ("files", "options", "said"),
    [
        (["a", "a"], {}, "would both be named a"),
        (["a", "b"], {"name": "x"}, "for one file; here are 2"),
        (["missing"], {}, "there is no such file"),
        (["empty"], {}, "there are no files in"),
        (["a"], {"name": "x/"}, "cannot be a name"),
        (["a"], {"name": ""}, "cannot be a name"),
        (["a"], {"prefix": "p" * 1024}, "cannot be a name"),
    ],
)
def test_nothing_is_sent_when_the_names_make_no_sense(
    tmp_path: Path, files: list[str], options: dict[str, str], said: str
) -> None:
    jobs(tmp_path, "a", "b")
    (tmp_path / "empty").mkdir()
    with pytest.raises(Problem, match=said) as caught:
        jobs_for([tmp_path / name for name in files], **options)
    assert caught.value.code == Code.USAGE
