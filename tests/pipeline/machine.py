"""Runs a state machine's definition offline, with an answer for each call that it makes.

The interpreter is the local cloud's own, without the server: `_invoke_resource` is where it leaves the definition and
calls the world, and waiting is scaled to nothing.
"""

import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ministack.services import stepfunctions

Answer = Any
STATE_MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:files"


class Error(Exception):
    """An answer that is an error: `name` is what Retry and Catch match."""

    def __init__(self, name: str, cause: str = "") -> None:
        super().__init__(name)
        self.name, self.cause = name, cause


@dataclass
class Run:
    """What an execution did: states in the order entered, calls as (resource, input), how it ended."""

    status: str
    error: str | None
    states: list[str]
    calls: list[tuple[str, Any]]
    attempts: Counter[str] = field(default_factory=Counter)

    def inputs(self, name: str) -> list[Any]:
        """The inputs of every call whose resource ends with `name`."""
        return [given for resource, given in self.calls if resource.endswith(name)]


World = Callable[[str, Any, int], Answer]


def run(definition: dict[str, Any], given: dict[str, Any], world: World, monkeypatch: Any) -> Run:
    """Runs `definition` on the input `given`. `world(resource, input, n)` answers the n-th call of a resource."""
    calls: list[tuple[str, Any]] = []
    attempts: Counter[str] = Counter()
    lock = threading.Lock()

    def invoke(resource: str, data: Any) -> Answer:
        with lock:
            n = attempts[resource]
            attempts[resource] += 1
            calls.append((resource, data))
        try:
            return world(resource, data, n)
        except Error as error:
            raise stepfunctions._ExecutionError(error.name, error.cause) from None

    def invoke_with_callback(resource: str, data: Any, token: str, _state: Any) -> Answer:
        """The world's answer is that of whoever has the token, or what becomes of the call that hands it over."""
        assert data["Payload"]["token"] == token
        return invoke(f"{resource}:{data['FunctionName']}", data["Payload"])

    monkeypatch.setattr(stepfunctions, "_invoke_resource", invoke)
    monkeypatch.setattr(stepfunctions, "_invoke_with_callback", invoke_with_callback)
    monkeypatch.setattr(stepfunctions, "_SFN_WAIT_SCALE", 0)
    monkeypatch.setattr(stepfunctions, "_emit_execution_status_event", lambda _execution: None)
    monkeypatch.setattr(stepfunctions.time, "sleep", lambda _seconds: None)
    arn = "arn:aws:states:us-east-1:000000000000:execution:files:run-1"
    execution = {
        "executionArn": arn,
        "stateMachineArn": STATE_MACHINE,
        "name": "run-1",
        "status": "RUNNING",
        "startDate": "2026-01-02T03:04:05.000Z",
        "input": json.dumps(given),
        "events": [],
        "mockAttempts": {},
    }
    machines = {STATE_MACHINE: {"name": "files", "definition": json.dumps(definition)}}
    monkeypatch.setattr(stepfunctions, "_state_machines", machines)
    monkeypatch.setattr(stepfunctions, "_executions", {arn: execution})
    stepfunctions._run_execution(arn)
    states = [
        event["stateEnteredEventDetails"]["name"]
        for event in execution["events"]
        if "stateEnteredEventDetails" in event
    ]
    return Run(
        status=str(execution["status"]),
        error=execution.get("error"),
        states=states,
        calls=calls,
        attempts=attempts,
    )
