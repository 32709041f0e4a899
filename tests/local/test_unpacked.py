"""An archive's members are found by its list, and one that is missing or there twice is noticed."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from cli.boards import Silent
from cli.platform import Link, Platform
from cli.putting import Job, Outcome
from cli.records import Record
from local.samples import Sample, unpacked, write
from local.unpacked import Uploaded, check, wait

MEMBERS = (Sample(name="a/one.csv", kind="csv", size=3_000), Sample(name="two.bin", kind="binary", size=2_000))
SAMPLE = Sample(name="things.zip", kind="zip", size=0, members=MEMBERS)


class Memory(Platform):
    """Has an archive's list and its members' versions; every one of them has succeeded."""

    def __init__(self, versions: dict[str, list[str]]) -> None:
        outputs = {"upload_bucket": "uploads", "output_bucket": "results"}
        super().__init__(outputs, name="memory", make_client=lambda _: self)
        self.versions = versions

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        assert (Bucket, Key) == ("results", "r/things/members.jsonl")
        lines = [{"name": member.name, "file": f"things.zip/0/{member.name}"} for member in MEMBERS]
        text = "\n".join(map(json.dumps, [*lines, {"name": "empty.txt", "status": "refused"}]))
        return {"Body": io.BytesIO(text.encode())}

    def list_object_versions(self, *, Bucket: str, Prefix: str) -> dict[str, Any]:
        assert Bucket == "uploads"
        return {
            "Versions": [
                {"Key": key, "VersionId": version}
                for key, versions in self.versions.items()
                for version in versions
                if key.startswith(Prefix)
            ]
        }

    def entries(self, name: str, version: str | None = None) -> list[Record]:
        return [Record(name=name, version=version or "", state="succeeded", attempt=1, at="", archive_sha256="sum")]

    def link(self, name: str) -> Link:
        return Link(url=f"https://there/{name}", expires="later", sha256="sum", size=1)


@pytest.fixture
def archive(tmp_path: Path) -> Uploaded:
    path = write(SAMPLE, tmp_path, number=3, seed=1, scale=1)
    record = Record(
        name=SAMPLE.name, version="v", state="succeeded", attempt=1, at="", result_key="r/things/result.json"
    )
    job = Job(path=path, name=SAMPLE.name, label=SAMPLE.name)
    return Uploaded(sample=SAMPLE, path=path, outcome=Outcome(job=job, state="succeeded", version="v", record=record))


def waited(archive: Uploaded, tmp_path: Path, versions: dict[str, list[str]]) -> list[Uploaded]:
    return wait(Memory(versions), [archive], Silent(), tmp_path, seconds=5)


def test_every_member_is_a_file_with_an_end_of_its_own(archive: Uploaded, tmp_path: Path) -> None:
    # The name of one begins with that of the other.
    versions = {"things.zip/0/a/one.csv": ["1"], "things.zip/0/two.bin": ["2"], "things.zip/0/two.bin.zip": ["3"]}
    found = waited(archive, tmp_path, versions)
    assert [(one.outcome.job.name, one.outcome.version, one.outcome.state) for one in found] == [
        ("things.zip/0/a/one.csv", "1", "succeeded"),
        ("things.zip/0/two.bin", "2", "succeeded"),
    ]
    assert all(one.outcome.link is not None for one in found)
    assert [one.sample.kind for one in found] == ["csv", "binary"]
    assert check(archive, found).holds


@pytest.mark.parametrize("versions", [[], ["2", "3"]])
def test_one_that_is_missing_or_there_twice_is_noticed(archive: Uploaded, tmp_path: Path, versions: list[str]) -> None:
    found = waited(archive, tmp_path, {"things.zip/0/a/one.csv": ["1"], "things.zip/0/two.bin": versions})
    told = check(archive, found)
    assert (told.holds, told.text) == (False, "things.zip: 1 of its 2 members are files of their own, once each")


def test_an_archive_is_the_same_for_the_same_seed_and_its_members_differ(tmp_path: Path) -> None:
    first, second = (write(SAMPLE, tmp_path, number=number, seed=7 - number, scale=1) for number in (0, 1))
    assert first.read_bytes() == second.read_bytes()
    contents = [path.read_bytes() for _, path in unpacked(SAMPLE, first, tmp_path)]
    assert len({content[:50] for content in contents}) == len(MEMBERS)
