"""EXIF as libvips tells it, and as anyone may forge it."""

import pytest

from runtime.imaging import metadata


def tag(value: str, shown: str | None = None, kind: str = "ASCII", count: int = 5) -> str:
    return f"{value} ({value if shown is None else shown}, {kind}, {count} components, {count} bytes)"


def of(**fields: str) -> dict[str, object]:
    return metadata.of(lambda name: fields.get(name.removeprefix("exif-").replace("-", "_"), ""))


def place(latitude: str, longitude: str, south: str = "N", west: str = "E") -> object:
    found = of(
        ifd3_GPSLatitude=tag(latitude, "x", "Rational", 3),
        ifd3_GPSLongitude=tag(longitude, "y", "Rational", 3),
        ifd3_GPSLatitudeRef=tag(south),
        ifd3_GPSLongitudeRef=tag(west),
    )
    return found.get("place")


def test_a_name_may_hold_anything() -> None:
    for name in ("ACME", "A (B)", "A (B, ASCII, 2 components, 2 bytes)", "a (a) (a", "x, y"):
        assert of(ifd0_Make=tag(name)) == {"camera": {"make": name}}
    assert of(ifd0_Model=tag("a\x00\x1b[31mb" + "c" * 900))["camera"] == {"model": "a[31mb" + "c" * 74}


def test_nothing_is_made_of_nothing() -> None:
    assert of() == {}
    assert of(ifd0_Make=tag("  "), ifd2_DateTimeOriginal=tag("0000:00:00 00:00:00")) == {}


def test_a_place_has_two_sides_and_a_sign() -> None:
    assert place("48/1 8/1 29/2", "11/1 34/1 156/5") == {"latitude": 48.137361, "longitude": 11.575333}
    assert place("33/1 52/1 0/1", "151/1 12/1 0/1", "S", "W") == {"latitude": -33.866667, "longitude": -151.2}


@pytest.mark.parametrize("bad", ["1/0 0/1 0/1", "x y z", "", "48/1 8/1", "91/1 0/1 0/1", "-1/1 0/1 0/1", "9" * 5000])
def test_a_place_that_is_none_is_left_out(bad: str) -> None:
    assert place(bad, "11/1 34/1 0/1") is None


def test_a_time_knows_its_offset_if_the_camera_did() -> None:
    time = tag("2024:05:06 07:08:09")
    assert of(ifd2_DateTimeOriginal=time) == {"taken_at": "2024-05-06T07:08:09"}
    assert of(ifd2_DateTimeOriginal=time, ifd2_OffsetTimeOriginal=tag("+02:00"))["taken_at"].endswith("+02:00")
    assert of(ifd2_DateTimeOriginal=time, ifd2_OffsetTimeOriginal=tag("nonsense")) == {
        "taken_at": "2024-05-06T07:08:09"
    }
