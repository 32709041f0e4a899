"""A ZIP's directory: what Python's zipfile finds is found, and what could be read in two ways is refused."""

import io
import random
import struct
import zipfile
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.domain.errors import Rejected
from runtime.domain.zipreader import Entry, read_directory

GIB = 1 << 30


def directory(data: bytes, *, most_members: int = 100, piece: int = 7) -> list[Entry]:
    """The directory, read in pieces that cut every record."""

    def read(start: int, end: int) -> Iterator[bytes]:
        assert 0 <= start <= end <= len(data)
        return (data[at : min(at + piece, end)] for at in range(start, end, piece))

    return read_directory(read, len(data), most_members=most_members)


def packed(members: dict[str, bytes], comment: bytes = b"") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 5, 6, 7, 8, 10)), data, zipfile.ZIP_DEFLATED)
        archive.comment = comment
    return file.getvalue()


PLAIN = packed({"a.txt": b"a" * 1000, "folder/": b"", "folder/größe.bin": random.Random(1).randbytes(500)})


def refusal(data: bytes, **more: int) -> str:
    with pytest.raises(Rejected) as caught:
        directory(data, **more)
    return caught.value.reason


names = st.text(st.characters(codec="utf-8", exclude_characters="\0/\\"), min_size=1, max_size=20)


@given(st.dictionaries(names, st.binary(max_size=300), max_size=8), st.binary(max_size=40))
def test_it_finds_what_zipfile_finds(members: dict[str, bytes], comment: bytes) -> None:
    data = packed(members, comment.replace(b"PK", b""))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        expected = [
            (info.filename, info.file_size, info.compress_size, info.CRC, info.header_offset)
            for info in archive.infolist()
        ]
    found = directory(data)
    assert [(entry.name, entry.size, entry.packed, entry.crc32, entry.offset) for entry in found] == expected
    assert {entry.modified for entry in found} <= {"2024-05-06T07:08:10"}


def test_folders_and_modes_are_told() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        link = zipfile.ZipInfo("link")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "target")
        archive.mkdir("folder")
    found = directory(file.getvalue())
    assert [(entry.name, entry.is_folder, entry.mode) for entry in found] == [
        ("link", False, 0o120777),
        ("folder/", True, 0o40777),
    ]


def test_a_file_cut_off_anywhere_is_refused() -> None:
    for length in range(len(PLAIN)):
        assert refusal(PLAIN[:length])


def test_bytes_that_no_member_owns_are_refused() -> None:
    assert "follows the archive's end" in refusal(PLAIN + b"\n")
    assert "belong to no member" in refusal(b"#!/bin/sh\n" + PLAIN)
    assert "belong to no member" in refusal(PLAIN + PLAIN)


def test_the_first_member_begins_the_file() -> None:
    """As in archives from whose directory the first member was taken: its bytes are still there."""
    data = packed({"hidden.txt": b"x" * 100, "shown.txt": b"y"})
    at = data.index(b"PK\1\2")
    entry = data.index(b"PK\1\2", at + 1) - at
    end = bytearray(data[at + 2 * entry - len(b"hidden.txt") + len(b"shown.txt") :])
    end[8:12] = struct.pack("<2H", 1, 1)
    end[12:16] = struct.pack("<L", len(data) - len(end) - at - entry)
    shorter = data[:at] + data[at + entry : len(data) - len(end)]
    end[16:20] = struct.pack("<L", at)
    assert "belong to no member" in refusal(shorter + bytes(end))


def test_two_ends_are_refused() -> None:
    """One in the comment of the other: which one counts depends on the reader."""
    inner = PLAIN[PLAIN.index(b"PK\5\6") :]
    outer = bytearray(PLAIN)
    outer[-2:] = len(inner).to_bytes(2, "little")
    assert "two ends" in refusal(bytes(outer) + inner)


def test_members_that_share_bytes_are_refused() -> None:
    """The better ZIP bomb: every entry of the directory points to the same packed bytes."""
    data = bytearray(packed({"a": b"0" * 9999, "b": b"0" * 9999}))
    second = data.index(b"PK\1\2", data.index(b"PK\1\2") + 1)
    data[second + 42 : second + 46] = bytes(4)
    assert "overlaps another one" in refusal(bytes(data))


def test_pieces_of_archives_and_too_many_members_are_refused() -> None:
    at = PLAIN.index(b"PK\5\6")
    piece = bytearray(PLAIN)
    piece[at + 4] = 1
    assert "one piece of an archive" in refusal(bytes(piece))
    assert refusal(PLAIN, most_members=2) == "The archive has 3 members; at most 2 are accepted here."


