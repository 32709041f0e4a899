"""A 100 MB CSV to a typed Parquet table, against DuckDB alone on the same file and cores, warm.

Twice: through the whole flow on the local cloud, from the event to the state *succeeded*; and the functions' work by
itself, all steps in this process with stores in memory, in seconds of processor. DuckDB reads the file, guesses the
types from a sample and writes Parquet; it counts no row by itself, refuses no row, sums nothing up and zips nothing.
"""

import base64
import json
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import duckdb

from benchmarks.csv_speed import deliver
from benchmarks.measure import Figure, seconds
from cli.front import NO_PAGE
from cli.generate import generate
from local.cloud import LocalCloud
from local.deploy import deploy
from runtime.adapters.duckdb import tables
from runtime.domain import archiving, parquet, parts, planning, tabling
from runtime.domain.identity import FileVersion
from runtime.domain.planning import Wishes
from runtime.domain.ports import pieces_of

SIZE = 100_000_000
RESULTS = {"parquet": "the table only", "both": "table and text"}


def run(rounds: int) -> list[Figure]:
    """Rounds alternate, so that a machine that slows down slows all."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "big.csv"
        path.write_bytes(b"".join(generate("csv", size=SIZE, seed=1)))
        data = path.read_bytes()
        engine = duckdb.connect()
        query = f"COPY (FROM read_csv('{path}')) TO '{path}.parquet' (FORMAT parquet, COMPRESSION zstd)"
        figures = []
        for results, words in RESULTS.items():
            config = {
                "penstock:tables": json.dumps({"results": results}),
                "penstock:catalogue": json.dumps({"enabled": False}),
            }
            flow, alone, work, engines = [], [], [], []
            with LocalCloud() as cloud:
                outputs = deploy(cloud, config={**NO_PAGE, **config}).outputs
                deliver(cloud, outputs, path, "warm.csv")
                engine.execute(query)
                _work(data, results)
                for n in range(rounds):
                    alone.append(seconds(lambda: engine.execute(query)))
                    flow.append(deliver(cloud, outputs, path, f"big-{n}.csv"))
                    engines.append(_processor(lambda: engine.execute(query)))
                    work.append(_processor(lambda: _work(data, results)))  # noqa: B023 - called at once
            what = f"100 MB CSV, {words}"
            figures += [
                Figure(
                    what=f"{what}, event to delivered", ours=min(flow), theirs=min(alone), unit="s",
                    peer="DuckDB alone", aim="≤ 1.5",
                ),
                Figure(
                    what=f"{what}, functions' work", ours=min(work), theirs=min(engines), unit="s of CPU",
                    peer="DuckDB alone",
                ),
            ]  # fmt: skip
        return figures


def _processor(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _work(data: bytes, results: str) -> None:
    """Plan, groups, join and archive of a file in memory."""
    file = FileVersion(
        bucket="b",
        key="big.csv",
        version="1",
        size=len(data),
        etag="",
        sequencer="0",
        received_at="2026-01-01T00:00:00Z",
    )
    plan, groups = planning.plan(
        file, pieces_of(data), part_bytes=1 << 20, parts_per_group=8, max_file_bytes=1 << 30, wishes=Wishes.of(results)
    )
    done = [parts.process_group(plan, group, [data[group.start : group.end]], tables()) for group in groups]
    merged = parts.merge(plan, [result.report for result in done])
    footer = parquet.join([(len(result.table), base64.b64decode(result.report.footer)) for result in done])
    table = b"".join([*(result.table for result in done), parquet.tail(footer)])
    merged.table = tabling.table(merged.columns, footer, sketches=[])
    merged.table.size, merged.table.crc32 = len(table), zlib.crc32(table)
    sink = _Sink()
    archiving.archive_results(
        sink, file, plan, merged, fragments=[result.fragment for result in done],
        rejects=[result.rejects for result in done], table=[table],
    )  # fmt: skip


class _Sink:
    def write(self, data: bytes) -> None:
        """Nowhere."""
