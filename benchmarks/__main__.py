"""`make bench`: every figure beside a peer's, measured in the same run on the same machine, as a ratio.

`python -m benchmarks NAME …` runs some of them. Times are the least of several rounds, because noise only adds. It ends
well if all could be measured, whatever aims are met.
"""

import argparse
import json
import os
import platform
import sys
import traceback
from dataclasses import asdict
from pathlib import Path

from benchmarks import (
    api_latency,
    catalogue_load,
    cold_start,
    csv_speed,
    flow_rate,
    image_speed,
    page_speed,
    split_speed,
    table_speed,
    zip_speed,
)
from benchmarks.measure import Figure

BENCHMARKS = {
    "cold_start": cold_start.run,
    "flow_rate": flow_rate.run,
    "api_latency": api_latency.run,
    "csv_speed": csv_speed.run,
    "catalogue_load": catalogue_load.run,
    "image_speed": image_speed.run,
    "page_speed": page_speed.run,
    "split_speed": split_speed.run,
    "table_speed": table_speed.run,
    "zip_speed": zip_speed.run,
}


def _machine() -> str:
    return f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _load() -> str:
    """How many processes wanted a core in the last minute: times of the clock mean little where that is more."""
    return f"load {os.getloadavg()[0]:.1f}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", default=[], metavar="NAME", help=f"of {', '.join(BENCHMARKS)}")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each (default 5)")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of lines")
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.names) - set(BENCHMARKS))
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    tell = sys.stderr if arguments.json else sys.stdout
    print(f"Least of {arguments.rounds} rounds on {_machine()}", file=tell, flush=True)
    figures: list[Figure] = []
    failed: list[str] = []
    for name in arguments.names or BENCHMARKS:
        before = _load()
        try:
            found = BENCHMARKS[name](arguments.rounds)
        except Exception:  # the others are measured all the same
            print(f"{name} could not be measured:\n{traceback.format_exc()}", file=sys.stderr, flush=True)
            failed.append(name)
            continue
        figures += found
        print(f"{name} ({before} before, {_load()} after)", file=tell)
        for figure in found:
            print(f"  {figure.line()}", file=tell, flush=True)
    missed = [figure.what for figure in figures if figure.met is False]
    aims = sum(figure.met is not None for figure in figures)
    print(
        f"{aims - len(missed)} of {aims} aims are met." + "".join(f"\n  missed: {what}" for what in missed), file=tell
    )
    if arguments.json:
        told = [{**asdict(figure), "ratio": figure.ratio, "met": figure.met} for figure in figures]
        print(json.dumps({"machine": _machine(), "load": _load(), "failed": failed, "figures": told}, indent=2))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
