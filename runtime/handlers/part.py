"""Step Functions, in a Map: processes one group of parts."""

from functools import cache
from typing import Any

from runtime import environment
from runtime.adapters.duckdb import tables
from runtime.adapters.s3 import objects
from runtime.adapters.telemetry import logged
from runtime.domain import steps
from runtime.domain.identity import FileVersion
from runtime.domain.ports import Buckets


@cache
def _settings() -> environment.Part:
    return environment.read(environment.Part)


@logged
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """`{"file", "group"}` to `{}`: the answers of thousands of children would not fit the state."""
    settings = _settings()
    return steps.part(
        FileVersion.of(event),
        event["group"],
        objects=objects(),
        buckets=Buckets(work=settings.work_bucket),
        tables=tables(),
    )
