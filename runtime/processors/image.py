"""Images: recognised here by their first bytes, decoded elsewhere (`runtime/imaging`, in the image function only)."""

from pathlib import PurePosixPath

from runtime.domain.errors import Rejected
from runtime.domain.image_names import SUFFIXES
from runtime.domain.text import is_utf8
from runtime.processors.api import Head
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
_OTHERS = (
    (b"%PDF-", "a PDF document"),
    (b"PK\3\4", "a ZIP archive or an office document"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"BM", "a BMP image"),
    (b"8BPS", "a Photoshop document"),
    (b"\0\0\1\0", "an icon"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL image"),
    (b"\xff\x0a", "a JPEG XL image"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 image"),
    (b"MZ", "a program for Windows"),
    (b"\x7fELF", "a program for Linux"),
)
_MARKUP = ((b"<svg", "an SVG drawing"), (b"<html", "a web page"), (b"<!doctype html", "a web page"))


class Images(Whole):
    """Photographs and drawings in the formats that browsers show."""

    kind = KIND
    clean_name = "image"

    def detect(self, head: Head) -> bool:
        """True for the formats that can be decoded. Raises `Rejected` for HEIC, and for what is only named an image."""
        if format_of(head.data):
            return _suffix(head.name) not in _RAW
        if _brands(head.data) & _HEIC:
            raise Rejected("The file is a HEIC image, which cannot be read here. Save it as JPEG and upload that.")
        if _suffix(head.name) in SUFFIXES:
            raise Rejected(
                f"The file is named like an image ({_suffix(head.name)}), but it is {_what_else(head)}. "
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
    suffix = _suffix(name)
    if SUFFIXES.get(suffix, form) == form:
        return None
    return f"The file is named {suffix}, but it is {form.upper()}."


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _brands(data: bytes) -> set[bytes]:
    """What an ISO media file says of itself in its first box: the main brand and those that it is compatible with."""
    size = int.from_bytes(data[:4], "big")
    if data[4:8] != b"ftyp" or not 16 <= size <= 1024:
        return set()
    return {data[8:12], *(data[at : at + 4] for at in range(16, min(size, len(data)), 4))}


def _what_else(head: Head) -> str:
    for signature, what in _OTHERS:
        if head.data.startswith(signature):
            return what
    if head.data[4:8] == b"ftyp":
        return "a video or another kind of media file"
    start = head.data[:1024].lower()
    for mark, what in _MARKUP:
        if mark in start:
            return what
    if b"\0" not in head.data and is_utf8(head.data[:1024].rsplit(b"\n", 1)[0]):
        return "text"
    return "not of a format that is known here"
