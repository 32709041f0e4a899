"""Images for tests, made by Pillow, an independent library; and what Pillow itself makes of them."""

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageCms, ImageOps

PLACE = (48.137361, 11.575333)


def scene(width: int = 640, height: int = 480) -> Image.Image:
    """Gradients, an edge and a bright corner: anything turned, mirrored or recoloured shows."""
    red = Image.linear_gradient("L").resize((width, height))
    green = Image.linear_gradient("L").rotate(90).resize((width, height))
    blue = Image.radial_gradient("L").resize((width, height))
    made = Image.merge("RGB", (red, green, blue))
    made.paste((250, 240, 10), (0, 0, max(width // 5, 1), max(height // 4, 1)))
    return made


def exif(orientation: int = 1) -> Image.Exif:
    """What a camera writes: who made it, when, where, and which way up."""
    made = Image.Exif()
    made[0x010F], made[0x0110], made[0x0112] = "ACME (Inc.)", "Pocket 3", orientation
    made.get_ifd(0x8769).update({0x9003: "2024:05:06 07:08:09", 0x9011: "+02:00"})
    made.get_ifd(0x8825).update({1: "N", 2: (48.0, 8.0, 14.5), 3: "E", 4: (11.0, 34.0, 31.2)})
    return made


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def difference(ours: Image.Image, theirs: Image.Image) -> float:
    """Mean absolute difference of the pixels' bands, 0 to 255, on a background: what is not seen has no colour."""
    assert ours.size == theirs.size
    left, right = (_on_grey(image).tobytes() for image in (ours, theirs))
    return sum(abs(a - b) for a, b in zip(left, right, strict=True)) / len(left)


def _on_grey(image: Image.Image) -> Image.Image:
    shown = image.convert("RGBA")
    grey = Image.new("RGBA", shown.size, (128, 128, 128, 255))
    made = Image.alpha_composite(grey, shown)
    made.putalpha(shown.getchannel("A"))
    return made


def by_pillow(data: bytes, pixels: int) -> Image.Image:
    """The size that Pillow makes of the image: upright, in sRGB, not enlarged."""
    image = opened(data)
    profile = image.info.get("icc_profile")
    made = ImageOps.exif_transpose(image)
    if made.mode.startswith("I;16"):
        made = made.point(lambda value: value / 256).convert("L")
    if profile:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        made = ImageCms.profileToProfile(made, source, ImageCms.createProfile("sRGB"), outputMode="RGB") or made
    made = made.convert("RGBA" if "A" in made.mode or "transparency" in made.info else "RGB")
    made.thumbnail((pixels, pixels), Image.Resampling.LANCZOS)
    return made


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, *, body: bytes = b"", colour: int = 2) -> bytes:
    """A PNG with that header, whatever is in it."""
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    chunks = (_chunk(b"IHDR", header), _chunk(b"IDAT", body or zlib.compress(bytes(64))), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def png_bomb(side: int) -> bytes:
    """A few kilobytes that are `side` x `side` pixels of nothing when they are inflated."""
    deflate = zlib.compressobj(9)
    row = bytes(side // 8 + 1)
    body = b"".join([*(deflate.compress(row) for _ in range(side)), deflate.flush()])
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def gif(width: int, height: int) -> bytes:
    """A GIF with that header and one frame of one pixel."""
    return (
        b"GIF89a"
        + struct.pack("<HHBBB", width, height, 0x80, 0, 0)
        + bytes(6)
        + b"\x2c"
        + struct.pack("<HHHHB", 0, 0, width, height, 0)
        + b"\x02\x02\x44\x01\x00\x3b"
    )


def webp(width: int, height: int) -> bytes:
    """A WebP whose header promises that much, and holds nothing of it."""
    frame = b"\x30\x01\x00\x9d\x01\x2a" + struct.pack("<HH", width, height) + bytes(32)
    body = b"WEBPVP8 " + struct.pack("<I", len(frame)) + frame
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _animated(form: str, **options: Any) -> bytes:
    frames = [Image.new("RGB", (64, 48), (n * 60, 0, 255 - n * 60)) for n in range(4)]
    return saved(frames[0], form, save_all=True, append_images=frames[1:], **options)


def profiled(form: str, mode: str = "RGB") -> bytes:
    """With a profile that is far from sRGB: red and blue are swapped in it."""
    swapped = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # In the table of tags only the names rXYZ and bXYZ change places.
    swapped[128:] = bytes(swapped[128:]).replace(b"rXYZ", b"@@@@", 1).replace(b"bXYZ", b"rXYZ", 1)
    swapped[128:] = bytes(swapped[128:]).replace(b"@@@@", b"bXYZ", 1)
    return saved(scene().convert(mode), form, icc_profile=bytes(swapped), quality=92)


GOOD: dict[str, Callable[[], bytes]] = {
    "photo.jpg": lambda: saved(scene(3000, 2000), "JPEG", quality=92, exif=exif(6)),
    "progressive.jpg": lambda: saved(scene(), "JPEG", quality=92, progressive=True),
    "grey.jpg": lambda: saved(scene().convert("L"), "JPEG", quality=92),
    "profile.jpg": lambda: profiled("JPEG"),
    "plain.png": lambda: saved(scene(), "PNG", exif=exif(3)),
    "alpha.png": lambda: saved(_faded(), "PNG"),
    "grey-alpha.png": lambda: saved(_faded().convert("LA"), "PNG"),
    "palette.png": lambda: saved(scene().quantize(64), "PNG"),
    "one-bit.png": lambda: saved(scene().convert("1"), "PNG"),
    "sixteen-bit.png": lambda: saved(_sixteen(), "PNG"),
    "sixteen-bit.tif": lambda: saved(_sixteen(), "TIFF"),
    "deflated.tif": lambda: saved(scene(), "TIFF", compression="tiff_deflate"),
    "fax.tif": lambda: saved(scene().convert("1"), "TIFF", compression="group4"),
    "still.gif": lambda: saved(scene().quantize(128), "GIF"),
    "moving.gif": lambda: _animated("GIF"),
    "moving.png": lambda: _animated("PNG"),
    "moving.webp": lambda: _animated("WEBP", lossless=True),
    "pages.tif": lambda: _animated("TIFF"),
    "photo.webp": lambda: saved(scene(2500, 900), "WEBP", quality=92, exif=exif(8)),
    "alpha.webp": lambda: saved(_faded(), "WEBP", lossless=True),
    "photo.avif": lambda: saved(scene(), "AVIF", quality=90, exif=exif(5)),
    "one.png": lambda: saved(Image.new("RGB", (1, 1), (200, 30, 40)), "PNG"),
    "line.png": lambda: saved(scene(30_000, 1), "PNG"),
    "column.gif": lambda: saved(scene(1, 5_000).quantize(32), "GIF"),
}


def _faded() -> Image.Image:
    made = scene().convert("RGBA")
    made.putalpha(Image.linear_gradient("L").resize(made.size))
    return made


def _sixteen() -> Image.Image:
    return scene().convert("L").convert("I").point(lambda value: value * 257).convert("I;16")
