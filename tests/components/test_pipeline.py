"""The pipeline: from the upload's event to the end of the run, nothing falls between two resources."""

import json
from typing import Any

import pytest

from components.malware import VALIDATION_OBJECT
from tests.recorder import ACCOUNT, Recording, record, recording

STACKS = ("dev", "prod")
STEPS = ("process", "image", "plan", "part", "merge", "archive", "publish", "fail")


def document(made: Recording, kind: str, purpose: str, key: str = "policy") -> Any:
    return json.loads(made.one(kind, purpose).inputs[key])


def sender(made: Recording, queue: str) -> dict[str, Any]:
    """The one statement of the queue's policy that allows something."""
    statements = document(made, "sqs.QueuePolicy", queue)["Statement"]
    (found,) = [one for one in statements if one["Effect"] == "Allow"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("stack", STACKS)
def test_an_object_made_by_any_means_starts_a_run(stack: str) -> None:
    made = recording(stack)
    rule, target = made.one("cloudwatch.EventRule", "uploads"), made.one("cloudwatch.EventTarget", "uploads")
    assert json.loads(rule.inputs["eventPattern"]) == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {
            "bucket": {"name": [made.one("s3.Bucket", "upload").outputs["bucket"]]},
            # What GuardDuty puts there to try the bucket out is nobody's file.
            **({"object": {"key": [{"anything-but": [VALIDATION_OBJECT]}]}} if stack == "prod" else {}),
        },
    }
    assert "eventBusName" not in rule.inputs
    queue, dead = made.one("sqs.Queue", "uploads"), made.one("sqs.Queue", "uploads-dead-letters")
    assert target.inputs["arn"] == queue.outputs["arn"]
    assert target.inputs["deadLetterConfig"] == {"arn": dead.outputs["arn"]}
    for purpose in ("uploads", "uploads-dead-letters"):
        allowed = sender(made, purpose)
        assert allowed["Principal"] == {"Service": "events.amazonaws.com"}
        assert allowed["Condition"] == {
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
            "ArnLike": {"aws:SourceArn": rule.outputs["arn"]},
        }


@pytest.mark.parametrize("stack", STACKS)
def test_a_message_that_cannot_be_read_ends_among_the_dead_letters(stack: str) -> None:
    made = recording(stack)
    queue, ingest = made.one("sqs.Queue", "uploads"), made.one("lambda.Function", "ingest")
    dead = made.one("sqs.Queue", "uploads-dead-letters").outputs["arn"]
    assert json.loads(queue.inputs["redrivePolicy"]) == {"deadLetterTargetArn": dead, "maxReceiveCount": 5}
    assert queue.inputs["visibilityTimeoutSeconds"] >= 6 * ingest.inputs["timeout"]
    allowed = document(made, "sqs.RedriveAllowPolicy", "uploads-dead-letters", "redriveAllowPolicy")
    assert allowed == {"redrivePermission": "byQueue", "sourceQueueArns": [queue.outputs["arn"]]}


