"""The steps of a run on stores in memory: cut or whole, once or twice, and with a bit flipped anywhere."""

import hashlib
import io
import json
import random
import zipfile
from dataclasses import replace
from typing import Any

import pytest

from runtime.domain import steps
from runtime.domain.at_once import whole
from runtime.domain.errors import Corrupt, Rejected, Superseded
from runtime.domain.identity import FileVersion
from runtime.domain.ports import Buckets, Json
from runtime.domain.upload_names import NAMED_SUM
from tests.fakes import FakeLedger, FakeObjects, FakeSigner, version

BUCKETS = Buckets(work="work", output="output", delivery="delivery", backup="backup")
RUN = "run-1@2026-01-02T03:04:05.000Z"


def csv_file(rows: int = 200) -> bytes:
    lines = [b"id,name,note\r\n"]
    for n in range(rows):
        note = b'"two\nlines, ""quoted"""' if n % 7 == 0 else b"plain"
        lines.append(b"%d,row %d,%s\r\n" % (n, n, note) if n % 11 else b"%d,too few\r\n" % n)
    return b"".join(lines)


def recipes(count: int = 60) -> bytes:
    made = [
        {
            "id": f"r{n}",
            "title": f"Soup {n}",
            "servings": 2,
            "ingredients": [{"name": "Water", "quantity": 1.5, "unit": "l"}],
            "steps": ["Boil."],
            "prep_minutes": 1,
            "cook_minutes": 2,
        }
        for n in range(count)
    ]
    return json.dumps({"recipes": made}).encode()


def things() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a/one.txt", b"one" * 50)
        archive.writestr(zipfile.ZipInfo("two\n"), random.Random(2).randbytes(3000))
        archive.writestr("a/", b"")
    return file.getvalue()


FILES = {
    "table.csv": csv_file(),
    "lines.jsonl": b"".join(b'{"n": %d}\n' % n if n % 5 else b"{broken\n" for n in range(1, 200)),
    "recipes.json": recipes(),
    "photo.bin": bytes(range(256)) * 40,
    "letter.txt": "Dear Zoë,\r\nas ever\n".encode() * 300,
    "things.zip": things(),
}
# Of these the file itself is delivered.
ORIGINALS = ("photo.bin", "letter.txt", "things.zip")


class World:
    """A platform in memory with one file in it."""

    def __init__(self, data: bytes, name: str) -> None:
        self.objects, self.ledger, self.signer = FakeObjects(), FakeLedger(), FakeSigner()
        self.file = version(data, name=name)
        self.objects.add(self.file, data)

    def whole(self) -> Json:
        return whole(
            self.file,
            RUN,
            objects=self.objects,
            ledger=self.ledger,
            signer=self.signer,
            buckets=BUCKETS,
            part_bytes=1 << 20,
            max_file_bytes=1 << 30,
        )

    def plan(self, part_bytes: int = 256, inline_parts: int = 10_000) -> Json:
        return steps.plan(
            self.file,
            RUN,
            objects=self.objects,
            ledger=self.ledger,
            buckets=BUCKETS,
            part_bytes=part_bytes,
            parts_per_group=3,
            inline_parts=inline_parts,
            max_file_bytes=1 << 30,
        )

    def part(self, group: Json) -> None:
        assert steps.part(self.file, group, objects=self.objects, buckets=BUCKETS) == {}

    def merge(self) -> None:
        steps.merge(self.file, objects=self.objects, ledger=self.ledger, buckets=BUCKETS)

    def archive(self) -> None:
        steps.archive(self.file, objects=self.objects, ledger=self.ledger, buckets=BUCKETS)

    def publish(self) -> Json:
        return steps.publish(
            self.file, RUN, objects=self.objects, ledger=self.ledger, signer=self.signer, buckets=BUCKETS
        )

    def cut(self, part_bytes: int = 256, times: int = 1) -> Json:
        """All steps of the large path, each `times` times, the parts in a shuffled order."""
        for _ in range(times):
            plan = self.plan(part_bytes)
        for group in sorted(plan["groups"], key=lambda group: hashlib.sha256(bytes(group["n"])).digest()):
            for _ in range(times):
                self.part(group)
        for _ in range(times):
            if plan["groups"]:
                self.merge()
        for _ in range(times):
            self.archive()
        for _ in range(times):
            outcome = self.publish()
        return outcome

    def zip(self) -> zipfile.ZipFile:
        return zipfile.ZipFile(io.BytesIO(self.objects.stored["delivery", self.file.archive_key]))

    def results(self) -> dict[str, bytes]:
        prefix = self.file.result_key("")
        stored = self.objects.stored.items()
        return {
            key.removeprefix(prefix): data
            for (bucket, key), data in stored
            if bucket == "output" and not key.endswith("result.json")
        }

    def record(self) -> dict[str, Any]:
        record: dict[str, Any] = json.loads(self.objects.stored["output", self.file.result_key("result.json")])
        return record


