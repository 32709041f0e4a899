"""What `make test` leaves out because it takes minutes: a crowd of files, and a file that is large."""

import csv
import json
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from boto3.s3.transfer import TransferConfig

from cli.generate import generate
from tests.flow.driver import Driver
from tests.flow.test_exactness import event, send

pytestmark = [pytest.mark.flow, pytest.mark.slow]
CROWD = 200
LARGE = 1_000_000_000
MB = 1024 * 1024


def resident() -> float:
    """Memory in MB that this process, which holds the cloud, and all functions take of the machine.

    A page that several processes have, such as one of a library, is in memory once, and is counted once (`Pss`).
    """
    total, own = 0, os.getpid()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            status = dict(
                line.split(":\t", 1) for line in (process / "status").read_text().splitlines() if ":\t" in line
            )
            if own not in (int(status["Pid"]), int(status["PPid"])):
                continue
            rollup = (process / "smaps_rollup").read_text()
        except OSError:
            continue  # it has ended meanwhile
        total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total / 1024


@pytest.fixture
def memory() -> Iterator[list[float]]:
    """Resident memory of everything, measured five times a second while the test runs."""
    measured: list[float] = [resident()]
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.2):
            measured.append(resident())

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    yield measured
    ended.set()
    thread.join()


def test_a_crowd_of_uploads_with_every_event_three_times(driver: Driver, memory: list[float]) -> None:
    names = [f"campaign/{n}.csv" for n in range(CROWD)]
    kinds = ["csv", "jsonl", "recipe", "binary"]
    started = time.monotonic()

    def upload(n: int) -> str:
        return driver.put(names[n], b"".join(generate(kinds[n % 4], size=20_000 + 100 * n, seed=n)))

    with ThreadPoolExecutor(CROWD) as pool:
        versions = list(pool.map(upload, range(CROWD)))
        repeats = 0
        pending = set(range(CROWD))
        while pending and time.monotonic() - started < 300:
            # As soon as a run is known its event comes twice more, while it runs or after it.
            for n in sorted(pending):
                if driver.ledger(names[n], versions[n]):
                    for _ in range(2):
                        send(driver, event(driver, names[n], versions[n]))
                        repeats += 1
                    pending.discard(n)
            time.sleep(0.1)
    ends = [driver.wait(name, version, seconds=300) for name, version in zip(names, versions, strict=True)]
    took = time.monotonic() - started
    assert repeats == 2 * CROWD
    lost = [end for end in ends if end["State"] != "succeeded"]
    assert lost == []
    queue = driver.out("queue_url")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        attributes = driver.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
        if attributes["ApproximateNumberOfMessages"] == attributes["ApproximateNumberOfMessagesNotVisible"] == "0":
            break
        time.sleep(0.2)
    doubled = [
        name
        for name in names
        if [entry["State"] for entry in driver.ledger(name)] != ["received", "scanning", "processing", "succeeded"]
    ]
    assert doubled == []
    states = driver.client("stepfunctions")
    pages = states.get_paginator("list_executions").paginate(stateMachineArn=driver.out("state_machine_arn"))
    inputs = [
        json.loads(states.describe_execution(executionArn=execution["executionArn"])["input"])["file"]["key"]
        for page in pages
        for execution in page["executions"]
    ]
    assert sorted(key for key in inputs if key.startswith("campaign/")) == sorted(names)
    stats = driver.platform.cloud.pool.stats()
    print(
        f"\n{CROWD} uploads, each event three times: {took:.1f} s, {len(lost)} lost, {len(doubled)} doubled, "
        f"{max(memory):.0f} MB resident at most, {stats.peak_processes} processes at most"
    )
    assert max(memory) < 1500


def test_a_file_of_a_gigabyte_in_flat_memory(driver: Driver, tmp_path: Path) -> None:
    functions = [f"penstock-local-{name}" for name in ("plan", "part", "merge", "archive", "publish")]
    peaks: dict[str, dict[str, float]] = {}
    for label, size in (("small", 45_000_000), ("large", LARGE)):
        path = tmp_path / f"{label}.csv"
        with path.open("wb") as file:
            for piece in generate("csv", size=size, seed=3):
                file.write(piece)
            file.write(b"too,few\n" * 1000)
        started = time.monotonic()
        s3, bucket, name = driver.client("s3"), driver.out("upload_bucket"), f"campaign-{label}.csv"
        s3.upload_file(str(path), bucket, name, Config=TransferConfig(multipart_chunksize=64 * MB, max_concurrency=2))
        version = s3.head_object(Bucket=bucket, Key=name)["VersionId"]
        entry = driver.wait(name, version, seconds=1200)
        assert entry["State"] == "succeeded", entry
        rows = bad = 0
        with path.open(newline="", encoding="utf-8") as text:
            reader = csv.reader(text)
            width = len(next(reader))
            for row in reader:
                rows += bool(row)
                bad += bool(row) and len(row) != width
        assert (entry["Accepted"], entry["Rejected"]) == (rows - bad, bad)
        peaks[label] = {name: driver.platform.cloud.pool.peak_memory(name) for name in functions}
        print(
            f"\n{path.stat().st_size / 1e6:.0f} MB CSV: {time.monotonic() - started:.0f} s, {rows:,} rows, {bad:,} bad"
        )
        path.unlink()
    for name in functions:
        print(f"{name}: {peaks['small'][name]:.0f} MB with 45 MB, {peaks['large'][name]:.0f} MB with 1 GB")
        assert peaks["large"][name] < peaks["small"][name] + 32
