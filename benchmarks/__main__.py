"""`make bench`: every figure beside a peer's, measured in the same run on the same machine, as a ratio.

`python -m benchmarks NAME …` runs some of them. Times are the least of several rounds, because noise only adds.
"""

import argparse
import json
import os
import platform
import sys
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

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
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", default=[], metavar="NAME", help=f"of {', '.join(BENCHMARKS)}")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each (default 5)")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.names) - set(BENCHMARKS))
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    figures: list[Figure] = []
    for name in arguments.names or BENCHMARKS:
        print(f"{name} …", file=sys.stderr, flush=True)
        figures += BENCHMARKS[name](arguments.rounds)
    if arguments.json:
        print(json.dumps({"machine": _machine(), "figures": [asdict(figure) for figure in figures]}, indent=2))
        return 0
    table = Table(title=f"Least of {arguments.rounds} rounds on {_machine()}")
    for column in ("what", "ours", "peer", "the peer is", "ratio", "aim"):
        table.add_column(column)
    for figure in figures:
        table.add_row(
            figure.what,
            f"{figure.ours:.3g} {figure.unit}",
            f"{figure.theirs:.3g} {figure.unit}",
            figure.peer,
            f"{figure.ours / figure.theirs:.2f}",
            figure.aim,
        )
    Console(width=None if sys.stdout.isatty() else 160).print(table)
    return 0


sys.exit(main())
