"""Test pictures: a photograph's texture, with EXIF data, place and orientation too, where the format has room."""

import io
import random
import struct
import zlib
from typing import Any

FORMATS = {"photo": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF", "tiff": "TIFF", "avif": "AVIF"}
"""Kinds of test files that are pictures, and Pillow's name of each format."""

_HOW: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 90},
    "WEBP": {"quality": 85, "method": 2},
    # Pillow writes a place into uncompressed TIFF only.
    "TIFF": {"compression": "raw"},
    "AVIF": {"quality": 80, "speed": 10, "max_threads": 1},
}
_BYTES_OF_A_PIXEL = {"JPEG": 0.3, "PNG": 2.0, "WEBP": 0.2, "GIF": 1.0, "TIFF": 3.0, "AVIF": 0.2}
_CLOSE_ENOUGH = 0.1
_TRIES = 4


def picture(kind: str, seed: str, *, size: int, pixels: tuple[int, int] | None = None) -> bytes:
    """A picture of `pixels` (width, height), or of 4:3 with about `size` bytes."""
    form = FORMATS[kind]
    if pixels:
        return _drawn(form, random.Random(seed), *pixels)  # noqa: S311 - not a secret
    wanted = size / _BYTES_OF_A_PIXEL[form]
    made = b""
    for _ in range(_TRIES):
        height = max(16, int((wanted * 3 / 4) ** 0.5))
        made = _drawn(form, random.Random(seed), height * 4 // 3, height)  # noqa: S311
        if height == 16 or abs(len(made) - size) <= _CLOSE_ENOUGH * size:
            break
        wanted *= size / len(made)
    return made


def _drawn(form: str, rng: random.Random, width: int, height: int) -> bytes:
    from PIL import Image, ImageFilter  # noqa: PLC0415 - 50 ms that no other kind of file needs

    orientation = rng.randint(1, 8)
    shapes = Image.frombytes("RGB", (64, 48), rng.randbytes(64 * 48 * 3)).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    noise = Image.frombytes("L", (width, height), rng.randbytes(width * height)).filter(ImageFilter.GaussianBlur(1))
    drawn = Image.merge("RGB", [Image.blend(channel, noise, 0.25) for channel in shapes.split()])
    how = dict(_HOW.get(form, {}))
    if form == "GIF":
        drawn = drawn.quantize(64, method=Image.Quantize.FASTOCTREE)
    else:
        exif = Image.Exif()
        exif[0x010F], exif[0x0110], exif[0x0112] = "Penstock", "Test camera", orientation
        exif[0x0132] = "2026:01:02 03:04:05"
        exif.get_ifd(0x8825).update({1: "N", 2: (47.0, 22.0, 36.0), 3: "E", 4: (8.0, 32.0, 24.0)})
        how["exif"] = exif.tobytes()
    file = io.BytesIO()
    drawn.save(file, form, **how)
    return file.getvalue()


def pixel_bomb(kind: str) -> bytes:
    """A few bytes whose header promises more pixels than any function could hold."""
    return _BOMBS[kind](picture(kind, "small", size=0, pixels=(64, 48)))


def _png_bomb(small: bytes) -> bytes:
    header = b"IHDR" + struct.pack(">2L5B", 60_000, 60_000, 8, 2, 0, 0, 0)
    start = small.index(b"IHDR")
    return small[:start] + header + struct.pack(">L", zlib.crc32(header)) + small[start + len(header) + 4 :]


def _jpeg_bomb(small: bytes) -> bytes:
    start = small.index(b"\xff\xc0\x00\x11\x08") + 5
    return small[:start] + struct.pack(">2H", 65_000, 65_000) + small[start + 4 :]


def _gif_bomb(small: bytes) -> bytes:
    frame = small.index(b"\x2c\0\0\0\0\x40\0\x30\0") + 5
    huge = struct.pack("<2H", 65_000, 65_000)
    return small[:6] + huge + small[10:frame] + huge + small[frame + 4 :]


def _webp_bomb(small: bytes) -> bytes:
    side = struct.pack("<L", 16_382)[:3]
    canvas, frame = small.index(b"VP8X") + 12, small.index(b"\x9d\x01\x2a") + 3
    return (
        small[:canvas]
        + side
        + side
        + small[canvas + 6 : frame]
        + struct.pack("<2H", 16_383, 16_383)
        + small[frame + 4 :]
    )


def _tiff_bomb(small: bytes) -> bytes:
    """One strip of a few bytes for 60,000 by 60,000 pixels."""
    entries = ((256, 60_000), (257, 60_000), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, 60_000), (279, 64))
    ifd = struct.pack("<H", len(entries)) + b"".join(struct.pack("<2H2L", tag, 4, 1, value) for tag, value in entries)
    return b"II*\0" + struct.pack("<L", 72) + bytes(64) + ifd + bytes(4)


_BOMBS = {"photo": _jpeg_bomb, "png": _png_bomb, "gif": _gif_bomb, "webp": _webp_bomb, "tiff": _tiff_bomb}
BOMBED = tuple(_BOMBS)
"""Kinds of which there is a pixel bomb."""
