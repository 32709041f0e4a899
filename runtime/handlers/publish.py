"""Step Functions: backs up, writes `result.json`, verifies the archive and signs its link."""

from functools import cache
from typing import Any

from runtime import environment
from runtime.adapters import wiring
from runtime.adapters.telemetry import logged
from runtime.domain import steps


@cache
def _settings() -> environment.Publish:
    return environment.read(environment.Publish)


@logged
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """`{"file", "run"}` to the outcome that the state machine records and announces."""
    settings = _settings()
    return steps.publish(
        wiring.file_of(event),
        event["run"],
        objects=wiring.objects(),
        ledger=wiring.ledger(settings),
        signer=wiring.signer(settings),
        buckets=wiring.buckets(settings),
    )
