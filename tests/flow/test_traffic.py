"""How many bytes pass through functions: each one is time, memory and money on a large file."""

import pytest

from cli.generate import generate
from tests.flow.driver import Driver

pytestmark = pytest.mark.flow
MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("kind", "size", "times"),
    [
        # Once to plan, once to process; or once, whole, when it is small.
        ("csv", 12 * MIB, 2.05),
        ("jsonl", 12 * MIB, 2.05),
        ("csv", 2 * MIB, 1.0),
        # Delivered as it is: once to plan, once to archive.
        ("binary", 9 * MIB, 2.0),
    ],
)
def test_functions_read_the_input_twice_at_most(driver: Driver, kind: str, size: int, times: float) -> None:
    name = f"traffic/{kind}-{size}.dat"
    content = b"".join(generate(kind, size=size, seed=4))
    traffic = driver.platform.cloud.traffic
    traffic.clear()
    assert driver.wait(name, driver.put(name, content))["State"] == "succeeded"
    assert len(content) <= traffic.of(bucket=driver.out("upload_bucket")).read <= times * len(content)


def test_merging_moves_next_to_nothing_and_archiving_only_what_is_compressed(driver: Driver) -> None:
    content = b"".join(generate("csv", size=48 * MIB, seed=5))
    traffic = driver.platform.cloud.traffic
    traffic.clear()
    entry = driver.wait("traffic/merged.csv", driver.put("traffic/merged.csv", content))
    assert entry["State"] == "succeeded"
    merge, archive = traffic.of("merge"), traffic.of("archive")
    print(
        f"\nof {len(content):,} bytes: merge read {merge.read:,}, wrote {merge.written:,}; "
        f"archive read {archive.read:,}, wrote {archive.written:,}"
    )
    # The store joins the groups' results by itself; only pieces under 5 MiB pass through, of which the last is one.
    assert merge.read + merge.written < 0.25 * len(content)
    assert entry["ArchiveBytes"] <= archive.written < entry["ArchiveBytes"] + 100_000
    assert archive.read < entry["ArchiveBytes"] + 200_000
