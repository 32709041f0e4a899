"""Uploads in parts, as people and programs make them through the API (ADR 14).

Every upload is a multipart upload of S3, also that of a small or an empty file: so there is one way. S3 is the one who
decides: what it has completed is complete and what it has given up is given up, whatever the table says, and the table
is put right when somebody looks. Parts are checked by S3 one by one, by SHA-256. The SHA-256 of a file of several parts
is not, because S3 cannot: it is found out when the file is processed, and stands in its result.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from runtime.domain import file_ids
from runtime.domain import upload_names as rules
from runtime.domain.access import Caller, check
from runtime.domain.refusals import Busy, Conflict, Fault, Invalid, NotFound, TooLarge

OPEN, COMPLETE, ABORTED = "open", "complete", "aborted"
LIFE = timedelta(days=2)
"""The upload bucket gives parts up that are older (`ABORT_DAYS` in components/bucket.py)."""
KEPT = timedelta(days=1)
"""How much longer it is remembered what became of an upload."""
TYPE = "application/octet-stream"
SIGN_MOST = 80
_MEMBERS = {"name", "size", "type", "sha256"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """`name` is the whole name, `s3_id` S3's id of the upload, `asked` a digest of the request that started it.

    Times are ISO 8601 in UTC, sizes bytes.
    """

    id: str
    name: str
    by: str
    s3_id: str
    size: int
    part_bytes: int
    type: str
    state: str
    created_at: str
    expires_at: str
    asked: str
    sha256: str | None = None
    version: str | None = None

    @property
    def parts(self) -> int:
        """How many there are."""
        return rules.parts_of(self.size, self.part_bytes)

    def bytes_of(self, number: int) -> int:
        """Of one part."""
        return rules.bytes_of(number, size=self.size, each=self.part_bytes)

    def shown(self, now: datetime) -> dict[str, Any]:
        """As the API shows it. One that has run out is as if it had been given up: S3 gives up its parts."""
        members = {
            "id": self.id,
            "name": self.name,
            "file": file_ids.of_name(self.name),
            "size": self.size,
            "type": self.type,
            "sha256": self.sha256,
            "part_bytes": self.part_bytes,
            "parts": self.parts,
            "state": ABORTED if self.state == OPEN and self.has_run_out(now) else self.state,
            "created_at": self.created_at,
            "expires_at": self.expires_at,
            "version": self.version,
        }
        return {name: value for name, value in members.items() if value is not None}

    def has_run_out(self, now: datetime) -> bool:
        """Whether its time is over."""
        return now >= datetime.fromisoformat(self.expires_at)


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A part that has arrived; `sha256` is hexadecimal."""

    number: int
    size: int
    etag: str
    sha256: str | None


class NoSuchUpload(Exception):
    """S3 does not have the upload (any more): it was completed or given up."""


class Table(Protocol):
    """What is remembered of uploads."""

    def get(self, identity: str) -> Upload | None: ...

    def add(self, upload: Upload) -> bool:
        """False if there is one of this id already."""
        ...

    def completed(self, identity: str, version: str) -> None: ...

    def aborted(self, identity: str) -> None:
        """Unless it is complete."""
        ...

    def open_in(self, folder: str, limit: int, *, since: str, after: tuple[str, str] | None) -> list[Upload]:
        """Open ones that began after `since`, newest first, behind this time and id. It may be a moment behind."""
        ...


class Multipart(Protocol):
    """Multipart uploads of the upload bucket. All but `begin` and `sign` raise `NoSuchUpload`."""

    def begin(self, name: str, identity: str, content_type: str) -> str:
        """S3's id. The object will carry the upload's own `identity`."""
        ...

    def sign(self, upload: Upload, number: int, sha256: str) -> tuple[str, dict[str, str], str]:
        """Address, headers to send, and when it ends."""
        ...

    def parts(self, upload: Upload, after: int) -> tuple[list[Part], int | None]:
        """Those that have arrived, by number; and the number after which there are more."""
        ...

    def complete(self, upload: Upload, parts: Sequence[Part]) -> str:
        """The version."""
        ...

    def abort(self, upload: Upload) -> None: ...

    def completed(self, upload: Upload) -> str | None:
        """The version that the upload became, if it is the newest of its name."""
        ...


