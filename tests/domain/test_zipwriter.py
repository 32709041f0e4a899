import io
import random
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runtime.domain.crc import crc32_combine
from runtime.domain.errors import Corrupt
from runtime.domain.zipwriter import FINAL_BLOCK, FragmentDeflater, Member, ZipWriter, level_for
from tests.archives import missing, openers

GIB = 1 << 30


def fragment(data: bytes) -> bytes:
    deflater = FragmentDeflater()
    return deflater.compress(data) + deflater.flush()


def written(fill: Any) -> bytes:
    file = io.BytesIO()
    archive = ZipWriter(file.write)
    fill(archive)
    archive.close()
    assert archive.offset == len(file.getvalue())
    return file.getvalue()


def fill(archive: ZipWriter) -> None:
    pieces = [b"one" * 5000, b"", b"two"]
    archive.add_deflated(
        "clean.csv",
        map(fragment, pieces),
        crc32=zlib.crc32(b"".join(pieces)),
        size=15_003,
        compressed_size=sum(len(fragment(piece)) for piece in pieces),
    )
    archive.add("ordner/größe 文.txt", [b"text " * 1000, b"end"], compress=True)
    archive.add("known.txt", [b"text " * 1000], compress=True, size=5000)
    archive.add("photo.jpg", [b"\xff\xd8", b"x" * 99], compress=False)
    archive.add("nothing", [], compress=True)
    archive.add_bytes("manifest.json", b'{"members": []}' * 9)
    archive.add_bytes("tiny", b"x")
    archive.add_bytes("empty", b"")


CONTENT = {
    "clean.csv": b"one" * 5000 + b"two",
    "ordner/größe 文.txt": b"text " * 1000 + b"end",
    "known.txt": b"text " * 1000,
    "photo.jpg": b"\xff\xd8" + b"x" * 99,
    "nothing": b"",
    "manifest.json": b'{"members": []}' * 9,
    "tiny": b"x",
    "empty": b"",
}


