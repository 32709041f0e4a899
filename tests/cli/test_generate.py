import csv
import hashlib
import io
import json
import re
import stat
import zipfile

import pypdf
import pytest
from PIL import Image

from cli.generate import BLOCK, KINDS, generate
from cli.hostile import HOSTILE
from cli.pictures import BOMBED, FORMATS
from runtime.domain.errors import Rejected
from runtime.processors import by_kind, detect
from tests.processors.cutting import WHOLE, head_of, run


def made(kind: str, size: int = 50_000, seed: int = 1, bad_every: int = 0) -> bytes:
    return b"".join(generate(kind, size=size, seed=seed, bad_every=bad_every))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_bytes(kind: str) -> None:
    assert made(kind) == made(kind)
    if kind not in ("empty", "header-only"):
        assert made(kind) != made(kind, seed=2)


def test_bytes_do_not_depend_on_the_machine() -> None:
    digests = {kind: hashlib.sha256(made(kind, size=3_000_000)).hexdigest()[:8] for kind in ("csv", "recipe", "binary")}
    assert digests == {"csv": "cc849da0", "recipe": "48ef9940", "binary": "24e58f3e"}


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {*FORMATS, "empty", "header-only"}))
@pytest.mark.parametrize("size", [3_000, 1_500_000])
def test_files_are_about_as_large_as_asked_for(kind: str, size: int) -> None:
    assert size * 0.9 < len(made(kind, size=size)) < size * 1.1 + 2_000


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - FORMATS.keys()))
def test_large_files_come_in_pieces(kind: str) -> None:
    assert all(0 < len(piece) <= 2.2 * BLOCK for piece in generate(kind, size=3 * BLOCK, seed=1))


def test_csv_has_what_makes_csv_hard() -> None:
    rows = list(csv.reader(io.StringIO(made("csv").decode(), newline=""), strict=True))
    assert {len(row) for row in rows} == {6}
    text = made("csv").decode()
    assert '""' in text and any("\n" in row[5] for row in rows) and any(ord(char) > 255 for char in text)
    assert [row[0] for row in rows[1:]] == [str(number) for number in range(len(rows) - 1)]


def test_recipes_are_one_valid_document() -> None:
    document = json.loads(made("recipe"))
    ids = [each["id"] for each in document["recipes"]]
    assert ids == [f"r-{number}" for number in range(len(ids))]
    assert run(by_kind("recipe"), made("recipe")).accepted == len(ids) > 20


@pytest.mark.parametrize(("kind", "processor"), [("csv", "csv"), ("jsonl", "jsonl"), ("recipe", "recipe")])
def test_one_record_in_so_many_is_bad(kind: str, processor: str) -> None:
    result = run(by_kind(processor), made(kind, size=400_000, bad_every=10), name="x.csv")
    assert 0.06 < result.rejected / (result.accepted + result.rejected) < 0.14
    assert run(by_kind(processor), made(kind), name="x.csv").rejected == 0


@pytest.mark.parametrize(("kind", "processor"), [("broken-csv", "csv"), ("broken-json", "recipe")])
@pytest.mark.parametrize("size", [100, 3_000, 300_000])
def test_broken_files_end_rejected(kind: str, processor: str, size: int) -> None:
    assert run(by_kind(processor), made(kind, size=size), name="x.csv", part_bytes=10_000).refused


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_is_one_and_says_where_it_was_taken(kind: str) -> None:
    with Image.open(io.BytesIO(made(kind, size=100_000))) as opened:
        assert opened.format == FORMATS[kind]
        if kind != "gif":
            exif = opened.getexif()
            assert (exif[0x010F], exif.get_ifd(0x8825)[1]) == ("Penstock", "N")
            # AVIF has a property of its own for it.
            assert kind == "avif" or exif[0x0112] in range(1, 9)
        opened.load()


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("size", [50_000, 600_000])
def test_pictures_are_about_as_large_as_asked_for(kind: str, size: int) -> None:
    assert size * 0.8 < len(made(kind, size=size)) < size * 1.2


@pytest.mark.parametrize("kind", FORMATS)
def test_pictures_have_the_pixels_asked_for(kind: str) -> None:
    data = b"".join(generate(kind, size=1, seed=1, pixels=(317, 45)))
    assert data == b"".join(generate(kind, size=9, seed=1, pixels=(317, 45)))
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.size == (317, 45)


