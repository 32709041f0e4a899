"""What was made of a file, for who may see it: which links there are, and whether there are any (yet, any more)."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from runtime.domain import verdicts
from runtime.domain.file_lists import Item
from runtime.domain.member_names import archive_name, member_name
from runtime.domain.ports import Signer
from runtime.domain.refusals import Conflict, Gone

SIGNED = ("delivery", "output")
"""Stores that signed links lead to; nobody gets one to a backup."""
TYPES = {
    ".avif": "image/avif",
    ".csv": "text/csv",
    ".jsonl": "application/jsonl",
    ".parquet": "application/vnd.apache.parquet",
    ".webp": "image/webp",
    ".zip": "application/zip",
}


def must_be_there(item: Item, verdict: verdicts.Verdict | None) -> None:
    """Raises `Conflict` for a file that has not succeeded, `Gone` for one in which malware was found since."""
    if item["State"] != "succeeded":
        raise Conflict(f"The file is {item['State']}; only of one that has succeeded there is something to show.")
    # Scanned anew, a version may turn out infected long after it was delivered.
    if verdict is not None and verdict.status == verdicts.INFECTED:
        raise Gone(f"Nothing of the file is shown any more: malware was found in it{verdicts.named(verdict.threats)}.")


def links(result: Mapping[str, Any], signer: Signer) -> Iterator[dict[str, Any]]:
    """A link for each artifact of a `result.json`, signed now, in its order: the archive is first."""
    name = result["file"]["name"]
    for artifact in result["artifacts"]:
        if artifact["store"] not in SIGNED:
            continue
        url, expires = signer.sign(artifact["key"])
        suffix = PurePosixPath(artifact["key"]).suffix
        members = {
            "role": artifact["role"],
            "name": _name(name, artifact, suffix),
            "type": TYPES.get(suffix),
            "url": url,
            "size": artifact["size"],
            "sha256": artifact.get("sha256"),
            "expires_at": expires,
        }
        yield {member: value for member, value in members.items() if value is not None}


def _name(name: str, artifact: Mapping[str, Any], suffix: str) -> str:
    """The archive's is what its own header says; of the rest, the file's name and what it is for."""
    if artifact["role"] == "archive":
        return archive_name(name)
    return f"{PurePosixPath(member_name(name)).stem}-{artifact['role']}{suffix}"
