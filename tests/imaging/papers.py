"""Documents by hand: every value in them is known, and the hostile ones do what no program would write."""

import zlib
from collections.abc import Mapping

PAGES = "<< /Type /Pages /Count 1 /Kids [3 0 R] >>"


def stream(data: bytes, entries: str = "") -> bytes:
    return f"<< {entries} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


def page(resources: str = "", box: str = "0 0 200 100") -> str:
    return f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Resources << {resources} >> /Contents 4 0 R >>"


def document(
    objects: Mapping[int, str | bytes] | None = None,
    *,
    content: bytes = b"1 0 0 rg 0 0 100 100 re f",
    catalogue: str = "",
    trailer: str = "",
) -> bytes:
    """A document of one page, its left half red; `objects` come in the place of its own, or beside them."""
    made: dict[int, str | bytes] = {
        1: f"<< /Type /Catalog /Pages 2 0 R {catalogue} >>",
        2: PAGES,
        3: page(),
        4: stream(content),
        **(objects or {}),
    }
    out, offsets = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), {}
    for number, body in made.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body if isinstance(body, bytes) else body.encode("latin-1"))
    table, count = len(out), max(made) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % count
    for number in range(1, count):
        out += b"%010d 00000 n \n" % offsets[number] if number in offsets else b"0000000000 00000 f \n"
    out += f"trailer\n<< /Size {count} /Root 1 0 R {trailer} >>\nstartxref\n{table}\n%%EOF\n".encode("latin-1")
    return bytes(out)


def informed(**values: str) -> bytes:
    """With entries about the document, as they stand in a PDF."""
    entries = " ".join(f"/{name} {value}" for name, value in values.items())
    return document({5: f"<< {entries} >>"}, trailer="/Info 5 0 R")


def packed(inside: bytes) -> bytes:
    """With a stream of packed objects."""
    return document({5: stream(zlib.compress(inside), "/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode")})


def form(number: int, content: bytes, used: int) -> bytes:
    entries = f"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X {used} 0 R >> >>"
    return stream(content, entries)


def drawing(*objects: bytes) -> bytes:
    """A page that draws object 5, the first of these."""
    return document({3: page("/XObject << /X 5 0 R >>"), **dict(enumerate(objects, 5))}, content=b"/X Do")


def deep(levels: int) -> bytes:
    """A tree of pages as deep as that, without a branch."""
    nodes = {n: f"<< /Type /Pages /Count 1 /Kids [{n + 1} 0 R] >>" for n in range(2, levels)}
    return document({**nodes, levels: "<< /Type /Page /MediaBox [0 0 9 9] >>"})
