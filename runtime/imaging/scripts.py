"""Whether a PDF holds scripts: its bytes are searched for the name that every action with a script has.

PDFium names only the scripts of the whole document; those of pages, links and forms it keeps for itself. Objects may be
packed into streams, which are inflated for it, so far; what lies behind a password is not seen.
"""

import mmap
import re
import zlib
from collections.abc import Iterator

# Each letter of a name may be written by its number.
_NAME = re.compile(b"/" + b"".join(b"(?:%c|#%02x|#%02X)" % (each, each, each) for each in b"JavaScript"))
_PACKED = re.compile(rb"/ObjStm")
_BEGIN = re.compile(rb"stream\r?\n")
# From the name of the stream's type to the stream itself, in its dictionary.
_NEAR = 4096
_PIECE = 64 * 1024
_OVERLAP = 64
MOST_INFLATED = 256 * 1024**2


def found(data: bytes | mmap.mmap) -> bool:
    """True if there is one in the bytes of a document."""
    if _NAME.search(data):
        return True
    tail = b""
    for piece in _inflated(data):
        if _NAME.search(tail + piece):
            return True
        tail = piece[-_OVERLAP:]
    return False


def _inflated(data: bytes | mmap.mmap) -> Iterator[bytes]:
    """What is packed into streams of objects, in pieces."""
    left = MOST_INFLATED
    for stream in _PACKED.finditer(data):
        begin = _BEGIN.search(data, stream.end(), stream.end() + _NEAR)
        if not begin:
            continue
        inflate, at = zlib.decompressobj(), begin.end()
        # A blank, so that names of two streams do not run together.
        yield b" "
        while not inflate.eof and at < len(data) and left > 0:
            try:
                piece = inflate.decompress(inflate.unconsumed_tail or data[at : at + _PIECE], _PIECE)
            except zlib.error:
                break
            if not inflate.unconsumed_tail:
                at += _PIECE
            left -= len(piece)
            yield piece
