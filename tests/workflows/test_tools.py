"""The Go programs among the checks: how they are got, and what they say of this checkout."""

import subprocess
from pathlib import Path

import pytest

from local.deploy import ROOT
from tests.workflows import fakes
from workflows import tools

GO = """#!/bin/sh
[ "$GOTOOLCHAIN" = local ] && mkdir -p "$GOBIN" && echo "$@" >"$GOBIN/actionlint"
"""


@pytest.fixture
def only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on the path, besides the system's shell."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/bin")
    return folder


def test_a_tool_is_built_once_at_its_version(tmp_path: Path, only: Path) -> None:
    fakes.command(only, "go", GO)
    path = tools.build("actionlint", tmp_path)
    assert path.read_text() == "install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12\n"
    fakes.command(only, "go", "#!/bin/sh\nexit 1\n")
    assert tools.build("actionlint", tmp_path) == path


def test_what_go_says_is_passed_on(tmp_path: Path, only: Path) -> None:
    fakes.command(only, "go", "#!/bin/sh\necho no such host >&2\nexit 1\n")
    with pytest.raises(tools.Unavailable, match="no such host"):
        tools.build("gitleaks", tmp_path)


@pytest.mark.parametrize("name", list(tools.TOOLS))
def test_this_checkout_passes(name: str) -> None:
    program = tools.place(name)
    if not program.is_file():
        pytest.skip(f"{name} is not built; `make workflows secrets` builds both and runs them, and so does .ci/run")
    done = subprocess.run(
        [program, *tools.TOOLS[name].arguments], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_passes() -> None:
    zizmor = ROOT / ".venv/bin/zizmor"
    if not zizmor.is_file():
        pytest.skip("zizmor is not in .venv: this Python has none of the development libraries")
    done = subprocess.run(
        [zizmor, "--quiet", "--offline", "--pedantic", "."], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
