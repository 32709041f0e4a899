"""Offers newly locked libraries as a pull request: `python -m workflows.update`, where `make lock` has run.

One branch and one pull request: a newer lock replaces an older one that nobody has merged. Runs with nothing but the
standard library, git and gh, because it is the one step that may write to the repository.
"""

import subprocess
from pathlib import Path

from workflows.github import api

BRANCH = "updates/libraries"
LOCKED = ("requirements", ".pulumi.version")
TITLE = "Newest versions of all libraries"
BODY = f"""{TITLE}, as `make lock` chose them. The checks of a pull request that a workflow opened wait until someone
with write access approves them: a new version is other people's code, so look at what changed first.
"""
NAME, ADDRESS = "github-actions[bot]", "41898282+github-actions[bot]@users.noreply.github.com"


def main(root: Path) -> bool:
    """Whether there was anything new."""
    if not _git(root, "status", "--porcelain", "--", *LOCKED):
        return False
    _git(root, "switch", "--quiet", "--force-create", BRANCH)
    _git(root, "add", "--", *LOCKED)
    _git(root, "-c", f"user.name={NAME}", "-c", f"user.email={ADDRESS}", "commit", "--quiet", "-m", TITLE)
    # The token goes to git through gh for this one push; the checkout keeps none.
    _git(root, "-c", "credential.helper=!gh auth git-credential", "push", "--quiet", "--force", "origin", BRANCH)
    if not [one for one in api("pulls?state=open") if one["head"]["ref"] == BRANCH]:
        api("pulls", "POST", {"title": TITLE, "body": BODY, "head": BRANCH, "base": "main"})
    return True


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, check=True, text=True, stdout=subprocess.PIPE).stdout


if __name__ == "__main__":
    print("offered" if main(Path(__file__).resolve().parent.parent) else "nothing new")
