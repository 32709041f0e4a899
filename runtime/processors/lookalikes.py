"""What a file is that is not what its name says, in a person's words."""

from pathlib import PurePosixPath

from runtime.domain.text import is_utf8
from runtime.processors.api import Head

_SIGNATURES = (
    (b"%PDF-", "a PDF document"),
    (b"PK\3\4", "a ZIP archive or an office document"),
    (b"\xd0\xcf\x11\xe0", "an office document of an older kind"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"BM", "a BMP image"),
    (b"8BPS", "a Photoshop document"),
    (b"\0\0\1\0", "an icon"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL image"),
    (b"\xff\x0a", "a JPEG XL image"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 image"),
    (b"%!PS", "a PostScript document"),
    (b"MZ", "a program for Windows"),
    (b"\x7fELF", "a program for Linux"),
)
_MARKUP = ((b"<svg", "an SVG drawing"), (b"<html", "a web page"), (b"<!doctype html", "a web page"))


def suffix(name: str) -> str:
    """The end of a name in small letters (`.jpg`), empty if it has none."""
    return PurePosixPath(name).suffix.lower()


def what_it_is(head: Head) -> str:
    """To be put behind *it is*."""
    for signature, what in _SIGNATURES:
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
