"""Images are recognised by their content; what only bears an image's name is refused, with what it is instead."""

import pytest

from runtime.domain.errors import Rejected
from runtime.processors import detect
from runtime.processors.api import Head
from runtime.processors.image import format_of, misnamed
from tests.imaging.samples import GOOD, png

FORMATS = {"jpg": "jpeg", "tif": "tiff"}


def head(name: str, data: bytes) -> Head:
    return Head(name=name, size=len(data), data=data[: 256 * 1024])


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("called", ["", "x", "a/b.csv", "photo.JPG"])
def test_an_image_is_one_by_whatever_name(name: str, called: str) -> None:
    data, suffix = GOOD[name](), name.rpartition(".")[2]
    assert detect(head(called or name, data)).kind == "image"
    assert format_of(data) == FORMATS.get(suffix, suffix)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7\n", "a PDF document"),
        (b"PK\x03\x04" + bytes(30), "a ZIP archive"),
        (b"id,name\n1,a\n2,b\n", "text"),
        (b"<?xml version='1.0'?>\n<svg xmlns='x'/>", "an SVG drawing"),
        (b"<!DOCTYPE HTML><p>", "a web page"),
        (b"MZ\x90\x00" + bytes(60), "a program for Windows"),
        (b"\x00\x00\x00\x18ftypisom" + bytes(12), "a video"),
        (bytes(range(256)), "not of a format that is known"),
        (b"\x89PNG\r\n\x1a", "not of a format that is known"),
    ],
)
@pytest.mark.parametrize("suffix", [".jpg", ".PNG", ".avif"])
def test_what_is_only_named_an_image_is_refused(data: bytes, what: str, suffix: str) -> None:
    with pytest.raises(Rejected, match=rf"\({suffix.lower()}\), but it is {what}"):
        detect(head(f"a{suffix}", data))


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1"])
@pytest.mark.parametrize("name", ["a.heic", "a.jpg", "a"])
def test_heic_is_refused_by_whatever_name(brand: bytes, name: str) -> None:
    """Delivered as it is, it would take along where it was made."""
    with pytest.raises(Rejected, match="HEIC image"):
        detect(head(name, b"\0\0\0\x1cftyp" + brand + b"\0\0\0\0mif1" + b"heic" + bytes(50)))


@pytest.mark.parametrize("name", ["a.nef", "b.DNG", "c.cr2"])
def test_the_raw_files_of_cameras_are_no_tiff(name: str) -> None:
    assert detect(head(name, GOOD["deflated.tif"]())).kind == "other"


def test_a_name_that_promises_another_format_is_remarked_on() -> None:
    assert misnamed("a.jpg", "png") == "The file is named .jpg, but it is PNG."
    assert [misnamed(name, "jpeg") for name in ("a.jpg", "a.JPEG", "a", "a.txt")] == [None] * 4


def test_the_head_is_enough() -> None:
    assert detect(Head(name="a", size=10**9, data=png(1, 1))).kind == "image"
