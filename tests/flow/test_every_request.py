"""Schemathesis asks the API everything that its document allows, and much that it does not (see schemathesis.toml).

No answer fails, none is other than the document says (a member that it does not have counts as other), nobody gets in
without a key, and what the program `demo` may read, the program `other` may not.
"""

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.answers import DOCUMENT, ROUTES, closed
from tests.flow.driver import Driver

pytestmark = pytest.mark.flow

HERE = Path(__file__).parent
SEED = 20261121
FILES = {
    "demo/every-request.csv": b"id,city\n1,Bern\n2,Oslo\n",
    "other/every-request.csv": b"id,city\n1,Bern\n",
    "demo/every-request.bin": bytes(range(256)),
}


@pytest.fixture(scope="module", autouse=True)
def files(driver: Driver) -> None:
    """Some that there are; Schemathesis finds them in the lists, and asks on."""
    versions = {name: driver.put(name, content) for name, content in FILES.items()}
    for name, version in versions.items():
        driver.wait(name, version)


def run(driver: Driver, folder: Path, caller: str, *bounds: object, seed: int) -> dict[str, Any]:
    """What Schemathesis reports; its own words if it found anything. `bounds` are options of the command."""
    document, callers, report = folder / "openapi.json", folder / "callers.json", folder / "report.json"
    document.write_text(json.dumps(closed(DOCUMENT)))
    headers = {
        name: [{"name": "Authorization", "value": f"Bearer {key}"}] for name, key in driver.out("api_keys").items()
    }
    callers.write_text(json.dumps({"auth": [{"name": name, "fixedHeaders": sent} for name, sent in headers.items()]}))
    command = [
        Path(sys.executable).with_name("schemathesis"), "--config-file", HERE / "schemathesis.toml",
        "run", document, "--url", driver.out("api_url"), "--no-color", "--seed", seed, *bounds,
        "--request-timeout", "60", "--generation-database", "none", "--report", "json", "--report-json-path", report,
    ]  # fmt: skip
    done = subprocess.run(
        list(map(str, command)), cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "PENSTOCK_CALLERS": str(callers), "PENSTOCK_CALLER": caller},
    )  # fmt: skip
    assert done.returncode == 0, f"seed {seed}, {caller}:\n{done.stdout[-20_000:]}\n{done.stderr[-2000:]}"
    said: dict[str, Any] = json.loads(report.read_text())
    return said


@pytest.mark.parametrize("caller", ["demo", "operator"])
def test_no_request_gets_an_answer_that_the_document_does_not_allow(
    caller: str, driver: Driver, tmp_path: Path
) -> None:
    said = run(driver, tmp_path, caller, "--max-examples", 2, seed=SEED)
    assert said["operations"]["tested"] == len(ROUTES)
    assert said["test_cases"]["generated"] > 300


@pytest.mark.slow
@pytest.mark.parametrize("caller", ["demo", "operator"])
def test_nor_does_any_of_many(caller: str, driver: Driver, tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    said = run(driver, tmp_path, caller, "--max-time", 300, seed=seed)
    print(f"{caller}, seed {seed}: {said['test_cases']['generated']} requests")
    assert said["operations"]["tested"] == len(ROUTES)
