"""The platform's own policy pack, for an engine that looks for one in the folder of the program."""

import runpy
from pathlib import Path

runpy.run_path(str(Path(__file__).resolve().parent.parent.parent / "policies" / "__main__.py"), run_name="__main__")
