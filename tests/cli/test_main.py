"""The commands themselves, run as a person or a script runs them, where no platform is needed."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cli import running
from cli.generate import generate

Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def penstock(tmp_path: Path) -> Run:
    """Runs the command in an empty folder, with no local cloud in sight."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PENSTOCK_"))},
        running.NOTE: str(tmp_path / "none" / "local.json"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "PYTHONPATH": str(running.ROOT),
    }

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "cli.main", *arguments],
            cwd=tmp_path,
            env={**environment, **more},
            capture_output=True,
            check=False,
            timeout=60,
        )

    return run


def test_no_platform_is_one_sentence_and_status_8(penstock: Run) -> None:
    done = penstock("ls")
    assert done.returncode == 8
    assert done.stdout == b""
    assert done.stderr.decode().splitlines() == [
        "penstock: no local cloud is running; start one with `penstock up`, or name a deployed stack with --stack"
    ]


@pytest.mark.parametrize(
    "arguments", [["ls"], ["status", "a"], ["get", "a"], ["link", "a"], ["outputs"], ["put", __file__]]
)
def test_with_json_an_error_is_a_document_too(penstock: Run, arguments: list[str]) -> None:
    done = penstock(*arguments, "--json")
    assert done.returncode == 8
    assert json.loads(done.stdout)["code"] == "unreachable"


def test_no_credentials_is_status_8(penstock: Run, tmp_path: Path) -> None:
    outputs = tmp_path / "outputs.json"
    outputs.write_text(json.dumps({"region": "eu-west-1", "files_table": "Files"}))
    done = penstock("ls", PENSTOCK_OUTPUTS=str(outputs))
    assert done.returncode == 8
    assert b"sign in" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["put"],
        ["put", "missing.csv"],
        ["ls", "--limit", "0"],
        ["ls", "--state", "lost"],
        ["nonsense"],
        ["generate", "poem"],
        ["generate", "csv", "--size", "huge"],
        ["generate", "csv", "-o", "-", "--json"],
    ],
)
def test_what_makes_no_sense_is_status_2(penstock: Run, arguments: list[str]) -> None:
    done = penstock(*arguments)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_a_traceback_is_shown_only_when_asked_for(penstock: Run) -> None:
    assert b"Traceback" not in penstock("ls").stderr
    assert b"Traceback" in penstock("ls", "--debug").stderr


def test_a_file_is_generated_and_never_written_over(penstock: Run, tmp_path: Path) -> None:
    done = penstock("generate", "csv", "--size", "20kB", "--seed", "3", "--json")
    assert done.returncode == 0
    said = json.loads(done.stdout)
    assert said["size"] == (tmp_path / said["path"]).stat().st_size
    assert (tmp_path / "csv-3.csv").read_bytes() == b"".join(generate("csv", size=20_000, seed=3))
    assert penstock("generate", "csv", "--seed", "3").returncode == 2
    assert penstock("generate", "csv", "--seed", "3", "--force").returncode == 0


def test_the_standard_output_takes_the_bytes(penstock: Run) -> None:
    done = penstock("generate", "binary", "--size", "1MiB", "--seed", "1", "-o", "-")
    wanted = hashlib.sha256(b"".join(generate("binary", size=1024**2, seed=1)))
    assert hashlib.sha256(done.stdout).digest() == wanted.digest()


def test_a_reader_that_goes_away_is_no_error(penstock: Run, tmp_path: Path) -> None:
    command = f"{sys.executable} -m cli.main generate csv --size 20MB -o - | head -c 10; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["/bin/bash", "-c", command],
        cwd=running.ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, len(done.stdout), done.stderr) == (0, 10, b"")


def test_the_kinds_are_listed(penstock: Run) -> None:
    assert "csv" in json.loads(penstock("generate", "--json").stdout)["kinds"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--all-failed"),
        (("a.csv", "--all-failed"), "--all-failed"),
        (("a.csv", "b.csv", "--version", "v"), "--version is for one file"),
        (("uploads", "--version", "v"), "--version is for one file"),
    ],
)
def test_it_has_to_be_clear_what_is_started_again(penstock: Run, arguments: tuple[str, ...], said: str) -> None:
    done = penstock("redrive", *arguments)
    assert (done.returncode, said in done.stderr.decode()) == (2, True)