@pytest.mark.parametrize(("stack", "concurrency"), [("dev", 10), ("prod", 50)])
def test_a_batch_fails_in_part_and_no_more_are_read_than_the_settings_say(stack: str, concurrency: int) -> None:
    mapping = recording(stack).one("lambda.EventSourceMapping", "ingest").inputs
    assert mapping["eventSourceArn"] == recording(stack).one("sqs.Queue", "uploads").outputs["arn"]
    assert mapping["functionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["scalingConfig"] == {"maximumConcurrency": concurrency}
    assert (mapping["batchSize"], mapping["maximumBatchingWindowInSeconds"]) == (10, 0)


@pytest.mark.parametrize("stack", STACKS)
def test_every_queue_is_encrypted_and_keeps_messages_for_a_fortnight(stack: str) -> None:
    made = recording(stack)
    key = made.one("kms.Key", "messaging").outputs["arn"]
    queues = made.of("sqs.Queue")
    assert {one.inputs["kmsMasterKeyId"] for one in queues} == {key}
    assert {one.inputs["messageRetentionSeconds"] for one in queues} == {14 * 24 * 3600}
    policies = [one.inputs["queueUrl"] for one in made.of("sqs.QueuePolicy")]
    assert sorted(policies) == sorted(one.outputs["url"] for one in queues)


@pytest.mark.parametrize("stack", STACKS)
def test_the_machine_is_standard_and_its_log_says_nothing_of_the_files(stack: str) -> None:
    made = recording(stack)
    machine, group = made.one("sfn.StateMachine", "pipeline"), made.one("cloudwatch.LogGroup", "pipeline")
    assert machine.inputs["type"] == "STANDARD"
    assert machine.inputs["loggingConfiguration"] == {
        "level": "ERROR",
        "includeExecutionData": False,
        "logDestination": f"{group.outputs['arn']}:*",
    }
    assert "tracingConfiguration" not in machine.inputs


@pytest.mark.parametrize("stack", STACKS)
def test_the_machine_knows_its_functions_tables_and_topic(stack: str) -> None:
    made = recording(stack)
    text = made.one("sfn.StateMachine", "pipeline").inputs["definition"]
    for step in STEPS:
        assert made.one("lambda.Function", step).outputs["arn"] in text
    assert made.one("sns.Topic", "notifications").outputs["arn"] in text
    for table in ("files", "transactions"):
        assert made.one("dynamodb.Table", table).outputs["name"] in text


def test_the_settings_reach_the_machine() -> None:
    changed = record("dev", {"penstock:processing": '{"direct_limit_bytes": 4321, "map_concurrency": 7}'})
    states = document(changed, "sfn.StateMachine", "pipeline", "definition")["States"]
    assert 4321 in _values(states["RouteBySize"])
    assert 7 in _values(states)


@pytest.mark.parametrize("stack", STACKS)
def test_the_machines_arn_was_right_before_it_existed(stack: str) -> None:
    """Its role, the function that starts it and the rule about its ends name it by an ARN that was put together."""
    made = recording(stack)
    arn = made.one("sfn.StateMachine", "pipeline").outputs["arn"]
    ingest = made.one("lambda.Function", "ingest").inputs["environment"]["variables"]
    assert ingest["PENSTOCK_STATE_MACHINE_ARN"] == arn
    (trust,) = document(made, "iam.Role", "pipeline", "assumeRolePolicy")["Statement"]
    assert trust["Condition"]["ArnLike"] == {"aws:SourceArn": arn}
    starts = [
        one
        for one in document(made, "iam.RolePolicy", "pipeline")["Statement"]
        if "states:StartExecution" in one["Action"]
    ]
    assert [one["Resource"] for one in starts] == [[arn]]


@pytest.mark.parametrize("stack", STACKS)
def test_the_machine_may_call_its_functions_and_no_others(stack: str) -> None:
    made = recording(stack)
    (invoking,) = [
        one
        for one in document(made, "iam.RolePolicy", "pipeline")["Statement"]
        if "lambda:InvokeFunction" in one["Action"]
    ]
    steps = [*STEPS, *(["scan"] if stack == "prod" else [])]
    assert set(invoking["Resource"]) == {made.one("lambda.Function", step).outputs["arn"] for step in steps}


def test_members_of_archives_are_made_files_where_that_is_wished_for() -> None:
    made = record("dev", {"penstock:archives": '{"members": "process", "nesting": 3}'})
    unpack = made.one("lambda.Function", "unpack").outputs["arn"]
    assert unpack in made.one("sfn.StateMachine", "pipeline").inputs["definition"]
    assert made.one("lambda.Function", "plan").inputs["environment"]["variables"]["PENSTOCK_ARCHIVE_NESTING"] == "3"
    puts = [
        one for one in document(made, "iam.RolePolicy", "unpack")["Statement"]
        if "s3:PutObject" in one["Action"] and "upload" in json.dumps(one["Resource"])
    ]  # fmt: skip
    # Nobody's file is replaced: an object is made only under a name that is free.
    assert [one["Condition"] for one in puts] == [
        {"Null": {"s3:if-none-match": "false"}},
        {"Bool": {"s3:ObjectCreationOperation": "false"}},
    ]


def test_different_values_are_estimated_where_that_is_wished_for() -> None:
    for wished, value in (("{}", "0"), ('{"distinct": true}', "1")):
        made = record("dev", {"penstock:tables": wished})
        for function in ("process", "plan"):
            variables = made.one("lambda.Function", function).inputs["environment"]["variables"]
            assert variables["PENSTOCK_DISTINCT"] == value


@pytest.mark.parametrize("stack", STACKS)
def test_by_default_no_function_writes_uploads(stack: str) -> None:
    made = recording(stack)
    assert not [one for one in made.of("lambda.Function") if one.inputs["handler"].endswith("unpack.handler")]
    assert made.one("lambda.Function", "plan").inputs["environment"]["variables"]["PENSTOCK_ARCHIVE_NESTING"] == "0"


@pytest.mark.parametrize("stack", STACKS)
def test_an_end_that_no_state_saw_is_recorded(stack: str) -> None:
    made = recording(stack)
    rule, target = made.one("cloudwatch.EventRule", "ended"), made.one("cloudwatch.EventTarget", "ended")
    assert json.loads(rule.inputs["eventPattern"]) == {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {
            "stateMachineArn": [made.one("sfn.StateMachine", "pipeline").outputs["arn"]],
            "status": ["ABORTED", "FAILED", "TIMED_OUT"],
        },
    }
    fail, dead = made.one("lambda.Function", "fail"), made.one("sqs.Queue", "fail-dead-letters")
    assert target.inputs["arn"] == fail.outputs["arn"]
    assert target.inputs["deadLetterConfig"] == {"arn": dead.outputs["arn"]}
    permission = made.one("lambda.Permission", "fail").inputs
    assert (permission["principal"], permission["sourceArn"]) == ("events.amazonaws.com", rule.outputs["arn"])
    assert sender(made, "fail-dead-letters")["Condition"]["ArnLike"] == {"aws:SourceArn": rule.outputs["arn"]}


@pytest.mark.parametrize("stack", STACKS)
def test_the_ledgers_stream_is_announced_and_no_entry_is_lost(stack: str) -> None:
    made = recording(stack)
    mapping = made.one("lambda.EventSourceMapping", "announce").inputs
    assert mapping["eventSourceArn"] == made.one("dynamodb.Table", "transactions").outputs["streamArn"]
    assert mapping["startingPosition"] == "TRIM_HORIZON"
    assert mapping["bisectBatchOnFunctionError"] is True
    dead = made.one("sqs.Queue", "announce-dead-letters").outputs["arn"]
    assert mapping["destinationConfig"] == {"onFailure": {"destinationArn": dead}}
    assert 0 < mapping["maximumRetryAttempts"] <= 100
    bus = made.one("cloudwatch.EventBus", "events")
    announce = document(made, "iam.RolePolicy", "announce")["Statement"]
    assert [one["Resource"] for one in announce if one["Action"] == ["events:PutEvents"]] == [[bus.outputs["arn"]]]


def test_people_hear_of_files_at_the_addresses_of_the_settings() -> None:
    made = record("prod", {"penstock:notifications": json.dumps({"emails": ["files@example.com"]})})
    topic = made.one("sns.Topic", "notifications")
    assert topic.inputs["kmsMasterKeyId"] == made.one("kms.Key", "messaging").outputs["arn"]
    mails = [one.inputs for one in made.of("sns.TopicSubscription") if one.inputs["topic"] == topic.outputs["arn"]]
    assert [(one["protocol"], one["endpoint"]) for one in mails] == [("email", "files@example.com")]


def _values(node: Any) -> set[Any]:
    """All plain values in a tree of mappings and lists."""
    if isinstance(node, dict):
        return {value for one in node.values() for value in _values(one)}
    if isinstance(node, list):
        return {value for one in node for value in _values(one)}
    return {node}
