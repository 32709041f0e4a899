"""Packed files give what they hold, in every cutting of the stream; damaged and endless ones are refused."""

import gzip
import random

import pytest
from backports import zstd

from runtime.domain.errors import Rejected
from runtime.domain.unpacking import FREE_BYTES, Limits, bare_name, layers, unpack
from tests.tabling import make

ROWS = b"id,name\n" + b"".join(b"%d,n%d\n" % (n, n * 7 % 1013) for n in range(30_000))
LIMITS = Limits(most_bytes=1 << 30, advice="Do something.")
PACKED = {
    "gzip": (["gzip"], gzip.compress(ROWS)),
    "gzip in two members": (["gzip"], gzip.compress(ROWS[:1000]) + gzip.compress(ROWS[1000:])),
    "zstd": (["zstd"], zstd.compress(ROWS)),
    "zstd in two frames": (["zstd"], zstd.compress(ROWS[:1000]) + zstd.compress(ROWS[1000:])),
    "UTF-16": (["utf-16-le"], b"\xff\xfe" + ROWS.decode().encode("utf-16-le")),
    "UTF-32 in gzip": (["gzip", "utf-32-be"], gzip.compress(b"\x00\x00\xfe\xff" + ROWS.decode().encode("utf-32-be"))),
}


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("size", [1, 4093, 1 << 30])
def test_what_is_inside_comes_out(name: str, size: int) -> None:
    names, packed = PACKED[name]
    assert layers(packed[: 64 * 1024]) == names
    assert b"".join(unpack(cut(packed, size), names, LIMITS)).removeprefix(b"\xef\xbb\xbf") == ROWS


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize("part_bytes", [None, 50_000])
def test_a_packed_table_is_as_good_as_a_bare_one(name: str, part_bytes: int | None) -> None:
    bare = make(ROWS, name="data.csv", part_bytes=part_bytes)
    made = make(PACKED[name][1], name="data.csv.gz", part_bytes=part_bytes)
    assert made.results == bare.results
    assert made.record["counts"] == bare.record["counts"] and made.record["table"] == bare.record["table"]
    assert made.record["summary"]["unpacked_from"] == PACKED[name][0]
    assert made.record["file"]["size"] == len(PACKED[name][1])


@pytest.mark.parametrize("name", ["gzip", "zstd", "UTF-32 in gzip"])
def test_what_ends_in_the_middle_is_refused(name: str) -> None:
    names, packed = PACKED[name]
    for end in random.Random(1).sample(range(12, len(packed)), 20):
        with pytest.raises(Rejected, match=r"ends in the middle|not valid"):
            list(unpack([packed[:end]], names, LIMITS))


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_a_flipped_bit_never_passes(name: str) -> None:
    names, packed = PACKED[name]
    for at in random.Random(2).sample(range(20, len(packed) - 8), 30):
        broken = bytearray(packed)
        broken[at] ^= 0x10
        try:
            out = b"".join(unpack([bytes(broken)], names, LIMITS))
        except Rejected:
            continue
        assert name == "zstd" and len(out) > 0, "gzip has a checksum; a frame of Zstandard may have none"


@pytest.mark.parametrize(("pack", "names"), [(gzip.compress, ["gzip"]), (zstd.compress, ["zstd"])])
def test_a_bomb_is_refused_while_it_goes_off(pack: object, names: list[str]) -> None:
    bomb = pack(bytes(FREE_BYTES * 4))  # type: ignore[operator]
    taken = 0
    with pytest.raises(Rejected, match="250 times its size"):
        for piece in unpack(cut(bomb, 1024), names, LIMITS):
            taken += len(piece)
    assert taken <= FREE_BYTES + 250 * len(bomb) + (1 << 20)
    with pytest.raises(Rejected, match=r"more than 1 MiB\. Do something\."):
        list(unpack([bomb], names, Limits(most_bytes=1 << 20, advice="Do something.")))


def test_what_is_packed_but_no_table_is_delivered_as_it_is() -> None:
    packed = gzip.compress(random.Random(3).randbytes(100_000))
    assert make(packed, name="data.csv.gz").record["kind"] == "other"


def test_names_lose_what_says_how_they_are_packed() -> None:
    assert bare_name("a/b.csv.gz", ["gzip"]) == "a/b.csv"
    assert bare_name("a/b.CSV.ZST", ["zstd"]) == "a/b.CSV"
    assert bare_name("a/b.csv", ["gzip"]) == "a/b.csv"
    assert bare_name(".gz", ["gzip"]) == ".gz"
