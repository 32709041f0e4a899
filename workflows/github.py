"""GitHub's API through its own command `gh`, which every hosted runner has; it reads `GH_TOKEN`."""

import json
import os
import subprocess
from collections.abc import Mapping
from typing import Any

# GitHub refuses more than 65,536 characters in a comment.
LONGEST = 60_000


def api(path: str, method: str = "GET", fields: Mapping[str, Any] | None = None) -> Any:
    """The answer of `repos/<this repository>/<path>`, all pages of a list in one; raises `CalledProcessError`."""
    command = ["gh", "api", f"repos/{os.environ['GITHUB_REPOSITORY']}/{path}", "--method", method]
    if method == "GET":
        command += ["--paginate", "--slurp"]
    if fields is not None:
        command += ["--input", "-"]
    said = subprocess.run(
        command, input=json.dumps(fields) if fields is not None else None, text=True, check=True, stdout=subprocess.PIPE
    ).stdout
    answer: Any = json.loads(said or "null")
    return [one for page in answer for one in page] if method == "GET" else answer


def this_run() -> str:
    """The address of the run that this is."""
    server, repository = os.environ["GITHUB_SERVER_URL"], os.environ["GITHUB_REPOSITORY"]
    return f"{server}/{repository}/actions/runs/{os.environ['GITHUB_RUN_ID']}"


def fenced(text: str) -> str:
    """Text as it is, in a fence that nothing in it can close; the end is kept if it is too long."""
    if len(text) > LONGEST:
        text = "(the beginning is left out; the run's log has it)\n" + text[-LONGEST:]
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}text\n{text.rstrip()}\n{fence}"
