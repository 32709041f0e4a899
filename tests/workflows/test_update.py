"""Newly locked libraries as a pull request."""

import subprocess
from pathlib import Path

import pytest

from tests.workflows.fakes import GitHub, github
from workflows import update


def git(where: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=where, check=True, text=True, stdout=subprocess.PIPE).stdout.strip()


@pytest.fixture
def gh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitHub:
    return github(tmp_path / "bin", monkeypatch)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clone with a locked file, and the bare repository that it came from."""
    work = tmp_path / "work"
    git(tmp_path, "init", "--quiet", "--bare", "-b", "main", "origin.git")
    git(tmp_path, "clone", "--quiet", "origin.git", "work")
    git(work, "switch", "--quiet", "-C", "main")
    (work / "requirements").mkdir()
    (work / "requirements/dev.txt").write_text("one==1\n")
    (work / ".pulumi.version").write_text("1\n")
    (work / "other.py").write_text("")
    git(work, "add", "-A")
    git(work, "-c", "user.name=a", "-c", "user.email=a@b.test", "commit", "--quiet", "-m", "first")
    git(work, "push", "--quiet", "origin", "main")
    return work


def test_new_versions_are_offered_and_nothing_else(gh: GitHub, checkout: Path) -> None:
    gh.answers({"pulls?state=open": [{"head": {"ref": "other"}}]})
    (checkout / "requirements/dev.txt").write_text("one==2\n")
    (checkout / "other.py").write_text("import evil\n")
    assert update.main(checkout)
    assert git(checkout.parent / "origin.git", "diff", "--name-only", "main", update.BRANCH) == "requirements/dev.txt"
    ((method, path, fields),) = gh.calls
    assert (method, path) == ("POST", "pulls")
    assert (fields["head"], fields["base"]) == (update.BRANCH, "main")


def test_an_open_pull_request_gets_the_newer_versions(gh: GitHub, checkout: Path) -> None:
    gh.answers({"pulls?state=open": [{"head": {"ref": update.BRANCH}}]})
    for version in ("2", "3"):
        git(checkout, "switch", "--quiet", "main")
        (checkout / "requirements/dev.txt").write_text(f"one=={version}\n")
        assert update.main(checkout)
    origin = checkout.parent / "origin.git"
    assert git(origin, "show", f"{update.BRANCH}:requirements/dev.txt") == "one==3"
    assert git(origin, "rev-list", "--count", f"main..{update.BRANCH}") == "1"
    assert gh.calls == []


def test_nothing_new_changes_nothing(gh: GitHub, checkout: Path) -> None:
    assert not update.main(checkout)
    assert git(checkout.parent / "origin.git", "branch", "--list", update.BRANCH) == ""
    assert gh.calls == []