def _now() -> datetime:
    return datetime.now(UTC)


def _text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, kw_only=True, slots=True)
class Uploads:
    """The operations on uploads, each for a caller."""

    table: Table
    multipart: Multipart
    max_file_bytes: int

    def create(self, caller: Caller, wanted: dict[str, Any], key: str | None) -> Upload:
        """Starts an upload; with the `key` of an earlier request and the same members it is that one again.

        Raises `Invalid`, `TooLarge`, and `Conflict` for the key of another request.
        """
        name, size = self._wanted(caller, wanted)
        asked = hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()
        identity = _identity(caller, key) if key else secrets.token_urlsafe(24)
        if key and (found := self.table.get(identity)):
            return _same(found, asked)
        content_type, now = wanted.get("type", TYPE), _now()
        upload = Upload(
            id=identity,
            name=name,
            by=caller.name,
            s3_id=self.multipart.begin(name, identity, content_type),
            size=size,
            part_bytes=rules.part_bytes(size),
            type=content_type,
            state=OPEN,
            created_at=_text(now),
            expires_at=_text(now + LIFE),
            asked=asked,
            sha256=wanted.get("sha256"),
        )
        try:
            added = self.table.add(upload)
        except BaseException:
            self._give_up(upload)
            raise
        if added:
            return upload
        # Another request with this key was faster; two uploads of one file would be one too many.
        self._give_up(upload)
        first = self.table.get(identity)
        if first is None:
            raise Busy("Another request with the same Idempotency-Key is under way.", seconds=1)
        return _same(first, asked)

    def get(self, operation: str, caller: Caller, identity: str) -> Upload:
        """One upload. Raises `NotFound`, and `Forbidden` (see `access`)."""
        upload = self.table.get(identity)
        if upload is None:
            raise NotFound("There is nothing of this id.")
        check(operation, caller, upload.name)
        return upload

    def listed(self, caller: Caller, limit: int, after: tuple[str, str] | None) -> list[Upload]:
        """The caller's open uploads, newest first."""
        return self.table.open_in(caller.folder, limit, since=_text(_now() - LIFE), after=after)

    def sign(self, caller: Caller, identity: str, wanted: dict[str, Any]) -> list[dict[str, Any]]:
        """Links for parts. Raises `Invalid`, and `Conflict` for an upload that is not open."""
        upload = self.get("signParts", caller, identity)
        parts = _parts(upload, wanted)
        self._must_be_open(upload)
        signed = []
        for number, sha256 in parts:
            url, headers, expires = self.multipart.sign(upload, number, sha256)
            signed.append({"number": number, "url": url, "headers": headers, "expires_at": expires})
        return signed

    def parts(self, caller: Caller, identity: str, after: int) -> tuple[list[Part], int | None]:
        """The parts that have arrived. Raises `Conflict` for an upload that is not open."""
        upload = self.get("listParts", caller, identity)
        self._must_be_open(upload)
        try:
            return self.multipart.parts(upload, after)
        except NoSuchUpload:
            self._settle(upload)
            raise _not_open(self._again(upload)) from None

    def complete(self, caller: Caller, identity: str) -> Upload:
        """Makes a file of the parts. Raises `Conflict` while parts are missing, and for what was given up."""
        upload = self.get("completeUpload", caller, identity)
        if upload.state == COMPLETE:
            return upload
        self._must_be_open(upload)
        try:
            version = self.multipart.complete(upload, self._all_parts(upload))
        except NoSuchUpload:
            self._settle(upload)
            settled = self._again(upload)
            if settled.state != COMPLETE:
                raise _not_open(settled) from None
            return settled
        self.table.completed(upload.id, version)
        return self._again(upload)

    def abort(self, caller: Caller, identity: str) -> None:
        """Gives an upload up. Raises `Conflict` for one that is complete."""
        upload = self.get("abortUpload", caller, identity)
        if upload.state == COMPLETE:
            raise _not_open(upload)
        try:
            self.multipart.abort(upload)
        except NoSuchUpload:
            self._settle(upload)
            if (settled := self._again(upload)).state == COMPLETE:
                raise _not_open(settled) from None
            return
        self.table.aborted(upload.id)

    def _wanted(self, caller: Caller, wanted: dict[str, Any]) -> tuple[str, int]:
        faults = [Fault(detail=f"{name} is not known", pointer=f"/{name}") for name in sorted(set(wanted) - _MEMBERS)]
        faults += rules.faults_of(wanted.get("name"), caller.folder)
        size = wanted.get("size")
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            faults.append(Fault(detail="size must be a whole number of bytes, not negative", pointer="/size"))
        if "type" in wanted:
            faults += rules.type_faults(wanted["type"])
        if "sha256" in wanted:
            faults += rules.sha256_faults(wanted["sha256"], "/sha256")
        if faults or not isinstance(size, int):
            raise Invalid(faults)
        if size > self.max_file_bytes:
            raise TooLarge(f"The file has {size:,} bytes; at most {self.max_file_bytes:,} are accepted here.")
        return f"{caller.folder}/{wanted['name']}", size

    def _must_be_open(self, upload: Upload) -> None:
        if upload.state != OPEN or upload.has_run_out(_now()):
            raise _not_open(upload)

    def _all_parts(self, upload: Upload) -> list[Part]:
        found: list[Part] = []
        after: int | None = 0
        while after is not None:
            page, after = self.multipart.parts(upload, after)
            found += page
        sizes = {part.number: part.size for part in found}
        wrong = [number for number in range(1, upload.parts + 1) if sizes.get(number) != upload.bytes_of(number)]
        if wrong:
            raise Conflict(f"{len(wrong):,} of {upload.parts:,} parts are missing or not whole: {_few(wrong)}.")
        return found[: upload.parts]

    def _settle(self, upload: Upload) -> None:
        """S3 does not have it: it was completed, or given up. The table shall say which."""
        version = self.multipart.completed(upload)
        if version is not None:
            self.table.completed(upload.id, version)
        else:
            self.table.aborted(upload.id)

    def _again(self, upload: Upload) -> Upload:
        found = self.table.get(upload.id)
        if found is None:
            raise NotFound("There is nothing of this id.")
        return found

    def _give_up(self, upload: Upload) -> None:
        try:
            self.multipart.abort(upload)
        except NoSuchUpload:
            return


