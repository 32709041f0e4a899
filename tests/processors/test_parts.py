import tracemalloc
from collections.abc import Iterator
from itertools import cycle, islice

import pytest

from cli.generate import generate
from runtime.domain.errors import Rejected
from runtime.processors import detect
from runtime.processors.api import Cut
from runtime.processors.parts import RecordSplitter
from tests.processors.cutting import head_of


class NeverThere:
    """A boundary that is never found, and counts how often it was looked for."""

    at = 0

    def __init__(self) -> None:
        self.searches = 0

    def find(self, data: bytearray, target: int, final: bool) -> int:
        self.searches += 1
        return -1

    def forget(self) -> None:
        raise AssertionError("no part has begun")


def splitter(boundary: NeverThere, limit: int) -> RecordSplitter:
    return RecordSplitter(
        boundary=boundary,
        count=lambda data, start, end: data.count(b"\n", start, end),
        skip=2,
        first=1,
        part_bytes=10,
        max_record_bytes=limit,
        context={},
    )


def test_a_long_record_is_not_searched_anew_with_every_byte() -> None:
    boundary = NeverThere()
    parts = splitter(boundary, 1 << 20)
    for _ in range(100_000):
        assert not list(parts.feed(b"x"))
    assert 20 < boundary.searches < 60
    assert [(cut.start, cut.end) for cut in parts.finish()] == [(2, 100_000)]


def test_an_endless_record_is_refused_at_the_limit() -> None:
    parts = splitter(NeverThere(), 1000)
    fed = 0
    with pytest.raises(Rejected, match="line 1 or soon after is longer than 1000 bytes"):
        for _ in range(5000):
            fed += 1
            parts.feed(b"x")
    assert 1000 < fed < 1100


@pytest.mark.parametrize("kind", ["csv", "jsonl", "recipe"])
def test_memory_does_not_grow_with_the_file(kind: str) -> None:
    data = b"".join(generate(kind, size=1_000_000, seed=2))
    start = data.index(b"\n") + 1
    body = data[start : data.rindex(b"\n", 0, -30) + 1].removesuffix(b"\n] \n")
    body = body if body.endswith(b",\n") or kind != "recipe" else body[: body.rindex(b",\n") + 2]
    parts = detect(head_of(data)).splitter(head_of(data), 256 * 1024)
    cuts: list[Cut] = []
    tracemalloc.start()
    try:
        cuts += parts.feed(data[:start])
        for piece in _pieces(body, 20):
            cuts += parts.feed(piece)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(cuts) > 60
    assert peak < 4 * 1024 * 1024


def _pieces(body: bytes, times: int) -> Iterator[bytes]:
    size = 64 * 1024
    blocks = [body[at : at + size] for at in range(0, len(body), size)]
    return islice(cycle(blocks), len(blocks) * times)
