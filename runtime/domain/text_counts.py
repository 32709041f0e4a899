"""Counts of a text, made while its bytes stream by in pieces of any size: lines, words, letters, and its encoding.

Nothing but the beginning is kept, so that a text may be of any length. How it is cut into pieces changes nothing.
"""

import codecs
import unicodedata
from typing import Any

from runtime.domain.text import BOM, marked_encoding, marks

FALLBACK = "windows-1252"
"""What bytes are taken for that are no UTF-8; browsers do so too, for Latin-1 as well."""
BEGINNING_BYTES = 16 * 1024
BEGINNING_LINES = 40
LINE_LETTERS = 200

# All but the first byte of a letter in UTF-8; without them each letter is one byte.
_FOLLOWING = bytes(range(0x80, 0xC0))
_BLANKS = b" \t\n\r\f\v"
_SHAPE = bytes(ord(" ") if byte in _BLANKS else ord("x") for byte in range(256))


class TextCounts:
    """`feed` the pieces in their order, then ask for the `summary`. `head` are the first bytes, whole or not."""

    def __init__(self, head: bytes) -> None:
        self._head = head[:BEGINNING_BYTES]
        self._codec = marked_encoding(head) or "utf-8"
        mark = BOM if head.startswith(BOM) else marks(self._codec) if self._codec != "utf-8" else b""
        self._skip = len(mark)
        self._head = self._head[len(mark) :]
        self._wide = codecs.getincrementaldecoder(self._codec)("replace") if self._codec != "utf-8" else None
        self._sound, self._plain, self._kept = True, True, b""
        self._bad_line = self._nul_line = 0
        self._ends = self._words = self._letters = self._longest = self._tail = 0
        self._after_blank, self._return = True, False

    def feed(self, data: bytes) -> None:
        """The next bytes."""
        if self._skip:
            skipped = min(self._skip, len(data))
            self._skip, data = self._skip - skipped, data[skipped:]
        if self._wide:
            self._count_wide(self._wide.decode(data))
        elif not self._sound:
            self._count(data)
        else:
            self._count_checked(self._kept + data, final=False)

    def summary(self) -> dict[str, Any]:
        """What `result.json` says of the text; after the last piece, once."""
        if self._wide:
            self._count_wide(self._wide.decode(b"", final=True))
        elif self._sound:
            self._count_checked(self._kept, final=True)
        if self._return:
            self._return = False
            self._end_lines(b"\n")
        lines = self._ends + (self._tail > 0)
        return {
            "encoding": self._codec,
            "lines": lines,
            "words": self._words,
            "letters": self._letters,
            "longest_line": max(self._longest, self._tail),
            "beginning": self._beginning(),
            "warnings": self._warnings(),
        }

    def _count_wide(self, text: str) -> None:
        if not self._bad_line and (at := text.find("\ufffd")) >= 0:
            self._bad_line = self._line(text[:at].encode("utf-8", "replace"))
        # A surrogate alone has been replaced before.
        self._count(text.encode())

    def _count_checked(self, data: bytes, *, final: bool) -> None:
        self._kept = b""
        if not data.isascii():
            try:
                used = codecs.utf_8_decode(data, "strict", final)[1]
            except UnicodeDecodeError as error:
                self._sound = False
                good = data[: error.start]
                self._bad_line = self._line(good)
                # One bad byte among letters of UTF-8 is damage; bytes without any such letter are another encoding.
                if self._plain and good.isascii():
                    self._codec = FALLBACK
            else:
                data, self._kept = data[:used], data[used:]
                self._plain = self._plain and data.isascii()
        self._count(data)

    def _line(self, before: bytes) -> int:
        """The line in which the byte after `before` stands."""
        if self._return:
            before = b"\r" + before
        return 1 + self._ends + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")

    def _count(self, data: bytes) -> None:
        if self._codec != FALLBACK and not data.isascii():
            data = data.translate(None, _FOLLOWING)
        if not self._nul_line and (at := data.find(b"\0")) >= 0:
            self._nul_line = self._line(data[:at])
        self._letters += len(data)
        shape = data.translate(_SHAPE)
        self._words += shape.count(b" x") + (self._after_blank and shape.startswith(b"x"))
        if shape:
            self._after_blank = shape.endswith(b" ")
        if self._return:
            data = b"\r" + data
        self._return = data.endswith(b"\r")
        data = data[:-1] if self._return else data
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        self._end_lines(data)

    def _end_lines(self, data: bytes) -> None:
        first, *others = data.split(b"\n")
        self._tail += len(first)
        if others:
            self._ends += len(others)
            self._longest = max(self._longest, self._tail, *map(len, others[:-1]))
            self._tail = len(others[-1])

    def _beginning(self) -> str:
        """The first lines as a person may see them: without what would move, hide or turn around the text."""
        text = codecs.getincrementaldecoder(self._codec)("replace").decode(self._head)
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:BEGINNING_LINES]
        shown = [_shown(line) for line in lines]
        cut = [line if len(line) <= LINE_LETTERS else f"{line[: LINE_LETTERS - 1]}…" for line in shown]
        return "\n".join(cut).rstrip("\n")

    def _warnings(self) -> list[str]:
        found = []
        if self._bad_line and self._codec != FALLBACK:
            found.append(f"From line {self._bad_line:,} on there are bytes that are no {self._codec.upper()}.")
        if self._nul_line:
            found.append(f"From line {self._nul_line:,} on there are NUL characters, which text does not have.")
        return found


def _shown(line: str) -> str:
    if line.isascii() and line.isprintable():
        return line
    kinds = ((char, unicodedata.category(char)) for char in line)
    return "".join(" " if kind == "Zs" else char for char, kind in kinds if kind[0] != "C" or char == "\t")
