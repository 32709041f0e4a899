"""Step Functions: brings a small file from upload to delivery in one call."""

from functools import cache
from typing import Any

from runtime import environment
from runtime.adapters.buckets import ending
from runtime.adapters.duckdb import tables
from runtime.adapters.dynamodb import ledger
from runtime.adapters.s3 import objects
from runtime.adapters.signing import signer
from runtime.adapters.telemetry import logged
from runtime.adapters.wishes import wishes
from runtime.domain.at_once import whole
from runtime.domain.identity import FileVersion


@cache
def _settings() -> environment.Process:
    return environment.read(environment.Process)


@logged
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """`{"file", "run"}` to the outcome that the state machine records and announces.

    `"scanned": true` beside them says that the run went through the malware gate.
    """
    settings = _settings()
    return whole(
        FileVersion.of(event),
        event["run"],
        objects=objects(),
        ledger=ledger(settings),
        signer=signer(settings),
        buckets=ending(settings, work=settings.work_bucket),
        part_bytes=settings.part_bytes,
        max_file_bytes=settings.max_file_bytes,
        wishes=wishes(settings),
        tables=tables(),
        scanned=event.get("scanned", False),
    )
