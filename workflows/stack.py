"""What the workflows ask of Pulumi: `python -m workflows.stack preview dev`, or `make preview STACK=dev`.

What Pulumi says is shown as it comes and kept in `build/<verb>-<stack>.txt`, for comments and issues to quote.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
POLICIES = ("--policy-pack", "policies")
VERBS = {
    "preview": ("preview", *POLICIES),
    # Without --skip-preview: policies about the whole stack judge late, and a preview stops before anything is made.
    "deploy": ("up", "--yes", *POLICIES),
    "drift": ("preview", "--refresh", "--expect-no-changes"),
}


def kept(root: Path, verb: str, stack: str) -> Path:
    """Where that is kept which Pulumi said."""
    return root / "build" / f"{verb}-{stack}.txt"


def run(verb: str, stack: str, root: Path = ROOT) -> int:
    """Pulumi's exit status; 2 if it could not be started, with the reason on stderr."""
    if not (root / f"Pulumi.{stack}.yaml").is_file():
        return _refuse(f"there is no stack {stack!r}: Pulumi.{stack}.yaml not found in {root}")
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        return _refuse("the Pulumi CLI is not on the path (docs/pull-requests.md); `make test` needs none")
    command = [pulumi, *VERBS[verb], "--stack", stack, "--non-interactive", "--color", "never"]
    path = kept(root, verb, stack)
    path.parent.mkdir(exist_ok=True)
    with (
        path.open("w") as copy,
        subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process,
    ):
        for line in process.stdout or ():
            print(line, end="", flush=True)
            copy.write(line)
    return process.returncode


def _refuse(why: str) -> int:
    print(why, file=sys.stderr)
    return 2


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verb", choices=VERBS)
    parser.add_argument("stack")
    given = parser.parse_args()
    sys.exit(run(given.verb, given.stack))
