"""What a camera wrote into an image (EXIF), as far as it is worth keeping. It goes into `result.json`, nowhere else.

libvips gives each tag as a text such as `48/1 8/1 29/2 (48, 8, 14.5, Rational, 3 components, 24 bytes)`.
"""

import re
from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from typing import Any

_LONGEST = 80
_TAIL = re.compile(r", [A-Za-z ]+, \d+ components, \d+ bytes\)\Z")
_OFFSET = re.compile(r"[+-]\d\d:\d\d\Z")

Read = Callable[[str], str]


def of(read: Read) -> dict[str, Any]:
    """`read` gives a field's text, or an empty one. What is missing or makes no sense is left out."""
    camera = {
        name: text for name, field in (("make", "ifd0-Make"), ("model", "ifd0-Model")) if (text := _words(read, field))
    }
    found = {"camera": camera or None, "taken_at": _taken_at(read), "place": _place(read)}
    return {name: value for name, value in found.items() if value is not None}


def _raw(read: Read, field: str) -> str:
    """The value alone. A text's stands twice, so that it may hold anything, brackets too."""
    both = _TAIL.sub("", read(f"exif-{field}"))
    half = (len(both) - 2) // 2
    if len(both) > 2 and both[:half] == both[half + 2 :] and both[half : half + 2] == " (":
        return both[:half]
    return both.partition(" (")[0]


def _words(read: Read, field: str) -> str:
    return "".join(char for char in _raw(read, field) if char.isprintable()).strip()[:_LONGEST]


def _taken_at(read: Read) -> str | None:
    offset = _words(read, "ifd2-OffsetTimeOriginal")
    try:
        at = datetime.strptime(_words(read, "ifd2-DateTimeOriginal"), "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None
    return at.isoformat() + (offset if _OFFSET.match(offset) else "")


def _place(read: Read) -> dict[str, float] | None:
    latitude = _degrees(read, "GPSLatitude", "S", 90)
    longitude = _degrees(read, "GPSLongitude", "W", 180)
    if latitude is None or longitude is None:
        return None
    return {"latitude": latitude, "longitude": longitude}


def _degrees(read: Read, tag: str, negative: str, most: int) -> float | None:
    try:
        parts = [Fraction(part) for part in _raw(read, f"ifd3-{tag}").split()]
        if len(parts) != 3:
            return None
        degrees = parts[0] + parts[1] / 60 + parts[2] / 3600
    except (ValueError, ZeroDivisionError):
        return None
    sign = -1 if _words(read, f"ifd3-{tag}Ref") == negative else 1
    return round(sign * float(degrees), 6) if 0 <= degrees <= most else None
