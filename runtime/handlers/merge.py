"""Step Functions: joins the groups' results."""

from functools import cache
from typing import Any

from runtime import environment
from runtime.adapters.duckdb import tables
from runtime.adapters.dynamodb import ledger
from runtime.adapters.s3 import objects
from runtime.adapters.telemetry import logged
from runtime.domain import steps
from runtime.domain.identity import FileVersion
from runtime.domain.ports import Buckets


@cache
def _settings() -> environment.Merge:
    return environment.read(environment.Merge)


@logged
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """`{"file", "run"}` to `{}`."""
    settings = _settings()
    return steps.merge(
        FileVersion.of(event),
        objects=objects(),
        ledger=ledger(settings),
        buckets=Buckets(work=settings.work_bucket, output=settings.output_bucket),
        tables=tables(),
    )
