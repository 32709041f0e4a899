"""Puts a preview where people read it: `python -m workflows.comment dev`, after `make preview STACK=dev`.

On a pull request (`PULL_REQUEST` is its number) there is one comment for each stack, and a new preview replaces it;
without one, it goes into the run's summary. `OUTCOME` is how the preview's step ended.
"""

import os
import sys
from pathlib import Path

from workflows.github import api, fenced, this_run
from workflows.stack import ROOT, kept

ME = "github-actions[bot]"


def main(stack: str, root: Path = ROOT) -> None:
    """Writes the comment or the summary."""
    body = render(stack, os.environ["OUTCOME"], kept(root, "preview", stack))
    number = os.environ.get("PULL_REQUEST")
    if not number:
        with Path(os.environ["GITHUB_STEP_SUMMARY"]).open("a") as summary:
            summary.write(body)
        return
    # Only a comment of our own is replaced: anyone may write one with our mark in it.
    mine = [
        one
        for one in api(f"issues/{number}/comments")
        if one["user"]["login"] == ME and one["body"].startswith(_mark(stack))
    ]
    if mine:
        api(f"issues/comments/{mine[0]['id']}", "PATCH", {"body": body})
    else:
        api(f"issues/{number}/comments", "POST", {"body": body})


def render(stack: str, outcome: str, path: Path) -> str:
    """What the comment says, in Markdown."""
    said = path.read_text() if path.is_file() else "There is no preview: an earlier step failed."
    ended = "succeeded" if outcome == "success" else "**failed**: a policy, or Pulumi itself, says why below"
    return "\n".join(
        [
            _mark(stack),
            f"### Preview of `{stack}`",
            "",
            f"It {ended}. [Log]({this_run()})",
            "",
            "<details><summary>What Pulumi says</summary>",
            "",
            fenced(said),
            "",
            "</details>",
            "",
        ]
    )


def _mark(stack: str) -> str:
    return f"<!-- penstock: preview of {stack} -->"


if __name__ == "__main__":
    main(sys.argv[1])
