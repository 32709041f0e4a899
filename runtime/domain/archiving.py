"""The archive: one ZIP with the results of a file and the SHA-256 sums of all that is in it."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

from isal import isal_zlib

from runtime.domain.errors import Corrupt
from runtime.domain.identity import FileVersion
from runtime.domain.member_names import MANIFEST_NAME, SUMS_NAME, member_name
from runtime.domain.parts import Merged, Report, Sum, delivers_text
from runtime.domain.planning import Plan
from runtime.domain.ports import Writer
from runtime.domain.tables import TABLE_NAME
from runtime.domain.tabling import Table
from runtime.domain.zipwriter import LEVEL, FragmentDeflater, ZipWriter, level_for
from runtime.processors import by_kind

REJECTS_NAME = "rejects.jsonl"
# Deflate must save at least this share of a sample, or the member is stored.
WORTH_DEFLATING = 0.05
SAMPLE_BYTES = 256 * 1024


@dataclass(kw_only=True)
class Member:
    """A file in the archive: its name, size in bytes and SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass(kw_only=True)
class Archived:
    """What was written: size in bytes, CRC-32 and SHA-256 of the ZIP, and what is in it."""

    size: int
    crc32: int
    sha256: str
    members: list[Member]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Archived":
        return cls(**{**data, "members": [Member(**member) for member in data["members"]]})


class _Tee:
    """Sums up what goes to the writer, so that no second pass is needed."""

    def __init__(self, writer: Writer) -> None:
        self._writer, self._sha256 = writer, hashlib.sha256()
        self.size, self.crc32 = 0, 0

    def __call__(self, data: bytes) -> None:
        self._sha256.update(data)
        self.crc32 = isal_zlib.crc32(data, self.crc32)
        self.size += len(data)
        self._writer.write(data)

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()


def archive_results(
    writer: Writer,
    file: FileVersion,
    plan: Plan,
    merged: Merged,
    *,
    fragments: Iterable[bytes],
    rejects: Iterable[bytes],
    clean: Iterable[bytes] = (),
    table: Iterable[bytes] = (),
    original: Iterable[bytes] = (),
) -> Archived:
    """Writes the ZIP of a processed file.

    `fragments` are the groups' deflated results in order, one item each; each is checked against its report and
    inflated on the way, to give the SHA-256 of the whole. Where parts made none, `clean` is deflated here, if it is
    delivered at all. `original` is the file itself, for kinds that deliver it too. Raises `Corrupt` when anything
    disagrees.
    """
    tee, clean_name = _Tee(writer), by_kind(plan.kind).clean_name
    zipped = ZipWriter(tee)
    members = []
    if plan.clean:
        digest = hashlib.sha256()
        zipped.add_deflated(
            clean_name,
            _checked(merged.reports, fragments, digest),
            crc32=merged.clean.crc32,
            size=merged.clean.size,
            compressed_size=sum(report.fragment.size for report in merged.reports),
        )
        members.append(Member(name=clean_name, size=merged.clean.size, sha256=digest.hexdigest()))
    elif delivers_text(plan, merged):
        members.append(_streamed(zipped, clean_name, clean, merged.clean, compress=True, level=level_for(plan.kind)))
    if merged.table:
        members.append(_streamed(zipped, TABLE_NAME, table, merged.table, compress=False))
    if merged.rejects.size:
        members.append(_streamed(zipped, REJECTS_NAME, rejects, merged.rejects, compress=True))
    if plan.original:
        members.append(_original(zipped, file, plan, original, {member.name for member in members}))
    counts = {"accepted": merged.accepted, "rejected": merged.rejected}
    return _closed(zipped, tee, file, plan, members, {"counts": counts, "totals": merged.totals, **merged.summary})


def _streamed(
    zipped: ZipWriter, name: str, pieces: Iterable[bytes], made: Sum | Table, *, compress: bool, level: int = LEVEL
) -> Member:
    digest = hashlib.sha256()

    def counted() -> Iterator[bytes]:
        size = crc32 = 0
        for piece in pieces:
            digest.update(piece)
            crc32, size = isal_zlib.crc32(piece, crc32), size + len(piece)
            yield piece
        if (size, crc32) != (made.size, made.crc32):
            raise Corrupt(f"{name} is not what was written: its CRC-32 or size has changed")

    zipped.add(name, counted(), compress=compress, size=made.size, level=level)
    return Member(name=name, size=made.size, sha256=digest.hexdigest())


