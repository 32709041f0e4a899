"""What is known of an upload and its parts, and who keeps it: the table of uploads, and S3."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from runtime.domain import file_ids
from runtime.domain import upload_names as rules

OPEN, COMPLETE, ABORTED = "open", "complete", "aborted"
LIFE = timedelta(days=2)
"""The upload bucket gives parts up that are older (`ABORT_DAYS` in components/bucket.py)."""
KEPT = timedelta(days=1)
"""How much longer it is remembered what became of an upload."""
TYPE = "application/octet-stream"


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

    def add(self, upload: Upload, instead_of: Upload | None) -> bool:
        """False if there is one of this id already, other than the one that it takes the place of."""
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

    def begin(self, name: str, identity: str, content_type: str, sha256: str | None) -> str:
        """S3's id. The object will carry the upload's own `identity`, and the SHA-256 that was named for it."""
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

    def is_there(self, upload: Upload) -> bool:
        """Whether the version that the upload became is still there."""
        ...

    def completed(self, upload: Upload) -> str | None:
        """The version that the upload became, if it is the newest of its name."""
        ...
