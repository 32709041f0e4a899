"""Recognising delimited text by its first bytes: which delimiter, and what the header says."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

from runtime.domain.csv_grammar import grammar
from runtime.domain.errors import Rejected
from runtime.domain.text import BOM, control_share, count_lines, readable
from runtime.processors.api import Head

NAMES = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
"""Names that say *delimited*, each with its usual delimiter."""

_DELIMITERS = (",", ";", "\t", "|")
# What Excel reads, and some programs write for it, above the header: the delimiter, in a line of its own.
_SAID = re.compile(rb"sep=([,;\t|])(?:\r\n?|\n)", re.IGNORECASE)
_SAMPLE_BYTES = 64 * 1024
_SAMPLE_RECORDS = 200
_HEADER_BYTES = 48 * 1024
_CONTEXT_BYTES = 60 * 1024

# csv refuses fields beyond 128 KiB unless told otherwise; records are bounded by MAX_RECORD_BYTES here.
csv.field_size_limit(2**31 - 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialect:
    """How a file is written. `header` are the header's bytes with their line end, `data_start` the offset after them.

    `blank_lines` are those above the header, `first_line` is the physical line on which the first row begins.
    """

    delimiter: str
    columns: int
    header: bytes
    data_start: int
    first_line: int
    blank_lines: int
    byte_order_mark: bool

    @property
    def newline(self) -> bytes:
        """The header's line end; LF if it has none."""
        for newline in (b"\r\n", b"\n", b"\r"):
            if self.header.endswith(newline):
                return newline
        return b"\n"

    def context(self) -> Mapping[str, Any]:
        """What parts must know. Raises `Rejected` for a header that is too long to be one."""
        context = {
            "delimiter": self.delimiter,
            "columns": self.columns,
            "header": self.header.decode(),
            "newline": self.newline.decode(),
            "blank_lines": self.blank_lines,
            "byte_order_mark": self.byte_order_mark,
        }
        if len(self.header) > _HEADER_BYTES or len(json.dumps(context)) > _CONTEXT_BYTES:
            raise Rejected(_LONG_HEADER)
        return context


_LONG_HEADER = (
    "The header, the first line of the file, is longer than 48 KiB. Is the line end missing, or a quote never closed?"
)


def usual_delimiter(name: str) -> str | None:
    """The delimiter that the file's name promises, or None if it promises nothing."""
    return NAMES.get(PurePosixPath(name).suffix.lower())


def fields(text: str, delimiter: str) -> Iterator[list[str]]:
    """The records of `text` as the csv module reads them (not strictly)."""
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def recognise(head: Head) -> str | None:
    """The delimiter of `head` if it is delimited text, by its content or, for plain text, by its name."""
    sample = head.data.removeprefix(BOM)[:_SAMPLE_BYTES]
    usual = usual_delimiter(head.name)
    controls = control_share(sample)
    # A named file may hold a few NULs: those rows are set aside. A photograph called x.csv is still a photograph.
    if controls > (0.1 if usual else 0) or sample.lstrip()[:1] in (b"{", b"["):
        return None
    if said := _SAID.match(sample):
        return said[1].decode()
    ends_early = len(sample) + len(BOM) < head.size
    return _best_delimiter(sample.decode("utf-8", "replace"), ends_early, usual)


def _best_delimiter(text: str, ends_early: bool, usual: str | None) -> str | None:
    candidates = []
    for delimiter in sorted(_DELIMITERS, key=lambda each: each != usual):
        records = list(islice(fields(text, delimiter), _SAMPLE_RECORDS + 1))
        if ends_early and 1 < len(records) <= _SAMPLE_RECORDS:
            records.pop()
        records = [record for record in records if record]
        if not records or len(records[0]) < 2:
            continue
        header, rows = records[0], records[1:]
        share = sum(len(row) == len(header) for row in rows) / len(rows) if rows else 1.0
        if usual or (rows and share >= 0.9 and _names_columns(header)):
            candidates.append((share, len(header), delimiter))
    if candidates:
        return max(candidates, key=lambda candidate: candidate[:2])[2]
    return usual


def _names_columns(header: list[str]) -> bool:
    """True if these look like names rather than like the first line of a log or of prose."""
    names = [name.strip() for name in header]
    return all(name[:1].isalpha() and len(name) <= 64 for name in names) and len(set(names)) == len(names)


def read_dialect(head: Head) -> Dialect:
    """The dialect of a file that `recognise` took. Raises `Rejected` when its header is not intact."""
    delimiter = recognise(head) or ","
    data = head.data
    mark = data.startswith(BOM)
    start = len(BOM) if mark else 0
    said = _SAID.match(data, start)
    start = begin = said.end() if said else start
    while data[start : start + 1] in (b"\r", b"\n"):
        start += 1
    blank_lines = count_lines(data, begin, start)
    if start == len(data):
        raise Rejected("The file has no header: it holds nothing but empty lines.")
    found = grammar(delimiter).record.match(data, start)
    header = found.group() if found else data[start:]
    end = start + len(header)
    if end == len(data) and not head.whole:
        raise Rejected(_LONG_HEADER)
    _check_header(header, delimiter)
    return Dialect(
        delimiter=delimiter,
        columns=len(next(fields(header.decode(), delimiter))),
        header=header,
        data_start=end,
        first_line=1 + bool(said) + blank_lines + count_lines(header),
        blank_lines=blank_lines,
        byte_order_mark=mark,
    )


def _check_header(header: bytes, delimiter: str) -> None:
    if b"\0" in header:
        raise Rejected("The header, the first line of the file, contains a NUL byte: this is not a text file.")
    try:
        header.decode()
    except UnicodeDecodeError as error:
        raise Rejected(
            f"The header {readable(header[:80])!r} is not valid UTF-8 at byte {error.start + 1}. "
            "Save the file as UTF-8 and upload it again."
        ) from None
    rules = grammar(delimiter)
    if rules.unclosed.fullmatch(header):
        raise Rejected("A quote in the header, the first line of the file, is never closed.")
    if not rules.strict.fullmatch(header):
        raise Rejected("The header, the first line of the file, has text after a closing quote.")