@pytest.mark.parametrize("step", ["whole", "plan"])
def test_a_file_that_is_not_what_its_uploader_named_is_rejected(step: str) -> None:
    world = World(FILES["table.csv"], "table.csv")
    world.file = replace(world.file, etag="e-2")
    world.objects.told[world.file.bucket, world.file.key] = {NAMED_SUM: "0" * 64}
    with pytest.raises(Rejected, match="was named when it was uploaded"):
        getattr(world, step)()
    assert world.results() == {}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("part_bytes", [1, 100, 1 << 20])
def test_a_file_that_is_cut_gives_what_it_gives_whole(name: str, part_bytes: int) -> None:
    whole, cut = World(FILES[name], name), World(FILES[name], name)
    ours, theirs = whole.whole(), cut.cut(part_bytes)
    for key in ("kind", "sha256", "accepted", "rejected"):
        assert ours[key] == theirs[key]
    assert whole.results() == cut.results()
    members = {info.filename: whole.zip().read(info) for info in whole.zip().infolist()}
    assert members == {info.filename: cut.zip().read(info) for info in cut.zip().infolist()}
    for key in ("counts", "totals", "summary", "file", "kind", "status"):
        assert whole.record()[key] == cut.record()[key]


@pytest.mark.parametrize("name", FILES)
def test_every_step_may_run_twice(name: str) -> None:
    once, twice = World(FILES[name], name), World(FILES[name], name)
    assert once.cut() == twice.cut(times=2) | {"notification": once.cut()["notification"]}
    ours = {key: data for key, data in once.objects.stored.items() if not key[1].endswith("result.json")}
    theirs = {key: data for key, data in twice.objects.stored.items() if not key[1].endswith("result.json")}
    assert ours == theirs
    before = twice.record()
    assert twice.publish() and twice.record() == before, "the first record's times stay"


@pytest.mark.parametrize("name", FILES)
def test_the_archive_can_be_checked_by_anyone(name: str) -> None:
    world = World(FILES[name], name)
    outcome = world.whole()
    archive = world.objects.stored["delivery", world.file.archive_key]
    assert hashlib.sha256(archive).hexdigest() == outcome["archive_sha256"]
    assert world.zip().testzip() is None
    sums = dict(reversed(line.split("  ", 1)) for line in world.zip().read("SHA256SUMS").decode().splitlines())
    for member, digest in sums.items():
        assert hashlib.sha256(world.zip().read(member)).hexdigest() == digest
    assert set(sums) | {"SHA256SUMS"} == set(world.zip().namelist())


@pytest.mark.parametrize(
    ("data", "method"),
    [(random.Random(1).randbytes(40_000), zipfile.ZIP_STORED), (b"Dear Ada, \n" * 4_000, zipfile.ZIP_DEFLATED)],
)
@pytest.mark.parametrize("large", [False, True])
def test_what_is_compressed_already_is_stored(data: bytes, method: int, large: bool) -> None:
    world = World(data, "letter")
    if large:
        world.cut()
    else:
        world.whole()
    assert world.zip().getinfo("letter").compress_type == method
    assert world.zip().read("letter") == data


