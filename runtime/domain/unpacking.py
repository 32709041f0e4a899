"""Files that are something else inside: gzip, Zstandard, and text in UTF-16 or UTF-32, as a stream of what they hold.

Told by their first bytes. Whatever they unpack to comes in pieces of bounded size, is counted, and is refused beyond a
limit, so a small file cannot become an endless one.
"""

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Protocol

from backports import zstd
from isal import isal_zlib

from runtime.domain.errors import Rejected
from runtime.domain.text import marked_encoding

GZIP, ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
SUFFIXES = (".gz", ".zst")
PIECE_BYTES = 1 << 20
_SLICE = 16
# What deflate can do at most is a thousandfold; tables of real data are packed to a tenth, monotonous ones to a
# hundredth. Small files may be more monotonous than that.
MOST_TIMES = 250
FREE_BYTES = 16 << 20
GZIP_WBITS = 16 + isal_zlib.MAX_WBITS


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How many bytes may come out, in all, and what to tell the uploader of a file with more."""

    most_bytes: int
    advice: str = ""


class _Unpacker(Protocol):
    """Gives what is inside of the bytes that it is fed, in bounded pieces."""

    def feed(self, data: bytes) -> Iterator[bytes]: ...

    def finish(self) -> Iterator[bytes]: ...


def layers(head: bytes) -> list[str]:
    """What a file that begins with `head` is packed in, the outermost first: "gzip", "zstd", then an encoding."""
    found: list[str] = []
    if head.startswith(GZIP):
        found.append("gzip")
    elif head.startswith(ZSTD):
        found.append("zstd")
    if found:
        head = peek(head, found)
    encoding = marked_encoding(head)
    return [*found, encoding] if encoding else found


def peek(head: bytes, names: list[str]) -> bytes:
    """The beginning of what is inside, as far as `head` goes; nothing if it is broken from the start."""
    most = len(head) + PIECE_BYTES
    # What is broken further on gives nothing at all when it is taken at once.
    slices = (head[at : at + _SLICE] for at in range(0, len(head), _SLICE))
    return _peek([head], names, most) or _peek(slices, names, most)


def _peek(pieces: Iterable[bytes], names: list[str], most: int) -> bytes:
    out = bytearray()
    try:
        for piece in _through(pieces, names, ends=False):
            out += piece
            if len(out) >= most:
                break
    except Rejected:
        return bytes(out)
    return bytes(out)


def bare_name(name: str, names: list[str]) -> str:
    """The name without what says how it is packed."""
    path = PurePosixPath(name)
    return str(path.with_suffix("")) if names and path.suffix.lower() in SUFFIXES and path.stem else name


def unpack(pieces: Iterable[bytes], names: list[str], limits: Limits) -> Iterator[bytes]:
    """What is inside of a stream. Raises `Rejected` for broken or truncated data, and for too much of it."""
    taken = 0

    def counted() -> Iterator[bytes]:
        nonlocal taken
        for piece in pieces:
            taken += len(piece)
            yield piece

    given = 0
    for piece in _through(counted(), names, ends=True):
        given += len(piece)
        if given > limits.most_bytes:
            raise Rejected(f"The file unpacks to more than {limits.most_bytes >> 20:,} MiB. {limits.advice}".strip())
        if given > FREE_BYTES + MOST_TIMES * taken:
            raise Rejected(f"The file unpacks to more than {MOST_TIMES} times its size: that is no table of data.")
        yield piece


def _through(pieces: Iterable[bytes], names: list[str], *, ends: bool) -> Iterator[bytes]:
    stream = iter(pieces)
    for name in names:
        stream = _one(stream, _unpacker(name), ends=ends)
    return stream


def _one(pieces: Iterator[bytes], unpacker: _Unpacker, *, ends: bool) -> Iterator[bytes]:
    for piece in pieces:
        yield from unpacker.feed(piece)
    if ends:
        yield from unpacker.finish()


def _unpacker(name: str) -> _Unpacker:
    if name == "gzip":
        return _Members("gzip", GZIP, lambda: isal_zlib.decompressobj(wbits=GZIP_WBITS), isal_zlib.error)
    if name == "zstd":
        return _Members("Zstandard", ZSTD, zstd.ZstdDecompressor, zstd.ZstdError)
    return _Transcoder(name)


class _Members:
    """Members, one after the other, as both formats allow."""

    def __init__(self, what: str, magic: bytes, make: Any, error: Any) -> None:
        self._what, self._magic, self._make, self._error = what, magic, make, error
        self._open = make()

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._open.eof:
                # Tapes and disks fill up with zeros, and gzip itself takes no notice of them.
                data = data.lstrip(b"\0")
                if not data:
                    return
                if not self._magic.startswith(data[:1]):
                    raise Rejected(f"Behind the end of the file's {self._what} data is something else.")
                self._open = self._make()
            try:
                yield from self._member(data)
            except self._error as error:
                raise Rejected(f"The file's {self._what} data is damaged: {error}.") from None
            data = self._open.unused_data if self._open.eof else b""

    def _member(self, data: bytes) -> Iterator[bytes]:
        while True:
            out = self._open.decompress(data, PIECE_BYTES)
            if out:
                yield out
            data = getattr(self._open, "unconsumed_tail", b"")
            more = data or (not getattr(self._open, "needs_input", True) and not self._open.eof)
            if self._open.eof or (not more and len(out) < PIECE_BYTES):
                return

    def finish(self) -> Iterator[bytes]:
        if not self._open.eof:
            raise Rejected(f"The file's {self._what} data ends in the middle. Was it uploaded whole?")
        return iter(())


class _Transcoder:
    """Text into UTF-8."""

    def __init__(self, encoding: str) -> None:
        self._name = encoding.upper().removesuffix("-LE").removesuffix("-BE")
        self._decoder = codecs.getincrementaldecoder(encoding)()

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield self._decode(data, final=False)

    def finish(self) -> Iterator[bytes]:
        yield self._decode(b"", final=True)

    def _decode(self, data: bytes, *, final: bool) -> bytes:
        try:
            return self._decoder.decode(data, final).encode()
        except UnicodeDecodeError as error:
            raise Rejected(
                f"The file begins as {self._name} text, but is not valid {self._name} throughout ({error.reason}). "
                "Save it as UTF-8 and upload it again."
            ) from None
