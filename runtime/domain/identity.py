"""Names that are derived, never invented: the same object version and attempt always gives the same ones.

Source of the limits: an S3 key has at most 1,024 bytes of UTF-8, an execution's name at most 80 characters of
`[A-Za-z0-9_-]`, a DynamoDB sort key 1,024 bytes.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
SEQUENCER_WIDTH = 40

# The last part of a ledger entry's sort key. One slot for each step of an attempt: two runs that disagree about how
# an attempt ended meet in the same slot, and the conditional write lets only the first one in.
RANKS = {
    "received": 0,
    "scanning": 1,
    "processing": 2,
    "succeeded": 3,
    "rejected": 3,
    "failed": 3,
    "deleting": 4,
    "deleted": 5,
}
TERMINAL_RANK = 3

ROOT = "/"
"""The folder of names that have none."""
SHELF = "files"
"""What all items of `Files` have in common, so that there is one index of all of them."""


def folder_of(name: str) -> str:
    """The folder that a file is in: the first segment of its whole name."""
    folder, slash, _ = name.partition("/")
    return folder if slash and folder else ROOT


def safe(text: str, limit: int) -> str:
    """`text` as a piece of a name: only letters, digits, dot, dash and underscore, at most `limit` characters."""
    return _UNSAFE.sub("-", text).strip("-.")[:limit] or "file"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class FileVersion:
    """One version of one object in the upload bucket: what a run is about.

    `size` is in bytes, `sequencer` is S3's own hexadecimal order of the versions of a key, `received_at` is the time
    of the upload event (ISO 8601, UTC).
    """

    bucket: str
    key: str
    version: str
    size: int
    etag: str
    sequencer: str
    received_at: str
    attempt: int = 1

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "FileVersion":
        """The file that a step's event is about."""
        return cls(**event["file"])

    @property
    def name(self) -> str:
        """The `FileName` of the tables: the object's key as the uploader wrote it."""
        return self.key

    @property
    def folder(self) -> str:
        """The folder that it is in."""
        return folder_of(self.key)

    @property
    def file_id(self) -> str:
        """Prefix of everything that is written for this version, in every bucket: `NAME-DIGEST/VERSION`.

        A later attempt has one of its own: what it makes may be other bytes, if what had failed was mended meanwhile.
        """
        return self._version_id + (f"-{self.attempt}" if self.attempt > 1 else "")

    @property
    def stem(self) -> str:
        """What all versions of the file have in common at the beginning of `file_id`."""
        return self.file_id.partition("/")[0]

    @property
    def _version_id(self) -> str:
        return f"{safe(self.key, 60)}-{_digest(self.bucket, self.key)[:12]}/{safe(self.version, 100)}"

    @property
    def run_id(self) -> str:
        """Name of the execution; the same for every delivery of the same event (at most 80 characters)."""
        stem = safe(PurePosixPath(self.key).name, 30).replace(".", "_")
        return f"{stem}-{_digest(self.bucket, self.key, self.version)[:32]}-{self.attempt}"

    @property
    def order(self) -> str:
        """`sequencer` made comparable as text: S3 says to pad the shorter one with zeros on the right."""
        return self.sequencer.upper().ljust(SEQUENCER_WIDTH, "0")

    def ledger_key(self, state: str) -> str:
        """Sort key of the ledger's entry for `state`; entries of a file sort by version, attempt, step."""
        return f"{self.order}#{safe(self.version, 100)}#{self.attempt:03d}#{RANKS[state]}"

    # -- keys of objects ------------------------------------------------------------------------------------------
    def work_key(self, name: str) -> str:
        """Key in the work bucket."""
        return f"work/{self.file_id}/{self.attempt}/{name}"

    def result_key(self, name: str) -> str:
        """Key in the output bucket."""
        return f"results/{self.file_id}/{name}"

    @property
    def archive_key(self) -> str:
        """Key of the ZIP in the delivery bucket."""
        return f"archives/{self.file_id}/{safe(PurePosixPath(self.key).name, 80)}.zip"

    def image_key(self, name: str) -> str:
        """Key of one size of an image in the delivery bucket."""
        return f"images/{self.file_id}/{name}"

    @property
    def members_prefix(self) -> str:
        """Beginning of the keys that the members of an archive get in the upload bucket, as files of their own."""
        return f"{self.key}/{_digest(self.bucket, self.key, self.version)[:12]}/"

    @property
    def backup_key(self) -> str:
        """Timestamped key in the backup bucket; the time is the upload's, so that a repeated step writes it again.

        It is the same for every attempt: so are the bytes.
        """
        at = datetime.fromisoformat(self.received_at).astimezone(UTC)
        return f"backup/{at:%Y/%m/%d/%H%M%SZ}-{self._version_id}/{safe(PurePosixPath(self.key).name, 80)}"
