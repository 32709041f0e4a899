"""Alarms: which things have which, when they ring, and whether anybody hears them."""

import json
from typing import Any, get_args

import pytest

from components import dashboard
from components.alarms import Alarm, alarms
from components.signals import (
    ApiSignal,
    CertificateSignal,
    DatabaseSignal,
    DistributionSignal,
    FirewallSignal,
    FunctionSignal,
    MachineSignal,
    QueueSignal,
    Signal,
    TableSignal,
    TopicSignal,
)
from components.vpn.certificates import RENEWAL_HOURS
from runtime.domain import metrics
from tests.recorder import ACCOUNT, REGION, Recorded, Recording, record, recording

STACKS = ("dev", "prod")
NAME: Any = "thing"  # alarms hand names on, whether they are known already or not
EXAMPLES: list[Signal] = [
    FunctionSignal(purpose="plan", name=NAME, timeout_seconds=900, quick=False),
    FunctionSignal(purpose="ingest", name=NAME, timeout_seconds=30, quick=True),
    QueueSignal(purpose="uploads", name=NAME, dead_letters=False),
    QueueSignal(purpose="uploads", name=NAME, dead_letters=True),
    MachineSignal(purpose="pipeline", arn=NAME),
    TableSignal(purpose="files", name=NAME),
    TopicSignal(purpose="notifications", name=NAME),
    DistributionSignal(purpose="delivery", id=NAME),
    CertificateSignal(purpose="vpn", arn=NAME),
    DatabaseSignal(purpose="catalogue", identifier=NAME, storage_bytes=20 * 2**30, connections=24),
    FirewallSignal(purpose="edge", metric="thing", region=None),
    ApiSignal(purpose="api", name=NAME, stage="api"),
]


def only(signal: Signal, runbook: str) -> Alarm:
    (found,) = [alarm for alarm in alarms(signal) if alarm.runbook == runbook]
    return found


def test_every_kind_of_signal_has_alarms() -> None:
    assert {type(one) for one in EXAMPLES} == set(get_args(Signal))
    assert all(alarms(one) for one in EXAMPLES)
    purposes = [alarm.purpose for one in EXAMPLES for alarm in alarms(one)]
    assert len(set(purposes)) == len(purposes)


def test_what_is_no_signal_is_refused() -> None:
    with pytest.raises(TypeError, match="str"):
        alarms("uploads")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("timeout", "quick", "milliseconds"),
    [(900, False, 720_000), (60, False, 48_000), (30, True, 5000), (5, True, 4000)],
)
def test_functions_may_take_a_share_of_their_timeout_and_quick_ones_five_seconds(
    timeout: int, quick: bool, milliseconds: int
) -> None:
    signal = FunctionSignal(purpose="f", name=NAME, timeout_seconds=timeout, quick=quick)
    alarm = only(signal, "function-duration")
    assert alarm.above == pytest.approx(milliseconds)
    assert alarm.metrics["duration"].stat == "p99"


def test_refused_files_are_taken_off_a_functions_errors_as_the_function_counts_them() -> None:
    alarm = only(EXAMPLES[0], "function-errors")
    assert alarm.expression == "errors - FILL(refused, 0)"
    line = json.loads(metrics.refusal("thing", 0))
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    refused = alarm.metrics["refused"]
    assert refused.namespace == directive["Namespace"]
    assert refused.name == directive["Metrics"][0]["Name"]
    assert refused.dimensions == {name: line[name] for name in directive["Dimensions"][0]}


def test_a_certificate_rings_when_its_days_are_few_and_after_a_deployment_could_have_renewed_it() -> None:
    alarm = only(EXAMPLES[8], "certificate-ends")
    assert alarm.expression == "0 - days"
    assert 30 < -alarm.above < RENEWAL_HOURS / 24


def test_one_dead_letter_rings_within_a_minute() -> None:
    alarm = only(EXAMPLES[3], "dead-letters")
    assert (alarm.above, alarm.periods, alarm.period_seconds) == (0, 1, 60)