def _identity(caller: Caller, key: str) -> str:
    """The same for the same caller and key, and nobody else's."""
    digest = hashlib.sha256("\0".join((caller.folder, caller.name, key)).encode()).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()


def _same(found: Upload, asked: str) -> Upload:
    if found.asked != asked:
        raise Conflict("This Idempotency-Key was used for another upload.")
    return found


def _not_open(upload: Upload) -> Conflict:
    if upload.state == COMPLETE:
        return Conflict("The upload is complete.")
    if upload.state == ABORTED:
        return Conflict("The upload was given up. Start a new one.")
    return Conflict(f"The upload was not complete by {upload.expires_at}. Start a new one.")


def _parts(upload: Upload, wanted: dict[str, Any]) -> list[tuple[int, str]]:
    given = wanted.get("parts")
    if not isinstance(given, list) or not 1 <= len(given) <= SIGN_MOST or set(wanted) != {"parts"}:
        raise Invalid(
            [Fault(detail=f"parts must be a list of 1 to {SIGN_MOST} parts, and all there is", pointer="/parts")]
        )
    faults: list[Fault] = []
    parts = []
    for at, one in enumerate(given):
        pointer = f"/parts/{at}"
        if not isinstance(one, dict) or set(one) != {"number", "sha256"}:
            faults.append(Fault(detail="a part has number and sha256, and nothing else", pointer=pointer))
            continue
        number, sha256 = one["number"], one["sha256"]
        if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= upload.parts:
            detail = f"number must be from 1 to {upload.parts:,}: so many parts the upload has"
            faults.append(Fault(detail=detail, pointer=f"{pointer}/number"))
        faults += rules.sha256_faults(sha256, f"{pointer}/sha256")
        if upload.sha256 and upload.parts == 1 and sha256 != upload.sha256:
            detail = "sha256 of the only part must be that of the file, as it was said at the beginning"
            faults.append(Fault(detail=detail, pointer=f"{pointer}/sha256"))
        parts.append((number, sha256))
    if faults:
        raise Invalid(faults)
    return parts


def _few(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:5]))
    return f"{shown}, …" if len(numbers) > 5 else shown
