"""`penstock` with a program of two resources in the platform's place, for tests of the process itself."""

from functools import partial
from pathlib import Path

from cli import front, main, serving
from local.deploy import deploy

if __name__ == "__main__":
    front.settings = lambda say: {}
    serving.deploy = partial(deploy, root=Path(__file__).parent / "small")
    main.main()
