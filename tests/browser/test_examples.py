"""The examples of the documentation, as somebody would run them."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.generate import generate
from local.deploy import ROOT
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser
EXAMPLES = ROOT / "docs/examples"
# More than one part.
SIZE = 20_000_000


def run(site: Site, folder: Path, *command: str, key: str = "") -> subprocess.CompletedProcess[str]:
    """Runs an example in a folder, as the stack's user `demo`."""
    environment = {
        "PATH": os.environ["PATH"],
        "PENSTOCK_URL": site.outputs["api_url"].removesuffix("/api"),
        "PENSTOCK_KEY": key or site.outputs["api_keys"]["demo"],
    }
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=240, check=False
    )


def sample(folder: Path, name: str, kind: str, size: int) -> Path:
    path = folder / name
    path.write_bytes(b"".join(generate(kind, size=size, seed=3)))
    return path


def test_python_sends_and_fetches(site: Site, tmp_path: Path) -> None:
    source = sample(tmp_path, "python.csv", "csv", SIZE)
    done = run(site, tmp_path, sys.executable, str(EXAMPLES / "upload.py"), str(source))
    assert done.returncode == 0, done.stderr
    assert "succeeded" in done.stdout
    assert (tmp_path / "python.csv.zip").stat().st_size > 0


def test_shell_sends_and_waits(site: Site, tmp_path: Path) -> None:
    source = sample(tmp_path, "shell.csv", "csv", SIZE)
    done = run(site, tmp_path, "sh", str(EXAMPLES / "upload.sh"), str(source))
    assert (done.returncode, done.stdout) == (0, "shell.csv: succeeded\n"), done.stderr


@pytest.mark.parametrize(
    "command", [(sys.executable, "upload.py"), ("sh", "upload.sh")], ids=lambda command: str(command[1])
)
def test_a_refusal_is_said(site: Site, tmp_path: Path, command: tuple[str, str]) -> None:
    source = sample(tmp_path, "refused.csv", "csv", 2_000)
    wrong = hashlib.sha256(b"nobody's").hexdigest()
    done = run(site, tmp_path, command[0], str(EXAMPLES / command[1]), str(source), key=wrong)
    assert done.returncode != 0
    assert "401" in done.stdout + done.stderr
