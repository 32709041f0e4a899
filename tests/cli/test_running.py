"""The note of a running local cloud."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cli import running
from cli.problems import Code, Problem
from cli.running import Running


@pytest.fixture
def note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "deep" / "local.json"
    monkeypatch.setenv(running.NOTE, str(path))
    return path


def here(pid: int | None = None) -> Running:
    return Running(
        endpoint="http://127.0.0.1:1", region="us-east-1", access_key="k", pid=pid or os.getpid(), outputs={"a": "b"}
    )


def dead_pid() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_it_is_read_back_while_the_cloud_runs_and_gone_afterwards(note: Path) -> None:
    with running.published(here()):
        assert running.read() == here()
    assert not note.exists()
    assert not note.parent.exists()


def test_only_its_owner_may_read_it(note: Path) -> None:
    with running.published(here()):
        assert stat.S_IMODE(note.stat().st_mode) == 0o600


def test_it_goes_when_the_cloud_ends_by_an_error(note: Path) -> None:
    with pytest.raises(KeyboardInterrupt), running.published(here()):
        raise KeyboardInterrupt
    assert not note.exists()


def test_none_says_how_to_start_one(note: Path) -> None:
    with pytest.raises(Problem, match="penstock up") as caught:
        running.read()
    assert caught.value.code == Code.UNREACHABLE


def test_that_of_a_dead_process_says_so(note: Path) -> None:
    pid = dead_pid()
    with running.published(here(pid)), pytest.raises(Problem, match=f"process {pid} is gone") as caught:
        running.read()
    assert caught.value.code == Code.UNREACHABLE


def test_a_second_cloud_is_refused_and_the_first_ones_note_stays(note: Path) -> None:
    with running.published(here(os.getppid())):
        with pytest.raises(Problem, match="runs already") as caught, running.published(here()):
            pass
        assert caught.value.code == Code.USAGE
        assert running.read().pid == os.getppid()


def test_that_of_a_dead_process_is_replaced(note: Path) -> None:
    with running.published(here(dead_pid())), running.published(here()):
        assert running.read().pid == os.getpid()


@pytest.mark.parametrize("text", ["", "not json", "[]", '{"pid": 1}'])
def test_rubbish_is_named(note: Path, text: str) -> None:
    note.parent.mkdir()
    note.write_text(text)
    with pytest.raises(Problem, match="not a note") as caught:
        running.read()
    assert caught.value.code == Code.UNREACHABLE
