"""Three WebP sizes of a 12-megapixel JPEG, against Pillow: time in a warm process, and memory of a process for one.

Both decode once, to the largest size, and make the smaller ones from that, which is Pillow's fastest way. Pillow
encodes with its own default effort; `effort` in the table's first column says how much of the difference is ours to
choose (`WEBP_EFFORT` in runtime/imaging/pictures.py).
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measure import Figure

WIDTH, HEIGHT = 4000, 3000
SIZES = {"web": 2048, "preview": 1024, "thumbnail": 256}
QUALITY = 80

# Each prints the seconds of every round, its peak of memory in KiB, and how many bytes the three sizes have.
_REPORT = r"""
import json, pathlib, re, sys, time
def report(work, rounds):
    took = []
    for _ in range(rounds):
        started = time.perf_counter()
        size = work()
        took.append(time.perf_counter() - started)
    # Of this program alone: `getrusage` counts the process that started it as well. Elsewhere than on Linux it is 0.
    status = pathlib.Path("/proc/self/status")
    peak = re.search(r"VmHWM:\s+(\d+)", status.read_text()) if status.exists() else None
    print(json.dumps({"seconds": took, "kib": int(peak[1]) if peak else 0, "bytes": size}))
"""
_PILLOW = """
import io
from PIL import Image, ImageOps
path, effort, sizes, quality = sys.argv[2], int(sys.argv[4]), json.loads(sys.argv[5]), int(sys.argv[6])
def work():
    image = Image.open(path)
    image.draft("RGB", (max(sizes.values()),) * 2)
    image = ImageOps.exif_transpose(image)
    total = 0
    for pixels in sizes.values():
        image.thumbnail((pixels, pixels))
        made = io.BytesIO()
        image.save(made, "WEBP", quality=quality, method=effort)
        total += made.tell()
    return total
report(work, int(sys.argv[1]))
"""
_OURS = """
from runtime.imaging import pictures, vips
from runtime.imaging.request import Request
pictures.WEBP_EFFORT = int(sys.argv[4])
request = Request(source=sys.argv[2], format="jpeg", folder=sys.argv[3], sizes=json.loads(sys.argv[5]), encoding="webp",
    quality=int(sys.argv[6]), max_pixels=10**8, memory_bytes=0, seconds=0)
vips.start(threads=2)
def work():
    pictures.develop(request)
    return sum(made.stat().st_size for made in pathlib.Path(sys.argv[3]).glob("*.webp"))
report(work, int(sys.argv[1]))
"""


def run(rounds: int) -> list[Figure]:
    """Each round is of both; the processes are new for each, and warm when the time is taken."""
    from runtime.imaging import pictures  # noqa: PLC0415 - starts libvips

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "photo.jpg"
        _photograph(path)
        ways = {
            "ours": (_OURS, pictures.WEBP_EFFORT),
            "ours, effort 4": (_OURS, 4),
            "pillow": (_PILLOW, 4),
        }
        took: dict[str, list[float]] = {name: [] for name in ways}
        memory: dict[str, list[float]] = {name: [] for name in ways}
        sizes: dict[str, float] = {}
        for _ in range(rounds):
            for name, (code, effort) in ways.items():
                took[name].append(min(_measure(code, 3, path, folder, effort)["seconds"][1:]))
                once = _measure(code, 1, path, folder, effort)
                memory[name].append(once["kib"] / 1024)
                sizes[name] = once["bytes"] / 1000
    what = "12 MP JPEG to 3 WebP"

    def time(name: str, label: str, aim: str = "") -> Figure:
        ours, theirs = min(took[name]) * 1000, min(took["pillow"]) * 1000
        return Figure(what=f"{what}, {label}", ours=ours, theirs=theirs, unit="ms", peer="Pillow", aim=aim)

    def size(name: str, label: str) -> Figure:
        ours, theirs = sizes[name], sizes["pillow"]
        return Figure(what=f"{what}, bytes, {label}", ours=ours, theirs=theirs, unit="kB", peer="Pillow")

    return [
        time("ours", f"effort {pictures.WEBP_EFFORT}", "≤ 0.55"),
        time("ours, effort 4", "effort 4 as Pillow"),
        size("ours", f"effort {pictures.WEBP_EFFORT}"),
        size("ours, effort 4", "effort 4 as Pillow"),
        Figure(
            what=f"{what}, memory of the process",
            ours=min(memory["ours"]),
            theirs=min(memory["pillow"]),
            unit="MiB",
            peer="Pillow",
            aim="≤ 0.75",
        ),
    ]


def _measure(code: str, rounds: int, path: Path, folder: str, effort: int) -> dict[str, Any]:
    command = [sys.executable, "-c", _REPORT + code, str(rounds), str(path), folder, str(effort)]
    environment = {**os.environ, "MALLOC_ARENA_MAX": "2", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [*command, json.dumps(SIZES), str(QUALITY)], env=environment, capture_output=True, text=True, check=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _photograph(path: Path) -> None:
    """Detail of every size, less the finer it is, as in photographs; noise alone would make encoders slow."""
    import random  # noqa: PLC0415

    from PIL import Image, ImageChops  # noqa: PLC0415

    chance = random.Random(1)  # noqa: S311 - a picture
    made = Image.new("RGB", (WIDTH, HEIGHT), (128, 128, 128))
    step, share = 4, 0.5
    while step <= 1024:
        side = (step * 4, step * 3)
        grain = Image.frombytes("RGB", side, chance.randbytes(side[0] * side[1] * 3))
        layer = grain.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
        made = Image.blend(made, layer, share) if step == 4 else ImageChops.overlay(made, _faint(layer, share))
        step, share = step * 2, share / 1.7
    made.save(path, quality=88)


def _faint(layer: Any, share: float) -> Any:
    from PIL import Image  # noqa: PLC0415

    return Image.blend(Image.new("RGB", layer.size, (128, 128, 128)), layer, share)
