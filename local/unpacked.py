"""The members of the demo's archives: each has become a file of its own, once, and is waited for like any other."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

from cli import putting
from cli.boards import Board
from cli.platform import Platform
from cli.putting import Job, Outcome
from cli.records import Record
from local import samples
from local.checks import Check
from local.samples import Sample

_LIST = "members.jsonl"


@dataclass(frozen=True, kw_only=True)
class Uploaded:
    """A sample, the file that it was made into, and what became of it."""

    sample: Sample
    path: Path
    outcome: Outcome


def wait(platform: Platform, archives: list[Uploaded], board: Board, folder: Path, *, seconds: float) -> list[Uploaded]:
    """The members of those archives that succeeded, with their ends; one that is not there, or twice, is left out."""
    found = [member for one in archives if one.outcome.record for member in _found(platform, one, folder)]
    ended = putting.wait(platform, [one.outcome for one in found], board, seconds=seconds)
    return [replace(one, outcome=replace(outcome, seconds=None)) for one, outcome in zip(found, ended, strict=True)]


def check(archive: Uploaded, members: list[Uploaded]) -> Check:
    """All members have become files."""
    own = [one for one in members if one.outcome.job.name.startswith(f"{archive.sample.name}/")]
    return Check(
        text=f"{archive.sample.shown}: {len(own)} of its {len(archive.sample.members)} members are files of their own, "
        "once each",
        holds=len(own) == len(archive.sample.members),
    )


def _found(platform: Platform, archive: Uploaded, folder: Path) -> list[Uploaded]:
    record = archive.outcome.record
    names = _names(platform, record) if record is not None and record.result_key is not None else {}
    found = []
    for sample, path in samples.unpacked(archive.sample, archive.path, folder):
        name = names.get(sample.name, "")
        versions = _versions(platform, name) if name else []
        if len(versions) == 1:
            label = f"{archive.sample.shown}: {sample.name}"
            job = Job(path=path, name=name, label=label)
            outcome = Outcome(job=job, state="uploaded", size=path.stat().st_size, version=versions[0])
            found.append(Uploaded(sample=replace(sample, name=name, label=label), path=path, outcome=outcome))
    return found


def _names(platform: Platform, record: Record) -> dict[str, str]:
    """The name of each member's file, by the list that the archive's result has."""
    key = str(record.result_key).replace("result.json", _LIST)
    answer = platform.client("s3").get_object(Bucket=platform.output("output_bucket"), Key=key)
    lines = [json.loads(line) for line in answer["Body"].read().splitlines()]
    return {line["name"]: line["file"] for line in lines if "file" in line}


def _versions(platform: Platform, name: str) -> list[str]:
    answer = platform.client("s3").list_object_versions(Bucket=platform.output("upload_bucket"), Prefix=name)
    return [one["VersionId"] for one in answer.get("Versions", []) if one["Key"] == name]
