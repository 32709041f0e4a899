"""Images that lie: every one is refused with a sentence, soon, and harms nobody."""

import os
import random
import struct
import time
from pathlib import Path

import pytest

from runtime.adapters import imaging
from runtime.adapters.imaging import WorkerPictures
from runtime.domain.errors import Rejected, Transient
from runtime.imaging.request import Request
from tests.imaging import samples
from tests.imaging.conftest import SIZES, Develop
from tests.imaging.samples import GOOD, difference, opened, saved, scene

DAMAGED = r"damaged|cannot be read|ends too early"


@pytest.mark.parametrize("sixteenths", [1, 4, 8, 12, 15])
@pytest.mark.parametrize(
    "name", ["photo.jpg", "progressive.jpg", "plain.png", "deflated.tif", "photo.webp", "photo.avif"]
)
def test_a_truncated_image_is_refused(develop: Develop, name: str, sixteenths: int) -> None:
    data = GOOD[name]()
    with pytest.raises(Rejected, match=DAMAGED):
        develop(data[: len(data) * sixteenths // 16])


@pytest.mark.parametrize("name", ["still.gif", "alpha.png", "sixteen-bit.tif", "alpha.webp"])
def test_a_truncated_image_of_a_rarer_kind_is_refused(develop: Develop, name: str) -> None:
    data = GOOD[name]()
    with pytest.raises(Rejected, match=DAMAGED):
        develop(data[: len(data) // 2])


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_adobe_deflate"])
def test_brightness_and_colour_that_would_be_taken_for_red_green_and_blue_are_refused(
    develop: Develop, compression: str | None
) -> None:
    picture = scene(300, 200).convert("YCbCr")
    with pytest.raises(Rejected, match="Save it as sRGB"):
        develop(saved(picture, "TIFF", compression=compression))
    assert (
        difference(
            opened(develop(saved(scene(300, 200), "TIFF", compression="jpeg")).pictures[0].data), scene(300, 200)
        )
        < 8
    )


BOMBS = {
    "png": samples.png(50_000, 50_000),
    "gif": samples.gif(65_535, 65_535),
    "webp": samples.webp(16_383, 16_383),
    "real png": samples.png_bomb(20_000),
    "tiff": saved(scene(8, 8), "TIFF").replace(
        struct.pack("<HHII", 256, 4, 1, 8), struct.pack("<HHII", 256, 4, 1, 2**31)
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_seen_in_the_header(develop: Develop, name: str) -> None:
    started = time.monotonic()
    with pytest.raises(Rejected, match=r"million are accepted|pixels long|cannot be read"):
        develop(BOMBS[name])
    assert time.monotonic() - started < 20


def test_the_limit_of_pixels_is_exact(develop: Develop) -> None:
    data = saved(scene(100, 100), "PNG")
    assert develop(data, max_pixels=10_000).pictures
    with pytest.raises(Rejected, match=r"100 x 100 pixels, 0.0 million; at most 0 million"):
        develop(data, max_pixels=9_999)


def test_an_image_longer_than_any_screen_is_refused(develop: Develop) -> None:
    with pytest.raises(Rejected, match="66,000 pixels long"):
        develop(saved(scene(66_000, 1), "PNG"))


@pytest.mark.parametrize("form", ["jpeg", "png", "webp", "gif", "tiff", "avif"])
def test_no_loader_takes_another_ones_image(develop: Develop, form: str) -> None:
    """The content says which decoder is let in; a file that is something else to libvips does not get far."""
    script = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
    with pytest.raises(Rejected, match=DAMAGED):
        develop(script, form=form)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    "name", ["progressive.jpg", "palette.png", "alpha.webp", "moving.gif", "deflated.tif", "photo.avif"]
)
def test_flipped_bits_give_an_image_or_a_sentence(develop: Develop, name: str, seed: int) -> None:
    chance = random.Random(f"{name}-{seed}")
    data = bytearray(GOOD[name]())
    for _ in range(chance.choice([1, 5, 50])):
        data[chance.randrange(12, len(data))] ^= 1 << chance.randrange(8)
    try:
        developed = develop(bytes(data), form=name.rpartition(".")[2].replace("jpg", "jpeg").replace("tif", "tiff"))
    except Rejected as refused:
        assert refused.reason.endswith((".", "!"))
    else:
        assert [opened(one.data).size for one in developed.pictures]


def _worker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str) -> WorkerPictures:
    """Pictures whose worker is another program."""
    package = tmp_path / "path" / "other_worker.py"
    package.parent.mkdir(exist_ok=True)
    package.write_text(code)
    monkeypatch.syspath_prepend(str(package.parent))
    monkeypatch.setattr(imaging.worker, "__name__", "other_worker")
    return WorkerPictures(sizes=SIZES, encoding="webp", quality=80, max_pixels=1)


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL"])
def test_an_image_that_makes_its_decoder_crash_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    pictures = _worker(monkeypatch, tmp_path, f"import os, signal\nos.kill(os.getpid(), signal.{name})\n")
    with pytest.raises(Rejected, match="makes its decoder fail"):
        pictures.develop(tmp_path, "jpeg")


def test_an_image_that_takes_for_ever_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pictures = _worker(monkeypatch, tmp_path, "import time\ntime.sleep(60)\n")
    monkeypatch.setattr(imaging, "SECONDS", 1)
    with pytest.raises(Rejected, match="takes longer than"):
        pictures.develop(tmp_path, "jpeg")


@pytest.mark.parametrize("code", ["raise SystemExit(3)", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"])
def test_a_worker_that_fails_by_itself_is_no_fault_of_the_image(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str
) -> None:
    pictures = _worker(monkeypatch, tmp_path, code)
    with pytest.raises(Transient, match="ended with"):
        pictures.develop(tmp_path, "jpeg")


def test_the_worker_inherits_no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("PENSTOCK_OUTPUT_BUCKET", "output")
    code = "import json, os\nprint(json.dumps({'refused': json.dumps(sorted(os.environ)), 'because': ''}))\n"
    with pytest.raises(Rejected) as refused:
        _worker(monkeypatch, tmp_path, code).develop(tmp_path, "jpeg")
    names = {name for name in os.environ if name.startswith(("AWS", "PENSTOCK"))}
    assert names and not any(name in refused.value.reason for name in names)


def test_the_worker_cannot_have_more_memory_than_it_is_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    code = (
        "import json, sys\nfrom runtime.imaging.request import Request\nfrom runtime.imaging import worker\n"
        "worker.limit(Request.of(sys.argv[1]))\n"
        "try:\n    bytearray(4 * 1024**3)\n    said = 'more'\nexcept MemoryError:\n    said = 'no more.'\n"
        "print(json.dumps({'refused': said, 'because': ''}))\n"
    )
    with pytest.raises(Rejected, match="no more"):
        _worker(monkeypatch, tmp_path, code).develop(tmp_path, "jpeg")


def test_a_request_is_the_same_on_both_sides() -> None:
    request = Request(
        source="s",
        format="png",
        folder="f",
        sizes=SIZES,
        encoding="webp",
        quality=1,
        max_pixels=2,
        memory_bytes=3,
        seconds=4,
    )
    assert Request.of(request.text()) == request
