"""Members of archives as files of their own: each once, whole or not at all, and never more than the limits say."""

import dataclasses
import hashlib
import io
import json
import random
import stat
import struct
import zipfile
from typing import Any

import pytest

from runtime.domain import member_files, origins, steps
from runtime.domain.at_once import whole
from runtime.domain.errors import IsArchive, Rejected
from runtime.domain.identity import FileVersion
from runtime.domain.origins import Origin
from runtime.domain.planning import Wishes
from runtime.domain.ports import Buckets, Json
from runtime.domain.zipreader import ArchiveLimits
from tests.fakes import FakeLedger, FakeObjects, FakeSigner, version

BUCKETS = Buckets(work="work", output="output", delivery="delivery", backup="backup")
RUN = "run-1@2026-01-02T03:04:05.000Z"
LIMITS = ArchiveLimits(members=1000, unpacked_bytes=1 << 30, ratio=250)
RANDOM = random.Random(3).randbytes(3_000_000)


def archive(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as zipped:
        for name, data in members.items():
            zipped.writestr(name, data)
    return file.getvalue()


def streamed(members: dict[str, bytes]) -> bytes:
    """As programs write archives that cannot go back: sizes stand behind the data."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    file = Pipe()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in members.items():
            with zipped.open(name, "w") as member:
                member.write(data)
    return file.getvalue()


class World:
    """A platform in memory with one archive in it."""

    def __init__(self, data: bytes, name: str = "in/things.zip", told: Origin | None = None, nesting: int = 2) -> None:
        self.objects, self.ledger, self.signer = FakeObjects(), FakeLedger(), FakeSigner()
        self.file = version(data, name=name)
        self.wishes = Wishes.of("both", archives=LIMITS, nesting=nesting)
        self.objects.add(self.file, data)
        if told:
            self.objects.told[self.file.bucket, self.file.key] = told.told()

    def plan(self) -> Json:
        return steps.plan(
            self.file,
            RUN,
            objects=self.objects,
            ledger=self.ledger,
            buckets=BUCKETS,
            part_bytes=1 << 20,
            parts_per_group=8,
            inline_parts=40,
            max_file_bytes=1 << 30,
            wishes=self.wishes,
        )

    def unpack(self, plan: Json) -> None:
        assert plan["mode"] == "members"
        for group in reversed(plan["groups"]):
            member_files.unpack(self.file, group, objects=self.objects, buckets=BUCKETS)

    def end(self) -> Json:
        steps.merge(self.file, objects=self.objects, ledger=self.ledger, buckets=BUCKETS)
        steps.archive(self.file, objects=self.objects, ledger=self.ledger, buckets=BUCKETS)
        return steps.publish(
            self.file, RUN, objects=self.objects, ledger=self.ledger, signer=self.signer, buckets=BUCKETS
        )

    def run(self) -> Json:
        self.unpack(self.plan())
        return self.end()

    def made(self) -> dict[str, bytes]:
        """Files that came of members, by the members' names."""
        begin = self.file.members_prefix
        stored = self.objects.stored.items()
        return {key[len(begin) :]: data for (bucket, key), data in stored if bucket == "upload" and begin in key}

    def listed(self) -> list[dict[str, Any]]:
        lines = self.objects.stored["output", self.file.result_key("members.jsonl")].splitlines()
        return [json.loads(line) for line in lines]

    def record(self) -> dict[str, Any]:
        record: dict[str, Any] = json.loads(self.objects.stored["output", self.file.result_key("result.json")])
        return record


FILES = {"a.csv": b"x,y\n1,2\n" * 9, "b/c.bin": RANDOM, "b/zeros": bytes(5_000_000), "d/größe.txt": b"t"}


@pytest.mark.parametrize(
    "data",
    [archive(FILES), archive(FILES, zipfile.ZIP_STORED), streamed(FILES)],
    ids=["deflated", "stored", "streamed"],
)
def test_every_member_becomes_a_file(data: bytes) -> None:
    world = World(data)
    outcome = world.run()
    assert world.made() == FILES
    assert (outcome["kind"], outcome["accepted"], outcome["rejected"]) == ("zip", 4, 0)
    assert [(line["name"], line["status"], line["file"]) for line in world.listed()] == [
        (name, "taken", world.file.members_prefix + name) for name in FILES
    ]
    assert world.record()["totals"]["unpacked_bytes"] == sum(map(len, FILES.values()))


def test_a_name_that_somebody_else_took_is_told_by_its_sha256() -> None:
    world = World(archive(FILES))
    taken = world.file.members_prefix + "a.csv"
    plan = world.plan()
    world.objects.stored["upload", taken] = b"theirs"
    world.unpack(plan)
    world.end()
    assert world.made()["a.csv"] == b"theirs"
    assert {line["name"]: line["sha256"] for line in world.listed()} == {
        name: hashlib.sha256(data).hexdigest() for name, data in FILES.items()
    }


def test_the_archive_itself_is_not_delivered_again() -> None:
    data = archive(FILES)
    world = World(data)
    world.run()
    with zipfile.ZipFile(io.BytesIO(world.objects.stored["delivery", world.file.archive_key])) as delivered:
        assert set(delivered.namelist()) == {"members.jsonl", "manifest.json", "SHA256SUMS"}
    assert world.objects.stored["backup", world.file.backup_key] == data


@pytest.mark.parametrize("group_members", [1, 2, 500])
def test_groups_make_no_difference(group_members: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(member_files, "GROUP_MEMBERS", group_members)
    world = World(archive({**FILES, "f/": b"", "empty": b""}))
    plan = world.plan()
    assert len(plan["groups"]) == -(-5 // group_members)
    world.unpack(plan)
    world.end()
    assert world.made() == FILES
    assert [line["n"] for line in world.listed()] == [1, 2, 3, 4, 5]
    assert world.record()["totals"]["folders"] == 1


def test_members_of_a_gigabyte_have_a_group_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(member_files, "GROUP_BYTES", 4_000_000)
    plan = World(archive(FILES)).plan()
    assert [[(cut[0], cut[1]) for cut in group["cuts"]] for group in plan["groups"]] == [
        [(0, 1)],
        [(1, 2)],
        [(2, 3)],
        [(3, 4)],
    ]


def test_neighbours_are_read_in_one_go() -> None:
    """100,000 requests for 100,000 members would take longer than to unpack them."""
    world = World(archive({f"{n}.txt": b"text" for n in range(400)}))
    plan, asked = world.plan(), []
    read = world.objects.read
    world.objects.read = lambda place, **more: asked.append(place.key) or read(place, **more)  # type: ignore[method-assign, func-returns-value]
    world.unpack(plan)
    # The end, the directory, and the members.
    assert asked.count(world.file.key) == 3


def test_a_second_try_makes_no_second_version() -> None:
    world = World(archive(FILES))
    plan = world.plan()
    world.unpack(plan)
    before = dict(world.objects.stored)
    deposits = []
    deposit = world.objects.deposit
    world.objects.deposit = lambda place, *a, **k: deposits.append(place.key) or deposit(place, *a, **k)  # type: ignore[method-assign, func-returns-value]
    world.unpack(plan)
    assert len(deposits) == len(FILES)
    assert world.objects.stored == before


def test_another_version_of_the_archive_has_files_of_its_own() -> None:
    one = version(b"", name="a.zip", number=1)
    assert one.members_prefix != version(b"", name="a.zip", number=2).members_prefix
    # A new attempt meets the files of the last one.
    assert one.members_prefix == version(b"", name="a.zip", number=1, attempt=2).members_prefix
    assert one.members_prefix.startswith("a.zip/")


def spoilt(data: bytes, at: int, fields: bytes, mark: bytes = b"PK\1\2") -> bytes:
    """`data` with other bytes in the first record of a kind."""
    begin = data.index(mark) + at
    return data[:begin] + fields + data[begin + len(fields) :]


ONE = archive({"bad": b"text" * 99, "good.txt": b"text"})
LOCAL = b"PK\3\4"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (spoilt(ONE, 16, bytes(4)), "it is damaged: its CRC-32 is another"),
        (spoilt(ONE, 24, struct.pack("<L", 395)), "it holds more than its size says"),
        (spoilt(ONE, 24, struct.pack("<L", 397)), "it holds less than its size says"),
        (spoilt(ONE, 33, b"\xff\xff\xff", LOCAL), "it is damaged"),
        (spoilt(ONE, 30, b"odd", LOCAL), "what stands before its data"),
        (spoilt(ONE, 28, b"\x04", LOCAL), "its data would overlap what follows"),
        (spoilt(spoilt(ONE, 10, b"\x0c"), 8, b"\x0c", LOCAL), "it is packed in a way"),
        (archive({"bad": b"", "good.txt": b"text"}), "it is empty"),
        (archive({"__MACOSX/bad": b"x", "good.txt": b"text"}), "macOS keeps it"),
        (archive({"folder/.DS_Store": b"x", "good.txt": b"text"}), "macOS keeps it"),
        (archive({"b" * 1020: b"x", "good.txt": b"text"}), "its name is too long"),
    ],
)
def test_a_member_that_is_not_what_it_says_is_refused_and_leaves_nothing(data: bytes, reason: str) -> None:
    world = World(data)
    outcome = world.run()
    assert world.made() == {"good.txt": b"text"}
    assert (outcome["accepted"], outcome["rejected"]) == (1, 1)
    refused, taken = world.listed()
    assert refused["status"] == "refused"
    assert refused["reason"].startswith(reason)
    assert "file" not in refused
    assert taken["status"] == "taken"


def test_no_spoilt_data_passes() -> None:
    """One byte of the first member's header or data is another; what comes of it is the same or nothing."""
    rng, changed = random.Random(5), 0
    for _ in range(300):
        at = rng.randrange(4, ONE.index(b"good.txt") - 30)
        data = bytearray(ONE)
        data[at] ^= 1 << rng.randrange(8)
        world = World(bytes(data))
        try:
            world.run()
        except Rejected:
            continue
        assert set(world.made().items()) <= {("bad", b"text" * 99), ("good.txt", b"text")}
        changed += "bad" not in world.made()
    assert changed > 100


def test_an_archive_of_which_nothing_can_be_taken_is_rejected() -> None:
    with pytest.raises(Rejected, match="None of the archive's 2 members can be a file"):
        World(archive({"a": b"", "b": b""})).run()


def test_a_link_makes_no_file() -> None:
    info = zipfile.ZipInfo("link")
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        zipped.writestr(info, "/etc/passwd")
        zipped.writestr("good.txt", "text")
    world = World(file.getvalue())
    world.run()
    assert set(world.made()) == {"good.txt"}


def test_a_small_archive_is_handed_over() -> None:
    world = World(archive(FILES))
    with pytest.raises(IsArchive):
        whole(
            world.file,
            RUN,
            objects=world.objects,
            ledger=world.ledger,
            signer=world.signer,
            buckets=BUCKETS,
            part_bytes=1 << 20,
            max_file_bytes=1 << 30,
            wishes=world.wishes,
        )


def inner(world: World, member: str) -> World:
    """The run of a member that is an archive itself."""
    key = world.file.members_prefix + member
    data = world.objects.stored["upload", key]
    made = World(data, key)
    made.wishes = world.wishes
    made.objects.told[made.file.bucket, made.file.key] = world.objects.told["upload", key]
    # Metadata belongs to the version, and the fake keeps it by the key.
    return made


def nested(depth: int) -> bytes:
    data = archive({"file.txt": b"text"})
    for _ in range(depth - 1):
        data = archive({"inner.zip": data, "beside.txt": b"text"})
    return data


def test_archives_in_archives_are_opened_up_to_the_limit() -> None:
    world, opened = World(nested(4)), []
    for _ in range(3):
        plan = world.plan()
        opened.append(plan["mode"])
        if plan["mode"] != "members":
            break
        world.unpack(plan)
        world = inner(world, "inner.zip")
    assert opened == ["members", "members", "inline"]
    steps.part(world.file, plan["groups"][0], objects=world.objects, buckets=BUCKETS)
    world.end()
    assert world.record()["summary"]["warnings"] == [
        "The archive lies in 2 others; at most 2 archives around a file are opened, so its members are listed only."
    ]
    assert {line["status"] for line in world.listed()} == {"listed"}


def test_a_file_knows_the_archive_that_it_was_in() -> None:
    world = World(nested(2))
    world.run()
    deep = inner(world, "inner.zip")
    deep.run()
    assert world.record()["file"]["origin"] is None
    assert deep.record()["file"]["origin"] == {
        "archive": "in/things.zip",
        "version": world.file.version,
        "member": "inner.zip",
        "depth": 1,
    }
    origin = origins.of(inner(deep, "file.txt").file, inner(deep, "file.txt").objects)
    assert origin is not None
    assert (origin.archive, origin.member, origin.depth) == (deep.file.key, "file.txt", 2)


def test_all_archives_in_an_archive_share_its_limits() -> None:
    data = archive({f"{n}.zip": archive({"x": RANDOM[: 1000 * n]}) for n in range(1, 5)})
    world = World(data)
    world.run()
    told = [origins.of(inner(world, f"{n}.zip").file, inner(world, f"{n}.zip").objects) for n in range(1, 5)]
    shares = [(one.members, one.unpacked_bytes) for one in told if one]
    assert len(shares) == 4
    assert shares == sorted(shares)
    assert sum(members for members, _ in shares) <= LIMITS.members - 4
    room = member_files.FREE_BYTES + LIMITS.ratio * len(data)
    assert sum(size for _, size in shares) <= room - sum(line["size"] for line in world.listed())
    assert shares[0][1] > 100_000


def test_limits_that_came_along_hold_for_an_inner_archive() -> None:
    data = archive({"a": b"1", "b": b"2"})
    outer = version(b"", name="in/things.zip")
    for members, size, reason in ((1, 100, "at most 1 are accepted"), (9, 1, "at most 1 are accepted")):
        told = Origin(
            archive=outer.key, version=outer.version, member="x.zip", depth=1, members=members, unpacked_bytes=size
        )
        with pytest.raises(Rejected, match=reason):
            World(data, outer.members_prefix + "x.zip", told).plan()


@pytest.mark.parametrize("told", [{}, {"penstock-archive-version": "v2"}, {"penstock-archive-version": ""}])
def test_an_origin_that_does_not_fit_the_name_is_none(told: dict[str, str]) -> None:
    outer = version(b"", name="in/things.zip")
    file, objects = version(b"x", name=outer.members_prefix + "x.txt"), FakeObjects()
    objects.told[file.bucket, file.key] = told
    assert origins.of(file, objects) is None


def test_numbers_of_strangers_are_no_numbers() -> None:
    outer = version(b"", name="a.zip")
    file, objects = version(b"x", name=outer.members_prefix + "x.zip"), FakeObjects()
    told = {"version": outer.version, "depth": "-1", "members": "9" * 30, "bytes": "²"}
    objects.told[file.bucket, file.key] = {
        "penstock-" + name.replace("version", "archive-version"): text for name, text in told.items()
    }
    found = origins.of(file, objects)
    assert found is not None
    assert (found.depth, found.members, found.unpacked_bytes) == (1, 0, 0)


def test_only_names_with_a_seam_are_asked_about() -> None:
    class Silent(FakeObjects):
        def metadata(self, place: Any) -> Any:
            raise AssertionError("every file would cost a request more")

    for name in ("a.csv", "a.zip/b.csv", "a/0123456789ab", "a/0123456789AB/c", "a/0123456789abc/d"):
        assert origins.of(version(b"x", name=name), Silent()) is None


def test_file_version_of_a_member_has_a_key_of_its_own() -> None:
    file: FileVersion = version(b"", name="a.zip")
    assert dataclasses.replace(file, bucket="other").members_prefix != file.members_prefix
