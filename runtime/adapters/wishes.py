"""What the settings say is to be made of files: the environment and a file in the function's package."""

import json
from functools import cache
from pathlib import Path

from runtime import environment
from runtime.domain.planning import Wishes
from runtime.domain.tables import Schema
from runtime.domain.zipreader import ArchiveLimits


@cache
def _schemas() -> list[Schema]:
    path = Path(__file__).resolve().parents[2] / environment.DECLARED
    return [Schema.from_json(each) for each in json.loads(path.read_bytes())]


def wishes(settings: environment.Wishes) -> Wishes:
    """The environment's, with the schemas of the package."""
    archives = ArchiveLimits(
        members=settings.archive_members,
        unpacked_bytes=settings.archive_unpacked_bytes,
        ratio=settings.archive_ratio,
    )
    return Wishes.of(settings.results, _schemas(), archives, settings.archive_nesting, distinct=bool(settings.distinct))
