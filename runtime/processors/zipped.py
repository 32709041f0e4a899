"""ZIP archives: recognised here by their first bytes, read elsewhere (`domain/members`), by their directory.

Documents that are ZIPs inside (of word processors, spreadsheets, e-books, programs) are no archives to whoever uploads
them, and are left to `other`.
"""

import struct
from collections.abc import Mapping
from typing import Any

from runtime.domain.errors import Rejected
from runtime.processors.api import Head, Outcome
from runtime.processors.lookalikes import suffix, what_it_is
from runtime.processors.other import Whole

KIND = "zip"
_MEMBER, _EMPTY, _PIECE = b"PK\3\4", b"PK\5\6", b"PK\7\x08"
_SUFFIX = ".zip"
_LOCAL = struct.Struct("<4s5H3L2H")
# The first member of documents is one of these; their makers put it there for programs that look at the first bytes.
_FIRST = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"mimetype", b"META-INF/", b"AndroidManifest.xml")
_SUFFIXES = frozenset(
    (
        *(".docx", ".docm", ".dotx", ".xlsx", ".xlsm", ".xltx", ".pptx", ".pptm", ".potx", ".vsdx", ".xps", ".oxps"),
        *(".odt", ".ods", ".odp", ".odg", ".ott", ".ots", ".otp", ".pages", ".numbers", ".key", ".epub", ".cbz"),
        *(".jar", ".war", ".ear", ".apk", ".aab", ".ipa", ".appx", ".msix", ".xpi", ".crx", ".nupkg", ".whl"),
        *(".kmz", ".3mf", ".usdz", ".sketch", ".idml", ".pbix", ".twbx"),
    )
)


class Zipped(Whole):
    """Archives of files. The records of one are its members."""

    kind = KIND
    clean_name = "members.jsonl"

    def detect(self, head: Head) -> bool:
        """True for a ZIP that is no document. Raises `Rejected` for a piece of one, and for what is only named one."""
        if head.data.startswith(_PIECE):
            raise Rejected("The file is one piece of an archive in several. Make one archive of it and upload that.")
        if not head.data.startswith((_MEMBER, _EMPTY)):
            if suffix(head.name) == _SUFFIX:
                raise Rejected(
                    f"The file is named like an archive ({_SUFFIX}), but it begins as none does: it is "
                    f"{what_it_is(head)}. Upload it under its own name, or the archive itself."
                )
            return False
        return suffix(head.name) not in _SUFFIXES and not _first_name(head).startswith(_FIRST)

    def summary(self, outcome: Outcome, context: Mapping[str, Any]) -> Mapping[str, Any]:
        """How many members there are, and folders."""
        members = outcome.accepted + outcome.rejected
        if not outcome.accepted:
            if members == 1:
                raise Rejected(
                    "The archive's only member cannot be a file of its own: it is empty, damaged, or packed in a way "
                    "that is not unpacked here."
                )
            raise Rejected(
                f"None of the archive's {members:,} members can be a file of its own: they are empty, damaged, or "
                "packed in a way that is not unpacked here."
            )
        note = context.get("note")
        return {
            "members": members,
            "folders": outcome.totals.get("folders", 0),
            **({"warnings": [note]} if note else {}),
        }


def _first_name(head: Head) -> bytes:
    """The name of the member that the file begins with."""
    if len(head.data) < _LOCAL.size:
        return b""
    length = _LOCAL.unpack_from(head.data)[-2]
    return head.data[_LOCAL.size : _LOCAL.size + length]