def test_opens_with_zipfile() -> None:
    with zipfile.ZipFile(io.BytesIO(written(fill))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == CONTENT
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {oct(info.external_attr >> 16) for info in archive.infolist()} == {"0o100644"}
        assert archive.getinfo("photo.jpg").compress_type == zipfile.ZIP_STORED
        assert archive.getinfo("clean.csv").compress_size < 200


def test_opens_with_every_program(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(written(fill))
    assert "zipfile" in openers(path)
    if missing():
        pytest.skip(f"opened with Python only: {' and '.join(missing())} not installed")


def test_the_same_members_give_the_same_bytes() -> None:
    assert written(fill) == written(fill)


def test_members_say_where_they_begin() -> None:
    members: list[Member] = []

    def fill_some(archive: ZipWriter) -> None:
        members.extend(archive.add_bytes(f"m{n}", b"x" * n) for n in range(5))

    data = written(fill_some)
    for member in members:
        assert data[member.offset :].startswith(b"PK\x03\x04")
        assert data[member.offset + 30 :].startswith(member.name.encode())


def test_fragments_ended_apart_inflate_as_one_stream() -> None:
    pieces = [bytes([n]) * n * 100 for n in range(20)]
    joined = b"".join(map(fragment, pieces)) + FINAL_BLOCK
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    assert inflater.decompress(joined) == b"".join(pieces)
    assert inflater.eof and not inflater.unused_data


def test_rows_are_deflated_smaller_than_other_results() -> None:
    rng = random.Random(1)
    pool = [f"{rng.choice('abc')}{n},value {rng.randrange(999)},{rng.random():.3f}\n".encode() for n in range(2000)]
    rows = b"".join(rng.choices(pool, k=20_000))

    def size(kind: str) -> int:
        return len(written(lambda archive: archive.add("x", [rows], compress=True, level=level_for(kind))))

    assert size("csv") < size("jsonl")


def test_never_holds_more_than_a_piece() -> None:
    largest = 0

    def sink(data: bytes) -> None:
        nonlocal largest
        largest = max(largest, len(data))

    archive = ZipWriter(sink)
    archive.add("big", (b"\xa5" * 65_536 for _ in range(500)), compress=False)
    archive.close()
    assert largest == 65_536


MANY = 100_000


def many_members(path: Path) -> int:
    """Writes `MANY` members; returns the most bytes that were held meanwhile."""
    with path.open("wb") as file:
        archive = ZipWriter(file.write)
        tracemalloc.start(1)
        try:
            for number in range(MANY):
                archive.add(f"folder {number % 100}/{number}.txt", [b"small"], compress=False, size=5)
            archive.close()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


def test_a_hundred_thousand_members_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    assert many_members(path) < 300 * MANY
    with zipfile.ZipFile(path) as archive:
        assert len(archive.infolist()) == MANY
        assert archive.read(archive.infolist()[-1]) == b"small"


@pytest.mark.slow
def test_a_hundred_thousand_members_open_with_every_program(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    many_members(path)
    assert "zipfile" in openers(path)


class Sparse:
    """Writes to a file; blocks of zeros become holes, so that gigabytes cost nothing."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def __call__(self, data: bytes) -> None:
        if data is ZEROS:
            self._file.seek(len(data), io.SEEK_CUR)
        else:
            self._file.write(data)


ZEROS = bytes(64 << 20)


def zeros(size: int) -> Iterator[bytes]:
    for _ in range(size // len(ZEROS)):
        yield ZEROS


def test_sizes_and_offsets_beyond_four_gigabytes(tmp_path: Path) -> None:
    path = tmp_path / "large.zip"
    with path.open("wb") as file:
        archive = ZipWriter(Sparse(file))
        archive.add_bytes("before", b"small")
        # Zeros are no deflate stream; only what is said about them is read back.
        archive.add_deflated("large", zeros(5 * GIB), crc32=7, size=50 * GIB, compressed_size=5 * GIB)
        archive.add_deflated("inflates", zeros(1 * GIB), crc32=8, size=4 * GIB, compressed_size=1 * GIB)
        archive.add_bytes("after", b"behind it")
        archive.close()
    with zipfile.ZipFile(path) as archive_read:
        large, inflates = archive_read.getinfo("large"), archive_read.getinfo("inflates")
        assert (large.file_size, large.compress_size, large.CRC) == (50 * GIB, 5 * GIB + 2, 7)
        assert (inflates.file_size, inflates.compress_size) == (4 * GIB, 1 * GIB + 2)
        assert inflates.header_offset > 5 * GIB
        assert (archive_read.read("before"), archive_read.read("after")) == (b"small", b"behind it")


def test_a_streamed_member_may_pass_four_gigabytes(tmp_path: Path) -> None:
    path = tmp_path / "large.zip"
    size = 4 * GIB + len(ZEROS)
    with path.open("wb") as file:
        archive = ZipWriter(Sparse(file))
        archive.add("large", zeros(size), compress=False, size=size)
        archive.add("after", [b"behind it"], compress=False)
        archive.close()
    with zipfile.ZipFile(path) as archive_read:
        assert archive_read.getinfo("large").file_size == size
        assert archive_read.read("after") == b"behind it"


@pytest.mark.slow
def test_an_archive_of_over_four_gigabytes_opens_with_every_program(tmp_path: Path) -> None:
    path = tmp_path / "large.zip"
    rng, inflated, peaks = random.Random(6), 4 * GIB + 3 * len(ZEROS), []
    # The same fragment over and over: what the Map makes of a large table, without the time that making it takes.
    block = b"".join(b"%d,%s,open\n" % (number, rng.randbytes(2).hex().encode()) for number in range(400_000))
    packed = fragment(block)
    rows = -(-inflated // len(block))
    crc32 = 0
    for _ in range(rows):
        crc32 = crc32_combine(crc32, zlib.crc32(block), len(block))
    with path.open("wb") as file:
        archive = ZipWriter(Sparse(file))
        tracemalloc.start()
        try:
            archive.add("photos.tar", zeros(inflated), compress=False, size=inflated)
            peaks.append(tracemalloc.get_traced_memory()[1])
            archive.add_deflated(
                "clean.csv",
                (packed for _ in range(rows)),
                crc32=crc32,
                size=rows * len(block),
                compressed_size=rows * len(packed),
            )
            archive.add("of unknown size.txt", (block for _ in range(20)), compress=True)
            archive.add_bytes("manifest.json", b"{}")
            archive.close()
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert path.stat().st_size > 4 * GIB
    assert max(peaks) < 32 * 1024 * 1024
    opened = openers(path)
    print(f"\n{path.stat().st_size / GIB:.1f} GiB, opened with {', '.join(opened)}; writing held {max(peaks)} bytes")
    if missing():
        pytest.skip(f"opened with Python only: {' and '.join(missing())} not installed")


@pytest.mark.parametrize("announced", [2, 4])
def test_what_was_announced_must_come(announced: int) -> None:
    archive = ZipWriter(io.BytesIO().write)
    with pytest.raises(Corrupt, match=f"{announced} deflated bytes were announced, 3 came"):
        archive.add_deflated("a", [b"abc"], crc32=0, size=3, compressed_size=announced)
    with pytest.raises(Corrupt, match=f"{announced} bytes were announced, 3 came"):
        archive.add("b", [b"abc"], compress=False, size=announced)


def test_names_are_used_once_and_fit() -> None:
    archive = ZipWriter(io.BytesIO().write)
    archive.add_bytes("a", b"")
    with pytest.raises(ValueError, match="in the archive already"):
        archive.add_bytes("a", b"")
    for name in ("", "é" * 40_000):
        with pytest.raises(ValueError, match="1 to 65535 bytes"):
            archive.add_bytes(name, b"")
