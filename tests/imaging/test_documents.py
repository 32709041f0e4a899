"""PDF documents in the worker, as the function starts it: what is known of them, and their first page."""

import io
import random
from datetime import datetime

import pypdf
import pytest

from cli.generate import generate
from runtime.adapters import imaging
from runtime.domain.errors import Rejected
from runtime.imaging.documents import LONGEST_TEXT, date
from tests.imaging import papers
from tests.imaging.conftest import Develop
from tests.imaging.papers import document, informed
from tests.imaging.samples import opened

WIDE = "<feff" + "x\u202e\n\u00e9".encode("utf-16-be").hex() + ">"


def test_the_first_page_is_drawn_in_the_sizes_of_an_image(develop: Develop) -> None:
    developed = develop(document(), form="pdf")
    assert [(one.role, one.width, one.height) for one in developed.pictures] == [
        ("web", 512, 256),
        ("preview", 256, 128),
        ("thumbnail", 64, 32),
    ]
    for one in developed.pictures:
        drawn = opened(one.data).convert("RGB")
        left, right = (drawn.getpixel((drawn.width * part // 4, drawn.height // 2)) for part in (1, 3))
        assert isinstance(left, tuple) and isinstance(right, tuple)
        assert left[0] > 240 and max(left[1:]) < 15 and min(right) > 240


def test_what_is_known_of_a_document(develop: Develop) -> None:
    about = develop(
        informed(Title="(A title)", Author=WIDE, CreationDate="(D:20260102030405+01'30')"), form="pdf"
    ).about
    assert about == {
        "format": "pdf",
        "version": "1.7",
        "pages": 1,
        "width": 200.0,
        "height": 100.0,
        "title": "A title",
        "author": "x é",
        "created": "2026-01-02T03:04:05+01:30",
        "encrypted": False,
        "javascript": False,
        "embedded_files": 0,
    }


def test_titles_without_end_are_cut_and_endless_ones_left_out(develop: Develop) -> None:
    about = develop(informed(Title=f"({'x' * 5_000})", Author=f"({'x' * 100_000})"), form="pdf").about
    assert about["title"] == "x" * (LONGEST_TEXT - 1) + "…"
    assert "author" not in about


@pytest.mark.parametrize(("size", "seed"), [(3_000, 1), (200_000, 2)])
def test_pypdf_says_the_same(develop: Develop, size: int, seed: int) -> None:
    data = b"".join(generate("pdf", size=size, seed=seed))
    about, other = develop(data, form="pdf").about, pypdf.PdfReader(io.BytesIO(data))
    assert other.metadata is not None
    assert (about["pages"], about["title"]) == (len(other.pages), other.metadata.title)
    assert datetime.fromisoformat(about["created"]) == other.metadata.creation_date
    assert (about["width"], about["height"]) == tuple(float(side) for side in other.pages[0].mediabox[2:])


def locked(reader: str, owner: str) -> bytes:
    """A document with these passwords."""
    writer, file = pypdf.PdfWriter(io.BytesIO(document())), io.BytesIO()
    writer.encrypt(reader, owner, algorithm="RC4-128")
    writer.write(file)
    return file.getvalue()


def test_a_document_that_asks_for_a_password_is_not_looked_into(develop: Develop) -> None:
    developed = develop(locked("secret", "secret"), form="pdf")
    assert (developed.about["encrypted"], "pages" in developed.about, developed.pictures) == (True, False, [])


def test_one_that_is_locked_but_opens_is_shown(develop: Develop) -> None:
    developed = develop(locked("", "secret"), form="pdf")
    assert (developed.about["encrypted"], developed.about["pages"], len(developed.pictures)) == (True, 1, 3)


SCRIPT = "<< /S /JavaScript /JS (app.alert(1)) >>"


@pytest.mark.parametrize(
    "data",
    [
        document(catalogue=f"/OpenAction {SCRIPT}"),
        document({3: papers.page().replace("/Contents", f"/AA << /O {SCRIPT} >> /Contents")}),
        document(catalogue=f"/OpenAction {SCRIPT.replace('/JavaScript', '/J#61v#61Scrip#74')}"),
        papers.packed(b"6 0   " + SCRIPT.encode()),
        papers.packed(b"6 0   " + b" " * 200_000 + SCRIPT.encode()),
        document(catalogue=f"/Names << /JavaScript << /Names [(a) {SCRIPT}] >> >>"),
    ],
)
def test_scripts_are_noted_wherever_they_are(develop: Develop, data: bytes) -> None:
    developed = develop(data, form="pdf")
    assert developed.about["javascript"] is True
    assert developed.pictures


def test_embedded_files_are_counted(develop: Develop) -> None:
    writer, file = pypdf.PdfWriter(io.BytesIO(document())), io.BytesIO()
    writer.add_attachment("a.txt", b"one")
    writer.add_attachment("b.exe", b"two")
    writer.write(file)
    assert develop(file.getvalue(), form="pdf").about["embedded_files"] == 2


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("D:20260102030405Z", "2026-01-02T03:04:05Z"),
        ("D:20260102030405-08", "2026-01-02T03:04:05-08:00"),
        ("D:202601020304", "2026-01-02T03:04:00"),
        ("2026", "2026"),
        ("D:20261302", ""),
        ("D:20260102990000", ""),
        ("yesterday", ""),
        ("", ""),
    ],
)
def test_dates_are_as_exact_as_they_were(text: str, iso: str) -> None:
    assert date(text) == iso


BOXES = ["0 0 1e9 1e9", "0 0 2147483647 2147483647", "0 0 0 0", "9 9 -5 -5", "0 0 1e400 1", "a b c d", "0 0 1 90000"]


@pytest.mark.parametrize("box", BOXES)
def test_a_page_of_any_size_is_drawn_in_ours(develop: Develop, box: str) -> None:
    pictures = develop(document({3: papers.page(box=box)}), form="pdf").pictures
    assert [max(one.width, one.height) for one in pictures] == [512, 256, 64]


DAMAGED = {
    "no pages": document({2: "<< /Type /Pages /Count 0 /Kids [] >>"}),
    "pages in a circle": document({2: "<< /Type /Pages /Count 99999 /Kids [2 0 R 2 0 R] >>"}),
    "a bottomless tree": papers.deep(5_000),
    "cut off": document()[:-150],
    "a mark and nothing else": b"%PDF-1.7\n",
    "random bytes": b"%PDF-1.7\n" + bytes(range(256)) * 99,
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_document_without_a_page_is_refused(develop: Develop, name: str) -> None:
    with pytest.raises(Rejected, match="damaged or ends too early"):
        develop(DAMAGED[name], form="pdf")


def test_a_count_of_pages_that_lies_is_not_believed(develop: Develop) -> None:
    lying = document({2: "<< /Type /Pages /Count 999999999 /Kids [3 0 R] >>"})
    assert develop(lying, form="pdf").about["pages"] == 1


@pytest.mark.parametrize(
    "data",
    [
        document({3: "<< /Type /Page /Parent 2 0 R /MediaBox 5 0 R >>", 5: "6 0 R", 6: "5 0 R"}),
        document({4: b"<< /Length 4 0 R >>\nstream\nq Q\nendstream"}),
        document(content=b"[" * 300_000),
        document(content=b"q " * 100_000),
        document({5: "<< /A " * 100_000 + ">>" * 100_000}),
        document()[: document().index(b"startxref")] + b"startxref\n99999999\n%%EOF",
    ],
    ids=["references in a circle", "its own length", "deep lists", "deep states", "deep objects", "a wrong table"],
)
def test_what_has_no_end_is_drawn_all_the_same(develop: Develop, data: bytes) -> None:
    developed = develop(data, form="pdf")
    assert (developed.about["pages"], len(developed.pictures)) == (1, 3)


def test_what_makes_its_reader_fail_is_refused(develop: Develop) -> None:
    """A drawing that draws itself, twice each time."""
    with pytest.raises(Rejected, match="makes its reader fail, or needs more memory"):
        develop(papers.drawing(papers.form(5, b"/X Do /X Do", used=5)), form="pdf")


def test_a_page_that_takes_too_long_is_not_shown(develop: Develop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imaging, "DOCUMENT_SECONDS", 1)
    lines = b"".join(b"%d %d m %d %d l S " % (n % 200, n % 100, n * 7 % 200, n * 13 % 100) for n in range(400_000))
    developed = develop(document(content=lines), form="pdf")
    assert (developed.about["pages"], developed.pictures) == (1, [])


def test_a_document_that_takes_too_long_to_be_read_is_refused(
    develop: Develop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imaging, "DOCUMENT_SECONDS", 1)
    many = b"".join(b"/ObjStm stream\n" for _ in range(2_000_000))
    with pytest.raises(Rejected, match="too long to be read"):
        develop(document({5: papers.stream(many)}), form="pdf")


@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_document_gives_a_page_or_a_sentence(develop: Develop, seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(b"".join(generate("pdf", size=4_000, seed=1)))
    for _ in range(chance.choice([1, 5, 50])):
        at = chance.randrange(8, len(data))
        data[at : at + chance.randrange(2)] = chance.choice(
            [b"9" * 9, b"<<", b">>", b"[", b" 2 0 R ", b"endobj", b"\0"]
        )
    try:
        developed = develop(bytes(data), form="pdf")
    except Rejected as refused:
        assert refused.reason.endswith(".")
    else:
        assert [opened(one.data).size for one in developed.pictures]
