"""The image step on stores in memory: what is delivered, what is kept, and what the other steps do with an image."""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from runtime.domain import images, steps
from runtime.domain.at_once import whole
from runtime.domain.errors import Corrupt, IsImage, IsPdf, Rejected, Superseded
from runtime.domain.images import image_file
from runtime.domain.ports import Buckets, Developed, Json, Picture
from runtime.processors import pdf
from tests.fakes import FakeLedger, FakeObjects, FakeSigner, version
from tests.imaging.papers import document
from tests.imaging.samples import png

BUCKETS = Buckets(output="output", delivery="delivery", backup="backup")
RUN = "run-1@2026-01-02T03:04:05.000Z"
PHOTO = png(8, 8)
ABOUT = {"format": "png", "width": 8, "height": 8, "frames": 1, "place": {"latitude": 1.5, "longitude": 2.5}}


@dataclass
class FakePictures:
    """`Pictures` whose sizes are texts; `seen` is what it was given."""

    about: dict[str, Any] = field(default_factory=lambda: dict(ABOUT))
    seen: list[tuple[bytes, str]] = field(default_factory=list)
    blind: bool = False
    content_type: str = "image/webp"
    suffix: str = ".webp"

    def develop(self, source: Path, form: str) -> Developed:
        self.seen.append((source.read_bytes(), form))
        sizes = (("web", 8), ("preview", 4), ("thumbnail", 2))
        return Developed(
            about=self.about,
            pictures=[
                Picture(role=role, data=role.encode() * 9, width=side, height=side)
                for role, side in sizes
                if not self.blind
            ],
        )


class World:
    """A platform in memory with one file in it."""

    def __init__(self, data: bytes = PHOTO, name: str = "trip/me at home.png") -> None:
        self.objects, self.ledger, self.signer, self.pictures = (
            FakeObjects(),
            FakeLedger(),
            FakeSigner(),
            FakePictures(),
        )
        self.file = version(data, name=name)
        self.objects.add(self.file, data)

    def run(self, *, direct_limit_bytes: int = 1 << 20, scanned: bool = False) -> Json:
        return image_file(
            self.file,
            RUN,
            objects=self.objects,
            ledger=self.ledger,
            signer=self.signer,
            buckets=BUCKETS,
            pictures=self.pictures,
            direct_limit_bytes=direct_limit_bytes,
            max_file_bytes=1 << 30,
            scanned=scanned,
        )

    @property
    def record(self) -> dict[str, Any]:
        record: dict[str, Any] = json.loads(self.objects.stored["output", self.file.result_key("result.json")])
        return record

    @property
    def zip(self) -> zipfile.ZipFile:
        return zipfile.ZipFile(io.BytesIO(self.objects.stored["delivery", self.file.archive_key]))


def test_the_sizes_are_delivered_by_themselves_and_in_the_archive() -> None:
    world = World()
    outcome = world.run()
    assert (outcome["kind"], outcome["sha256"]) == ("image", hashlib.sha256(PHOTO).hexdigest())
    assert world.pictures.seen == [(PHOTO, "png")]
    artifacts = {one["role"]: one for one in world.record["artifacts"]}
    assert list(artifacts) == ["archive", "web", "preview", "thumbnail", "original"]
    for role in ("web", "preview", "thumbnail"):
        data = world.objects.stored["delivery", artifacts[role]["key"]]
        assert data == world.zip.read(f"{role}.webp") == role.encode() * 9
        assert artifacts[role]["sha256"] == hashlib.sha256(data).hexdigest()
        assert artifacts[role]["key"].startswith("images/") and artifacts[role]["sha256"][:16] in artifacts[role]["key"]
        assert world.zip.getinfo(f"{role}.webp").compress_type == zipfile.ZIP_STORED
    assert world.record["summary"]["sizes"]["preview"] == {"width": 4, "height": 4, "bytes": 63}


def test_where_it_was_made_is_kept_and_not_delivered() -> None:
    world = World()
    world.run()
    assert world.record["summary"]["place"] == ABOUT["place"]
    assert world.objects.stored["backup", world.file.backup_key] == PHOTO
    delivered = [data for (bucket, _), data in world.objects.stored.items() if bucket == "delivery"]
    delivered += [world.zip.read(name) for name in world.zip.namelist()]
    assert not any(word in data for data in delivered for word in (b"latitude", b"place", PHOTO[:40]))
    assert set(json.loads(world.zip.read("manifest.json"))) == {"manifest", "file", "kind", "members", "sizes"}


def test_the_step_may_run_twice() -> None:
    once, twice = World(), World()
    assert once.run() == twice.run()
    before = dict(twice.objects.stored)
    assert twice.run() == once.run()
    assert twice.objects.stored == before


