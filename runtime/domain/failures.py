"""From an error of the state machine to what is recorded and told."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from runtime.domain import notices
from runtime.domain.identity import FileVersion

TAG = "penstock-state"

_REASONS = {
    "Sandbox.Timedout": "a step took longer than it may",
    "States.Timeout": "a step took longer than it may",
    "Runtime.ExitError": "a step ended unexpectedly, most likely out of memory",
    "Runtime.OutOfMemory": "a step ran out of memory",
    "Lambda.TooManyRequestsException": "there was no capacity to run a step, though it was tried for minutes",
    "ScanTimeout": "the malware scan gave no verdict in time",
    "States.ExceedToleratedFailureThreshold": "some of its parts could not be processed",
    "Execution.TIMED_OUT": "its run did not end within a day",
    "Execution.ABORTED": "its run was stopped by hand",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How a run ended: `state` is rejected or failed, `reason` is for people, `detail` for operators."""

    state: str
    reason: str
    detail: str


def judge(error: dict[str, str]) -> Outcome:
    """Reads the `Error` and `Cause` that a Catch hands on; a cause may be JSON of Lambda's, or any text."""
    name, cause = error.get("Error", "Unknown"), error.get("Cause", "")
    try:
        parsed = json.loads(cause)
    except ValueError:
        parsed = None
    message = str(parsed.get("errorMessage", "")) if isinstance(parsed, dict) else cause
    if name == "Rejected":
        return Outcome(state="rejected", reason=message or "the file was refused", detail="")
    reason = _REASONS.get(name)
    if reason is None:
        reason = (
            message if name in ("Corrupt", "Transient", "Unscanned") and message else f"{name}: {message}".rstrip(": ")
        )
    return Outcome(state="failed", reason=reason, detail=f"{name}: {cause}")


def notice(file: FileVersion, outcome: Outcome) -> dict[str, str]:
    """The notification that fits the outcome."""
    word = notices.rejected if outcome.state == "rejected" else notices.failed
    return word(file, outcome.reason)


def started_at(milliseconds: int) -> str:
    """An execution's start as its own context gives it, from the time stamp that its events carry."""
    at = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
