"""The state machine loses nothing, waits for nothing for ever, and writes no file's content into a log."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from policies.kinds import MACHINE
from policies.rules import Props, each

CALL = "arn:aws:lambda:", ":lambda:invoke"
WAITS = (".waitForTaskToken", ".sync", ".sync:2")
LONGEST_SECONDS = 7 * 24 * 3600


@each(MACHINE)
def machine_logs_errors_without_data(props: Props) -> Iterator[str]:
    """Errors of state machines are logged, what they work on is not."""
    logging = props.get("loggingConfiguration") or {}
    if logging.get("level") not in ("ERROR", "ALL") or "logDestination" not in list(logging):
        yield "what fails is not logged; set logging_configuration with level ERROR and a log_destination"
    if logging.get("includeExecutionData") is not False:
        yield "names and results of files get into its log; set include_execution_data to false"


@each(MACHINE)
def machine_can_be_redriven(props: Props) -> Iterator[str]:
    """State machines are of the standard type, whose executions are kept and can be redriven."""
    if props.get("type") != "STANDARD":
        yield "what failed cannot be redriven; set type to STANDARD"


@each(MACHINE)
def machine_ends(props: Props) -> Iterator[str]:
    """A run ends after a week at most, whatever happens."""
    if not 0 < json.loads(props["definition"]).get("TimeoutSeconds", 0) <= LONGEST_SECONDS:
        yield f"a run may last for ever; set TimeoutSeconds of the definition to {LONGEST_SECONDS} at most"


@each(MACHINE)
def tasks_are_tried_again(props: Props) -> Iterator[str]:
    """Every task of a state machine is tried again when it fails for a while, with growing pauses."""
    for name, state, _ in _states(props):
        if state["Type"] != "Task":
            continue
        last = (state.get("Retry") or [{}])[-1]
        if "States.ALL" not in last.get("ErrorEquals", []) or not 0 < last.get("MaxAttempts", 3) <= 10:
            yield f"{name} fails with the first error that passes; give it a Retry that ends with States.ALL"
        elif last.get("BackoffRate", 2) <= 1:
            yield f"{name} is tried again without pause; set BackoffRate of its Retry above 1"


@each(MACHINE)
def failures_are_caught(props: Props) -> Iterator[str]:
    """No task's failure ends a run unseen: the task, or the map around it, has a Catch for all errors."""
    for name, state, caught in _states(props):
        if state["Type"] in ("Task", "Map", "Parallel") and not (caught or _catches(state)):
            yield f"a failure of {name} is not recorded; give it a Catch that ends with States.ALL"


@each(MACHINE)
def calls_have_a_time_limit(props: Props) -> Iterator[str]:
    """A call of a function, or of what answers later, is given up after a time."""
    for name, state, _ in _states(props):
        resource = state.get("Resource", "")
        slow = resource.startswith(CALL[0]) or CALL[1] in resource or resource.endswith(WAITS)
        limited = any(key in state for key in ("TimeoutSeconds", "TimeoutSecondsPath"))
        if state["Type"] == "Task" and slow and not limited:
            yield f"{name} waits for ever for an answer that is lost; set its TimeoutSeconds"


def _states(props: Props) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """Name, state, and whether what is around it catches its failures, of all states of the definition."""
    yield from _within(json.loads(props["definition"]), False)


def _within(machine: Mapping[str, Any], caught: bool) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    for name, state in machine["States"].items():
        yield name, state, caught
        inner = [state[key] for key in ("ItemProcessor", "Iterator") if key in state] + state.get("Branches", [])
        for one in inner:
            yield from _within(one, caught or _catches(state))


def _catches(state: Mapping[str, Any]) -> bool:
    return bool(state.get("Catch")) and "States.ALL" in state["Catch"][-1]["ErrorEquals"]
