"""The SHA-256 that an uploader named for a file of several parts, held against the bytes once they were read (ADR 14).

S3 compares it for a file of one part, and has none for the whole of several: there the object carries it as metadata.
"""

from runtime.domain import places
from runtime.domain.errors import Rejected
from runtime.domain.identity import FileVersion
from runtime.domain.ports import Objects
from runtime.domain.upload_names import NAMED_SUM


def compare(file: FileVersion, sha256: str, objects: Objects) -> None:
    """`sha256` is that of the bytes that were read. Raises `Rejected` when another one was named for the upload."""
    if not _has_parts(file.etag):
        return
    named = objects.metadata(places.original(file)).get(NAMED_SUM, "")
    if named and named != sha256:
        raise Rejected(
            f"its SHA-256 is {sha256}, but {named} was named when it was uploaded: it was changed while it was sent, "
            "or parts of another file were. Upload it again"
        )


def _has_parts(etag: str) -> bool:
    """Whether an object was sent in two parts or more: so S3's ETag ends then. Only these cost a call."""
    parts = etag.rpartition("-")[2] if "-" in etag else ""
    return parts.isdigit() and int(parts) > 1
