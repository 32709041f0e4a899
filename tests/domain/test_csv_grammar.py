"""Records that marks alone show to be good: never one that the processor would not take as it is."""

import csv
import io
import itertools
import random

import pytest

from runtime.domain.csv_grammar import grammar
from runtime.processors.api import Cut
from runtime.processors.delimited import Delimited

LONGEST, LONGEST_SLOW = 7, 9


def texts(letters: bytes, longest: int) -> list[bytes]:
    """All of these letters, with a line end behind each."""
    alphabet = [bytes([letter]) for letter in letters]
    return [
        b"".join(text) + b"\n"
        for length in range(longest + 1)
        for text in itertools.product(alphabet, repeat=length)
    ]  # fmt: skip


def check(data: bytes, columns: int, delimiter: str = ",") -> bool:
    found = grammar(delimiter).even(data, columns)
    if found is None:
        return False
    context = {"delimiter": delimiter, "columns": columns, "header": "", "newline": "\n"}
    outcome = Delimited().process(data, Cut(start=0, end=len(data), first=1, crc32=0), context)
    assert (outcome.clean, outcome.accepted, outcome.rejected, outcome.totals) == (data, found, 0, {}), data
    rows = list(csv.reader(io.StringIO(data.decode(), newline=""), delimiter=delimiter, strict=True))
    assert [len(row) for row in rows] == [columns] * found
    return True


@pytest.mark.parametrize(
    ("letters", "longest"),
    [
        (b'a",\n', LONGEST),
        (b'a \r",\n', LONGEST - 1),
        (b'\0a",\n', LONGEST - 1),
        pytest.param(b'a ",\n', LONGEST_SLOW, marks=pytest.mark.slow),
    ],
)
def test_what_is_even_is_taken_as_it_is(letters: bytes, longest: int) -> None:
    taken = sum(check(text, 2) for text in texts(letters, longest))
    assert taken > 200


@pytest.mark.parametrize(("delimiter", "columns"), [(",", 5), (";", 2), ("\t", 3), ("|", 4)])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_a_writer_writes_is_even(delimiter: str, columns: int, newline: str) -> None:
    rng = random.Random(f"{delimiter}{columns}{newline}")
    words = ["", "a", 'say "a"', '"', "two\nlines", "two\r\nlines", f"x{delimiter}y", "Ålesund", " ", "\n\n", '""']
    for _ in range(200):
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=delimiter, lineterminator=newline)
        writer.writerows([rng.choices(words, k=columns) for _ in range(rng.randint(1, 9))])
        assert check(text.getvalue().encode(), columns, delimiter)


@pytest.mark.parametrize(
    "data",
    [
        *(b"1,2", b"1,2\n\n", b"\n1,2\n", b"1\n", b"1,2,\n", b"1\n2,3,4\n", b'1,a"b\n', b'1,"a" \n', b'1, "a"\n'),
        *(b'1,"a\n', b'1,"a""\n', b'"1,2\n3,4\n', b'1,a"\n"\n', b"1,2\r3,4\n", b"1,2\r\r\n", b"1,\0\n"),
    ],
)
def test_what_needs_a_look_is_not_even(data: bytes) -> None:
    assert grammar(",").even(data, 2) is None


def test_a_lone_column_is_not_even() -> None:
    assert grammar(",").even(b"1\n2\n", 1) is None
