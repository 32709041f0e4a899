"""Step Functions: plans a large file."""

from functools import cache
from typing import Any

from runtime import environment
from runtime.adapters.dynamodb import ledger
from runtime.adapters.s3 import objects
from runtime.adapters.telemetry import logged
from runtime.adapters.wishes import wishes
from runtime.domain import steps
from runtime.domain.identity import FileVersion
from runtime.domain.ports import Buckets


@cache
def _settings() -> environment.Plan:
    return environment.read(environment.Plan)


@logged
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """`{"file", "run"}` to what `steps.plan` returns."""
    settings = _settings()
    return steps.plan(
        FileVersion.of(event),
        event["run"],
        objects=objects(),
        ledger=ledger(settings),
        buckets=Buckets(work=settings.work_bucket),
        part_bytes=settings.part_bytes,
        parts_per_group=settings.parts_per_group,
        inline_parts=settings.inline_parts,
        max_file_bytes=settings.max_file_bytes,
        direct_limit_bytes=settings.direct_limit_bytes,
        wishes=wishes(settings),
    )