def archive_original(writer: Writer, file: FileVersion, plan: Plan, pieces: Iterable[bytes]) -> Archived:
    """Writes the ZIP of a file that is delivered as it is. Raises `Corrupt` when it is not the one planned."""
    tee = _Tee(writer)
    zipped = ZipWriter(tee)
    return _closed(zipped, tee, file, plan, [_original(zipped, file, plan, pieces, set())], {})


def _original(zipped: ZipWriter, file: FileVersion, plan: Plan, pieces: Iterable[bytes], taken: set[str]) -> Member:
    """Adds the file itself, under a name that is not `taken` yet."""
    name = member_name(file.name)
    if name in taken:
        name = f"original-{name}"
    digest = hashlib.sha256()
    stream = iter(pieces)
    sample = next(stream, b"")

    def counted() -> Iterator[bytes]:
        size = 0
        for piece in chain([sample], stream):
            digest.update(piece)
            size += len(piece)
            yield piece
        if size != plan.size or digest.hexdigest() != plan.sha256:
            raise Corrupt(f"{file.name}: the bytes archived are not those that were planned: SHA-256 differs")

    zipped.add(name, counted(), compress=pays(sample), size=plan.size)
    return Member(name=name, size=plan.size, sha256=plan.sha256)


def archive_pictures(
    writer: Writer, file: FileVersion, plan: Plan, pictures: Mapping[str, bytes], sizes: Mapping[str, Any]
) -> Archived:
    """Writes the ZIP of an image's sizes, by the names of the members, stored: they are compressed already."""
    tee = _Tee(writer)
    zipped = ZipWriter(tee)
    members = []
    for name, data in pictures.items():
        zipped.add(name, [data], compress=False, size=len(data))
        members.append(Member(name=name, size=len(data), sha256=hashlib.sha256(data).hexdigest()))
    return _closed(zipped, tee, file, plan, members, {"sizes": dict(sizes)})


def pays(sample: bytes) -> bool:
    """True if deflating saves enough of the sample's first bytes; False for what is compressed already."""
    sample = sample[:SAMPLE_BYTES]
    deflater = FragmentDeflater()
    packed = len(deflater.compress(sample)) + len(deflater.flush())
    return packed < len(sample) * (1 - WORTH_DEFLATING)


def _checked(reports: list[Report], fragments: Iterable[bytes], digest: "hashlib._Hash") -> Iterator[bytes]:
    for report, fragment in zip(reports, fragments, strict=True):
        report.fragment.check(fragment, f"the result of group {report.n}")
        data = isal_zlib.decompressobj(-isal_zlib.MAX_WBITS).decompress(fragment)
        # The SHA-256 of the whole is made on the way; for a piece of it the CRC-32 is enough, and ten times faster.
        if len(data) != report.clean.size or isal_zlib.crc32(data) != report.clean.crc32:
            raise Corrupt(f"the inflated result of group {report.n} is not what was written: its CRC-32 has changed")
        digest.update(data)
        yield fragment


def _closed(
    zipped: ZipWriter, tee: _Tee, file: FileVersion, plan: Plan, members: list[Member], more: dict[str, Any]
) -> Archived:
    # A kind's own members come first: none of them takes the place of what every manifest has.
    manifest = {
        **more,
        "manifest": 1,
        "file": {"name": file.name, "version": file.version, "size": plan.size, "sha256": plan.sha256},
        "kind": plan.kind,
        "members": [asdict(member) for member in members],
    }
    body = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"
    zipped.add_bytes(MANIFEST_NAME, body)
    listed = [*members, Member(name=MANIFEST_NAME, size=len(body), sha256=hashlib.sha256(body).hexdigest())]
    # The format of `sha256sum -c`, so that anyone can check an archive without us.
    zipped.add_bytes(SUMS_NAME, "".join(f"{member.sha256}  {member.name}\n" for member in listed).encode())
    zipped.close()
    return Archived(size=tee.size, crc32=tee.crc32, sha256=tee.sha256, members=listed)
