"""What every step logs, and what it counts."""

import json
import time
from types import SimpleNamespace
from typing import Any

import pytest

from runtime.adapters.telemetry import logged
from runtime.domain.errors import Corrupt, Rejected

CONTEXT: Any = SimpleNamespace(
    function_name="penstock-dev-plan", memory_limit_in_mb=128, invoked_function_arn="arn", aws_request_id="1"
)


def _counted(printed: str) -> list[dict[str, Any]]:
    return [line for line in map(json.loads, printed.splitlines()) if "_aws" in line]


def test_a_refusal_is_counted_at_the_time_when_the_call_began(capfd: pytest.CaptureFixture[str]) -> None:
    @logged
    def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
        time.sleep(0.05)
        raise Rejected("no header")

    before = time.time() * 1000
    with pytest.raises(Rejected):
        handler({"file": {"key": "a.csv"}}, CONTEXT)
    (line,) = _counted(capfd.readouterr().out)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    (metric,), (dimensions,) = directive["Metrics"], directive["Dimensions"]
    assert {name: line[name] for name in dimensions} == {"FunctionName": "penstock-dev-plan"}
    assert line[metric["Name"]] == 1
    assert before - 1 <= line["_aws"]["Timestamp"] < before + 50


def test_other_errors_are_not_refusals(capfd: pytest.CaptureFixture[str]) -> None:
    @logged
    def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
        raise Corrupt("a checksum disagrees")

    with pytest.raises(Corrupt):
        handler({}, CONTEXT)
    assert _counted(capfd.readouterr().out) == []
