"""Step Functions: brings a small file from upload to delivery in one call."""

from functools import cache
from typing import Any

from runtime import environment
from runtime.adapters import wiring
from runtime.adapters.telemetry import logged
from runtime.domain import steps


@cache
def _settings() -> environment.Process:
    return environment.read(environment.Process)


@logged
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """`{"file", "run"}` to the outcome that the state machine records and announces."""
    settings = _settings()
    return steps.whole(
        wiring.file_of(event),
        event["run"],
        objects=wiring.objects(),
        ledger=wiring.ledger(settings),
        signer=wiring.signer(settings),
        buckets=wiring.buckets(settings),
        part_bytes=settings.part_bytes,
        max_file_bytes=settings.max_file_bytes,
    )