def test_no_spoilt_directory_raises_anything_but_rejected() -> None:
    rng, start, read = random.Random(7), PLAIN.index(b"PK\1\2"), 0
    for _ in range(3000):
        data = bytearray(PLAIN)
        for _ in range(rng.randint(1, 4)):
            data[rng.randrange(start, len(data))] = rng.choice((0, 1, 0xFF, rng.randrange(256)))
        try:
            read += len(directory(bytes(data)))
        except Rejected as rejected:
            assert rejected.reason
    assert read


def zip64(*, members: int = 3, size: int = 5 * GIB) -> tuple[int, int, bytes]:
    """The end of an archive of members of `size` bytes each, stored: where it begins, where it ends, and its bytes."""
    out, offset = bytearray(), 0
    for n in range(members):
        name = b"member-%d" % n
        extra = struct.pack("<2H3Q", 1, 24, size, size, offset)
        fields = (b"PK\1\2", 3 << 8 | 45, 45, 0, 0, 0, 33, n, *[0xFFFFFFFF] * 2, len(name), len(extra))
        out += struct.pack("<4s6H3L2H", *fields) + struct.pack("<3H2L", 0, 0, 0, 0, 0xFFFFFFFF) + name + extra
        offset += 30 + len(name) + size
    before = offset + len(out)
    out += struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, members, members, len(out), offset)
    out += struct.pack("<4sLQL", b"PK\6\7", 0, before, 1)
    out += struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, *[0xFFFF] * 2, *[0xFFFFFFFF] * 2, 0)
    return offset, offset + len(out), bytes(out)


def far_directory(start: int, size: int, data: bytes) -> list[Entry]:
    def read(begin: int, end: int) -> list[bytes]:
        near = bytes(max(min(end, start) - begin, 0))
        return [near + data[max(begin - start, 0) : max(end - start, 0)]]

    return read_directory(read, size, most_members=10)


def test_large_archives_are_read() -> None:
    found = far_directory(*zip64())
    assert [(entry.size, entry.packed) for entry in found] == [(5 * GIB, 5 * GIB)] * 3
    assert [entry.offset for entry in found] == [n * (5 * GIB + 38) for n in range(3)]


def test_large_archives_whose_ends_disagree_are_refused() -> None:
    start, size, data = zip64()
    other = bytearray(data)
    end = other.index(b"PK\5\6")
    other[end + 8 : end + 12] = struct.pack("<2H", 2, 2)
    with pytest.raises(Rejected, match="says two things"):
        far_directory(start, size, bytes(other))
    with pytest.raises(Rejected, match="points to nothing"):
        far_directory(start, size, data.replace(b"PK\6\6", b"PK\6\5"))
    with pytest.raises(Rejected, match="lacks a size"):
        far_directory(start, size, data.replace(struct.pack("<2H", 1, 24), struct.pack("<2H", 9, 24)))


@pytest.mark.parametrize(
    ("raw", "flags", "extra", "name"),
    [
        ("größe.txt".encode(), 0x800, b"", "größe.txt"),
        ("größe.txt".encode(), 0, b"", "größe.txt"),
        ("größe.txt".encode("cp437"), 0, b"", "größe.txt"),
        (b"gr\x94\xe1e", 0, struct.pack("<2HBL", 0x7075, 11, 1, 0x9D0BBD29) + "größe"[:4].encode(), None),
    ],
    ids=["marked", "unmarked", "dos", "extra of another name"],
)
def test_names_are_read_in_their_encoding(raw: bytes, flags: int, extra: bytes, name: str | None) -> None:
    (entry,) = one(raw, flags, extra)
    assert entry.name_is_text
    assert entry.name == (raw.decode("cp437") if name is None else name)


def one(raw: bytes, flags: int, extra: bytes = b"") -> list[Entry]:
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, flags, 0, 0, 33, 0, 0, 0, len(raw), 0) + raw
    entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, flags, 0, 0, 33, 0, 0, 0, len(raw), len(extra), 0, 0, 0, 0, 0)
    entry += raw + extra
    return directory(local + entry + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(entry), len(local), 0))


def test_a_name_that_is_said_to_be_utf8_and_is_not_is_marked() -> None:
    (entry,) = one(b"gr\xff.txt", 0x800)
    assert not entry.name_is_text
    assert entry.name == "gr\ufffd.txt"
