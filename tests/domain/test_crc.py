import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.domain.crc import crc32_combine
from tests.processors.cutting import BOUNDED


@BOUNDED
@given(st.binary(max_size=300), st.binary(max_size=300))
def test_equals_the_crc_of_the_joined_bytes(left: bytes, right: bytes) -> None:
    assert crc32_combine(zlib.crc32(left), zlib.crc32(right), len(right)) == zlib.crc32(left + right)


def test_holds_for_many_pieces_in_any_grouping() -> None:
    rng = random.Random(1)
    pieces = [rng.randbytes(rng.randrange(200_000)) for _ in range(20)]
    whole, size = 0, 0
    for piece in reversed(pieces):
        whole = crc32_combine(zlib.crc32(piece), whole, size)
        size += len(piece)
    assert whole == zlib.crc32(b"".join(pieces))


def test_holds_beyond_four_gigabytes() -> None:
    # Zeros by doubling: what joins two halves must also join the quarters.
    crc, size = zlib.crc32(bytes(1 << 20)), 1 << 20
    while size < 1 << 40:
        crc, size = crc32_combine(crc, crc, size), size * 2
    by_unequal_pieces = crc32_combine(zlib.crc32(bytes(5)), _zeros((1 << 40) - 5), (1 << 40) - 5)
    assert crc == by_unequal_pieces


def _zeros(size: int) -> int:
    crc, total, block, length = 0, 0, zlib.crc32(b"\0"), 1
    while length <= size:
        if size & length:
            crc, total = crc32_combine(block, crc, total), total + length
        block, length = crc32_combine(block, block, length), length * 2
    return crc


def test_a_negative_length_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        crc32_combine(1, 2, -1)
