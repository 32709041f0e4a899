"""Every alarm can ring: it looks at a metric that exists, of a thing of this stack, and at one value."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_policy import PolicyResource

from policies.kinds import (
    ALARM,
    API,
    API_STAGE,
    CERTIFICATE,
    DISTRIBUTION,
    FUNCTION,
    MACHINE,
    QUEUE,
    TABLE,
    TOPIC,
    WEB_ACL,
)
from policies.rules import Props, Resources, each, given, identities, named, values, whole_stack

WATCHED_KINDS = (API, API_STAGE, CERTIFICATE, DISTRIBUTION, FUNCTION, MACHINE, QUEUE, TABLE, TOPIC, WEB_ACL)
METRICS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "AWS/RDS": (
        frozenset({"CPUUtilization", "DatabaseConnections", "FreeStorageSpace", "ReadLatency", "WriteLatency"}),
        frozenset({"DBInstanceIdentifier"}),
    ),
    "AWS/ApiGateway": (frozenset({"4XXError", "5XXError", "Count", "Latency"}), frozenset({"ApiName", "Stage"})),
    "AWS/CertificateManager": (frozenset({"DaysToExpiry"}), frozenset({"CertificateArn"})),
    "AWS/CloudFront": (
        frozenset({"4xxErrorRate", "5xxErrorRate", "Requests"}),
        frozenset({"DistributionId", "Region"}),
    ),
    "AWS/DynamoDB": (frozenset({"ReadThrottleEvents", "WriteThrottleEvents"}), frozenset({"TableName"})),
    "AWS/Lambda": (frozenset({"Duration", "Errors", "Throttles"}), frozenset({"FunctionName"})),
    "AWS/SNS": (frozenset({"NumberOfNotificationsFailed"}), frozenset({"TopicName"})),
    "AWS/SQS": (
        frozenset({"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"}),
        frozenset({"QueueName"}),
    ),
    "AWS/States": (
        frozenset({"ExecutionThrottled", "ExecutionsFailed", "ExecutionsTimedOut"}),
        frozenset({"StateMachineArn"}),
    ),
    "AWS/WAFV2": (frozenset({"BlockedRequests"}), frozenset({"Rule", "WebACL"})),
    "Penstock": (frozenset({"Refused"}), frozenset({"FunctionName"})),
}
"""Metrics of a namespace that the platform's alarms look at, and all their dimensions; a misspelt one never rings."""
STATISTICS = re.compile(r"Average|Maximum|Minimum|Sum|SampleCount|p\d{1,2}")
TOTALS = frozenset({"ALL", "Global"})
"""Values of dimensions that are no thing's name."""
HOUR_SECONDS, DAY_SECONDS = 3600, 24 * 3600
DAILY = ("AWS/CertificateManager",)
"""Namespaces that are written once a day."""


@each(ALARM)
def alarm_metric_exists(props: Props) -> Iterator[str]:
    """What an alarm looks at is a metric that something writes, with all its dimensions and a statistic."""
    for metric in _metrics(props):
        names, dimensions = METRICS.get(metric.get("namespace") or "", (frozenset(), frozenset()))
        if metric.get("metricName") not in names or set(metric.get("dimensions") or {}) != dimensions:
            yield f"nothing writes {metric.get('metricName')} as it is named; see policies/alarms.py"
        stat = metric.get("stat") or metric.get("statistic") or metric.get("extendedStatistic") or ""
        if not STATISTICS.fullmatch(stat):
            yield f"{stat or 'no statistic'} is none; set statistic, extended_statistic or stat"


@each(ALARM)
def alarm_has_one_value(props: Props) -> Iterator[str]:
    """An alarm is about one metric, or one expression over metrics that it asks for, and has a limit."""
    queries = props.get("metricQueries") or []
    ids = {query.get("id") for query in queries}
    returned = [query for query in queries if query.get("returnData") is True]
    if bool(queries) == given(props, "metricName") or (queries and (len(returned) != 1 or None in ids)):
        yield "it is about no value, or several; give it one metric, or one query with return_data"
    for query in queries:
        if query in returned:
            used = set(re.findall(r"\b[a-z]\w*\b", query.get("expression") or ""))
            if not used or not used <= ids or any(given(one, "metric") == given(one, "expression") for one in queries):
                yield "its expression names metrics that it does not ask for; give each an id, and use it"
        elif query.get("returnData") is not False:
            yield "it is about several values; set return_data to false for all but the expression"
    if not given(props, "threshold"):
        yield "it has no limit; set threshold"
    for metric in values(props, "metricQueries[].metric"):
        longest = longest_seconds(metric)
        if not 60 <= (metric.get("period") or 0) <= longest:
            yield f"it looks at the wrong time; set period of each metric to 60 to {longest}"


@whole_stack
def alarms_look_at_this_stack(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """What alarms look at are things of this stack."""
    known = frozenset[str]().union(*map(identities, resources.of(*WATCHED_KINDS)))
    for alarm in resources.of(ALARM):
        # A name that is not known before the thing is made comes from a thing that is.
        if not {"dimensions", "metricQueries"}.isdisjoint(alarm.property_dependencies):
            continue
        for metric in _metrics(alarm.props):
            strange = [value for value in (metric.get("dimensions") or {}).values() if value not in known | TOTALS]
            if strange:
                yield alarm, f"{', '.join(strange)} is nothing of this stack; hand the thing's name on"


@whole_stack
def alarm_is_where_its_topic_is(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """An alarm is in the region of the topic that it tells: it cannot tell another."""
    for alarm in resources.of(ALARM):
        for topic in named(alarm, "alarmActions[]", resources, TOPIC):
            here, there = alarm.props.get("region"), topic.props.get("region")
            if here != there:
                yield alarm, f"it is in {here}, its topic in {there}; set region to the topic's"


@whole_stack
def slow_functions_ring(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """An alarm for a function's duration rings before its timeout."""
    for function in resources.of(FUNCTION):
        for alarm in resources.of(ALARM):
            mine = set((alarm.props.get("dimensions") or {}).values()) & identities(function)
            if mine and alarm.props.get("metricName") == "Duration":
                most = function.props["timeout"] * 1000
                if not 0 < alarm.props.get("threshold", 0) < most:
                    yield alarm, f"it rings after the call has ended; set threshold below {most:g}"


def longest_seconds(metric: Props) -> int:
    """How late an alarm for a metric may ring."""
    return DAY_SECONDS if metric.get("namespace") in DAILY else HOUR_SECONDS


def _metrics(props: Props) -> Iterator[Mapping[str, Any]]:
    if given(props, "metricName") or given(props, "namespace"):
        yield props
    yield from values(props, "metricQueries[].metric")
