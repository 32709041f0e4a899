"""Tasks of Step Functions that wait for a token, where ministack is more lenient than AWS.

It goes on waiting when the function that was to pass the token on has failed, gives every try the same token, takes an
answer to a token as one to any state machine, and sleeps on when the cloud is stopped.
"""

import contextvars
import importlib
import json
import threading
import time
import uuid
from typing import Any

from local.hooks import Function, Hooks

_STOPPED = {"Error": "States.Runtime", "Cause": "The local cloud is stopped"}
# The machine that a token is of; AWS knows it of a token that was answered as well.
_machine_of: dict[str, str] = {}
_machine: contextvars.ContextVar[str] = contextvars.ContextVar("penstock_machine", default="*")


def mend(hooks: Hooks) -> None:
    """Puts all of it in force. `States` names the machine whose task is about to run."""
    module = "services.stepfunctions"
    hooks.replace(module, "_invoke_with_callback", "resource input_data token state_def", _waiting)
    parameters = "service method path headers body query_params region account_id"
    hooks.replace("core.iam_actions", "extract_resource_arn", parameters, _owning)


def running(machine_arn: str) -> None:
    """Says whose task this thread runs next."""
    _machine.set(machine_arn)


def stop() -> None:
    """Wakes up everything that waits for an answer."""
    for info in _stepfunctions()._task_tokens.all_values():
        info["error"] = _STOPPED
        info["event"].set()
    _machine_of.clear()


def _stepfunctions() -> Any:
    return importlib.import_module("ministack.services.stepfunctions")


def _waiting(invoke: Function) -> Function:
    def invoke_with_callback(resource: str, input_data: Any, token: str, state_def: dict[str, Any]) -> Any:
        states = _stepfunctions()
        if "states:::lambda:invoke" not in resource:
            return invoke(resource, input_data, token, state_def)
        fresh, started, answered = str(uuid.uuid4()), time.monotonic(), threading.Event()
        info: dict[str, Any] = {
            "event": answered,
            "result": None,
            "error": None,
            "heartbeat": None,
        }
        _machine_of[fresh] = _machine.get()
        states._task_tokens[fresh] = info
        try:
            function = states._resolve_lambda_function_ref(input_data["FunctionName"], optimized=True)
            states._call_lambda(function, _instead(input_data.get("Payload", {}), token, fresh))
            seconds = state_def.get("TimeoutSeconds", 99_999_999)
            if not answered.wait(max(seconds - (time.monotonic() - started), 0)):
                raise states._ExecutionError("States.Timeout", "Task timed out waiting for callback")
        finally:
            states._task_tokens.pop(fresh, None)
        if error := info["error"]:
            raise states._ExecutionError(error["Error"], error["Cause"])
        return json.loads(str(info["result"]))

    return invoke_with_callback


def _instead(value: Any, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {name: _instead(one, old, new) for name, one in value.items()}
    if isinstance(value, list):
        return [_instead(one, old, new) for one in value]
    return new if value == old else value


def _owning(extract: Function) -> Function:
    """Who answers a token needs leave for the state machine that it belongs to."""

    def resource_arn(service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any) -> str:
        if service == "states" and b"taskToken" in body:
            return _machine_of.get(json.loads(body).get("taskToken"), "*")
        found: str = extract(service, method, path, headers, body, *rest)
        return found

    return resource_arn
