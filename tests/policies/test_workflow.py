"""What breaks a rule about the state machine is noticed, and what is not known yet is not judged."""

import pytest

from policies import workflow
from tests.policies.breaks import DROPPED, Break

BREAKS = [
    Break(
        rule=workflow.machine_logs_errors_without_data,
        kind="sfn.StateMachine",
        path="loggingConfiguration.includeExecutionData",
        value=True,
    ),
    Break(
        rule=workflow.machine_logs_errors_without_data,
        kind="sfn.StateMachine",
        path="loggingConfiguration.level",
        value="OFF",
    ),
    Break(rule=workflow.machine_can_be_redriven, kind="sfn.StateMachine", path="type", value="EXPRESS"),
    Break(rule=workflow.machine_ends, kind="sfn.StateMachine", path="definition.TimeoutSeconds", value=DROPPED),
    Break(rule=workflow.tasks_are_tried_again, kind="sfn.StateMachine", path="definition.States.Plan.Retry", value=[]),
    Break(rule=workflow.failures_are_caught, kind="sfn.StateMachine", path="definition.States.Plan.Catch", value=[]),
    Break(
        rule=workflow.calls_have_a_time_limit,
        kind="sfn.StateMachine",
        path="definition.States.Plan.TimeoutSeconds",
        value=DROPPED,
    ),
]


@pytest.mark.parametrize("row", BREAKS, ids=str)
def test_what_breaks_a_rule_is_noticed(row: Break) -> None:
    row.check()
