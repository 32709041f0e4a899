"""What is made of honest images, with Pillow as the oracle."""

import pytest
from PIL import ImageCms

from tests.imaging.conftest import SIZES, Develop
from tests.imaging.samples import GOOD, PLACE, by_pillow, difference, exif, opened, saved, scene

# Mean difference of all bands: lossy encoders, another filter, another rounding; a wrong turn or colour is 30 and more.
CLOSE = 4.0
# One line of pixels is all edges, and the two filters treat them differently.
ROUGH = {"line.png": 12.0, "column.gif": 12.0, "one-bit.png": 8.0, "fax.tif": 8.0}


@pytest.mark.parametrize("name", GOOD)
def test_sizes_are_those_that_pillow_makes(develop: Develop, name: str) -> None:
    data = GOOD[name]()
    developed = develop(data)
    assert [one.role for one in developed.pictures] == list(SIZES)
    for one in developed.pictures:
        made, expected = opened(one.data), by_pillow(data, SIZES[one.role])
        assert made.format == "WEBP"
        assert (one.width, one.height) == made.size
        assert max(abs(a - b) for a, b in zip(made.size, expected.size, strict=True)) <= 1
        assert difference(made, expected.resize(made.size)) < ROUGH.get(name, CLOSE)
        assert made.mode == ("RGBA" if "A" in expected.mode and expected.getextrema()[3] != (255, 255) else "RGB")


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_every_orientation_is_applied(develop: Develop, form: str, orientation: int) -> None:
    data = saved(scene(200, 120), form, exif=exif(orientation), quality=95)
    largest = develop(data).pictures[0]
    assert (largest.width, largest.height) == ((120, 200) if orientation > 4 else (200, 120))
    assert difference(opened(largest.data), by_pillow(data, 512)) < CLOSE


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "PNG", "TIFF", "GIF"])
@pytest.mark.parametrize("size", [(1, 8192), (2, 16000), (9000, 1)])
def test_an_image_that_is_very_thin_is_shown(develop: Develop, form: str, size: tuple[int, int]) -> None:
    developed = develop(saved(scene(*size), form))
    assert [max(one.width, one.height) for one in developed.pictures] == list(SIZES.values())
    assert {min(one.width, one.height) for one in developed.pictures} == {1}


def test_the_orientation_of_a_tiff_is_applied(develop: Develop) -> None:
    data = saved(scene(200, 120), "TIFF", tiffinfo={274: 6})
    largest = develop(data).pictures[0]
    assert (largest.width, largest.height) == (120, 200)
    assert difference(opened(largest.data), scene(200, 120).rotate(-90, expand=True)) < CLOSE


@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
def test_cmyk_is_shown_in_colours_that_are_near(develop: Develop, form: str) -> None:
    """Near only: without a profile nobody knows what these inks look like, and Pillow does not pretend to."""
    made = opened(develop(saved(scene().convert("CMYK"), form)).pictures[0].data)
    assert made.mode == "RGB"
    assert difference(made, by_pillow(saved(scene(), "PNG"), 512)) < 45
    corner, opposite = made.getpixel((10, 10)), made.getpixel((made.width - 10, made.height - 10))
    assert corner[2] < 100 < corner[0], "the yellow corner is yellow"
    assert opposite != corner


@pytest.mark.parametrize("encoding", ["webp", "avif"])
@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_nothing_but_pixels_is_delivered(develop: Develop, name: str, encoding: str) -> None:
    secret = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>home address</x:xmpmeta>"
    more = {"xmp": secret} if name in ("JPEG", "WEBP", "AVIF") else {}
    developed = develop(saved(scene(), name, exif=exif(6), **more), encoding=encoding)
    for one in developed.pictures:
        made = opened(one.data)
        assert made.format == encoding.upper()
        # The orientation that Pillow shows for AVIF is a property of the picture and not of the camera.
        assert not dict(made.getexif()) and not made.getexif().get_ifd(0x8825)
        assert not {"exif", "xmp", "icc_profile"} & {key for key, value in made.info.items() if value}
        assert not any(word in one.data for word in (b"ACME", b"home address", b"Pocket", b"2024:05:06"))


def test_what_the_camera_wrote_is_told_apart(develop: Develop) -> None:
    about = develop(saved(scene(), "JPEG", exif=exif(6))).about
    assert about["camera"] == {"make": "ACME (Inc.)", "model": "Pocket 3"}
    assert about["taken_at"] == "2024-05-06T07:08:09+02:00"
    assert (about["place"]["latitude"], about["place"]["longitude"]) == PLACE
    assert (about["format"], about["width"], about["height"], about["orientation"]) == ("jpeg", 640, 480, 6)


@pytest.mark.parametrize("name", ["moving.gif", "moving.png", "moving.webp", "pages.tif"])
def test_of_many_frames_the_first_is_shown(develop: Develop, name: str) -> None:
    data = GOOD[name]()
    developed = develop(data)
    assert developed.about["frames"] == 4
    assert difference(opened(developed.pictures[0].data), by_pillow(data, 512)) < CLOSE


@pytest.mark.parametrize("encoding", ["webp", "avif"])
def test_the_same_image_gives_the_same_bytes(develop: Develop, encoding: str) -> None:
    data = GOOD["photo.jpg"]()
    first, second = (develop(data, encoding=encoding) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("profile", [b"", b"not a profile at all" * 10])
def test_a_profile_that_is_broken_is_ignored(develop: Develop, profile: bytes) -> None:
    data = saved(scene(), "JPEG", icc_profile=profile, quality=92)
    assert difference(opened(develop(data).pictures[0].data), by_pillow(saved(scene(), "PNG"), 512)) < CLOSE


def test_a_profile_of_another_kind_of_image_is_ignored(develop: Develop) -> None:
    """libvips 8.18.7 crashed here when it remembered no operations (`start` in runtime/imaging/vips.py)."""
    inks = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    inks[16:20] = b"CMYK"
    data = saved(scene(), "JPEG", icc_profile=bytes(inks), quality=92)
    assert difference(opened(develop(data).pictures[0].data), by_pillow(saved(scene(), "PNG"), 512)) < CLOSE
