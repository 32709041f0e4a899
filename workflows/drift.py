"""Keeps one issue open for each stack that is not what was deployed: `python -m workflows.drift prod`.

It reads what `make drift STACK=prod` left behind; `OUTCOME` is how that step ended. The issue is closed when the next
comparison finds nothing.
"""

import os
import sys
from pathlib import Path

from workflows.github import api, fenced, this_run
from workflows.stack import ROOT, kept

LABEL = "drift"
# How Pulumi tells changes from everything else that can go wrong; the status is the same.
CHANGED = "no changes were expected"


def main(stack: str, root: Path = ROOT) -> None:
    """Opens, extends or closes the stack's issue."""
    title = f"Drift in {stack}"
    found = [one["number"] for one in api(f"issues?labels={LABEL}&state=open") if one["title"] == title]
    if os.environ["OUTCOME"] == "success":
        for number in found:
            api(f"issues/{number}/comments", "POST", {"body": f"Gone: {stack} is what was deployed. {this_run()}"})
            api(f"issues/{number}", "PATCH", {"state": "closed"})
        return
    body = render(stack, kept(root, "drift", stack))
    if found:
        api(f"issues/{found[0]}/comments", "POST", {"body": body})
    else:
        api("issues", "POST", {"title": title, "body": body, "labels": [LABEL]})


def render(stack: str, path: Path) -> str:
    """What the issue says, in Markdown."""
    said = path.read_text() if path.is_file() else "An earlier step failed."
    if CHANGED in said:
        what = (
            f"`{stack}` is no longer what was deployed: someone or something changed it beside the program. Either the"
            f" change goes into the program, or deploying again takes it back (docs/pull-requests.md)."
        )
    else:
        what = f"`{stack}` could not be compared with what was deployed."
    return f"{what}\n\n{this_run()}\n\n{fenced(said)}\n"


if __name__ == "__main__":
    main(sys.argv[1])