@pytest.mark.parametrize(
    ("name", "limit", "cost"),
    [("a.png", 1 << 20, (5, 2)), ("a.PNG", 1 << 20, (5, 2)), ("a.dat", 1 << 20, (6, 3)), ("a.png", 1, (7, 3))],
)
def test_the_record_says_what_the_way_here_has_cost(name: str, limit: int, cost: tuple[int, int]) -> None:
    world = World(name=name)
    world.run(direct_limit_bytes=limit)
    assert tuple(world.record["cost"].values()) == cost
    gated = World(name=name)
    gated.run(direct_limit_bytes=limit, scanned=True)
    assert tuple(gated.record["cost"].values()) == (cost[0] + 1, cost[1] + 2)


def test_what_the_uploader_should_know_is_remarked_on() -> None:
    world = World(name="a.jpg")
    world.pictures.about = {**ABOUT, "frames": 12}
    world.run()
    assert world.record["summary"]["warnings"] == [
        "The file is named .jpg, but it is PNG.",
        "The image has 12 frames or pages; the sizes show the first one.",
    ]


def test_a_file_that_is_too_large_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_BYTES", len(PHOTO) - 1)
    world = World()
    with pytest.raises(Rejected, match="at most"):
        world.run()
    assert world.objects.read_bytes == 0


PDF = document()
ABOUT_PDF = {"format": "pdf", "pages": 3, "encrypted": False, "javascript": False, "embedded_files": 0}


def test_a_document_is_delivered_as_it_is_with_its_first_page_beside_it() -> None:
    world = World(PDF, "a/report.pdf")
    world.pictures.about = ABOUT_PDF
    outcome = world.run()
    assert (outcome["kind"], world.pictures.seen) == ("pdf", [(PDF, "pdf")])
    assert world.zip.namelist() == ["report.pdf", "manifest.json", "SHA256SUMS"]
    assert world.zip.read("report.pdf") == PDF
    roles = [one["role"] for one in world.record["artifacts"]]
    assert roles == ["archive", "web", "preview", "thumbnail", "original"]
    assert world.record["summary"]["pages"] == 3
    assert list(world.record["summary"]["sizes"]) == ["web", "preview", "thumbnail"]
    assert world.record["summary"]["warnings"] == []


@pytest.mark.parametrize(
    ("about", "pictures", "remark"),
    [
        ({"format": "pdf", "encrypted": True}, False, "asks for a password"),
        (ABOUT_PDF, False, "takes too long to be drawn"),
        ({**ABOUT_PDF, "javascript": True}, True, "holds scripts"),
        ({**ABOUT_PDF, "embedded_files": 1200}, True, "embedded in the document: 1,200"),
    ],
)
def test_what_is_special_about_a_document_is_remarked_on(about: dict[str, Any], pictures: bool, remark: str) -> None:
    world = World(PDF, "a.pdf")
    world.pictures.about, world.pictures.blind = about, not pictures
    world.run()
    (said,) = world.record["summary"]["warnings"]
    assert remark in said
    assert world.zip.read("a.pdf") == PDF


def test_an_image_that_is_named_like_a_document_is_an_image() -> None:
    world = World(name="scan.pdf")
    assert world.run()["kind"] == "image"
    assert world.record["summary"]["warnings"] == ["The file is named .pdf, but it is PNG."]


def test_a_document_that_is_too_large_to_be_looked_into_is_delivered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "LARGEST", len(PDF) - 1)
    world = World(PDF, "a.pdf")
    ways: dict[str, Any] = {"objects": world.objects, "ledger": world.ledger, "buckets": BUCKETS}
    limits = {"part_bytes": 1 << 20, "max_file_bytes": 1 << 30}
    assert whole(world.file, RUN, **ways, **limits, signer=world.signer)["kind"] == "pdf"
    assert world.zip.read("a.pdf") == PDF
    assert "without a preview" in world.record["summary"]["warnings"][0]


def test_what_is_no_image_does_not_get_here_twice() -> None:
    with pytest.raises(Corrupt, match="is none now"):
        World(b"id,name\n1,a\n", "a.csv").run()
    with pytest.raises(Rejected, match="it is text"):
        World(b"id,name\n1,a\n", "a.png").run()


def test_a_run_that_has_ended_does_nothing() -> None:
    world = World()
    world.ledger.has_ended = True
    with pytest.raises(Superseded):
        world.run()
    assert not world.pictures.seen


@pytest.mark.parametrize(("first", "error"), [(PHOTO, IsImage), (PDF, IsPdf)])
def test_other_steps_hand_over_what_they_cannot_decode_before_they_have_read_it(
    first: bytes, error: type[Exception]
) -> None:
    data = first + bytes(3 << 20)
    world = World(data, "export.csv")
    ways: dict[str, Any] = {"objects": world.objects, "ledger": world.ledger, "buckets": BUCKETS}
    limits = {"part_bytes": 1 << 20, "max_file_bytes": 1 << 30}
    planned = steps.plan(world.file, RUN, **ways, **limits, parts_per_group=8, inline_parts=40)
    assert planned == {"mode": "image"}
    assert world.objects.read_bytes < 1 << 20
    with pytest.raises(error):
        whole(world.file, RUN, **ways, **limits, signer=world.signer)
    assert {bucket for bucket, _ in world.objects.stored} == {"upload"}
