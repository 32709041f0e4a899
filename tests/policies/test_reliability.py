"""What breaks a rule about what fails is noticed, and what is not known yet is not judged."""

import pytest

from policies import reliability
from tests.policies.breaks import DROPPED, GONE, Break

BREAKS = [
    Break(
        rule=reliability.queue_has_dead_letters,
        kind="sqs.Queue",
        path="redrivePolicy.maxReceiveCount",
        value=1,
        name="-uploads",
    ),
    Break(
        rule=reliability.queue_has_dead_letters, kind="sqs.Queue", path="redrivePolicy", value=DROPPED, name="-uploads"
    ),
    Break(rule=reliability.messages_are_kept, kind="sqs.Queue", path="messageRetentionSeconds", value=3600),
    Break(
        rule=reliability.dead_letters_ring,
        kind="cloudwatch.MetricAlarm",
        path="dimensions",
        value=GONE,
        name="-queue-uploads-dead-letters",
    ),
    Break(
        rule=reliability.failures_ring,
        kind="cloudwatch.MetricAlarm",
        path="metricQueries",
        value=GONE,
        name="-function-plan-errors",
    ),
    Break(rule=reliability.alarm_tells_someone, kind="cloudwatch.MetricAlarm", path="alarmActions", value=[]),
    Break(
        rule=reliability.alarm_tells_someone, kind="cloudwatch.MetricAlarm", path="treatMissingData", value="missing"
    ),
    Break(
        rule=reliability.alarm_names_its_runbook,
        kind="cloudwatch.MetricAlarm",
        path="alarmDescription",
        value="It rings.",
    ),
    Break(
        rule=reliability.queue_waits_for_its_function,
        kind="sqs.Queue",
        path="visibilityTimeoutSeconds",
        value=30,
        name="-uploads",
    ),
    Break(
        rule=reliability.mapping_reports_each_message,
        kind="lambda.EventSourceMapping",
        path="functionResponseTypes",
        value=[],
    ),
    Break(
        rule=reliability.mapping_is_bounded,
        kind="lambda.EventSourceMapping",
        path="scalingConfig",
        value=DROPPED,
        name="-ingest",
    ),
    Break(
        rule=reliability.target_has_dead_letters, kind="cloudwatch.EventTarget", path="deadLetterConfig", value=DROPPED
    ),
    Break(rule=reliability.bus_has_dead_letters, kind="cloudwatch.EventBus", path="deadLetterConfig", value=DROPPED),
    Break(
        rule=reliability.dead_letters_are_of_named_queues,
        kind="sqs.RedriveAllowPolicy",
        path="redriveAllowPolicy.redrivePermission",
        value="allowAll",
    ),
    Break(rule=reliability.function_runs_on_kept_runtime, kind="lambda.Function", path="runtime", value="python3.8"),
    Break(
        rule=reliability.rule_waits_for_something_named, kind="cloudwatch.EventRule", path="eventPattern", value=DROPPED
    ),
    Break(
        rule=reliability.streams_are_read,
        kind="dynamodb.Table",
        path="streamEnabled",
        value=False,
        name="-transactions",
    ),
    Break(
        rule=reliability.queues_are_read,
        kind="lambda.EventSourceMapping",
        path="eventSourceArn",
        value=GONE,
        name="-ingest",
    ),
    Break(rule=reliability.rule_leads_somewhere, kind="cloudwatch.EventRule", path="state", value="DISABLED"),
    Break(rule=reliability.function_has_time_limit, kind="lambda.Function", path="timeout", value=DROPPED),
    Break(
        rule=reliability.bucket_keeps_versions,
        kind="s3.BucketVersioning",
        path="versioningConfiguration.status",
        value="Suspended",
    ),
    Break(rule=reliability.bucket_has_lifecycle, kind="s3.BucketLifecycleConfiguration", path="bucket", value=GONE),
    Break(rule=reliability.bucket_is_logged, kind="s3.BucketLogging", path="bucket", value=GONE),
    Break(
        rule=reliability.table_can_be_restored, kind="dynamodb.Table", path="pointInTimeRecovery.enabled", value=False
    ),
    Break(
        rule=reliability.stream_shows_what_was_written,
        kind="dynamodb.Table",
        path="streamViewType",
        value="KEYS_ONLY",
        name="-transactions",
    ),
    Break(
        rule=reliability.topics_ring,
        kind="cloudwatch.MetricAlarm",
        path="dimensions",
        value=GONE,
        name="-topic-alarms-failed",
    ),
]


@pytest.mark.parametrize("row", BREAKS, ids=str)
def test_what_breaks_a_rule_is_noticed(row: Break) -> None:
    row.check()
