"""The members of an archive as files of their own: unpacked into the upload bucket, each once (ADR 13).

A member's name there is derived from the archive's name and version. It is written only where nothing is, so a second
try of a step makes no second version, no second event and no second run.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import PurePosixPath
from typing import Any

from isal import isal_zlib

from runtime.domain import members, origins, places
from runtime.domain.archive_names import SENT_STRAIGHT
from runtime.domain.identity import FileVersion
from runtime.domain.members import FREE_BYTES, Listing, Member, listing
from runtime.domain.origins import Origin
from runtime.domain.parts import Report
from runtime.domain.planning import Group, Plan, Wishes
from runtime.domain.ports import Buckets, Json, Objects, Place
from runtime.domain.zipreader import PIECE_BYTES, ArchiveLimits, Read, Stream, local_end
from runtime.domain.zipwriter import DEFLATED, STORED
from runtime.processors.api import Cut

# A call takes about a minute for either; the function has fifteen.
GROUP_MEMBERS = 500
GROUP_BYTES = 1 << 30
# Written at the 75 MB/s of a function's network this takes five minutes.
MOST_BYTES = 20 << 30
LONGEST_KEY = 1024
ARCHIVES = (".zip",)
_DAMAGED: Any = isal_zlib.error


class BadMember(Exception):
    """A member is not what the directory says; the text is the reason that its line gets."""


def planned(made: Plan, file: FileVersion, wishes: Wishes, objects: Objects, direct_limit_bytes: int) -> list[Group]:
    """Groups of members that are to be files of their own; as it was if the archive lies too deep in others.

    Raises `Rejected` for an archive that is not taken at all.
    """
    origin = origins.of(file, objects)
    depth = origin.depth if origin else 0
    if depth >= wishes.nesting:
        made.context["note"] = (
            f"The archive lies in {depth} others; at most {wishes.nesting} archives around a file are opened, so its "
            "members are listed only."
        )
        return [Group(n=0, cuts=[])]
    if origin and not origin.members:
        made.context["note"] = "An archive in another one is opened only if it is named .zip; its members are listed."
        return [Group(n=0, cuts=[])]
    limits = wishes.archives
    room = min(limits.unpacked_bytes, FREE_BYTES + limits.ratio * made.size)
    limits = replace(limits, unpacked_bytes=min(room, origin.unpacked_bytes) if origin else room)
    limits = replace(limits, members=min(limits.members, origin.members)) if origin else limits
    made.context.update(limits=asdict(limits), apart=True, depth=depth)
    if file.size <= direct_limit_bytes and not file.name.endswith(SENT_STRAIGHT):
        # Another function had it first.
        made.context["detour"] = 1
    made.original = False
    found = listing(_reader(file, objects), made.size, limits)
    groups = [Group(n=n, cuts=[cut]) for n, cut in enumerate(_cuts(found.members))]
    made.groups = len(groups)
    return groups


def unpack(file: FileVersion, item: Json, *, objects: Objects, buckets: Buckets) -> Json:
    """Unpacks a group of members into the upload bucket, and lists what became of each."""
    made, group = places.plan(objects, buckets, file), Group.from_json(item)
    read = _reader(file, objects)
    found = listing(read, made.size, ArchiveLimits(**made.context["limits"]))
    report, lines = Report(n=group.n), []
    for n, member, stream in _opened(found, group.cuts[0], read):
        told, key, digest = member, file.members_prefix + member.name, hashlib.sha256()
        try:
            _check(member, key)
            metadata = _origin(file, member, found, made).told()
            objects.deposit(Place(file.bucket, key), _hashed(content(member, stream), digest), metadata=metadata)
        except BadMember as bad:
            told = replace(member, reason=str(bad))
        good = not told.reason
        # Of what was packed: should somebody else have taken the name, the file of that name has another.
        lines.append(members.line(n, told, "taken", **({"file": key, "sha256": digest.hexdigest()} if good else {})))
        report.accepted, report.rejected = report.accepted + good, report.rejected + (not good)
    own = found.members[group.cuts[0].start : group.cuts[0].end]
    report.totals = members.totals(own, 0 if group.n else found.folders)
    places.keep(objects, buckets, file, members.result(report, b"".join(lines)))
    return {}


def _hashed(pieces: Iterable[bytes], digest: "hashlib._Hash") -> Iterator[bytes]:
    for piece in pieces:
        digest.update(piece)
        yield piece


def _check(member: Member, key: str) -> None:
    """Raises `BadMember` for one that cannot be a file of its own."""
    reasons = {
        member.reason: member.reason,
        "it is empty": not member.entry.size,
        "macOS keeps it beside another file": _of_macos(member.name),
        "its name is too long, with the archive's before it": len(key.encode()) > LONGEST_KEY,
        f"it has more than {MOST_BYTES >> 30} GiB: upload it by itself": member.entry.size > MOST_BYTES,
    }
    for reason, holds in reasons.items():
        if holds:
            raise BadMember(reason)


def _of_macos(name: str) -> bool:
    return name.startswith("__MACOSX/") or PurePosixPath(name).name == ".DS_Store"


def content(member: Member, stream: Stream) -> Iterator[bytes]:
    """The member's bytes, from its local header on, in bounded pieces. Raises `BadMember` at the end at the latest."""
    entry = member.entry
    begun = local_end(entry, stream)
    if begun is None:
        raise BadMember("what stands before its data is not what the directory says")
    if begun > member.entry.room - entry.packed:
        raise BadMember("its data would overlap what follows")
    size = crc32 = 0
    for piece in _inflated(stream.pieces(entry.packed), entry.method):
        size, crc32 = size + len(piece), isal_zlib.crc32(piece, crc32)
        if size > entry.size:
            raise BadMember("it holds more than its size says")
        yield piece
    if size < entry.size:
        raise BadMember("it holds less than its size says")
    if crc32 != entry.crc32:
        raise BadMember("it is damaged: its CRC-32 is another")