@pytest.mark.parametrize("kind", BOMBED)
def test_a_pixel_bomb_promises_more_than_can_be_held(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    data = hostile(kind, "pixel-bomb")
    assert len(data) < 20_000
    with Image.open(io.BytesIO(data)) as opened:
        assert (opened.format, opened.width * opened.height > 250_000_000) == (FORMATS[kind], True)


@pytest.mark.parametrize("size", [10, 40_000, 3_000_000])
def test_a_pdf_has_its_objects_where_its_table_says(size: int) -> None:
    data = made("pdf", size=size)
    table = int(data.rsplit(b"startxref\n", 1)[1].split()[0])
    lines = data[table:].splitlines()
    assert lines[0] == b"xref"
    for number, line in enumerate(lines[3 : 2 + int(lines[1].split()[1])], 1):
        assert data[int(line[:10]) :].startswith(b"%d 0 obj" % number)
    pages = data.count(b"/Type /Page ")
    assert pages == data.count(b"endstream") and b"/Count %d " % pages in data
    for stream in re.finditer(rb"/Length (\d+) >>\nstream\n", data):
        assert data[stream.end() + int(stream[1]) :].startswith(b"\nendstream")


def hostile(kind: str, name: str, size: int = 20_000, seed: int = 1) -> bytes:
    return b"".join(generate(kind, size=size, seed=seed, hostile=name))


VARIANTS = [(kind, name) for kind, variants in HOSTILE.items() for name in variants]


@pytest.mark.parametrize(("kind", "name"), VARIANTS)
def test_hostile_files_are_the_same_for_the_same_seed(kind: str, name: str) -> None:
    assert hostile(kind, name) == hostile(kind, name)


@pytest.mark.parametrize(("kind", "name"), [each for each in VARIANTS if each[0] in ("csv", "jsonl", "recipe")])
@pytest.mark.parametrize("part_bytes", [5_000, WHOLE])
def test_hostile_records_end_as_they_are_said_to(kind: str, name: str, part_bytes: int) -> None:
    data, variant = hostile(kind, name), HOSTILE[kind][name]
    if name == "utf16":  # processors see it as UTF-8 only
        data = data.decode("utf-16").encode()
    assert variant.ends in ("succeeded", "rejected")
    try:
        processor = detect(head_of(data, f"x.{KINDS[kind].extension}"))
    except Rejected:
        assert variant.ends == "rejected"
        return
    assert processor.kind == kind
    result = run(processor, data, name=f"x.{KINDS[kind].extension}", part_bytes=part_bytes)
    assert result.refused == (variant.ends == "rejected")
    assert result.refused or result.accepted > 5
    if name in ("ragged", "stray-quotes", "unterminated-quote", "nul", "bad-utf8", "not-a-number", "truncated"):
        assert result.refused or result.rejected > 0


def test_hostile_archives_are_what_they_say() -> None:
    def names(variant: str) -> list[str]:
        with zipfile.ZipFile(io.BytesIO(hostile("zip", variant))) as archive:
            return archive.namelist()

    assert names("traversal")[1].startswith("../")
    assert names("absolute")[1].startswith("/")
    assert names("duplicates")[0] == names("duplicates")[1]
    assert len(names("many-members")) > 100_000
    assert names("nested")[0].endswith(".zip")
    with zipfile.ZipFile(io.BytesIO(hostile("zip", "symlink"))) as archive:
        assert stat.S_ISLNK(archive.getinfo("link").external_attr >> 16)
    with zipfile.ZipFile(io.BytesIO(hostile("zip", "encrypted"))) as archive, pytest.raises(RuntimeError):
        archive.read("secret.txt")
    bomb = hostile("zip", "bomb")
    with zipfile.ZipFile(io.BytesIO(bomb)) as archive:
        assert archive.infolist()[0].file_size > 200 * len(bomb)
        assert archive.testzip() is None
    with pytest.raises(zipfile.BadZipFile):
        names("truncated")


def test_hostile_documents_are_what_they_say() -> None:
    assert pypdf.PdfReader(io.BytesIO(hostile("pdf", "locked"))).is_encrypted
    opening = pypdf.PdfReader(io.BytesIO(hostile("pdf", "script"))).trailer["/Root"]["/OpenAction"]
    assert opening["/S"] == "/JavaScript"
    assert len(pypdf.PdfReader(io.BytesIO(made("pdf"))).pages) == made("pdf").count(b"/Type /Page ")


@pytest.mark.parametrize("name", HOSTILE["text"])
def test_hostile_texts_are_taken_for_what_they_are(name: str) -> None:
    assert detect(head_of(hostile("text", name), "x.txt")).kind == ("other" if name in ("nul", "binary") else "text")


def test_a_zip_opens() -> None:
    with zipfile.ZipFile(io.BytesIO(made("zip", size=2 * BLOCK))) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 3


def test_utf16_is_utf16() -> None:
    data = made("utf16-csv")
    assert data.startswith(b"\xff\xfe")
    assert data.decode("utf-16").startswith("id,date,customer")


def test_what_it_does_not_know_is_refused_with_what_it_does() -> None:
    with pytest.raises(ValueError, match="unknown kind 'parquet'; there are csv, recipe"):
        generate("parquet", size=1, seed=1)
    with pytest.raises(ValueError, match="'photo' have no bad records"):
        generate("photo", size=1, seed=1, bad_every=3)
    with pytest.raises(ValueError, match="'csv' have no pixels"):
        generate("csv", size=1, seed=1, pixels=(1, 1))
    with pytest.raises(ValueError, match="no hostile variant 'x' of zip; there are bomb"):
        generate("zip", size=1, seed=1, hostile="x")
    with pytest.raises(ValueError, match="no hostile variant 'x' of binary; it has none"):
        generate("binary", size=1, seed=1, hostile="x")
    with pytest.raises(ValueError, match="must not be negative"):
        generate("csv", size=-1, seed=1)
