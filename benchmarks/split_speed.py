"""Splitting: its speed beside the network's, its share of the job's CPU, and the bytes that pass through functions.

Lambda's network gives a function about 600 Mbit/s: a splitter that is faster than that waits for bytes. The job is a
100 MB CSV through the whole flow on the local cloud; its CPU is that of the functions' processes.
"""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.csv_speed import deliver
from benchmarks.measure import Figure
from cli.front import NO_PAGE
from cli.generate import generate
from local.cloud import LocalCloud
from local.deploy import deploy
from runtime.processors import detect
from runtime.processors.api import HEAD_BYTES, Head

SIZE = 100_000_000
PIECE = PART = 1024 * 1024
NETWORK = 600e6 / 8 / 1e9
_TICKS = os.sysconf("SC_CLK_TCK")


def run(rounds: int) -> list[Figure]:
    """Splits in memory, then sends the first of the files through the flow."""
    quoted = b"".join(generate("csv", size=SIZE, seed=1))
    figures, cpu = [], 0.0
    for what, data in (
        ("CSV with quoted line breaks", quoted),
        ("CSV without quotes", quoted.replace(b'"', b"")),
        ("JSON Lines", b"".join(generate("jsonl", size=SIZE, seed=1))),
        ("recipes", b"".join(generate("recipe", size=SIZE // 4, seed=1))),
    ):
        seconds = min(_cpu(_splitting(data)) for _ in range(rounds))
        cpu = cpu or seconds
        figures.append(
            Figure(
                what=f"splitting {len(data) / 1e6:.0f} MB {what}",
                ours=len(data) / seconds / 1e9,
                theirs=NETWORK,
                unit="GB/s",
                peer="Lambda's network",
                aim="≥ 1",
            )
        )
    return figures + _job(rounds, quoted, cpu)


def _splitting(data: bytes) -> Callable[[], None]:
    head = Head(name="file.csv", size=len(data), data=data[:HEAD_BYTES])
    pieces = [data[at : at + PIECE] for at in range(0, len(data), PIECE)]

    def split() -> None:
        splitter = detect(head).splitter(head, PART)
        for piece in pieces:
            list(splitter.feed(piece))
        list(splitter.finish())

    return split


def _cpu(work: Callable[[], None]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _job(rounds: int, data: bytes, splitting: float) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, LocalCloud() as cloud:
        path = Path(folder) / "job.csv"
        path.write_bytes(data)
        outputs = deploy(cloud, config=NO_PAGE).outputs
        deliver(cloud, outputs, path, "warm.csv")
        taken = []
        for n in range(rounds):
            cloud.traffic.clear()
            before = _functions_cpu()
            deliver(cloud, outputs, path, f"job-{n}.csv")
            taken.append(_functions_cpu() - before)
        return [
            Figure(
                what="CPU of splitting, of 100 MB CSV with quotes",
                ours=splitting,
                theirs=min(taken),
                unit="s",
                peer="the whole job's functions",
                aim="≤ 0.03",
            ),
            *_traffic(cloud, outputs, len(data)),
        ]


def _traffic(cloud: LocalCloud, outputs: dict[str, Any], size: int) -> list[Figure]:
    """Of the last job."""
    volumes = {
        "bytes of the input that functions read": (cloud.traffic.of(bucket=outputs["upload_bucket"]).read, "≤ 2.05"),
        "bytes through merge": (_through(cloud, "merge"), ""),
        "bytes through archive": (_through(cloud, "archive"), ""),
    }
    return [
        Figure(what=what, ours=volume / 1e6, theirs=size / 1e6, unit="MB", peer="the file's size", aim=aim)
        for what, (volume, aim) in volumes.items()
    ]


def _through(cloud: LocalCloud, function: str) -> int:
    volume = cloud.traffic.of(function)
    return volume.read + volume.written


def _functions_cpu() -> float:
    """CPU seconds of all child processes, by /proc (Linux)."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        if int(fields[1]) == os.getpid():
            total += int(fields[11]) + int(fields[12])
    return total / _TICKS
