"""The demo's files: real ones of every kind, made from a seed."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cli.generate import generate

MB = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A file that the demo uploads under `name`, and the state in which it must end.

    `size` is in bytes, about; one record in `bad_every` is bad (0: none). `label` tells two uploads of one name apart.
    An archive is made of its `members`, each of which has to become a file of its own.
    """

    name: str
    kind: str
    size: int
    bad_every: int = 0
    label: str = ""
    must_end: str = "succeeded"
    members: tuple["Sample", ...] = ()

    @property
    def shown(self) -> str:
        """What it is called on the screen."""
        return self.label or self.name


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Records of a file. `rejected` is None where only the platform itself can tell good ones from bad."""

    total: int
    rejected: int | None


LETTERS = (
    Sample(name="accounts/orders.csv", kind="csv", size=MB // 2, bad_every=100),
    Sample(name="pictures/pier.jpg", kind="photo", size=MB // 2),
    Sample(name="letter.bin", kind="binary", size=MB // 10),
)
# The largest first: it takes longest.
SAMPLES = (
    Sample(name="orders-large.csv", kind="csv", size=60 * MB, bad_every=2_000),
    Sample(name="cookbook-large.json", kind="recipe", size=40 * MB, bad_every=500),
    Sample(name="reports/twice.csv", kind="csv", size=7 * MB, label="reports/twice.csv (1st)"),
    Sample(name="reports/twice.csv", kind="csv", size=6 * MB, bad_every=100, label="reports/twice.csv (2nd)"),
    Sample(name="orders.csv", kind="csv", size=MB, bad_every=50),
    Sample(name="cookbook.json", kind="recipe", size=MB // 2),
    Sample(name="events.jsonl", kind="jsonl", size=2 * MB, bad_every=200),
    Sample(name="harbour.jpg", kind="photo", size=3 * MB),
    Sample(name="letters.zip", kind="zip", size=MB, members=LETTERS),
    Sample(name="handbook.pdf", kind="pdf", size=MB // 2),
    Sample(name="logbook.txt", kind="text", size=MB),
    Sample(name="firmware.bin", kind="binary", size=8 * MB),
    Sample(name="broken.csv", kind="broken-csv", size=MB // 5, must_end="rejected"),
    Sample(name="eicar.txt", kind="eicar", size=MB // 100, must_end="rejected"),
)


def write(sample: Sample, folder: Path, *, number: int, seed: int, scale: float) -> Path:
    """Writes a sample; returns where. The seed of each is its own."""
    path = folder / f"{number}-{Path(sample.name).name}"
    with path.open("wb") as file:
        if sample.members:
            _pack(sample.members, file, seed=seed + number, scale=scale)
        else:
            file.writelines(_made(sample, seed=seed + number, scale=scale))
    return path


def unpacked(sample: Sample, archive: Path, folder: Path) -> list[tuple[Sample, Path]]:
    """The members of a sample, unpacked by Python's own module."""
    with zipfile.ZipFile(archive) as zipped:
        own = folder / f"{archive.stem} unpacked"
        return [(member, Path(zipped.extract(member.name, own))) for member in sample.members]


def _made(sample: Sample, *, seed: int, scale: float) -> Iterator[bytes]:
    size = max(int(sample.size * scale), 2_000)
    return generate(sample.kind, size=size, seed=seed, bad_every=sample.bad_every)


def _pack(members: Iterable[Sample], file: IO[bytes], *, seed: int, scale: float) -> None:
    with zipfile.ZipFile(file, "w") as zipped:
        for number, member in enumerate(members):
            # Without a time, so that the same seed gives the same bytes.
            entry = zipfile.ZipInfo(member.name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with zipped.open(entry, "w") as inside:
                inside.writelines(_made(member, seed=seed + 1_000 * (number + 1), scale=scale))


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def counts(kind: str, path: Path) -> Counts | None:
    """The records of a source file, counted with Python's own modules; None for kinds that have none."""
    counters: dict[str, Callable[[Path], Counts]] = {"csv": _csv, "jsonl": _json_lines, "recipe": _recipes}
    return counters[kind](path) if kind in counters else None


def csv_rows(lines: Iterable[str]) -> Counts:
    """Rows after the header by the `csv` module, strictly read; bytes that are not UTF-8 come in as surrogates."""
    rows = csv.reader(lines, strict=True)
    columns = len(next(rows))
    total = rejected = 0
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return Counts(total=total, rejected=rejected)
        except csv.Error:
            row = []
        total += 1
        rejected += len(row) != columns or not _is_text("".join(row))


def text_of(stream: IO[bytes]) -> io.TextIOWrapper:
    """A stream of bytes as `csv_rows` wants it."""
    return io.TextIOWrapper(stream, encoding="utf-8", errors="surrogateescape", newline="")


def _csv(path: Path) -> Counts:
    with path.open("rb") as file:
        return csv_rows(text_of(file))


def _json_lines(path: Path) -> Counts:
    total = rejected = 0
    with path.open("rb") as file:
        for line in file:
            total += 1
            try:
                json.loads(line.decode(), parse_constant=_refuse)
            except ValueError:
                rejected += 1
    return Counts(total=total, rejected=rejected)


def _recipes(path: Path) -> Counts:
    """One element after the other, so that 40 MB of JSON are not all objects at once."""
    text, decode = path.read_text(), json.JSONDecoder().raw_decode
    total, at = 0, text.index("[") + 1
    while True:
        while text[at] in ", \n":
            at += 1
        if text[at] == "]":
            return Counts(total=total, rejected=None)
        _, at = decode(text, at)
        total += 1


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _is_text(text: str) -> bool:
    return text.isascii() or not any("\udc80" <= char <= "\udcff" for char in text)
