"""PDF documents: recognised here by their first bytes, read elsewhere (`runtime/imaging`, in one function only)."""

from collections.abc import Mapping
from typing import Any

from runtime.domain.errors import Rejected
from runtime.domain.image_names import DOCUMENT
from runtime.processors.api import Head
from runtime.processors.lookalikes import suffix, what_it_is
from runtime.processors.other import Look, Whole

KIND = "pdf"
LARGEST = 400 * 1024 * 1024
"""A document that is larger is not looked into: who does that has 512 MB of scratch space."""
_MARK = b"%PDF-"
# Readers look so far for the mark, because mailers put their own lines before it.
_SEARCHED = 1024


class Pdf(Whole):
    """Documents with pages."""

    kind = KIND
    clean_name = "document"

    def detect(self, head: Head) -> bool:
        """True if the file begins as a PDF does. Raises `Rejected` for what is only named one."""
        if head.data.startswith(_MARK):
            return True
        if suffix(head.name) != DOCUMENT:
            return False
        if _MARK in head.data[:_SEARCHED]:
            return True
        raise Rejected(
            f"The file is named like a PDF document ({DOCUMENT}), but it is {what_it_is(head)}. "
            "Upload it under its own name, or the document itself."
        )

    def look(self, head: Head) -> Look | None:
        """Says of a document that is too large that nobody has looked into it."""
        return _Unread() if head.size > LARGEST else None


class _Unread:
    """The document streams by and is not read."""

    def feed(self, data: bytes) -> None:
        """Nothing is done with it."""

    def summary(self) -> Mapping[str, Any]:
        return {
            "format": "pdf",
            "warnings": [f"The document has more than {LARGEST:,} bytes, so that it is delivered without a preview."],
        }
