"""What the workflows ask of Pulumi."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.deploy import ROOT
from tests.workflows.fakes import PULUMI, command
from workflows import stack


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    command(tmp_path, "pulumi", PULUMI)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")
    return tmp_path


@pytest.mark.parametrize(
    ("verb", "asked"),
    [
        ("preview", ["preview", "--policy-pack", "policies"]),
        ("deploy", ["up", "--yes", "--policy-pack", "policies"]),
        ("drift", ["preview", "--refresh", "--expect-no-changes"]),
    ],
)
def test_pulumi_is_asked_and_its_words_are_shown_and_kept(
    root: Path, verb: str, asked: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert stack.run(verb, "dev", root) == 255
    where, *arguments = (root / "pulumi.txt").read_text().splitlines()
    assert Path(where) == root
    assert arguments == [*asked, "--stack", "dev", "--non-interactive", "--color", "never"]
    shown = capfd.readouterr().out
    assert "update" in shown and "no changes were expected" in shown
    assert stack.kept(root, verb, "dev").read_text() == shown


def test_an_unknown_stack_is_named(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert stack.run("preview", "prodd", root) == 2
    assert "Pulumi.prodd.yaml" in capfd.readouterr().err
    assert not (root / "pulumi.txt").exists()


def test_without_the_cli_it_says_so(
    root: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(root / "nothing"))
    assert stack.run("preview", "dev", root) == 2
    assert "Pulumi CLI" in capfd.readouterr().err


@pytest.mark.parametrize("verb", list(stack.VERBS))
def test_make_hands_verb_and_stack_over(verb: str) -> None:
    """Without running it: that would set the virtual environment up."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    said = subprocess.run(
        ["make", "-n", verb],
        cwd=ROOT,
        env={**environment, "STACK": "prod"},
        text=True,
        check=True,
        stdout=subprocess.PIPE,
    ).stdout
    assert f'-m workflows.stack {verb} "prod"' in said


def test_the_command_ends_as_pulumi_does(root: Path) -> None:
    """Of this checkout, whose dev stack there is; the output goes into its build folder."""
    done = subprocess.run(
        [sys.executable, "-m", "workflows.stack", "drift", "dev"],
        cwd=ROOT,
        check=False,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert done.returncode == 255
    assert stack.kept(ROOT, "drift", "dev").read_text() == done.stdout


def test_the_cli_of_the_workflows_is_the_locked_sdk() -> None:
    version = (ROOT / ".pulumi.version").read_text().strip()
    assert f"pulumi=={version} \\" in (ROOT / "requirements/deploy.txt").read_text().splitlines()