def _inflated(pieces: Iterable[bytes], method: int) -> Iterator[bytes]:
    if method == STORED:
        yield from pieces
        return
    if method != DEFLATED:
        raise BadMember("it is packed in a way that is not unpacked here; deflate is")
    inflater = isal_zlib.decompressobj(-isal_zlib.MAX_WBITS)
    try:
        for piece in pieces:
            if inflater.eof:
                raise BadMember("something follows its data")
            held = piece
            while held or not inflater.eof:
                out = inflater.decompress(held, PIECE_BYTES)
                held = inflater.unconsumed_tail
                yield out
                if not held and len(out) < PIECE_BYTES:
                    break
    except _DAMAGED as error:
        raise BadMember(f"it is damaged: {error}") from None
    if not inflater.eof or inflater.unused_data:
        raise BadMember("its data does not end where it should")


def _reader(file: FileVersion, objects: Objects) -> Read:
    return lambda start, end: objects.read(places.original(file), start=start, end=end)


def _cuts(found: Sequence[Member]) -> Iterator[Cut]:
    """Ranges of members, by their places in the list, that one call each unpacks."""
    start = weight = 0
    for n, member in enumerate(found):
        weight += member.entry.room + member.entry.size
        if (weight > GROUP_BYTES and n > start) or n - start == GROUP_MEMBERS:
            yield Cut(start=start, end=n, first=0, crc32=0)
            start, weight = n, member.entry.room + member.entry.size
    yield Cut(start=start, end=len(found), first=0, crc32=0)


def _opened(found: Listing, cut: Cut, read: Read) -> Iterator[tuple[int, Member, Stream]]:
    """Number, member, and a stream that stands at its local header. Neighbours are read in one go."""
    at, stream = -1, Stream(())
    for n in range(cut.start, cut.end):
        member = found.members[n]
        entry, end = member.entry, member.entry.offset + member.entry.room
        if member.reason:
            yield n + 1, member, Stream(())
            continue
        if at != entry.offset:
            stream = Stream(read(entry.offset, _run_end(found.members[n : cut.end])))
        own = Stream(stream.pieces(member.entry.room))
        yield n + 1, member, own
        own.drain()
        at = end


def _run_end(ahead: Sequence[Member]) -> int:
    """Where the bytes of neighbouring members end that are all taken."""
    end = ahead[0].entry.offset
    for member in ahead:
        if member.reason or member.entry.offset != end:
            break
        end += member.entry.room
    return end


def _origin(file: FileVersion, member: Member, found: Listing, made: Plan) -> Origin:
    """What a member carries along. Archives in the archive share what is left of its limits, by their size."""
    limits = ArchiveLimits(**made.context["limits"])
    here = Origin(archive=file.key, version=file.version, member=member.name, depth=made.context["depth"] + 1)
    if not _is_archive(member):
        return here
    inner = sum(other.entry.size for other in found.good if _is_archive(other))
    left = limits.unpacked_bytes - sum(other.entry.size for other in found.members)
    return replace(
        here,
        members=(limits.members - len(found.members)) * member.entry.size // max(inner, 1),
        unpacked_bytes=left * member.entry.size // max(inner, 1),
    )


def _is_archive(member: Member) -> bool:
    return PurePosixPath(member.name).suffix.lower() in ARCHIVES
