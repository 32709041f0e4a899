"""Uploads in parts, as people and programs make them through the API (ADR 14).

Every upload is a multipart upload of S3, also that of a small or an empty file: so there is one way. S3 is the one who
decides: what it has completed is complete and what it has given up is given up, whatever the table says, and the table
is put right when somebody looks. Parts are checked by S3 one by one, by SHA-256. The SHA-256 of a file of several parts
is not, because S3 cannot: it is compared when the file is processed (`declared_sums`).
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from runtime.domain import upload_names as rules
from runtime.domain import upload_requests
from runtime.domain.access import Caller, check
from runtime.domain.refusals import Busy, Conflict, NotFound
from runtime.domain.upload_records import (
    ABORTED,
    COMPLETE,
    LIFE,
    OPEN,
    TYPE,
    Multipart,
    NoSuchUpload,
    Part,
    Table,
    Upload,
)


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

        One that was given up, has run out, or whose file was deleted since, is of no use to anybody: another one takes
        its place, under the same id. Raises `Invalid`, `TooLarge`, and `Conflict` for the key of another request.
        """
        name, size = upload_requests.new(caller, wanted, self.max_file_bytes)
        asked = hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()
        identity = _identity(caller, key) if key else secrets.token_urlsafe(24)
        earlier = self.table.get(identity) if key else None
        if earlier and self._is_of_use(_same(earlier, asked)):
            return earlier
        content_type, now = wanted.get("type", TYPE), _now()
        upload = Upload(
            id=identity,
            name=name,
            by=caller.name,
            s3_id=self.multipart.begin(name, identity, content_type, wanted.get("sha256")),
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
            added = self.table.add(upload, earlier)
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
        parts = upload_requests.parts(upload, wanted)
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

    def _is_of_use(self, upload: Upload) -> bool:
        """Whether it can still become a file, or is one."""
        if upload.state == COMPLETE:
            return self.multipart.is_there(upload)
        return upload.state == OPEN and not upload.has_run_out(_now())

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


def _few(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:5]))
    return f"{shown}, …" if len(numbers) > 5 else shown
