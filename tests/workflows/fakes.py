"""Commands that the workflows call, as far as the tests need them: real processes, found through PATH."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

# Answers a call from `answers.json` and writes it down, one JSON object a line.
GH = """#!{python}
import json, pathlib, sys
here = pathlib.Path(__file__).parent
path, method = sys.argv[2], sys.argv[sys.argv.index("--method") + 1]
given = json.load(sys.stdin) if "--input" in sys.argv else None
with (here / "calls.jsonl").open("a") as calls:
    calls.write(json.dumps([method, path, given]) + "\\n")
if method == "GET":
    answers = json.loads((here / "answers.json").read_text())
    print(json.dumps([answers[path]]))
"""
PULUMI = """#!{python}
import os, pathlib, sys
here = pathlib.Path(__file__).parent
(here / "pulumi.txt").write_text("\\n".join([os.getcwd(), *sys.argv[1:]]))
print("~ aws:s3:Bucket work update")
print("error: no changes were expected but changes were proposed", file=sys.stderr)
sys.exit(255)
"""


@dataclass(frozen=True, kw_only=True)
class GitHub:
    """A `gh` that knows `repos/octo/files/…` only; `calls` are method, path and fields of what it was asked."""

    folder: Path

    def answers(self, lists: Mapping[str, list[Any]]) -> None:
        """What it answers for each path."""
        known = {f"repos/octo/files/{path}": value for path, value in lists.items()}
        (self.folder / "answers.json").write_text(json.dumps(known))

    @property
    def calls(self) -> list[tuple[str, str, Any]]:
        """Those that change something."""
        path = self.folder / "calls.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        made = [tuple(json.loads(line)) for line in lines]
        return [(method, path.removeprefix("repos/octo/files/"), given) for method, path, given in made if given]


def command(folder: Path, name: str, source: str) -> None:
    """Puts a command into a folder."""
    path = folder / name
    path.write_text(source.replace("{python}", sys.executable))
    path.chmod(0o755)


def github(folder: Path, monkeypatch: pytest.MonkeyPatch) -> GitHub:
    """A repository octo/files, with a run going on."""
    folder.mkdir()
    command(folder, "gh", GH)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    for name, value in {"REPOSITORY": "octo/files", "SERVER_URL": "https://host.test", "RUN_ID": "42"}.items():
        monkeypatch.setenv(f"GITHUB_{name}", value)
    return GitHub(folder=folder)
