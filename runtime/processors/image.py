"""Images: recognised here by their first bytes, decoded elsewhere (`runtime/imaging`, in the image function only)."""

from runtime.domain.errors import Rejected
from runtime.domain.image_names import DOCUMENT, SUFFIXES
from runtime.processors.api import Head
from runtime.processors.lookalikes import suffix, what_it_is
from runtime.processors.other import Whole

KIND = "image"
_SIGNATURES = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),
    (b"MM\0+", "tiff"),
)
# The raw pictures of cameras are TIFF outside, and something that no browser shows inside.
_RAW = frozenset(
    {".3fr", ".arw", ".cr2", ".dcr", ".dng", ".erf", ".kdc", ".mef", ".nef", ".nrw", ".pef", ".rw2", ".srw"}
)
_AVIF, _HEIC = {b"avif", b"avis"}, {b"heic", b"heim", b"heis", b"heix", b"hevc", b"hevm", b"hevs", b"hevx", b"mif1"}


class Images(Whole):
    """Photographs and drawings in the formats that browsers show."""

    kind = KIND
    clean_name = "image"

    def detect(self, head: Head) -> bool:
        """True for the formats that can be decoded. Raises `Rejected` for HEIC, and for what is only named an image."""
        if format_of(head.data):
            return suffix(head.name) not in _RAW
        if _brands(head.data) & _HEIC:
            raise Rejected("The file is a HEIC image, which cannot be read here. Save it as JPEG and upload that.")
        if suffix(head.name) in SUFFIXES:
            raise Rejected(
                f"The file is named like an image ({suffix(head.name)}), but it is {what_it_is(head)}. "
                "Upload it under its own name, or the image itself."
            )
        return False


def format_of(data: bytes) -> str | None:
    """The format by the first bytes: one of the values of `SUFFIXES`, or None."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if _brands(data) & _AVIF:
        return "avif"
    return next((name for signature, name in _SIGNATURES if data.startswith(signature)), None)


def misnamed(name: str, form: str) -> str | None:
    """A remark for the uploader if the name claims another format of image than the content's."""
    end = suffix(name)
    if {**SUFFIXES, DOCUMENT: "pdf"}.get(end, form) == form:
        return None
    return f"The file is named {end}, but it is {form.upper()}."


def _brands(data: bytes) -> set[bytes]:
    """What an ISO media file says of itself in its first box: the main brand and those that it is compatible with."""
    size = int.from_bytes(data[:4], "big")
    if data[4:8] != b"ftyp" or not 16 <= size <= 1024:
        return set()
    return {data[8:12], *(data[at : at + 4] for at in range(16, min(size, len(data)), 4))}
