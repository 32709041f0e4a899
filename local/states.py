"""Step Functions where ministack is more lenient than AWS, or gives errors other names.

Everything is asynchronous in ministack: each execution is walked by a thread of its own.
"""

import contextlib
import contextvars
import importlib
import json
import random
import threading
import time
from types import ModuleType
from typing import Any

from local import callbacks
from local.hooks import Function, Hooks

LIMIT_BYTES = 256 * 1024
"""The largest input or output of a state, an execution or a task, as UTF-8 JSON."""
# No wildcard matches these.
_NEVER_CAUGHT_BY_ALL = frozenset({"States.DataLimitExceeded", "States.Runtime"})

Context = dict[str, Any]


class States:
    """The mends of the state machines of one cloud."""

    def __init__(self) -> None:
        self._stopped = threading.Event()

    def mend(self, hooks: Hooks) -> None:
        """Puts all of them in force."""
        module = "services.stepfunctions"
        task = "state_def raw_input execution ctx"
        hooks.replace(module, "_start_execution", "data", _starting)
        hooks.replace(module, "_run_execution", "exec_arn", _timing)
        hooks.replace(module, "_fail_execution", "execution error cause", _failing)
        hooks.replace(module, "_execute_task", task, _while_running)
        hooks.replace(module, "_call_lambda", "func_ref event", _naming)
        hooks.replace(module, "_invoke_resource", "resource input_data", _measuring_task)
        hooks.replace(module, "_apply_output_path", "state_def data ctx", _measuring_output)
        hooks.replace(module, "_apply_result_selector", "state_def data", _measuring_result)
        hooks.replace(module, "_read_map_items", "reader effective ctx", _reading)
        hooks.replace(module, "_resolve_params_obj", "template data ctx", _strictly)
        hooks.replace(module, "_error_matches", "error_equals error", _matching)
        hooks.replace(module, "_find_matching_retrier", "retriers error retry_counts", _delaying)
        hooks.replace("services.sns", "_parse_message_attributes", "params", _attributing)
        hooks.replace(module, "_scaled_sleep", "seconds", self._sleeping)
        hooks.value(module, "time", _clock())
        callbacks.mend(hooks)

    def stop(self) -> None:
        """Ends the executions that still run: none takes another step."""
        self._stopped.set()
        callbacks.stop()
        for execution in _stepfunctions()._executions.all_values():
            if execution["status"] == "RUNNING":
                execution["status"] = "ABORTED"

    def _sleeping(self, sleep: Function) -> Function:
        def scaled_sleep(seconds: float) -> None:
            scaled = seconds * _stepfunctions()._SFN_WAIT_SCALE
            if scaled > 0:
                self._stopped.wait(scaled)

        return scaled_sleep


def _stepfunctions() -> Any:
    return importlib.import_module("ministack.services.stepfunctions")


def _error(name: str, cause: str) -> Exception:
    error: Exception = _stepfunctions()._ExecutionError(name, cause)
    return error


def _check_size(value: Any, what: str) -> None:
    if len(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")) > LIMIT_BYTES:
        cause = f"The {what} is larger than the maximum number of bytes service limit of {LIMIT_BYTES}."
        raise _error("States.DataLimitExceeded", cause)


# -- executions -------------------------------------------------------------------------------------------------------
def _starting(start: Function) -> Function:
    """The same start twice is one execution; ministack refuses the second one even while the first runs."""

    def start_execution(data: dict[str, Any]) -> Any:
        states = _stepfunctions()
        if len(data.get("input", "").encode("utf-8", "surrogatepass")) > LIMIT_BYTES:
            message = f"Value at 'input' failed to satisfy constraint: at most {LIMIT_BYTES} bytes"
            return states.error_response_json("ValidationException", message, 400)
        machine = states._state_machines.get(states._resolve_state_machine_arn(data.get("stateMachineArn", "")))
        if machine and data.get("name"):
            arn = machine["stateMachineArn"].replace(":stateMachine:", ":execution:") + f":{data['name']}"
            running = states._executions.get(arn)
            if running and running["status"] == "RUNNING" and running["input"] == data.get("input", "{}"):
                return states.json_response({"executionArn": arn, "startDate": running["startDate"]})
        return start(data)

    return start_execution


def _timing(run: Function) -> Function:
    """Ends an execution that takes longer than its machine's `TimeoutSeconds`."""

    def run_execution(exec_arn: str) -> None:
        states = _stepfunctions()
        execution = states._executions.get(exec_arn)
        machine = states._state_machines.get(execution["stateMachineArn"]) if execution else None
        seconds = _timeout(machine["definition"]) if machine else None
        if not seconds:
            run(exec_arn)
            return
        context = contextvars.copy_context()
        loop = importlib.import_module("ministack.app")._MAIN_LOOP
        # On the server's loop, where every other change of an execution's status from outside is made.
        loop.call_soon_threadsafe(loop.call_later, seconds, context.run, _time_out, execution)
        run(exec_arn)

    return run_execution


def _clock() -> ModuleType:
    """The module `time`, in which nobody sleeps: a fixed 0.15 s before each execution is all that is left to sleep."""
    clock = ModuleType(time.__name__)
    vars(clock).update(vars(time), sleep=lambda _seconds: None)
    return clock


def _timeout(definition: str) -> float | None:
    with contextlib.suppress(ValueError):
        seconds = json.loads(definition).get("TimeoutSeconds")
        return float(seconds) if seconds else None
    return None


def _time_out(execution: dict[str, Any]) -> None:
    states = _stepfunctions()
    if execution["status"] != "RUNNING":
        return
    execution.update(status="TIMED_OUT", stopDate=states.now_iso(), error="States.Timeout", cause=None)
    states._add_event(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {"error": "States.Timeout"}})
    states._emit_execution_status_event(execution)


