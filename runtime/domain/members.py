"""The members of an archive: which of them are as they should be, and the list of them that is delivered (ADR 13).

An archive that was made to harm, or that two programs would read differently, is rejected as a whole. A member that is
no plain file is listed with the reason for which it is refused.
"""

import json
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from runtime.domain.errors import Rejected
from runtime.domain.parts import GroupResult, Report, Sum
from runtime.domain.planning import Plan
from runtime.domain.upload_names import TURNING
from runtime.domain.zipreader import FLAG_ENCRYPTED, FLAG_MASKED, ArchiveLimits, Entry, Read, read_directory
from runtime.domain.zipwriter import DEFLATED, STORED, FragmentDeflater

# What is small may be as monotonous as it likes.
FREE_BYTES = 16 * 1024**2
# Deflate makes at most 258 bytes of two bits.
DEFLATE_MOST = 1032
LONGEST_SHOWN = 100
METHODS = {STORED: "stored", DEFLATED: "deflate", 9: "deflate64", 12: "bzip2", 14: "lzma", 93: "zstd", 95: "xz"}

_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NO_FOLDER = {"", "."}


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """A file in an archive. `name` has slashes between folders and is empty if it cannot be told; `reason` is why it
    is refused, if it is.
    """

    entry: Entry
    name: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """What is in an archive; `folders` counts entries that are nothing but names of folders."""

    members: Sequence[Member]
    folders: int

    @property
    def good(self) -> list[Member]:
        """Those that are not refused."""
        return [member for member in self.members if not member.reason]


def listing(read: Read, size: int, limits: ArchiveLimits) -> Listing:
    """What is in an archive of `size` bytes. Raises `Rejected` for one that is not taken at all."""
    entries = read_directory(read, size, most_members=limits.members)
    members = [
        Member(entry=entry, name=_path(entry), reason=_reason(entry)) for entry in entries if not entry.is_folder
    ]
    for entry in entries:
        if entry.is_folder:
            _path(entry)
    _check_names(members)
    unpacked = sum(member.entry.size for member in members)
    if unpacked > limits.unpacked_bytes:
        raise Rejected(
            f"The archive unpacks to {unpacked:,} bytes; at most {limits.unpacked_bytes:,} are accepted here."
        )
    if unpacked > FREE_BYTES + limits.ratio * size:
        raise Rejected(f"The archive unpacks to {unpacked // size:,} times its size: it was made to fill a disk.")
    if not members:
        raise Rejected("The archive holds no files.")
    found = Listing(members=members, folders=len(entries) - len(members))
    if not found.good:
        raise Rejected(f"Nothing in the archive can be used: {members[0].reason} ({_shown(members[0].entry)}).")
    return found


def list_all(plan: Plan, read: Read) -> GroupResult:
    """The list of an archive's members, as the result of its only group."""
    report = Report(n=0)
    try:
        found = listing(read, plan.size, ArchiveLimits(**plan.context["limits"]))
    except Rejected as rejected:
        return GroupResult(report=replace(report, refused=rejected.reason))
    report.accepted = len(found.good)
    report.rejected = len(found.members) - report.accepted
    report.totals = totals(found.members, found.folders)
    return result(report, b"".join(line(n, member, "listed") for n, member in enumerate(found.members, 1)))


def totals(members: Sequence[Member], folders: int) -> dict[str, int]:
    """What some members, and so many folders, add to the list's sums."""
    sums = {
        "folders": folders,
        "packed_bytes": sum(member.entry.packed for member in members),
        "unpacked_bytes": sum(member.entry.size for member in members),
    }
    return {name: total for name, total in sums.items() if total}


def line(n: int, member: Member, status: str, **more: Any) -> bytes:
    """A member's line in the list; `n` counts from 1, `status` is what becomes of it if it is not refused."""
    entry = member.entry
    told = {
        "n": n,
        "name": member.name or entry.name,
        "status": "refused" if member.reason else status,
        **({"reason": member.reason} if member.reason else {}),
        "size": entry.size,
        "packed": entry.packed,
        "crc32": f"{entry.crc32:08x}",
        "method": METHODS.get(entry.method, str(entry.method)),
        "modified": entry.modified or None,
        **more,
    }
    return json.dumps(told, ensure_ascii=False).encode() + b"\n"


def result(report: Report, lines: bytes) -> GroupResult:
    """Lines of the list and what they add up to."""
    deflater = FragmentDeflater()
    fragment = deflater.compress(lines) + deflater.flush()
    report.clean, report.fragment = Sum.of(lines), Sum.of(fragment)
    return GroupResult(report=report, clean=lines, fragment=fragment)


def _path(entry: Entry) -> str:
    """The member's name as a path, if it is one. Raises `Rejected` for one that leads out of the archive's folder."""
    name = entry.name.replace("\\", "/")
    parts = name.split("/")
    if name.startswith("/") or _DRIVE.match(name) or ".." in parts:
        raise Rejected(
            f"The archive's member {_shown(entry)} would be unpacked outside of the folder that is chosen for it. Make "
            "the archive anew, with names inside of one folder, and upload that."
        )
    return "/".join(part for part in parts if part not in _NO_FOLDER)


def _reason(entry: Entry) -> str:
    """Why a member is refused; empty if it is not."""
    kind = stat.S_IFMT(entry.mode)
    reasons = {
        "it asks for a password": entry.flags & (FLAG_ENCRYPTED | FLAG_MASKED),
        "it is a link to another file": kind == stat.S_IFLNK,
        "it is no plain file": kind not in (0, stat.S_IFREG),
        "its name is said to be UTF-8, and is not": not entry.name_is_text,
        "its name has characters that cannot be shown": _CONTROL.search(entry.name),
        "its name has characters that turn the direction of writing": TURNING.search(entry.name),
        "it has no name": not _path(entry),
        "its size cannot be the one that is given": not _is_possible(entry),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _is_possible(entry: Entry) -> bool:
    """Whether a member of this size can be packed into so many bytes."""
    if entry.method == STORED:
        return entry.size == entry.packed
    return entry.method != DEFLATED or entry.size <= entry.packed * DEFLATE_MOST


def _check_names(members: Sequence[Member]) -> None:
    seen: set[str] = set()
    for member in members:
        if member.name and member.name in seen:
            raise Rejected(
                f"The archive has two members of the name {_shown(member.entry)}, and nobody can tell which is meant. "
                "Make it anew and upload that."
            )
        seen.add(member.name)


def _shown(entry: Entry) -> str:
    name = entry.name if len(entry.name) <= LONGEST_SHOWN else entry.name[:LONGEST_SHOWN] + "…"
    return repr(name)
