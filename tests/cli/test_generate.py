import csv
import hashlib
import io
import json
import zipfile

import pytest
from PIL import Image

from cli.generate import BLOCK, KINDS, generate
from runtime.processors import by_kind
from tests.processors.cutting import run


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


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"photo", "empty", "header-only"}))
@pytest.mark.parametrize("size", [3_000, 1_500_000])
def test_files_are_about_as_large_as_asked_for(kind: str, size: int) -> None:
    assert size * 0.9 < len(made(kind, size=size)) < size * 1.1 + 2_000


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"photo"}))
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


def test_a_photo_is_one_and_says_where_it_was_taken() -> None:
    data = made("photo", size=200_000)
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        exif = picture.getexif()
        assert (picture.format, exif[0x010F], exif.get_ifd(0x8825)[1]) == ("JPEG", "Penstock", "N")
    assert 100_000 < len(data) < 400_000


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
    with pytest.raises(ValueError, match="must not be negative"):
        generate("csv", size=-1, seed=1)