def test_every_expression_uses_all_its_metrics() -> None:
    for alarm in (alarm for one in EXAMPLES for alarm in alarms(one)):
        if alarm.expression:
            assert all(key in alarm.expression for key in alarm.metrics)
        else:
            assert len(alarm.metrics) == 1


def test_the_end_is_told_of_what_lasts_and_not_of_what_happens() -> None:
    lasting = {alarm.runbook for one in EXAMPLES for alarm in alarms(one) if alarm.lasting}
    ended = {
        "queue-age",
        "queue-depth",
        "dead-letters",
        "delivery-errors",
        "certificate-ends",
        "firewall-blocked",
        "api-errors",
        "api-latency",
        "catalogue",
    }
    assert lasting == ended


def made_alarms(made: Recording) -> list[Recorded]:
    return made.of("cloudwatch.MetricAlarm")


def subjects(made: Recording) -> set[str]:
    """Values of the dimensions that the stack's alarms look at."""
    found: set[str] = set()
    for alarm in made_alarms(made):
        found |= set(alarm.inputs.get("dimensions", {}).values())
        for query in alarm.inputs.get("metricQueries", []):
            found |= set(query.get("metric", {}).get("dimensions", {}).values())
    return found


@pytest.mark.parametrize("stack", STACKS)
def test_everything_that_is_made_is_watched(stack: str) -> None:
    made = recording(stack)
    watched = subjects(made)
    for kind in ("lambda.Function", "sqs.Queue", "dynamodb.Table"):
        assert {one.outputs["name"] for one in made.of(kind)} <= watched, kind
    assert {one.outputs["arn"] for one in made.of("sfn.StateMachine")} <= watched
    assert f"{made.of('cloudfront.Distribution')[0].name}-id" in watched
    topics = {one.outputs["name"] for one in made.of("sns.Topic") if one.inputs["region"] == REGION}
    assert topics <= watched


@pytest.mark.parametrize("stack", STACKS)
def test_dead_letters_are_told_from_queues_that_are_read(stack: str) -> None:
    made = recording(stack)
    purposes = {one.name.partition(f"{stack}-")[2] for one in made_alarms(made)}
    queues = {one.name.partition(f"{stack}-")[2] for one in made.of("sqs.Queue")}
    dead = {one for one in queues if one.endswith("-dead-letters")}
    assert {f"queue-{one}" for one in dead} == {one for one in purposes if one.endswith("-dead-letters")}
    assert {f"queue-{one}-age" for one in queues - dead} == {one for one in purposes if one.endswith("-age")}


@pytest.mark.parametrize("stack", STACKS)
def test_alarms_ring_where_their_metrics_are_and_silence_is_no_alarm(stack: str) -> None:
    topics = {one.outputs["arn"]: one.inputs["region"] for one in recording(stack).of("sns.Topic")}
    for alarm in made_alarms(recording(stack)):
        (topic,) = alarm.inputs["alarmActions"]
        edge = "-distribution-" in alarm.name or "-firewall-" in alarm.name
        assert alarm.inputs["region"] == topics[topic] == ("us-east-1" if edge else REGION)
        assert alarm.inputs.get("okActions", [topic]) == [topic]
        assert alarm.inputs["treatMissingData"] == "notBreaching"
        assert len(alarm.inputs["alarmDescription"]) <= 1024


