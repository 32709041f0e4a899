"""Step Functions: backs up, writes `result.json`, verifies the archive and signs its link."""

from functools import cache
from typing import Any

from runtime import environment
from runtime.adapters.buckets import ending
from runtime.adapters.dynamodb import ledger
from runtime.adapters.s3 import objects
from runtime.adapters.signing import signer
from runtime.adapters.telemetry import logged
from runtime.domain import steps
from runtime.domain.identity import FileVersion


@cache
def _settings() -> environment.Publish:
    return environment.read(environment.Publish)


@logged
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """`{"file", "run"}` to the outcome that the state machine records and announces.

    `"scanned": true` beside them says that the run went through the malware gate.
    """
    settings = _settings()
    return steps.publish(
        FileVersion.of(event),
        event["run"],
        objects=objects(),
        ledger=ledger(settings),
        signer=signer(settings),
        buckets=ending(settings, work=settings.work_bucket),
        scanned=event.get("scanned", False),
    )
