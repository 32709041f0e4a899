"""What the settings say is to be made of records: the environment and a file in the function's package."""

import json
from functools import cache
from pathlib import Path

from runtime import environment
from runtime.domain.planning import Wishes
from runtime.domain.tables import Schema


@cache
def wishes(results: str) -> Wishes:
    """`results` is "clean", "parquet" or "both"."""
    path = Path(__file__).resolve().parents[2] / environment.DECLARED
    return Wishes.of(results, [Schema.from_json(each) for each in json.loads(path.read_bytes())])
