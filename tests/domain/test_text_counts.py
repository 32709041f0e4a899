"""Counts of texts: Python's own readers agree, and how the bytes were cut into pieces changes nothing."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.domain.text_counts import BEGINNING_LINES, LINE_LETTERS, TextCounts

LETTERS = ["a", "b", " ", "\n", "\r", "\r\n", "\t", "é", "€", "\N{GRINNING FACE}", "\u3000", "\u202e"]
TEXTS = st.lists(st.sampled_from(LETTERS), max_size=30).map("".join)
CODECS = ["utf-8", "utf-8-sig", "utf-16", "utf-32"]


def counted(data: bytes, piece: int = 1 << 20) -> dict[str, Any]:
    counts = TextCounts(data)
    for at in range(0, len(data), piece):
        counts.feed(data[at : at + piece])
    return counts.summary()


@given(text=TEXTS, codec=st.sampled_from(CODECS))
def test_lines_and_letters_are_those_of_pythons_text_files(text: str, codec: str) -> None:
    summary = counted(text.encode(codec))
    lines = list(io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8"))
    assert (summary["lines"], summary["letters"]) == (len(lines), len(text))
    assert summary["longest_line"] == max((len(line.rstrip("\n")) for line in lines), default=0)
    assert summary["words"] == len(text.encode().split())
    assert summary["warnings"] == []


@given(data=st.lists(st.sampled_from([*(each.encode() for each in LETTERS), b"\xff", b"\xc3", b"\0"])).map(b"".join))
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\0\0\xfe\xff"])
@pytest.mark.parametrize("piece", [1, 2, 3, 7])
def test_how_it_is_cut_changes_nothing(mark: bytes, piece: int, data: bytes) -> None:
    assert counted(mark + data, piece) == counted(mark + data)


@pytest.mark.parametrize(
    ("data", "encoding", "warnings"),
    [
        (b"plain", "utf-8", []),
        ("\ufeffplain".encode("utf-16-be"), "utf-16-be", []),
        ("café\nthé".encode("latin-1"), "windows-1252", []),
        ("“thé”".encode("windows-1252"), "windows-1252", []),
        ("é\nok\n".encode() + b"th\xe9\n", "utf-8", ["From line 3 on there are bytes that are no UTF-8."]),
        ("é\n".encode() + b"\xc3", "utf-8", ["From line 2 on there are bytes that are no UTF-8."]),
        (b"\xff\xfea\0\n\0b\0\0\xd8c\0", "utf-16-le", ["From line 2 on there are bytes that are no UTF-16-LE."]),
        (b"a\r\nb\r\0", "utf-8", ["From line 3 on there are NUL characters, which text does not have."]),
    ],
)
def test_what_it_is_written_in(data: bytes, encoding: str, warnings: list[str]) -> None:
    summary = counted(data)
    assert (summary["encoding"], summary["warnings"]) == (encoding, warnings)


def test_the_beginning_is_short_and_holds_nothing_that_moves_the_rest() -> None:
    wide = "x" * 500
    text = f"\ufeff{wide}\n\x1b[31mred\u202eder\u00a0\x07end\twide\n" + "more\n" * 200
    beginning = counted(text.encode())["beginning"].split("\n")
    assert len(beginning) == BEGINNING_LINES
    assert beginning[0] == "x" * (LINE_LETTERS - 1) + "…"
    assert beginning[1] == "[31mredder end\twide"


def test_a_letter_that_the_beginning_cuts_in_two_is_left_out() -> None:
    summary = counted(("x" * (16 * 1024 - 1) + "é").encode())
    assert "\ufffd" not in summary["beginning"]
    assert summary["letters"] == 16 * 1024


def test_memory_does_not_grow_with_the_text() -> None:
    import tracemalloc

    counts, block = TextCounts(b"x"), b"some words and a line\n" * 40_000
    tracemalloc.start()
    for _ in range(30):
        counts.feed(block)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert counts.summary()["lines"] == 30 * 40_000
    assert most < 12 * len(block)
