"""Nothing is lost: what fails lies somewhere, somebody hears of it, and what was overwritten can be had back."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from pulumi_policy import PolicyResource

from policies.alarms import longest_seconds
from policies.kinds import (
    ALARM,
    BUCKET,
    BUCKET_LIFECYCLE,
    BUCKET_LOGGING,
    BUCKET_VERSIONING,
    BUS,
    FUNCTION,
    MACHINE,
    MAPPING,
    QUEUE,
    REDRIVE_ALLOW,
    RULE,
    TABLE,
    TARGET,
    TOPIC,
)
from policies.rules import Props, Resources, companions, each, given, identities, named, values, whole_stack

FEWEST_RECEIVES, MOST_RECEIVES = 2, 10
LONGEST_KEPT_SECONDS = 14 * 24 * 3600
VISIBILITY_FACTOR = 6
LONGEST_VISIBILITY_SECONDS = 2 * 3600
KEPT_RUNTIMES = ("python3.13", "python3.14", "python3.12")
LONGEST_CALL_SECONDS = 900
DEAD_LETTERS = ("redrivePolicy{}.deadLetterTargetArn",)
# Where else a queue is named for what failed.
FAILED = (
    (TARGET, "deadLetterConfig.arn"),
    (MAPPING, "destinationConfig.onFailure.destinationArn"),
    (FUNCTION, "deadLetterConfig.targetArn"),
    (BUS, "deadLetterConfig.arn"),
)
WATCHED: Mapping[str, tuple[tuple[str, str], ...]] = {
    FUNCTION: (("AWS/Lambda", "Errors"), ("AWS/Lambda", "Throttles"), ("AWS/Lambda", "Duration")),
    MACHINE: (("AWS/States", "ExecutionsFailed"), ("AWS/States", "ExecutionsTimedOut")),
    TABLE: (("AWS/DynamoDB", "ReadThrottleEvents"), ("AWS/DynamoDB", "WriteThrottleEvents")),
}
"""Namespace and name of the metrics that some alarm looks at, for each resource of a kind."""


@whole_stack
def queue_has_dead_letters(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """What a queue's reader fails at twice to ten times goes to a dead-letter queue of the stack."""
    dead = _dead_letters(resources)
    for queue in resources.of(QUEUE):
        if queue.urn in dead:
            continue
        if not named(queue, DEAD_LETTERS[0], resources, QUEUE):
            yield queue, "what its reader cannot handle comes back until it is lost; set redrive_policy"
            continue
        for most in values(queue.props, "redrivePolicy{}.maxReceiveCount") or [0]:
            if not FEWEST_RECEIVES <= most <= MOST_RECEIVES:
                yield queue, f"maxReceiveCount is {most:g}; set it to {FEWEST_RECEIVES} to {MOST_RECEIVES}"


@each(QUEUE)
def messages_are_kept(props: Props) -> Iterator[str]:
    """Messages are kept for 14 days, the longest that SQS knows: their age goes on among the dead letters."""
    if props.get("messageRetentionSeconds") != LONGEST_KEPT_SECONDS:
        yield f"a message is lost before anybody looks; set message_retention_seconds to {LONGEST_KEPT_SECONDS}"


