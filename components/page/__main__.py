"""`python -m components.page` builds the page; with names of scripts in web/package.json it runs those, one by one."""

import subprocess
import sys

from components.page import PageError, build
from components.page.build import ROOT, SOURCES, ready


def main(scripts: list[str]) -> int:
    """The exit status of the first script that fails, or 0."""
    try:
        if not scripts:
            print(build().folder)
            return 0
        tool = ready(ROOT)
    except PageError as error:
        print(f"page: {error}", file=sys.stderr)
        return 1
    for script in scripts:
        command = [tool.program, tool.npm, "run", "--silent", script]
        if status := subprocess.run(command, cwd=ROOT / SOURCES, env=tool.environment(), check=False).returncode:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