def test_kinds_are_recognised_and_counted() -> None:
    outcomes = {name: World(data, name).whole() for name, data in FILES.items()}
    assert {name: outcome["kind"] for name, outcome in outcomes.items()} == {
        "table.csv": "csv",
        "lines.jsonl": "jsonl",
        "recipes.json": "recipe",
        "photo.bin": "other",
        "letter.txt": "text",
        "things.zip": "zip",
    }
    assert (outcomes["table.csv"]["accepted"], outcomes["table.csv"]["rejected"]) == (181, 19)
    assert (outcomes["lines.jsonl"]["accepted"], outcomes["lines.jsonl"]["rejected"]) == (160, 39)
    assert outcomes["recipes.json"]["accepted"] == 60
    assert (outcomes["things.zip"]["accepted"], outcomes["things.zip"]["rejected"]) == (1, 1)
    assert World(FILES["photo.bin"], "photo.bin").whole()["accepted"] == 0


@pytest.mark.parametrize("large", [False, True])
def test_a_text_is_counted_whether_it_is_small_or_large(large: bool) -> None:
    world = World(FILES["letter.txt"], "letter.txt")
    if large:
        world.cut()
    else:
        world.whole()
    summary = world.record()["summary"]
    assert (summary["encoding"], summary["lines"], summary["words"]) == ("utf-8", 600, 1200)
    assert (summary["letters"], summary["longest_line"], summary["warnings"]) == (300 * 19, 9, [])
    assert summary["beginning"].startswith("Dear Zoë,\nas ever\n")


