"""Step Functions: lets a run wait for the verdict of the malware scan (ADR 9)."""

from functools import cache
from typing import Any

from runtime import environment
from runtime.adapters.dynamodb import ledger
from runtime.adapters.gate import gate
from runtime.adapters.telemetry import logged
from runtime.domain.identity import FileVersion


@cache
def _settings() -> environment.Scan:
    return environment.read(environment.Scan)


@logged
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """`{"file", "run", "token"}`; what it returns is nobody's: the run goes on when its token is answered."""
    settings = _settings()
    gate(settings).wait(FileVersion.of(event), event["run"], event["token"], ledger=ledger(settings))
    return {}
