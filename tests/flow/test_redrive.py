"""A file that failed is started again: once, whoever asks and however often; what has not failed is not."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any

import pytest

from cli.boards import Silent
from cli.platform import local
from cli.redriving import Again, failed_names, files
from cli.serving import note_of
from tests.flow.driver import Driver
from tests.flow.grants import without

pytestmark = pytest.mark.flow

GOING = ("received", "scanning", "processing")
DATA = b"id,amount\n1,2.5\n2,3\n"


def without_backups(driver: Driver) -> AbstractContextManager[None]:
    """Small files fail at their backup, which comes when results and archive are written."""
    return without(driver, "penstock-local-process", f"arn:aws:s3:::{driver.out('backup_bucket')}/")


def again(driver: Driver, name: str, version: str | None = None) -> dict[str, Any]:
    """What the function answers."""
    payload = json.dumps({"name": name, "version": version}).encode()
    answer = driver.client("lambda").invoke(FunctionName=driver.out("redrive_function"), Payload=payload)
    said: dict[str, Any] = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, said
    return said


def until(found: Callable[[], bool], *, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def states(driver: Driver, name: str, version: str) -> list[tuple[int, str]]:
    return [(one["Attempt"], one["State"]) for one in driver.ledger(name, version) if one["State"] != "scanning"]


@pytest.fixture(scope="module")
def failed(driver: Driver) -> dict[str, str]:
    """Two files that failed: names and versions."""
    with without_backups(driver):
        versions = {name: driver.put(name, DATA) for name in ("redrive/one.csv", "redrive/two.csv")}
        for name, version in versions.items():
            assert driver.wait(name, version)["State"] == "failed"
    return versions


def test_a_second_attempt_delivers_what_the_first_could_not(driver: Driver, failed: dict[str, str]) -> None:
    name = "redrive/one.csv"
    version = failed[name]
    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(lambda _: again(driver, name), range(4)))
    # Who asks when the second attempt goes on or has ended is refused; all others are told of the same one.
    late = {one["error"] for one in said if one.get("code") == "refused"}
    going = (f"{name} is {state}: only a file that has failed can be started again." for state in GOING)
    assert late <= {f"{name} has succeeded; there is nothing to start again.", *going}
    told = {(one["attempt"], one["version"], one["run"]) for one in said if one.get("code") != "refused"}
    assert [each[:2] for each in told] == [(2, version)]
    until(lambda: states(driver, name, version)[-1] == (2, "succeeded"))
    assert states(driver, name, version) == [
        *((1, state) for state in ("received", "processing", "failed")),
        *((2, state) for state in ("received", "processing", "succeeded")),
    ]
    assert len(driver.executions(name)) == 2
    assert driver.archive(name).testzip() is None
    entry = driver.ledger(name, version)[-1]
    record = driver.record(entry)
    assert (record["attempt"], record["run"], record["counts"]["accepted"]) == (2, entry["RunId"], 2)
    assert driver.shown(name)["State"] == "succeeded"
    upload = {"Bucket": driver.out("upload_bucket"), "Key": name, "VersionId": version}
    tags = {tag["Key"] for tag in driver.client("s3").get_object_tagging(**upload)["TagSet"]}
    assert "penstock-state" not in tags
    # Once more is refused, by the same ledger.
    assert again(driver, name)["code"] == "refused"


def test_the_command_starts_all_that_failed_and_waits(driver: Driver, failed: dict[str, str]) -> None:
    platform = local(note_of(driver.platform.cloud, driver.platform.deployment))
    assert "redrive/two.csv" in failed_names(platform)
    with without_backups(driver):
        (worse,) = files(platform, ["redrive/two.csv"], Silent(), seconds=120)
    assert (worse.state, worse.attempt) == ("failed", 2)
    (better,) = files(platform, ["redrive/two.csv"], Silent(), version=failed["redrive/two.csv"], seconds=120)
    assert better == Again(
        name="redrive/two.csv", state="succeeded", version=worse.version, attempt=3, run=worse.run[:-1] + "3"
    )
    assert failed_names(platform).count("redrive/two.csv") == 0


def test_what_was_rejected_or_is_not_there_is_not_started(driver: Driver) -> None:
    name = "redrive/bad.csv"
    version = driver.put(name, b"")
    assert driver.wait(name, version)["State"] == "rejected"
    said = again(driver, name)
    assert said["code"] == "refused"
    assert "empty" in said["error"]
    assert again(driver, "redrive/none.csv")["code"] == "unknown"
    assert again(driver, name, "no-such-version")["code"] == "unknown"
    assert len(driver.executions(name)) == 1
