"""Which commit a stack runs: `python -m workflows.deployed prod` prints `sha=…`.

Nothing is printed before the first deployment. GitHub writes a deployment down for each job with an environment; the
stack's environment has the stack's name. Runs before there is a virtual environment: needs the standard library only.
"""

import sys

from workflows.github import api


def commit(stack: str) -> str | None:
    """The commit of the newest deployment that succeeded."""
    for one in api(f"deployments?environment={stack}&per_page=100"):
        if any(status["state"] == "success" for status in api(f"deployments/{one['id']}/statuses")):
            return str(one["sha"])
    return None


if __name__ == "__main__":
    if found := commit(sys.argv[1]):
        print(f"sha={found}")
