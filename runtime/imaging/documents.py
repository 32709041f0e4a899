"""From a PDF of unknown honesty to what is known of it, and its first page. Runs in the worker's process only (ADR 13).

PDFium is asked through its C interface; this build of it has neither scripts nor the forms that need them. Functions
whose names begin with FPDF are documented in PDFium's `public/fpdfview.h` and `fpdf_doc.h`.
"""

import ctypes
import json
import mmap
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pypdfium2_raw as pdfium

from runtime.imaging import pictures, scripts, vips
from runtime.imaging.pictures import Refused
from runtime.imaging.request import ABOUT, Request

LONGEST_TEXT = 200
_LONGEST_READ = 64 * 1024
_PASSWORD, _SECURITY = 4, 5
_VERSION = re.compile(rb"%PDF-(\d\.\d)")
_DATE = re.compile(r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:(Z)|([+-])(\d\d)'?(\d\d)?)?")
_DAMAGED = "The document is damaged or ends too early: no page of it can be read. Upload it again from the original."


def develop(request: Request) -> dict[str, Any]:
    """Leaves what is known of the document in `ABOUT`, then draws its first page. Raises `Refused`."""
    try:
        return _develop(request)
    except MemoryError as error:
        raise Refused("The document needs more memory to be read than there is. Save it anew, and upload that.") from (
            error
        )


def _develop(request: Request) -> dict[str, Any]:
    pdfium.FPDF_InitLibrary()
    document = pdfium.FPDF_LoadDocument(request.source.encode(), None)
    if not document:
        if pdfium.FPDF_GetLastError() not in (_PASSWORD, _SECURITY):
            raise Refused(_DAMAGED)
        return {"about": {"format": "pdf", **_version(request), "encrypted": True}, "sizes": []}
    pages = pdfium.FPDF_GetPageCount(document)
    page = pdfium.FPDF_LoadPage(document, 0) if pages > 0 else None
    if not page:
        raise Refused(_DAMAGED)
    width, height = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
    about = {
        "format": "pdf",
        **_version(request),
        "pages": pages,
        "width": round(width, 1),
        "height": round(height, 1),
        **_words(document),
        "encrypted": pdfium.FPDF_GetSecurityHandlerRevision(document) >= 0,
        "javascript": _has_scripts(document, request),
        "embedded_files": pdfium.FPDFDoc_GetAttachmentCount(document),
    }
    (Path(request.folder) / ABOUT).write_text(json.dumps(about))
    drawn = _draw(page, width, height, max(request.sizes.values()))
    return {"about": about, "sizes": pictures.saved(drawn, request)}


def _version(request: Request) -> Mapping[str, str]:
    with Path(request.source).open("rb") as file:
        found = _VERSION.search(file.read(1024))
    return {"version": found[1].decode()} if found else {}


def _words(document: Any) -> dict[str, str]:
    """What its maker says of it, as far as it makes sense."""
    found = {
        "title": _text(document, b"Title"),
        "author": _text(document, b"Author"),
        "created": date(_text(document, b"CreationDate")),
    }
    return {name: text for name, text in found.items() if text}


def _text(document: Any, tag: bytes) -> str:
    """At most `LONGEST_TEXT` letters of the first 64 KiB, in one line, without what would turn or hide the rest."""
    size = pdfium.FPDF_GetMetaText(document, tag, None, 0)
    # PDFium copies all or nothing. Such a title is none.
    if not 2 < size <= _LONGEST_READ:
        return ""
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDF_GetMetaText(document, tag, buffer, size)
    text = " ".join(buffer.raw.decode("utf-16-le", "ignore").rstrip("\0").split())
    shown = "".join(char for char in text if char.isprintable()).strip()
    return shown if len(shown) <= LONGEST_TEXT else f"{shown[: LONGEST_TEXT - 1]}…"


def date(text: str) -> str:
    """A PDF's date (`D:20260102030405+01'00'`) as ISO 8601, as exact as it is; empty for what is none."""
    found = _DATE.match(text)
    if not found:
        return ""
    year, month, day, hour, minute, second = found.groups()[:6]
    if int(month or 1) not in range(1, 13) or int(day or 1) not in range(1, 32):
        return ""
    if int(hour or 0) > 23 or int(minute or 0) > 59 or int(second or 0) > 59:
        return ""
    made = "-".join(part for part in (year, month, day) if part)
    if not hour:
        return made
    utc, sign, hours, minutes = found.groups()[6:]
    zone = "Z" if utc else f"{sign}{hours}:{minutes or '00'}" if sign else ""
    return f"{made}T{hour}:{minute or '00'}:{second or '00'}{zone}"


def _has_scripts(document: Any, request: Request) -> bool:
    if pdfium.FPDFDoc_GetJavaScriptActionCount(document) > 0:
        return True
    with Path(request.source).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return scripts.found(data)


def _draw(page: Any, width: float, height: float, longest: int) -> vips.Image:
    """The page on white, its longest side of so many pixels."""
    scale = longest / max(width, height)
    wide, high = (max(1, round(side * scale)) for side in (width, height))
    pixels = (ctypes.c_ubyte * (wide * high * 4))()
    bitmap = pdfium.FPDFBitmap_CreateEx(wide, high, pdfium.FPDFBitmap_BGRx, pixels, wide * 4)
    pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, wide, high, 0xFFFFFFFF)
    flags = pdfium.FPDF_ANNOT | pdfium.FPDF_REVERSE_BYTE_ORDER
    pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, wide, high, 0, flags)
    four = vips.Image.of_pixels(pixels, wide, high, bands=4)
    three = vips.call("extract_band", **{"in": four}, band=0, n=3)
    made: vips.Image = vips.call("copy", **{"in": three}, interpretation="srgb").decoded()
    return made
