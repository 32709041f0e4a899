"""Accepted rows, written so that no reader takes them for others."""

import csv
import io
import random
from collections.abc import Iterator

import pytest

from runtime.domain.errors import Rejected
from runtime.domain.plain_csv import plain_csv
from runtime.processors.delimited import Delimited
from tests.domain.test_many_tables import hostile
from tests.processors.cutting import parts_of


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def strictly(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))


@pytest.mark.parametrize("seed", range(60))
def test_rows_are_the_same_however_they_arrive_and_no_quote_stands_alone(seed: int) -> None:
    rng = random.Random(seed)
    try:
        counted, _ = parts_of(Delimited(), hostile(rng), name="data.csv")
    except Rejected:
        return
    rows = list(csv.reader(io.StringIO(counted.clean.decode(), newline="")))
    wholly = b"".join(plain_csv([counted.clean], ",", 3))
    for size in (1, 2, 3, rng.randint(4, 50)):
        assert b"".join(plain_csv(cut(counted.clean, size), ",", 3)) == wholly
    assert strictly(wholly) == rows
    outside = b"".join(wholly.split(b'"')[::2])
    assert b"\r" not in outside
    # A reader for which every quote opens or closes sees the same line ends.
    assert outside.count(b"\n") == len(rows)


def test_what_is_plain_is_passed_on_as_it_is() -> None:
    data = b"a,b\n" + b"1,2\n" * 1000
    assert b"".join(plain_csv(cut(data, 17), ",", 2)) == data


@pytest.mark.parametrize("newline", [b"\r", b"\r\n"])
def test_other_line_ends_do_not_pile_up(newline: bytes) -> None:
    data = newline.join([b"a,b", *[b"1,2"] * 1000, b""])
    made = list(plain_csv(cut(data, 64), ",", 2))
    assert b"".join(made) == data.replace(newline, b"\n") and max(map(len, made)) < 100
