"""Where a file came from that was a member of an archive (ADR 13).

A member's key tells the archive and the member; which version of the archive it was, and what is left of the limits
of the whole tree, is in the object's metadata. Whoever uploads may write such metadata himself: the version has to fit
the key, and all that the rest can do is to lower limits.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from runtime.domain import places
from runtime.domain.identity import FileVersion
from runtime.domain.ports import Objects

_VERSION, _DEPTH, _MEMBERS, _BYTES = (f"penstock-{name}" for name in ("archive-version", "depth", "members", "bytes"))
_SEAM = re.compile(r"/[0-9a-f]{12}/")


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """The archive (name and version) that a file was a `member` of; `depth` counts the archives around it.

    `members` and `unpacked_bytes` are what is left of the limits if the file is an archive itself.
    """

    archive: str
    version: str
    member: str
    depth: int
    members: int = 0
    unpacked_bytes: int = 0

    def told(self) -> dict[str, str]:
        """As an object's metadata."""
        values = {_VERSION: self.version, _DEPTH: self.depth, _MEMBERS: self.members, _BYTES: self.unpacked_bytes}
        return {name: str(value) for name, value in values.items()}

    def shown(self) -> dict[str, Any]:
        """As `result.json` has it."""
        return {"archive": self.archive, "version": self.version, "member": self.member, "depth": self.depth}


def of(file: FileVersion, objects: Objects) -> Origin | None:
    """The origin of a file, if it was a member of an archive. Most names say at once that it was not."""
    seams = list(_SEAM.finditer(file.key))
    if not seams:
        return None
    told = objects.metadata(places.original(file))
    for seam in reversed(seams):
        archive = replace(file, key=file.key[: seam.start()], version=told.get(_VERSION, ""))
        if file.key.startswith(archive.members_prefix):
            return Origin(
                archive=archive.key,
                version=archive.version,
                member=file.key[seam.end() :],
                depth=max(_number(told, _DEPTH), 1),
                members=_number(told, _MEMBERS),
                unpacked_bytes=_number(told, _BYTES),
            )
    return None


def _number(told: Mapping[str, str], name: str) -> int:
    text = told.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
