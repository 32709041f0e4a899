"""Text that is no records: counted while it streams by (`domain/text_counts`), and delivered as it is."""

from pathlib import PurePosixPath

from runtime.domain.text import BOM, control_share, is_utf8, marked_encoding
from runtime.domain.text_counts import TextCounts
from runtime.processors.api import Head
from runtime.processors.other import Look, Whole

KIND = "text"
# Names that say *text*: where they stand, bytes that are no UTF-8 are an older encoding's.
_SUFFIXES = frozenset((".txt", ".text", ".log", ".md", ".rst", ".asc", ".ini", ".cfg", ".conf", ".nfo", ".srt", ".tex"))
# Logs have colours, and old listings their tabs and bells.
_MOST_CONTROL = 0.05
_MOST_WRONG = 0.01
_LONGEST_LETTER = 4


class Plain(Whole):
    """Prose, logs, programs, markup: whatever a person reads in a text editor."""

    kind = KIND
    clean_name = "text"

    def detect(self, head: Head) -> bool:
        """True for UTF-8, for UTF-16 and UTF-32 with their mark, and for older encodings under a text's name."""
        codec = marked_encoding(head.data)
        if codec:
            return _is_wide_text(head.data, codec)
        data = head.data.removeprefix(BOM)
        if b"\0" in data or control_share(data) > _MOST_CONTROL:
            return False
        return _is_utf8(data, whole=head.whole) or PurePosixPath(head.name).suffix.lower() in _SUFFIXES

    def look(self, head: Head) -> Look:
        """Counts lines, words and letters."""
        return TextCounts(head.data)


def _is_wide_text(data: bytes, codec: str) -> bool:
    text = data[: len(data) // 4 * 4].decode(codec, "replace").removeprefix("\ufeff")
    wrong = text.count("\ufffd") / max(len(text), 1)
    return "\0" not in text and wrong <= _MOST_WRONG and control_share(text.encode("utf-8")) <= _MOST_CONTROL


def _is_utf8(data: bytes, *, whole: bool) -> bool:
    """Whether it is; the head of a longer file may end within a letter."""
    if whole or is_utf8(data):
        return is_utf8(data)
    return any(is_utf8(data[:-cut]) for cut in range(1, _LONGEST_LETTER))
