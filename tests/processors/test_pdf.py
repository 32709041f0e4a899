"""Documents are recognised by how they begin; what only bears their name is refused, with what it is instead."""

import pytest

from runtime.domain.errors import Rejected
from runtime.domain.images import MAX_BYTES
from runtime.processors import detect
from runtime.processors.api import Head
from runtime.processors.pdf import LARGEST, Pdf
from tests.imaging.papers import document
from tests.imaging.samples import png
from tests.processors.cutting import head_of


@pytest.mark.parametrize("name", ["a.pdf", "a", "a.csv", "A.PDF", "a.zip"])
def test_a_document_is_one_by_any_name(name: str) -> None:
    assert detect(head_of(document(), name)).kind == "pdf"


def test_lines_before_it_are_of_no_concern_under_its_name() -> None:
    data = b"Content-Type: application/pdf\r\n\r\n" + document()
    assert detect(head_of(data, "a.pdf")).kind == "pdf"
    assert detect(head_of(b"notes on %PDF-1.7, its mark\n", "a.txt")).kind == "text"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"id,name\n1,a\n2,b\n", "text"),
        (b"PK\x03\x04" + bytes(30), "a ZIP archive"),
        (b"\xd0\xcf\x11\xe0" + bytes(30), "an office document of an older kind"),
        (b"MZ\x90\x00" + bytes(60), "a program for Windows"),
        (b"<!DOCTYPE html><p>Please sign in", "a web page"),
        (b"x" * 1024 + b"%PDF-1.7", "text"),
    ],
)
@pytest.mark.parametrize("suffix", [".pdf", ".PDF"])
def test_what_is_only_named_a_document_is_refused(data: bytes, what: str, suffix: str) -> None:
    with pytest.raises(Rejected, match=rf"\(.pdf\), but it is {what}"):
        detect(head_of(data, f"a{suffix}"))


def test_an_image_stays_one_under_a_documents_name() -> None:
    assert detect(head_of(png(2, 2), "scan.pdf")).kind == "image"


def test_a_document_under_an_images_name_is_refused() -> None:
    with pytest.raises(Rejected, match=r"\(.jpg\), but it is a PDF document"):
        detect(head_of(document(), "a.jpg"))


def test_who_reads_documents_has_room_for_the_largest() -> None:
    assert LARGEST == MAX_BYTES
    assert Pdf().look(Head(name="a", size=LARGEST, data=document())) is None
    assert Pdf().look(Head(name="a", size=LARGEST + 1, data=document())) is not None
