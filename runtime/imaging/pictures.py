"""From an image of unknown honesty to its sizes. Runs in the worker's process only (ADR 11).

What a header says is checked before a pixel is decoded. The image is decoded once, to the largest size; the smaller
ones are made from that. Every size is in sRGB, upright, and carries nothing but pixels.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from runtime.imaging import metadata, tiff, vips
from runtime.imaging.request import Request

LOADERS = {
    "jpeg": ("jpegload", "VipsForeignLoadJpeg"),
    "png": ("pngload", "VipsForeignLoadPng"),
    "webp": ("webpload", "VipsForeignLoadWebp"),
    "gif": ("gifload", "VipsForeignLoadNsgif"),
    "tiff": ("tiffload", "VipsForeignLoadTiff"),
    "avif": ("heifload", "VipsForeignLoadHeif"),
}
MOST_FRAMES = 10_000
LONGEST_SIDE = 65_535
_NO_COLOURS = "The image's colours are of a kind that cannot be shown. Save it as sRGB."
# At half of the default effort libwebp needs 40 % of the time, for 4 % more bytes and 0.4 dB less.
WEBP_EFFORT = 2
AVIF_EFFORT = 3


class Refused(Exception):
    """The image cannot be used; the text is the sentence for its uploader."""


@dataclass(frozen=True, kw_only=True)
class Size:
    """One size that was made, in a file of that name; `width` and `height` are in pixels."""

    role: str
    file: str
    width: int
    height: int


def develop(request: Request) -> dict[str, Any]:
    """Makes all sizes in the request's folder; what is to be known of the image. Raises `Refused`."""
    loader, kind = LOADERS[request.format]
    vips.allow(kind)
    source = {"filename": request.source, "access": "sequential", "fail_on": "error"}
    try:
        image = vips.call(loader, **source)
    except vips.VipsError as error:
        raise Refused(
            "The image cannot be read: its header is damaged, or of a kind that browsers never show."
        ) from error
    if request.format == "tiff" and tiff.is_plain_ycbcr(Path(request.source)):
        raise Refused(_NO_COLOURS)
    header = _header(image, request)
    largest = max(request.sizes.values())
    shrink = _shrink(request.format, image, largest)
    try:
        small = _sized(vips.call(loader, **source, **shrink) if shrink else image, largest).decoded()
    except vips.VipsError as error:
        raise _undecodable(error) from error
    try:
        # CMYK has been transformed on the way, with the image's own profile or a common one.
        small = _srgb(small, profiled=header["profile"] and header["colour"] != "cmyk")
    except vips.VipsError as error:
        raise Refused(_NO_COLOURS) from error
    return {"about": header, "sizes": saved(small, request)}


def saved(image: vips.Image, request: Request) -> list[dict[str, Any]]:
    """Writes all sizes of an image in 8-bit sRGB; what `Size` says of each."""
    with ThreadPoolExecutor(len(request.sizes)) as pool:
        sizes = list(pool.map(lambda one: _save(image, request, *one), request.sizes.items()))
    return [asdict(size) for size in sizes]


def _undecodable(error: vips.VipsError) -> Refused:
    # The decoders have no other way of saying it than their texts.
    if "memory" in str(error).lower():
        return Refused("The image needs more memory to be decoded than there is. Upload it with fewer pixels.")
    return Refused("The image is damaged or ends too early. Upload it again from the original.")


def _header(image: vips.Image, request: Request) -> dict[str, Any]:
    width, height = image.number("width"), image.number("height")
    if width * height > request.max_pixels:
        raise Refused(
            f"The image has {width:,} x {height:,} pixels, {width * height / 1e6:,.1f} million; "
            f"at most {request.max_pixels / 1e6:,.0f} million are accepted here."
        )
    if max(width, height) > LONGEST_SIDE:
        raise Refused(f"The image is {max(width, height):,} pixels long; at most {LONGEST_SIDE:,} can be shown.")
    frames = max(image.number("n-pages", 1), _frames_of_png(request), 1)
    if frames > MOST_FRAMES:
        raise Refused(f"The image has {frames:,} frames; at most {MOST_FRAMES:,} are accepted here.")
    return {
        "format": request.format,
        "width": width,
        "height": height,
        "orientation": image.number("orientation", 1),
        "colour": image.nick("interpretation"),
        "sample": image.nick("format"),
        "bands": image.number("bands"),
        "alpha": image.alpha,
        "profile": image.has("icc-profile-data"),
        "frames": frames,
        **metadata.of(image.text),
    }


def _frames_of_png(request: Request) -> int:
    """How many frames an animated PNG has: libvips shows only that which old viewers show."""
    if request.format != "png":
        return 1
    with Path(request.source).open("rb") as file:
        data = file.read(64 * 1024)
    at = 8
    while at + 12 <= len(data):
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if name == b"acTL":
            return int.from_bytes(data[at + 8 : at + 12], "big")
        if name == b"IDAT":
            break
        at += 12 + length
    return 1


def _shrink(kind: str, image: vips.Image, largest: int) -> Mapping[str, float]:
    """How far the decoder itself can shrink it, with at least a factor of two left for a good filter."""
    sides = image.number("width"), image.number("height")
    factor, thinnest = max(sides) / largest, min(sides)
    # Of a side that would be thinner than a pixel nothing would be left.
    if kind == "jpeg":
        steps = [step for step in (8, 4, 2) if factor >= 2 * step and thinnest >= step]
        return {"shrink": steps[0]} if steps else {}
    if kind == "webp" and factor > 2 and thinnest * 2 >= factor:
        return {"scale": 2 / factor}
    return {}


def _sized(image: vips.Image, pixels: int) -> vips.Image:
    """Upright, and never larger than it was."""
    made: vips.Image = vips.call("thumbnail_image", **{"in": image}, width=pixels, height=pixels, size="down")
    return made


def _srgb(image: vips.Image, *, profiled: bool) -> vips.Image:
    """`image` in 8-bit sRGB; `profiled` if it is still in the colours of the profile that it carries."""
    made = image
    if profiled:
        try:
            made = vips.call("icc_transform", **{"in": made}, output_profile="srgb", embedded=True, depth=8).decoded()
        except vips.VipsError:
            # A profile that is broken, or that is not of this kind of image, is as good as none.
            made = image
    if made.nick("interpretation") != "srgb":
        made = vips.call("colourspace", **{"in": made}, space="srgb")
    if made.nick("format") != "uchar":
        made = vips.call("cast", **{"in": made}, format="uchar")
    return made if made is image else made.decoded()


def _save(image: vips.Image, request: Request, role: str, pixels: int) -> Size:
    made = image if pixels >= max(image.number("width"), image.number("height")) else _sized(image, pixels)
    if request.encoding == "avif":
        options: dict[str, Any] = {"compression": "av1", "effort": AVIF_EFFORT}
        data = vips.call("heifsave_buffer", **{"in": made}, Q=request.quality, keep=0, **options)
    else:
        data = vips.call("webpsave_buffer", **{"in": made}, Q=request.quality, keep=0, effort=WEBP_EFFORT)
    name = f"{role}.{request.encoding}"
    (Path(request.folder) / name).write_bytes(data)
    return Size(role=role, file=name, width=made.number("width"), height=made.number("height"))
