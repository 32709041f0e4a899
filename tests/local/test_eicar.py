"""What the stand-in for the malware scan finds, and what it says that it cannot look into."""

import gzip
import io
import itertools
import random
import zipfile
from collections.abc import Iterator

import pytest

from cli.generate import EICAR
from local.eicar import CLEAN, INFECTED, UNSUPPORTED, Budget, scan


def zipped(*contents: bytes, how: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", how) as archive:
        for n, content in enumerate(contents):
            archive.writestr(f"{n}.txt", content)
    return buffer.getvalue()


def nested(content: bytes, levels: int) -> bytes:
    for _ in range(levels):
        content = zipped(content)
    return content


def spoiled(archive: bytes, signature: bytes, at: int, value: int) -> bytes:
    """The archive with one byte of its first header with that signature changed."""
    changed = bytearray(archive)
    changed[changed.index(signature) + at] = value
    return bytes(changed)


def locked(archive: bytes) -> bytes:
    """The archive, saying that its first member takes a password."""
    return spoiled(spoiled(archive, b"PK\x03\x04", 6, 1), b"PK\x01\x02", 8, 1)


_numbers = itertools.count()


def numbered(value: bytes | str) -> str:
    """Names of cases that do not hold the contents: pytest writes names down, and scanners read them."""
    return f"content{next(_numbers)}" if isinstance(value, bytes) else value


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", CLEAN),
        (b"nothing", CLEAN),
        (EICAR[:-1], CLEAN),
        (EICAR, INFECTED),
        (b"x" * 5000 + EICAR + b"x", INFECTED),
        (zipped(b"fine"), CLEAN),
        (zipped(b"fine", EICAR), INFECTED),
        (zipped(EICAR, how=zipfile.ZIP_STORED), INFECTED),
        (gzip.compress(EICAR), INFECTED),
        (gzip.compress(zipped(EICAR)), INFECTED),
        (gzip.compress(EICAR)[:-4], INFECTED),
        (gzip.compress(b"fine")[:-4], CLEAN),
        (nested(EICAR, 5), INFECTED),
        (nested(EICAR, 6), UNSUPPORTED),
        (locked(zipped(b"fine")), UNSUPPORTED),
        (locked(zipped(b"fine", EICAR)), INFECTED),
        (zipped(b"fine", locked(zipped(b"fine"))), UNSUPPORTED),
        (spoiled(zipped(b"fine", EICAR), b"PK\x03\x04", 31, 0xFF), INFECTED),
        (spoiled(zipped(b"fine", EICAR), b"PK\x01\x02", 10, 97), INFECTED),
        (spoiled(zipped(b"fine"), b"PK\x01\x02", 10, 97), UNSUPPORTED),
        (b"PK\x03\x04 and no archive", CLEAN),
    ],
    ids=numbered,
)
def test_each_object_has_its_status(content: bytes, status: str) -> None:
    assert scan([content]) == status


def test_it_is_found_however_the_bytes_come() -> None:
    rng = random.Random(1)
    content = b"x" * 100 + EICAR + b"y" * 100
    for _ in range(200):
        cuts = sorted(rng.randrange(len(content) + 1) for _ in range(rng.randrange(6)))
        pieces = [content[a:b] for a, b in zip([0, *cuts], [*cuts, len(content)], strict=True)]
        assert scan(pieces) == INFECTED


def test_an_archive_that_comes_in_small_pieces_is_an_archive() -> None:
    content = zipped(EICAR)
    assert scan([content[n : n + 1] for n in range(len(content))]) == INFECTED


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (zipped(b"x" * 900), CLEAN),
        (zipped(b"x" * 1100), UNSUPPORTED),
        (zipped(b"x" * 600, b"x" * 600), UNSUPPORTED),
        (gzip.compress(b"x" * 1100), UNSUPPORTED),
        (zipped(b"1", b"2", b"3"), CLEAN),
        (zipped(b"1", b"2", b"3", b"4"), UNSUPPORTED),
    ],
    ids=numbered,
)
def test_no_more_is_unpacked_than_is_allowed(content: bytes, status: str) -> None:
    assert scan([content], Budget(members=3, size=1000)) == status


def test_reading_ends_where_something_was_found() -> None:
    def pieces() -> Iterator[bytes]:
        yield EICAR
        raise AssertionError("read on")

    assert scan(pieces()) == INFECTED