@pytest.mark.parametrize("stack", STACKS)
def test_cloudwatch_may_publish_to_encrypted_topics_and_only_for_this_account(stack: str) -> None:
    made = recording(stack)
    rung = {topic for alarm in made_alarms(made) for topic in alarm.inputs["alarmActions"]}
    assert len(rung) == 2
    for topic in (one for one in made.of("sns.Topic") if one.outputs["arn"] in rung):
        allowed = [
            statement
            for one in made.of("sns.TopicPolicy")
            if one.inputs["arn"] == topic.outputs["arn"]
            for statement in json.loads(one.inputs["policy"])["Statement"]
            if statement["Effect"] == "Allow"
        ]
        (key,) = [one for one in made.of("kms.Key") if one.outputs["arn"] == topic.inputs["kmsMasterKeyId"]]
        assert key.inputs["region"] == topic.inputs["region"]
        (policy,) = [one for one in made.of("kms.KeyPolicy") if one.inputs["keyId"] == key.outputs["keyId"]]
        assert policy.inputs["region"] == topic.inputs["region"]
        allowed += [
            statement
            for statement in json.loads(policy.inputs["policy"])["Statement"]
            if statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
        ]
        actions = {action for statement in allowed for action in statement["Action"]}
        assert actions == {"sns:Publish", "kms:Decrypt", "kms:GenerateDataKey"}
        for statement in allowed:
            assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
            assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}


def test_in_the_global_region_there_is_one_alarm_topic(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests import recorder

    there = {"id": "us-east-1", "name": "us-east-1", "region": "us-east-1", "description": ""}
    invokes = {**recorder.INVOKES, "aws:index/getRegion:getRegion": there}
    monkeypatch.setattr(recorder, "INVOKES", invokes)
    rung = {topic for alarm in made_alarms(record("dev")) for topic in alarm.inputs["alarmActions"]}
    assert len(rung) == 1


def test_people_are_subscribed_by_the_settings() -> None:
    made = record("prod", {"penstock:alarms": json.dumps({"emails": ["operations@example.com"]})})
    rung = {topic for alarm in made_alarms(made) for topic in alarm.inputs["alarmActions"]}
    mails = [one.inputs for one in made.of("sns.TopicSubscription") if one.inputs["topic"] in rung]
    assert {mail["topic"] for mail in mails} == rung
    assert {(mail["protocol"], mail["endpoint"]) for mail in mails} == {("email", "operations@example.com")}


@pytest.mark.parametrize("stack", STACKS)
def test_the_dashboard_shows_every_alarm_and_everything_that_is_watched(stack: str) -> None:
    made = recording(stack)
    (board,) = made.of("cloudwatch.Dashboard")
    states, *graphs = json.loads(board.inputs["dashboardBody"])["widgets"]
    assert set(states["properties"]["alarms"]) == {one.outputs["arn"] for one in made_alarms(made)}
    assert len(states["properties"]["alarms"]) <= 100  # as many as AWS shows in one widget
    lines = [line for graph in graphs for line in graph["properties"]["metrics"]]
    assert subjects(made) <= {text for line in lines for text in line}
    for graph in graphs:
        (namespace,) = {line[0] for line in graph["properties"]["metrics"]}
        assert graph["properties"]["region"] == (
            "us-east-1" if namespace in ("AWS/CloudFront", "AWS/WAFV2") else REGION
        )


def test_firewalls_here_and_at_the_edge_are_drawn_apart_where_their_metrics_are() -> None:
    both: list[Signal] = [
        FirewallSignal(purpose="edge", metric="edge", region=None),
        FirewallSignal(purpose="api", metric="api", region=REGION),
    ]
    wanted = [alarm for one in both for alarm in alarms(one)]
    assert [alarm.edge for alarm in wanted] == [True, False]
    _, *graphs = dashboard.body(both, wanted, ["edge", "api"], REGION)["widgets"]
    drawn = {
        (graph["properties"]["region"], line[3])
        for graph in graphs
        for line in graph["properties"]["metrics"]
        if graph["properties"]["title"] == "WAFV2: BlockedRequests"
    }
    assert drawn == {("us-east-1", "edge"), (REGION, "api")}


def test_widgets_do_not_overlap_and_stay_within_the_width() -> None:
    wanted = [alarm for one in EXAMPLES for alarm in alarms(one)]
    widgets = dashboard.body(EXAMPLES, wanted, ["arn"], REGION)["widgets"]
    cells = [
        (x, y)
        for one in widgets
        for x in range(one["x"], one["x"] + one["width"])
        for y in range(one["y"], one["y"] + one["height"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24