def _flip(world: World, place: tuple[str, str]) -> None:
    data = bytearray(world.objects.stored[place])
    data[len(data) // 2] ^= 1
    world.objects.stored[place] = bytes(data)


def _stages(world: World) -> Any:
    """Runs the large path step by step; yields after each, so that a test can meddle in between."""
    plan = world.plan()
    yield
    for group in plan["groups"]:
        world.part(group)
    yield
    if plan["groups"]:
        world.merge()
    yield
    world.archive()
    yield
    world.publish()


def _read_later(name: str, after: int, place: tuple[str, str]) -> bool:
    """Whether a step after the n-th reads the object. Records of ours (JSON) are for another test: they must parse."""
    bucket, key = place
    if bucket == "upload":
        return after == 0 or (name in ORIGINALS and after < 3)
    if bucket == "work":
        return key.endswith((".clean", ".rejects", ".z") if after == 1 else (".z",)) and after in (1, 2)
    return (bucket, after) == ("delivery", 3) or (key.endswith("rejects.jsonl") and after == 2)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_a_flipped_bit_is_noticed_before_delivery(name: str, after: int) -> None:
    """Of every object that a later step reads, one bit is flipped, in a run of its own."""
    honest = World(FILES[name], name)
    next(stage for n, stage in enumerate(_stages(honest)) if n == after)
    places = [place for place, data in honest.objects.stored.items() if data and _read_later(name, after, place)]
    assert places
    for place in places:
        world = World(FILES[name], name)
        with pytest.raises((Corrupt, Rejected, AssertionError)):
            for n, _ in enumerate(_stages(world)):
                if n == after:
                    _flip(world, place)
        assert ("output", world.file.result_key("result.json")) not in world.objects.stored


def test_a_plan_that_is_large_goes_through_the_store() -> None:
    world = World(FILES["table.csv"], "table.csv")
    plan = world.plan(part_bytes=64, inline_parts=5)
    assert (plan["mode"], plan["groups"]) == ("distributed", [])
    items = json.loads(world.objects.stored["work", plan["groups_key"]])
    assert [item["n"] for item in items] == list(range(len(items)))
    assert max(len(item["cuts"]) for item in items) == 3


def test_the_reason_for_refusing_a_part_survives_the_map() -> None:
    broken = FILES["recipes.json"].replace(b'"Soup 30"', b'"Soup 30" oops')
    world = World(broken, "recipes.json")
    with pytest.raises(Rejected, match=r"JSON"):
        world.cut()
    assert not [key for bucket, key in world.objects.stored if bucket == "delivery"]


@pytest.mark.parametrize(("data", "reason"), [(b"", "empty"), (b"a,b\n1\n2\n3\n", "row|record")])
def test_a_useless_file_is_rejected_either_way(data: bytes, reason: str) -> None:
    for way in (World.whole, World.cut):
        with pytest.raises(Rejected, match=reason):
            way(World(data, "bad.csv"))


def test_a_file_over_the_limit_is_rejected() -> None:
    world = World(b"a,b\n1,2\n", "a.csv")
    with pytest.raises(Rejected, match="at most 4 are accepted"):
        steps.plan(
            world.file,
            RUN,
            objects=world.objects,
            ledger=world.ledger,
            buckets=BUCKETS,
            part_bytes=10,
            parts_per_group=1,
            inline_parts=1,
            max_file_bytes=4,
        )


def test_a_version_of_another_size_is_corrupt() -> None:
    world = World(b"a,b\n1,2\n", "a.csv")
    world.objects.add(world.file, b"a,b\n1,2\n3,4\n")
    with pytest.raises(Corrupt, match="12 bytes"):
        world.whole()


def test_a_version_that_was_deleted_is_rejected() -> None:
    world = World(b"a,b\n1,2\n", "a.csv")
    world.objects.stored.clear()
    with pytest.raises(Rejected, match="deleted"):
        world.whole()


def test_a_run_that_has_ended_does_nothing() -> None:
    world = World(b"a,b\n1,2\n", "a.csv")
    world.ledger.has_ended = True
    with pytest.raises(Superseded):
        world.whole()
    assert [bucket for bucket, _ in world.objects.stored] == ["upload"]


def test_a_header_without_rows_is_delivered() -> None:
    for way in (World.whole, World.cut):
        world = World(b"id,name\n", "header.csv")
        outcome = way(world)
        assert (outcome["kind"], outcome["accepted"], outcome["rejected"]) == ("csv", 0, 0)
        assert world.results() == {"clean.csv": b"id,name\n"}


@pytest.mark.parametrize("key", ["..", "a/..", "x/manifest.json", "SHA256SUMS", "a\nb.bin", "a/b\\..\\c.bin", "ü.bin"])
def test_member_names_are_never_paths(key: str) -> None:
    world = World(b"\x00\x01", key)
    world.whole()
    names = world.zip().namelist()
    assert len(names) == len(set(names)) == 3
    assert not any(set("/\\\n") & set(name) or name in (".", "..") for name in names)


def test_files_are_identified_by_bucket_key_version_and_attempt() -> None:
    base = {"data": b"x"}
    files = [
        version(**base),
        version(**base, number=2),
        version(**base, name="data2.csv"),
        version(**base, attempt=2),
        version(**base, bucket="other"),
    ]
    assert len({file.run_id for file in files}) == len(files)
    assert len({(file.file_id, file.attempt) for file in files}) == len(files)
    long = version(b"x", name="ü/" * 400 + "n" * 200)
    assert len(long.run_id) <= 80
    assert max(len(key) for key in (long.work_key("plan.json"), long.archive_key, long.backup_key)) < 500


def test_entries_sort_by_version_attempt_and_step() -> None:
    keys = [
        version(b"", number=n, attempt=attempt).ledger_key(state)
        for n in (1, 2)
        for attempt in (1, 2)
        for state in ("received", "scanning", "processing", "succeeded")
    ]
    assert keys == sorted(keys)
    assert version(b"").ledger_key("succeeded") == version(b"").ledger_key("failed")


def test_file_version_is_plain_data() -> None:
    file = version(b"x")
    assert FileVersion(**json.loads(json.dumps({field: getattr(file, field) for field in file.__slots__}))) == file
