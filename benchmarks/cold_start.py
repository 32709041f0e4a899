"""Cold starts: importing a handler and making its first client, against `import boto3; boto3.client("s3")`.

Both run in a fresh process of the same interpreter, isolated as Lambda's is, with the byte code of all libraries. The
peer has the whole SDK, as Lambda's own image has; ours is the function's package.
"""

import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.measure import Figure
from components.imports import ROOT
from components.packaging import build
from components.pipeline.specs import SPECS
from local.runtime_path import sdk

PEER = "import boto3; boto3.client('s3')"
# What each handler's first call needs.
FIRST = {"ingest": "stepfunctions", "process": "s3", "part": "s3", "link": "dynamodb"}
_TIMED = "import time; a = time.process_time(); {}; print(time.process_time() - a)"
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_LAMBDA_FUNCTION_NAME": "measured",
}


def run(rounds: int) -> list[Figure]:
    """Rounds alternate between all."""
    with tempfile.TemporaryDirectory() as folder:
        work = {"": (PEER, sdk(Path(folder) / "sdk"))}
        for name, service in FIRST.items():
            package = Path(folder) / name
            with zipfile.ZipFile(ROOT / build(name, SPECS[name].locks, "host").path) as archive:
                archive.extractall(package)
            work[name] = (handler(name, service), package)
        taken = least(work, rounds)
    return [
        Figure(
            what=f"cold start of {name}: import and a client of {service}",
            ours=taken[name] * 1000,
            theirs=taken[""] * 1000,
            unit="ms of CPU",
            peer="import boto3, client of s3",
            aim="≤ 1.15" if name == "ingest" else "",
        )
        for name, service in FIRST.items()
    ]


def handler(name: str, service: str = "") -> str:
    """What Lambda does at a cold start of `name`, and the first client if `service` is given."""
    loaded = f"import runtime.handlers.{name}"
    return f"{loaded}; from runtime.adapters.clients import client; client({service!r})" if service else loaded


def least(work: Mapping[str, tuple[str, Path]], rounds: int) -> dict[str, float]:
    """CPU seconds of each script with its folder as the only one to import from: the least of so many rounds."""
    for script, folder in work.values():
        _once(script, folder)  # writes the byte code of our own modules
    rows = [{name: _once(*each) for name, each in work.items()} for _ in range(rounds)]
    return {name: min(row[name] for row in rows) for name in work}


def _once(script: str, folder: Path) -> float:
    interpreter = getattr(sys, "_base_executable", sys.executable)
    done = subprocess.run(
        [interpreter, "-S", "-c", _TIMED.format(script)],
        env={**_ENVIRONMENT, "PYTHONPATH": str(folder), "TMPDIR": os.environ.get("TMPDIR", "/tmp")},  # noqa: S108
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{script} failed: {done.stderr[-500:]}")
    return float(done.stdout)
