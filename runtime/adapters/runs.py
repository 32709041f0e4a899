"""Executions of the state machine."""

from typing import TYPE_CHECKING

from runtime.domain.starts import Start

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


class StepFunctionsRuns:
    """`Runs` (see `runtime/domain/redrive.py`)."""

    def __init__(self, client: "SFNClient", machine: str) -> None:
        self._states, self._machine = client, machine

    def start(self, start: Start) -> bool:
        """Starts an execution. While one of its name and input runs that counts as this one; False if it has ended."""
        try:
            self._states.start_execution(stateMachineArn=self._machine, name=start.name, input=start.input)
        except self._states.exceptions.ExecutionAlreadyExists:
            return False
        return True