def _failing(fail: Function) -> Function:
    """An execution that has ended already, stopped or timed out, does not end a second time."""

    def fail_execution(execution: dict[str, Any], error: str, cause: str) -> None:
        if execution["status"] == "RUNNING":
            fail(execution, error, cause)

    return fail_execution


def _while_running(execute: Function) -> Function:
    """A task of an execution that has ended is not started, in no iteration of a Map either."""

    def execute_task(state_def: dict[str, Any], raw_input: Any, execution: dict[str, Any], ctx: Context) -> Any:
        whole = _stepfunctions()._executions.get(ctx.get("Execution", {}).get("Id"), execution)
        if whole and whole["status"] != "RUNNING":
            raise _error("States.Runtime", f"The execution is {whole['status']}")
        callbacks.running(ctx.get("StateMachine", {}).get("Id", "*"))
        return execute(state_def, raw_input, execution, ctx)

    return execute_task


# -- errors -----------------------------------------------------------------------------------------------------------
def _naming(call: Function) -> Function:
    """A throttled function is a `Lambda.TooManyRequestsException`; ministack calls it `Lambda.Unknown`."""

    def call_lambda(func_ref: str, event: Any) -> Any:
        states = _stepfunctions()
        try:
            return call(func_ref, event)
        except states._ExecutionError as error:
            if error.error == "Lambda.Unknown" and "TooManyRequestsException" in str(error.cause):
                raise _error("Lambda.TooManyRequestsException", error.cause) from None
            raise

    return call_lambda


def _matching(matches: Function) -> Function:
    """Wildcards match neither an exceeded limit nor an error of the definition."""

    def error_matches(error_equals: list[str], error: str) -> bool:
        if error in _NEVER_CAUGHT_BY_ALL:
            return error in error_equals
        return bool(matches(error_equals, error))

    return error_matches


def _delaying(find: Function) -> Function:
    """`MaxDelaySeconds` and `JitterStrategy`, which ministack ignores."""

    def find_retrier(retriers: list[Context], error: str, retry_counts: dict[int, int]) -> tuple[Any, int]:
        retrier, index = find(retriers, error, retry_counts)
        if retrier is None:
            return retrier, index
        delay = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** retry_counts.get(index, 0)
        delay = min(delay, retrier.get("MaxDelaySeconds", delay))
        if retrier.get("JitterStrategy") == "FULL":
            delay = random.uniform(0, delay)  # noqa: S311
        return {**retrier, "IntervalSeconds": delay, "BackoffRate": 1.0}, index

    return find_retrier


# -- data -------------------------------------------------------------------------------------------------------------
def _measuring_task(invoke: Function) -> Function:
    def invoke_resource(resource: str, input_data: Any) -> Any:
        _check_size(input_data, "state/task input")
        result = invoke(resource, input_data)
        _check_size(result, "state/task returned a result that")
        return result

    return invoke_resource


def _measuring_output(apply: Function) -> Function:
    def apply_output_path(state_def: Context, data: Any, ctx: Context | None = None) -> Any:
        output = apply(state_def, data, ctx)
        _check_size(output, "state's output")
        return output

    return apply_output_path


def _measuring_result(apply: Function) -> Function:
    """The outputs of all iterations of a Map together, before `ResultPath` drops them."""

    def apply_result_selector(state_def: Context, data: Any) -> Any:
        if state_def.get("Type") == "Map":
            _check_size(data, "result of the Map")
        return apply(state_def, data)

    return apply_result_selector


def _reading(read: Function) -> Function:
    """What cannot be read or parsed is `States.ItemReaderFailed`, not an error of the interpreter."""

    def read_map_items(reader: Context, effective: Any, ctx: Context) -> Any:
        states = _stepfunctions()
        try:
            items = read(reader, effective, ctx)
        except states._ExecutionError:
            raise
        except Exception as error:
            raise _error("States.ItemReaderFailed", f"{type(error).__name__}: {error}") from error
        if not isinstance(items, list):
            raise _error("States.ItemReaderFailed", "Attempting to map over non-iterable node.")
        return items

    return read_map_items


def _attributing(parse: Function) -> Function:
    """`sns:publish` has its message attributes as an object; ministack knows them as form parameters only."""

    def parse_attributes(params: Context) -> Any:
        given = params.get("MessageAttributes")
        return given if isinstance(given, dict) else parse(params)

    return parse_attributes


def _strictly(resolve: Function) -> Function:
    """A path that leads nowhere is an error; ministack puts null in its place."""

    def resolve_params(template: Any, data: Any, ctx: Context | None = None) -> Any:
        if isinstance(template, dict):
            for name, path in template.items():
                if name.endswith(".$") and isinstance(path, str) and path.startswith("$"):
                    where = (ctx or {}) if path.startswith("$$.") else data
                    if not _leads_somewhere(path.removeprefix("$") if path.startswith("$$") else path, where):
                        cause = (
                            f"The JSONPath '{path}' specified for the field '{name}' could not be found in the input"
                        )
                        raise _error("States.ParameterPathFailure", cause)
        return resolve(template, data, ctx)

    return resolve_params


def _leads_somewhere(path: str, data: Any) -> bool:
    """False for a plain path of names and indexes that `data` does not have; other paths are not judged."""
    tokens = _stepfunctions()._parse_jsonpath_tokens(path)
    for kind, value in tokens or ():
        if kind == "wildcard":
            return True
        named = kind == "field" and isinstance(data, dict) and value in data
        counted = kind == "index" and isinstance(data, list) and value < len(data)
        if not named and not counted:
            return False
        data = data[value]
    return True