@whole_stack
def dead_letters_ring(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Every dead-letter queue has an alarm for its first message."""
    dead = _dead_letters(resources)
    for queue in resources.of(QUEUE):
        alarms = _alarms(resources, queue, "AWS/SQS", "ApproximateNumberOfMessagesVisible")
        if queue.urn in dead and not any(alarm.props.get("threshold") == 0 for alarm in alarms):
            yield queue, "nobody hears of dead letters; make an alarm for more than 0 visible messages"


@whole_stack
def failures_ring(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Functions, state machines and tables have alarms for errors, throttles and time."""
    for kind, metrics in WATCHED.items():
        for one in resources.of(kind):
            for namespace, metric in metrics:
                alarms = _alarms(resources, one, namespace, metric)
                if not any(alarm.props.get("threshold") == 0 or metric == "Duration" for alarm in alarms):
                    yield one, f"nobody hears of {metric}; give its signal to the observability component"


@each(ALARM)
def alarm_tells_someone(props: Props) -> Iterator[str]:
    """Alarms tell a topic soon, when something is above a limit; silence is no alarm."""
    if not given(props, "alarmActions") or len(props["alarmActions"]) == 0:
        yield "it rings and nobody hears it; set alarm_actions to the alarms' topic"
    if props.get("actionsEnabled") is False:
        yield "it rings and nobody hears it; take actions_enabled away"
    if props["comparisonOperator"] != "GreaterThanThreshold" or props.get("treatMissingData") != "notBreaching":
        yield "it rings when all is well; set comparison_operator GreaterThanThreshold, treat_missing_data notBreaching"
    for metric in values(props, "metricQueries[].metric") or [props]:
        longest = longest_seconds(metric)
        if not 0 < (metric.get("period") or 0) * props["evaluationPeriods"] <= longest:
            yield f"it rings too late; set period times evaluation_periods to {longest} s at most"
    if not 0 < (props.get("datapointsToAlarm") or 0) <= props["evaluationPeriods"]:
        yield "it never rings; set datapoints_to_alarm to evaluation_periods at most"


@each(ALARM)
def alarm_names_its_runbook(props: Props) -> Iterator[str]:
    """An alarm's mail says what happened and where it is written what to do."""
    if "docs/runbooks/" not in (props.get("alarmDescription") or ""):
        yield "whoever gets its mail does not know what to do; name the runbook in alarm_description"


@whole_stack
def queue_waits_for_its_function(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Messages stay hidden for six times the timeout of the function that reads them, and two hours at most."""
    for mapping in resources.of(MAPPING):
        for function in named(mapping, "functionName", resources, FUNCTION):
            least = VISIBILITY_FACTOR * function.props["timeout"]
            for queue in named(mapping, "eventSourceArn", resources, QUEUE):
                hidden = queue.props.get("visibilityTimeoutSeconds", 30)
                if not least <= hidden <= LONGEST_VISIBILITY_SECONDS:
                    yield queue, f"messages are hidden for {hidden:g} s; set visibility_timeout_seconds to {least:g}"


@each(MAPPING)
def mapping_reports_each_message(props: Props) -> Iterator[str]:
    """One message that fails does not take the others of its batch along."""
    if "ReportBatchItemFailures" not in (props.get("functionResponseTypes") or []):
        yield "a failure repeats the whole batch; set function_response_types to ReportBatchItemFailures"
    if props.get("enabled") is False:
        yield "nothing is read; take enabled away"


@each(MAPPING)
def mapping_is_bounded(props: Props) -> Iterator[str]:
    """Queues are read by a bounded number of calls, streams with bounded retries that end in a queue of failures."""
    if ":dynamodb:" not in props["eventSourceArn"]:
        if not values(props, "scalingConfig.maximumConcurrency"):
            yield "a flood takes all the account's calls; set maximum_concurrency of scaling_config"
        return
    if not values(props, "destinationConfig.onFailure.destinationArn"):
        yield "what cannot be handled is lost; set on_failure of destination_config to a queue"
    if not 0 < (props.get("maximumRetryAttempts") or 0) <= 100 or props.get("bisectBatchOnFunctionError") is not True:
        yield "one bad record holds all others up; set maximum_retry_attempts and bisect_batch_on_function_error"
    if props.get("startingPosition") != "TRIM_HORIZON":
        yield "what was written before it is skipped; set starting_position to TRIM_HORIZON"


@each(TARGET)
def target_has_dead_letters(props: Props) -> Iterator[str]:
    """What EventBridge cannot deliver goes to a queue."""
    if not values(props, "deadLetterConfig.arn"):
        yield "what cannot be delivered is lost after a day; set dead_letter_config"


@each(BUS)
def bus_has_dead_letters(props: Props) -> Iterator[str]:
    """What a bus cannot encrypt or hand on goes to a queue."""
    if not values(props, "deadLetterConfig.arn"):
        yield "events that its key does not let through are lost; set dead_letter_config"


@each(REDRIVE_ALLOW)
def dead_letters_are_of_named_queues(props: Props) -> Iterator[str]:
    """Only named queues may send their dead letters to a queue."""
    path = "redriveAllowPolicy{}"
    if values(props, f"{path}.redrivePermission") != ["byQueue"] or not values(props, f"{path}.sourceQueueArns[]"):
        yield "any queue of the account may fill it; set redrivePermission to byQueue, and sourceQueueArns"


@each(FUNCTION)
def function_runs_on_kept_runtime(props: Props) -> Iterator[str]:
    """Functions run on a Python that AWS still mends."""
    if props.get("runtime") not in KEPT_RUNTIMES:
        yield f"{props.get('runtime')} is not mended any more, or not yet known here; set runtime to {KEPT_RUNTIMES[0]}"


@each(RULE)
def rule_waits_for_something_named(props: Props) -> Iterator[str]:
    """Event rules name source and type of what they wait for, and a detail where events of others come by as well."""
    own = given(props, "eventBusName") and props["eventBusName"] != "default"
    for name in ("source[]", "detail-type[]", *(() if own else ("detail",))):
        found = values(props, f"eventPattern{{}}.{name}") if given(props, "eventPattern") else []
        if not found or not all(found) or (name == "detail" and not all(len(one) for one in found[0].values())):
            yield f"it runs for events of others; name {name.rstrip('[]')} in event_pattern"


@whole_stack
def streams_are_read(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """A table's stream is on where a mapping reads it, and is read where it is on."""
    for table, mappings in companions(resources, TABLE, MAPPING, "eventSourceArn"):
        if bool(mappings) != (table.props.get("streamEnabled") is True):
            yield table, "its stream is off and read, or on and not; set stream_enabled where a mapping reads it"


@whole_stack
def queues_are_read(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """A queue that holds no dead letters is read by a function."""
    dead = _dead_letters(resources)
    for queue, mappings in companions(resources, QUEUE, MAPPING, "eventSourceArn"):
        if queue.urn not in dead and not mappings:
            yield queue, "nobody reads it; make an EventSourceMapping"


@whole_stack
def rule_leads_somewhere(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Every event rule is on and has a target, and a function that it calls has dead letters of its own."""
    for rule, targets in companions(resources, RULE, TARGET, "rule"):
        if not targets or rule.props.get("state", "ENABLED") == "DISABLED":
            yield rule, "its events lead nowhere; leave it on and make an EventTarget"
        for target in targets:
            for function in named(target, "arn", resources, FUNCTION):
                if not values(function.props, "deadLetterConfig.targetArn"):
                    yield function, "events that it fails at are lost; give it dead_letters"


@each(FUNCTION)
def function_has_time_limit(props: Props) -> Iterator[str]:
    """Functions say how long a call may take."""
    if not 3 < (props.get("timeout") or 0) <= LONGEST_CALL_SECONDS:
        yield f"calls are ended after 3 seconds, or never; set timeout to {LONGEST_CALL_SECONDS} at most"


@whole_stack
def bucket_keeps_versions(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Every bucket keeps what is overwritten or deleted."""
    for bucket, versions in companions(resources, BUCKET, BUCKET_VERSIONING, "bucket"):
        if not any(one.props["versioningConfiguration"]["status"] == "Enabled" for one in versions):
            yield bucket, "what is overwritten is lost; give it a BucketVersioning with status Enabled"


@whole_stack
def bucket_has_lifecycle(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Every bucket says when what it holds is moved or deleted."""
    for bucket, found in companions(resources, BUCKET, BUCKET_LIFECYCLE, "bucket"):
        if not any(rule["status"] == "Enabled" for one in found for rule in one.props["rules"]):
            yield bucket, "what it holds stays for ever; give it a BucketLifecycleConfiguration"


@whole_stack
def bucket_is_logged(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Who read what is written to another bucket of the stack, but for the bucket that is written to."""
    logs = {one.urn for log in resources.of(BUCKET_LOGGING) for one in named(log, "targetBucket", resources, BUCKET)}
    for bucket, found in companions(resources, BUCKET, BUCKET_LOGGING, "bucket"):
        if bucket.urn not in logs and not found:
            yield bucket, "nobody knows who read it; give it a BucketLogging"


@each(TABLE)
def table_can_be_restored(props: Props) -> Iterator[str]:
    """Tables can be set back to any second of the last 35 days."""
    recovery = props.get("pointInTimeRecovery") or {}
    if recovery.get("enabled") is not True or recovery.get("recoveryPeriodInDays", 35) < 35:
        yield "what is overwritten in it is lost; set point_in_time_recovery"


@each(TABLE)
def stream_shows_what_was_written(props: Props) -> Iterator[str]:
    """A stream of a table shows what was written: events are made of it."""
    if props.get("streamEnabled") is True and props.get("streamViewType") not in ("NEW_IMAGE", "NEW_AND_OLD_IMAGES"):
        yield "its stream does not show what was written; set stream_view_type to NEW_IMAGE"


@whole_stack
def topics_ring(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Messages of a topic that do not arrive ring, but for those of the topic that would tell so from elsewhere."""
    edge = {alarm.props.get("region") for alarm in resources.of(ALARM)}
    for topic in resources.of(TOPIC):
        here = len(edge) == 1 or topic.props.get("region") == _home(resources)
        alarms = _alarms(resources, topic, "AWS/SNS", "NumberOfNotificationsFailed")
        if here and not any(alarm.props.get("threshold") == 0 for alarm in alarms):
            yield topic, "nobody hears that its messages do not arrive; give its signal to the observability component"


def _home(resources: Resources) -> str | None:
    regions = [alarm.props.get("region") for alarm in resources.of(ALARM)]
    return max(set(regions), key=regions.count) if regions else None


def _dead_letters(resources: Resources) -> set[str]:
    """URNs of the queues that are named for what failed."""
    places = [*((QUEUE, path) for path in DEAD_LETTERS), *FAILED]
    return {
        queue.urn for kind, path in places for one in resources.of(kind) for queue in named(one, path, resources, QUEUE)
    }


def _alarms(resources: Resources, watched: PolicyResource, namespace: str, metric: str) -> list[PolicyResource]:
    """Alarms that look at this metric of this resource."""
    names = identities(watched)
    return [alarm for alarm, things in _looking_at(resources).get((namespace, metric), []) if things & names]


@lru_cache(maxsize=4)
def _looking_at(resources: Resources) -> dict[tuple[str, str], list[tuple[PolicyResource, frozenset[str]]]]:
    """Alarms by namespace and name of the metrics that they look at, with the things whose metrics these are."""
    found: dict[tuple[str, str], list[tuple[PolicyResource, frozenset[str]]]] = {}
    for alarm in resources.of(ALARM):
        for one in [alarm.props, *values(alarm.props, "metricQueries[].metric")]:
            things = frozenset((one.get("dimensions") or {}).values())
            found.setdefault((one.get("namespace"), one.get("metricName")), []).append((alarm, things))
    return found
