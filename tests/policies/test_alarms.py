"""What breaks a rule about alarms is noticed, and what is not known yet is not judged."""

import pytest

from policies import alarms
from tests.policies.breaks import DROPPED, Break

BREAKS = [
    Break(
        rule=alarms.alarm_metric_exists,
        kind="cloudwatch.MetricAlarm",
        path="metricName",
        value="Misspelt",
        name="-queue-uploads-dead-letters",
    ),
    Break(
        rule=alarms.alarm_has_one_value,
        kind="cloudwatch.MetricAlarm",
        path="metricQueries.0.returnData",
        value=True,
        name="-function-plan-errors",
    ),
    Break(rule=alarms.alarm_has_one_value, kind="cloudwatch.MetricAlarm", path="threshold", value=DROPPED, unknown=()),
    Break(
        rule=alarms.alarms_look_at_this_stack,
        kind="cloudwatch.MetricAlarm",
        path="dimensions",
        value={"QueueName": "elsewhere"},
        name="-queue-uploads-dead-letters",
    ),
    Break(rule=alarms.alarm_is_where_its_topic_is, kind="cloudwatch.MetricAlarm", path="region", value="us-west-2"),
    Break(rule=alarms.slow_functions_ring, kind="lambda.Function", path="timeout", value=1, name="-plan"),
]


@pytest.mark.parametrize("row", BREAKS, ids=str)
def test_what_breaks_a_rule_is_noticed(row: Break) -> None:
    row.check()
