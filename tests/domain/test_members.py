"""Archives: what is listed, what is refused of them, and which are not taken at all."""

import io
import json
import stat
import struct
import zipfile
from dataclasses import replace

import pytest

from runtime.domain.errors import Rejected
from runtime.domain.members import FREE_BYTES, Listing, list_all, listing
from runtime.domain.planning import Plan
from runtime.domain.zipreader import ArchiveLimits

LIMITS = ArchiveLimits()


def archive(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in members:
            zipped.writestr(name, data)
    return file.getvalue()


def of(data: bytes, limits: ArchiveLimits = LIMITS) -> Listing:
    return listing(lambda start, end: [data[start:end]], len(data), limits)


def refusal(data: bytes, limits: ArchiveLimits = LIMITS) -> str:
    with pytest.raises(Rejected) as caught:
        of(data, limits)
    return caught.value.reason


def unix(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, mode << 16
    return info


def test_members_are_named_by_their_paths() -> None:
    found = of(archive(("a/./b//c.txt", b"1"), ("d\\e.txt", b"2"), ("folder/", b"")))
    assert ([member.name for member in found.members], found.folders) == (["a/b/c.txt", "d/e.txt"], 1)


@pytest.mark.parametrize(
    "name", ["../up", "a/../../up", "/etc/passwd", "\\\\server\\share", "C:\\evil.exe", "c:evil", "a\\..\\..\\up", ".."]
)
def test_a_member_outside_of_the_folder_rejects_the_archive(name: str) -> None:
    data = archive(("fine.txt", b"1"), ("x" * len(name), b"2")).replace(b"x" * len(name), name.encode())
    assert f"{name!r} would be unpacked outside" in refusal(data)


def test_a_folder_outside_of_the_folder_rejects_the_archive() -> None:
    assert "would be unpacked outside" in refusal(archive(("fine.txt", b"1"), ("../up/", b"")))


def test_names_with_dots_are_fine() -> None:
    assert len(of(archive(("..a", b"1"), ("b..", b"2"), ("...", b"3"))).good) == 3


@pytest.mark.parametrize("other", ["a.txt", "./a.txt", ".//a.txt"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_reject_the_archive(other: str) -> None:
    assert "two members of the name" in refusal(archive(("a.txt", b"1"), (other, b"2")))


def test_what_is_no_plain_file_is_refused_and_the_rest_is_not() -> None:
    found = of(
        archive(
            ("fine.txt", b"1"),
            (unix("link", stat.S_IFLNK | 0o777), b"/etc/passwd"),
            (unix("pipe", stat.S_IFIFO | 0o644), b""),
            ("bell\x07", b""),
            ("\u202egnp.csv", b"a,b\n"),
        )
    )
    assert [member.reason for member in found.members] == [
        "",
        "it is a link to another file",
        "it is no plain file",
        "its name has characters that cannot be shown",
        "its name has characters that turn the direction of writing",
    ]


def spoilt(data: bytes, at: int, fields: bytes) -> bytes:
    """`data` with other bytes in the first entry of its directory."""
    begin = data.index(b"PK\1\2") + at
    return data[:begin] + fields + data[begin + len(fields) :]


def test_an_archive_of_which_nothing_can_be_used_is_rejected_with_the_reason() -> None:
    data = spoilt(archive(("secret.txt", b"x")), 8, b"\1")
    assert refusal(data) == "Nothing in the archive can be used: it asks for a password ('secret.txt')."


@pytest.mark.parametrize("size", [0, 999, 1_000_001])
def test_a_stored_member_has_the_size_that_it_takes(size: int) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as zipped:
        zipped.writestr("a", b"x" * 1000)
    assert "size cannot be the one" in refusal(spoilt(data.getvalue(), 24, struct.pack("<L", size)))


def test_a_member_cannot_be_larger_than_deflate_makes_it() -> None:
    data = archive(("a", b"0" * 1_000_000))
    assert of(data).good
    assert "size cannot be the one" in refusal(spoilt(data, 24, struct.pack("<L", 2_000_000)))


def test_bombs_are_rejected() -> None:
    data = archive(("zeros", bytes(FREE_BYTES + 1_000_000)))
    reason = refusal(data, replace(LIMITS, ratio=10))
    assert reason.startswith("The archive unpacks to 1,02")
    assert of(data, replace(LIMITS, ratio=1000)).good
    assert "at most 1,000,000 are accepted" in refusal(data, replace(LIMITS, ratio=1000, unpacked_bytes=1_000_000))


def test_what_is_small_may_be_monotonous() -> None:
    assert of(archive(("zeros", bytes(FREE_BYTES))), replace(LIMITS, ratio=10)).good


@pytest.mark.parametrize("data", [archive(), archive(("folder/", b""))], ids=["empty", "folders only"])
def test_an_archive_without_files_is_rejected(data: bytes) -> None:
    assert refusal(data) == "The archive holds no files."


def plan_of(data: bytes) -> Plan:
    limits = {"members": 10, "unpacked_bytes": 1 << 30, "ratio": 250}
    return Plan(kind="zip", size=len(data), sha256="", crc32=0, parts=0, groups=1, context={"limits": limits})


def test_the_list_tells_everything_of_every_member() -> None:
    data = archive((unix("a/b.txt", 0o100644), b"abc" * 100), ("f/", b""), (unix("link", stat.S_IFLNK | 0o777), b"b"))
    result = list_all(plan_of(data), lambda start, end: [data[start:end]])
    with zipfile.ZipFile(io.BytesIO(data)) as zipped:
        info = zipped.getinfo("a/b.txt")
    first, second = [json.loads(line) for line in result.clean.splitlines()]
    assert first == {
        "n": 1,
        "name": "a/b.txt",
        "status": "listed",
        "size": 300,
        "packed": info.compress_size,
        "crc32": f"{info.CRC:08x}",
        "method": "stored",
        "modified": "1980-01-01T00:00:00",
    }
    assert (second["name"], second["status"], second["reason"]) == ("link", "refused", "it is a link to another file")
    report = result.report
    assert (report.accepted, report.rejected) == (1, 1)
    assert report.totals == {"folders": 1, "packed_bytes": 1 + info.compress_size, "unpacked_bytes": 301}
    assert report.refused is None


def test_an_archive_that_is_rejected_is_refused_by_its_group() -> None:
    """As an exception the reason would be lost in the Map."""
    data = archive(("a", b"1"))
    data = data[:-22]
    result = list_all(plan_of(data), lambda start, end: [data[start:end]])
    assert result.report.refused == "The archive ends in the middle. Was it uploaded whole?"
    assert result.clean == b""
