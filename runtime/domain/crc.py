"""CRC-32 of joined bytes, out of the CRC-32s of the pieces.

Appending `n` bytes multiplies a CRC, seen as a polynomial over GF(2), by x to the power of 8n, modulo CRC-32's
polynomial. Bits are reflected, as in ZIP, gzip and zlib: the highest bit is the coefficient of 1.
"""

from collections.abc import Iterable

_POLYNOMIAL = 0xEDB88320
_ONE = 1 << 31


def _times(a: int, b: int) -> int:
    """Product of two polynomials modulo CRC-32's."""
    product = 0
    for bit in range(31, -1, -1):
        if a >> bit & 1:
            product ^= b
        b = b >> 1 ^ (_POLYNOMIAL if b & 1 else 0)
    return product


def _squares() -> tuple[int, ...]:
    """x to the powers of 8, 16, 32, …: what moves a CRC over 1, 2, 4, … bytes. 64 of them, for any length."""
    powers = [_ONE >> 8]
    while len(powers) < 64:
        powers.append(_times(powers[-1], powers[-1]))
    return tuple(powers)


_OVER_BYTES = _squares()


def crc32_combine(crc1: int, crc2: int, len2: int) -> int:
    """The CRC-32 of two pieces joined, from that of each and the second one's length in bytes (below 2**64)."""
    if len2 < 0:
        raise ValueError(f"a length is not negative: {len2}")
    bit = 0
    while len2:
        if len2 & 1:
            crc1 = _times(_OVER_BYTES[bit], crc1)
        len2 >>= 1
        bit += 1
    return crc1 ^ crc2


def crc32_of(pieces: Iterable[tuple[int, int]]) -> int:
    """The CRC-32 of pieces joined, from the CRC-32 and the length of each."""
    crc32 = 0
    for each, size in pieces:
        crc32 = crc32_combine(crc32, each, size)
    return crc32
