"""Test documents: a PDF of as many pages of prose as are needed."""

from collections.abc import Callable, Iterator

_LINES = 48
_FIRST_PAGE = 4
_RESERVED = 400
"""Bytes that a PDF has beside its pages and their entries in the table."""


def pdf(
    line: Callable[[], str], size: int, *, action: str = "", trailer: str = "", kids: str = "", each: str = ""
) -> Iterator[bytes]:
    """A PDF 1.4 of about `size` bytes, page by page; at least one page.

    `line` gives the next line of text (ASCII, without brackets and backslashes). `action` is put into the catalogue and
    `trailer` into the trailer; `kids` takes the place of the list of pages, and `each` comes before a page's text.
    """
    offsets: dict[int, int] = {}
    written = 0

    def numbered(number: int, body: str) -> bytes:
        nonlocal written
        offsets[number] = written
        return counted(f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1"))

    def counted(data: bytes) -> bytes:
        nonlocal written
        written += len(data)
        return data

    # The second line says that the file is binary, for whoever would change its line ends.
    yield counted(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    yield numbered(3, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    pages: list[int] = []
    while not pages or written + 60 * len(pages) + _RESERVED < size:
        number = _FIRST_PAGE + 2 * len(pages)
        text = "\n".join(f"({line()}) '" for _ in range(_LINES))
        content = f"{each}BT /F1 11 Tf 14 TL 60 780 Td\n{text}\nET"
        yield numbered(number, f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
        resources = "/Resources << /Font << /F1 3 0 R >> >> /MediaBox [0 0 595 842]"
        yield numbered(number + 1, f"<< /Type /Page /Parent 2 0 R {resources} /Contents {number} 0 R >>")
        pages.append(number + 1)
    kids = kids or " ".join(f"{page} 0 R" for page in pages)
    yield numbered(2, f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>")
    yield numbered(1, f"<< /Type /Catalog /Pages 2 0 R {action}>>")
    info = _FIRST_PAGE + 2 * len(pages)
    yield numbered(info, "<< /Title (Prose) /Producer (penstock generate) /CreationDate (D:20260102030405Z) >>")
    table = written
    entries = "".join(f"{offsets[number]:010} 00000 n \n" for number in range(1, info + 1))
    yield counted(f"xref\n0 {info + 1}\n0000000000 65535 f \n{entries}".encode())
    yield f"trailer\n<< /Size {info + 1} /Root 1 0 R /Info {info} 0 R {trailer}>>\nstartxref\n{table}\n%%EOF\n".encode()
