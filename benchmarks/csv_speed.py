"""A 60 MB CSV through the whole flow, against one process that reads it with the `csv` module.

Two peers. *The pass* reads every row and compares its width, and makes nothing. *The job* does what the flow does with
the file: sets bad rows aside, writes the good ones, sums it up with SHA-256 and zips it.
"""

import csv
import hashlib
import io
import json
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

from benchmarks.measure import Figure, seconds
from cli.front import NO_PAGE
from cli.generate import generate
from local.cloud import LocalCloud
from local.deploy import deploy

SIZE = 60_000_000


def run(rounds: int) -> list[Figure]:
    """Each round measures all three, one after the other."""
    with tempfile.TemporaryDirectory() as folder, LocalCloud() as cloud:
        path = Path(folder) / "big.csv"
        path.write_bytes(b"".join(generate("csv", size=SIZE, seed=1)))
        outputs = deploy(cloud, config=NO_PAGE).outputs
        megabytes = path.stat().st_size / 1e6
        deliver(cloud, outputs, path, "warm.csv")
        flow, passes, jobs = [], [], []
        for n in range(rounds):
            passes.append(seconds(lambda: _pass(path)))
            jobs.append(seconds(lambda: _job(path, Path(folder))))
            flow.append(deliver(cloud, outputs, path, f"big-{n}.csv"))
    ours = megabytes / min(flow)
    what = f"{megabytes:.0f} MB CSV, event to delivered"
    return [
        Figure(what=what, ours=ours, theirs=megabytes / min(jobs), unit="MB/s", peer="the job, csv module", aim="> 1"),
        Figure(what=what, ours=ours, theirs=megabytes / min(passes), unit="MB/s", peer="the pass, csv module"),
    ]


def _pass(path: Path) -> int:
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        width = len(next(rows))
        return sum(1 for row in rows if len(row) == width)


def _job(path: Path, folder: Path) -> None:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    clean, rejects = folder / "clean.csv", folder / "rejects.jsonl"
    with (
        path.open(newline="", encoding="utf-8") as file,
        clean.open("w", newline="", encoding="utf-8") as good,
        rejects.open("w", encoding="utf-8") as bad,
    ):
        rows, writer = csv.reader(file), csv.writer(good)
        header = next(rows)
        writer.writerow(header)
        for row in rows:
            if len(row) == len(header):
                writer.writerow(row)
            else:
                bad.write(json.dumps({"line": rows.line_num, "raw": row}) + "\n")
    with zipfile.ZipFile(folder / "out.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(clean, "clean.csv")
        archive.write(rejects, "rejects.jsonl")
        archive.writestr("SHA256SUMS", f"{hashlib.sha256(clean.read_bytes()).hexdigest()}  clean.csv\n")


def deliver(cloud: LocalCloud, outputs: dict[str, Any], path: Path, name: str) -> float:
    """From the moment that the upload is complete to the state *succeeded*."""
    s3, db = cloud.client("s3"), cloud.client("dynamodb")
    body = io.BytesIO(path.read_bytes())
    version = s3.put_object(Bucket=outputs["upload_bucket"], Key=name, Body=body)["VersionId"]
    started = time.perf_counter()
    key = {"FileName": {"S": name}}
    while True:
        item = db.get_item(TableName=outputs["files_table"], Key=key).get("Item", {})
        if item.get("State", {}).get("S") == "succeeded" and item["VersionId"]["S"] == version:
            return time.perf_counter() - started
        if time.perf_counter() - started > 300:
            raise TimeoutError(f"{name} did not arrive within 300 s: {item}")
        time.sleep(0.02)
