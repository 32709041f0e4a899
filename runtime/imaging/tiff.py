"""What libvips does not say of a TIFF: in which colours its pixels are kept. Source: TIFF 6.0, BigTIFF's design."""

import struct
from pathlib import Path

_COMPRESSION, _PHOTOMETRIC = 259, 262
_YCBCR, _OF_JPEG = 6, (6, 7)
_MOST_TAGS = 4096


def is_plain_ycbcr(path: Path) -> bool:
    """Whether the first picture is brightness and colour, not by JPEG: libvips takes these for red, green and blue."""
    tags = _tags(path)
    return tags.get(_PHOTOMETRIC) == _YCBCR and tags.get(_COMPRESSION) not in _OF_JPEG


def _tags(path: Path) -> dict[int, int]:
    """Short numbers of the first directory; none of what is no TIFF."""
    with path.open("rb") as file:
        order = {b"II": "<", b"MM": ">"}.get(file.read(2), "")
        try:
            (kind,) = struct.unpack(f"{order}H", file.read(2))
            where, counts, entry, value = ("4xQ", "Q", 20, 12) if kind == 43 else ("I", "H", 12, 8)
            (at,) = struct.unpack(f"{order}{where}", file.read(struct.calcsize(f"{order}{where}")))
            file.seek(at)
            (count,) = struct.unpack(f"{order}{counts}", file.read(struct.calcsize(f"{order}{counts}")))
            found = file.read(min(count, _MOST_TAGS) * entry)
        except (struct.error, OSError, OverflowError):
            return {}
    entries = (found[at : at + entry] for at in range(0, len(found) - entry + 1, entry))
    return {struct.unpack_from(f"{order}H", one)[0]: struct.unpack_from(f"{order}H", one, value)[0] for one in entries}
