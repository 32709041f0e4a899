"""State machines in the local cloud: error names, limits, timeouts, the Distributed Map, direct integrations."""

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.cloud import LocalCloud
from local.states import LIMIT_BYTES

ANYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def _machine(kit: Any, definition: dict[str, Any]) -> str:
    arn: str = kit.cloud.client("stepfunctions").create_state_machine(
        name=kit.name("machine"), definition=json.dumps(definition), roleArn=kit.role(ANYTHING)
    )["stateMachineArn"]
    return arn


def _run(kit: Any, definition: dict[str, Any], data: Any = None) -> dict[str, Any]:
    """The execution's description once it has ended."""
    states = kit.cloud.client("stepfunctions")
    arn = states.start_execution(stateMachineArn=_machine(kit, definition), input=json.dumps(data or {}))[
        "executionArn"
    ]
    return _ended(kit, arn)


def _ended(kit: Any, arn: str) -> dict[str, Any]:
    states = kit.cloud.client("stepfunctions")

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = states.describe_execution(executionArn=arn)
        return found if found["status"] != "RUNNING" else None

    ended: dict[str, Any] = kit.eventually(look, seconds=20)
    return ended


def _one(state: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A machine of one state, and others that it may go to."""
    return {"StartAt": "Only", "States": {"Only": {"End": True, **state}, **more}}


def _task(kit: Any, source: str, **more: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": kit.function_arn(kit.function(source)), **more}


def _output(ended: dict[str, Any]) -> Any:
    assert ended["status"] == "SUCCEEDED", ended
    return json.loads(ended["output"])


# -- errors -----------------------------------------------------------------------------------------------------------
def test_catch_matches_the_class_of_an_exception(kit: Any) -> None:
    task = _task(
        kit,
        "class Rejected(Exception): pass\ndef handler(event, context): raise Rejected('bad file')",
        Catch=[{"ErrorEquals": ["Transient"], "Next": "Wrong"}, {"ErrorEquals": ["Rejected"], "Next": "Right"}],
    )
    seen = _output(_run(kit, _one(task, Wrong={"Type": "Fail"}, Right={"Type": "Succeed"})))
    assert seen["Error"] == "Rejected"
    assert json.loads(seen["Cause"])["errorMessage"] == "bad file"


def test_retry_by_class_keeps_the_process(kit: Any) -> None:
    source = """
class Transient(Exception): pass
calls = 0
def handler(event, context):
    global calls
    calls += 1
    if calls < 3: raise Transient("not yet")
    return calls
"""
    retry = [{"ErrorEquals": ["Transient"], "IntervalSeconds": 1, "MaxAttempts": 3, "MaxDelaySeconds": 1}]
    assert _output(_run(kit, _one(_task(kit, source, Retry=retry)))) == 3


def test_delay_is_capped(kit: Any) -> None:
    source = "class Transient(Exception): pass\ndef handler(event, context): raise Transient('never')"
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 30.0,
              "MaxDelaySeconds": 1}]  # fmt: skip
    started = time.monotonic()
    assert _run(kit, _one(_task(kit, source, Retry=retry)))["error"] == "Transient"
    assert 2 <= time.monotonic() - started < 10


def test_throttled_function_is_named_as_on_aws(kit: Any, cloud: LocalCloud) -> None:
    name = kit.function("def handler(event, context): return 1")
    cloud.client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    task = {"Type": "Task", "Resource": kit.function_arn(name)}
    assert _run(kit, _one(task))["error"] == "Lambda.TooManyRequestsException"


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("import time\ndef handler(event, context): time.sleep(30)", "Sandbox.Timedout"),
        ("import os\ndef handler(event, context): os._exit(1)", "Runtime.ExitError"),
    ],
)
def test_lost_processes_are_named_as_on_aws(kit: Any, cloud: LocalCloud, source: str, error: str) -> None:
    name = kit.function(source, Timeout=1)
    assert _run(kit, _one({"Type": "Task", "Resource": kit.function_arn(name)}))["error"] == error


def test_path_that_leads_nowhere_fails(kit: Any) -> None:
    state = {"Type": "Pass", "Parameters": {"deep": {"name.$": "$.file.name"}}}
    assert _run(kit, _one(state), {"file": {}})["error"] == "States.ParameterPathFailure"
    assert _output(_run(kit, _one(state), {"file": {"name": None}})) == {"deep": {"name": None}}


# -- limits -----------------------------------------------------------------------------------------------------------
def test_result_larger_than_256_kib_fails_and_no_wildcard_catches_it(kit: Any) -> None:
    task = _task(
        kit,
        "def handler(event, context): return 'x' * event['n']",
        Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
    )
    machine = _one(task, Caught={"Type": "Succeed"})
    assert len(_output(_run(kit, machine, {"n": LIMIT_BYTES - 2}))) == LIMIT_BYTES - 2
    assert _run(kit, machine, {"n": LIMIT_BYTES})["error"] == "States.DataLimitExceeded"


def test_result_that_is_dropped_counts_too(kit: Any) -> None:
    task = _task(kit, "def handler(event, context): return 'x' * event['n']", ResultPath=None)
    assert _run(kit, _one(task), {"n": LIMIT_BYTES})["error"] == "States.DataLimitExceeded"


def test_state_that_grows_beyond_256_kib_fails(kit: Any) -> None:
    doubled = {"Type": "Pass", "Parameters": {"a.$": "$.a", "b.$": "$.a"}}
    assert _run(kit, _one(doubled), {"a": "x" * (LIMIT_BYTES // 2)})["error"] == "States.DataLimitExceeded"


def test_input_larger_than_256_kib_is_refused(kit: Any, cloud: LocalCloud) -> None:
    machine = _machine(kit, _one({"Type": "Succeed"}))
    with pytest.raises(ClientError, match="ValidationException"):
        cloud.client("stepfunctions").start_execution(stateMachineArn=machine, input=json.dumps("x" * LIMIT_BYTES))


# -- executions -------------------------------------------------------------------------------------------------------
def test_no_execution_waits_before_its_first_state(kit: Any) -> None:
    states = kit.cloud.client("stepfunctions")
    arns = [_run(kit, _one({"Type": "Pass"}))["executionArn"] for _ in range(5)]
    waits = []
    for arn in arns:
        began, entered = states.get_execution_history(executionArn=arn)["events"][:2]
        waits.append((entered["timestamp"] - began["timestamp"]).total_seconds())
    # ministack's own is 0.15 s, always; a busy machine may have one of ours wait, but not all.
    assert min(waits) < 0.1


def test_same_start_twice_is_one_execution_while_it_runs(kit: Any, cloud: LocalCloud) -> None:
    states = cloud.client("stepfunctions")
    machine = _machine(kit, _one({"Type": "Wait", "Seconds": 1}))
    start = {"stateMachineArn": machine, "name": "run", "input": '{"a": 1}'}
    first, second = states.start_execution(**start), states.start_execution(**start)
    assert first["executionArn"] == second["executionArn"]
    assert first["startDate"] == second["startDate"]
    with pytest.raises(states.exceptions.ExecutionAlreadyExists):
        states.start_execution(**{**start, "input": '{"a": 2}'})
    assert _ended(kit, first["executionArn"])["status"] == "SUCCEEDED"
    with pytest.raises(states.exceptions.ExecutionAlreadyExists):
        states.start_execution(**start)


def test_machine_that_takes_too_long_times_out_once_and_says_so(kit: Any, cloud: LocalCloud) -> None:
    url, arn = kit.queue()
    waiting = {"Type": "Wait", "Seconds": 2, "End": False, "Next": "Then"}
    del waiting["End"]
    definition = {"StartAt": "Wait", "TimeoutSeconds": 1, "States": {"Wait": waiting, "Then": {"Type": "Fail"}}}
    machine = _machine(kit, definition)
    kit.rule(
        {"source": ["aws.states"], "detail": {"stateMachineArn": [machine], "status": ["TIMED_OUT", "FAILED"]}}, arn
    )
    states = cloud.client("stepfunctions")
    execution = states.start_execution(stateMachineArn=machine)["executionArn"]
    assert _ended(kit, execution)["status"] == "TIMED_OUT"
    (event,) = kit.messages(url, 1)
    assert (event["detail"]["executionArn"], event["detail"]["status"]) == (execution, "TIMED_OUT")
    time.sleep(1.5)
    assert states.describe_execution(executionArn=execution)["status"] == "TIMED_OUT"
    assert "Messages" not in cloud.client("sqs").receive_message(QueueUrl=url)


def test_execution_that_was_stopped_starts_no_further_task(kit: Any, cloud: LocalCloud) -> None:
    url, _ = kit.queue()
    send = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage",
            "Parameters": {"QueueUrl": url, "MessageBody": "{}"}, "End": True}  # fmt: skip
    iteration = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 1, "Next": "Send"}, "Send": send}}
    states = cloud.client("stepfunctions")
    machine = _machine(kit, _one({"Type": "Map", "ItemProcessor": iteration}))
    execution = states.start_execution(stateMachineArn=machine, input="[1, 2]")["executionArn"]
    time.sleep(0.5)
    states.stop_execution(executionArn=execution)
    time.sleep(1.2)
    assert states.describe_execution(executionArn=execution)["status"] == "ABORTED"
    assert "Messages" not in cloud.client("sqs").receive_message(QueueUrl=url)


# -- maps -------------------------------------------------------------------------------------------------------------
def _distributed(kit: Any, bucket: str, task: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "Type": "Map",
        "Label": "Parts",
        "MaxConcurrency": 10,
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "JSON"},
            "Parameters": {"Bucket": bucket, "Key.$": "$.key"},
        },
        "ItemSelector": {"part.$": "$$.Map.Item.Value", "factor.$": "$.factor"},
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
            "StartAt": "Part",
            "States": {"Part": {**task, "End": True}},
        },
        "ResultPath": None,
        **more,
    }


def test_distributed_map_reads_its_items_from_s3(kit: Any, cloud: LocalCloud) -> None:
    bucket, count = kit.bucket(versioned=True), 60
    cloud.client("s3").put_object(Bucket=bucket, Key="items.json", Body=json.dumps([{"n": n} for n in range(count)]))
    table = kit.name("table")
    cloud.client("dynamodb").create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "N", "AttributeType": "N"}],
        KeySchema=[{"AttributeName": "N", "KeyType": "HASH"}],
    )
    put = {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:putItem",
        "Parameters": {"TableName": table, "Item": {"N": {"N.$": "States.Format('{}', $.part.n)"},
                                                    "F": {"N.$": "States.Format('{}', $.factor)"}}},
        "ResultSelector": {},
    }  # fmt: skip
    data = {"key": "items.json", "factor": 7}
    assert _output(_run(kit, _one(_distributed(kit, bucket, put)), data)) == data
    items = cloud.client("dynamodb").scan(TableName=table)["Items"]
    assert sorted(int(item["N"]["N"]) for item in items) == list(range(count))
    assert {item["F"]["N"] for item in items} == {"7"}


def test_failed_child_fails_the_map_and_retry_runs_it_again(kit: Any, cloud: LocalCloud) -> None:
    bucket = kit.bucket()
    cloud.client("s3").put_object(Bucket=bucket, Key="items.json", Body="[0, 1]")
    table = kit.name("table")
    cloud.client("dynamodb").create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "Id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "Id", "KeyType": "HASH"}],
    )
    count = {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:updateItem",
        "Parameters": {
            "TableName": table,
            "Key": {"Id": {"S.$": "States.Format('{}', $.part)"}},
            "UpdateExpression": "ADD Calls :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
            "ReturnValues": "UPDATED_NEW",
        },
        "Next": "Twice",
    }
    twice = {"Type": "Choice", "Default": "Fine",
             "Choices": [{"Variable": "$.Attributes.Calls.N", "StringEquals": "1", "Next": "Bad"}]}  # fmt: skip
    children = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
        "StartAt": "Count",
        "States": {
            "Count": count,
            "Twice": twice,
            "Bad": {"Type": "Fail", "Error": "Bad"},
            "Fine": {"Type": "Succeed"},
        },
    }
    failed = "States.ExceedToleratedFailureThreshold"
    data = {"key": "items.json", "factor": 1}
    more = {"ItemProcessor": children, "Catch": [{"ErrorEquals": [failed], "Next": "Caught"}]}
    machine = _one(_distributed(kit, bucket, {}, **more), Caught={"Type": "Succeed"})
    assert _output(_run(kit, machine, data))["Error"] == failed
    assert _output(_run(kit, machine, data)) == data

    cloud.client("s3").put_object(Bucket=bucket, Key="items.json", Body="[2, 3]")
    more = {"ItemProcessor": children, "Retry": [{"ErrorEquals": [failed], "IntervalSeconds": 1, "MaxAttempts": 1}]}
    assert _output(_run(kit, _one(_distributed(kit, bucket, {}, **more)), data)) == data


def test_children_that_return_too_much_fail_the_map(kit: Any, cloud: LocalCloud) -> None:
    bucket = kit.bucket()
    cloud.client("s3").put_object(Bucket=bucket, Key="items.json", Body=json.dumps([0, 1]))
    state = {"Type": "Pass", "Result": "x" * (LIMIT_BYTES // 2)}
    ended = _run(kit, _one(_distributed(kit, bucket, state)), {"key": "items.json", "factor": 0})
    assert ended["error"] == "States.DataLimitExceeded"


@pytest.mark.parametrize("body", [None, b"not json", b'{"no": "array"}'])
def test_items_that_cannot_be_read_have_an_error_of_their_own(kit: Any, cloud: LocalCloud, body: bytes | None) -> None:
    bucket = kit.bucket()
    if body is not None:
        cloud.client("s3").put_object(Bucket=bucket, Key="items.json", Body=body)
    ended = _run(kit, _one(_distributed(kit, bucket, {"Type": "Pass"})), {"key": "items.json", "factor": 0})
    assert ended["error"] == "States.ItemReaderFailed"


# -- direct integrations ----------------------------------------------------------------------------------------------
def test_transaction_is_written_once_and_its_refusal_has_the_name_of_the_sdk(kit: Any, cloud: LocalCloud) -> None:
    dynamodb, table = cloud.client("dynamodb"), kit.name("table")
    dynamodb.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "Id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "Id", "KeyType": "HASH"}],
    )
    item = {"Id": {"S.$": "$.id"}}
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:dynamodb:transactWriteItems",
        "Parameters": {
            "ClientRequestToken.$": "$.token",
            "TransactItems": [
                {"Put": {"TableName": table, "Item": item, "ConditionExpression": "attribute_not_exists(Id)"}},
                {"Update": {"TableName": table, "Key": {"Id": {"S": "count"}}, "UpdateExpression": "ADD N :one",
                            "ExpressionAttributeValues": {":one": {"N": "1"}}}},
            ],
        },
        "ResultPath": None,
        "Catch": [{"ErrorEquals": ["DynamoDb.TransactionCanceledException"], "Next": "Refused"}],
    }  # fmt: skip
    machine = _one(state, Refused={"Type": "Succeed"})
    data = {"id": "a", "token": "token-1"}
    assert _output(_run(kit, machine, data)) == data
    assert _output(_run(kit, machine, data)) == data, "the same token again is the same request"
    refused = _output(_run(kit, machine, {"id": "a", "token": "token-2"}))
    assert refused["Error"] == "DynamoDb.TransactionCanceledException"
    assert "ConditionalCheckFailed" in refused["Cause"]
    count = dynamodb.get_item(TableName=table, Key={"Id": {"S": "count"}})["Item"]
    assert count["N"] == {"N": "1"}


def test_publication_reaches_a_subscriber(kit: Any, cloud: LocalCloud) -> None:
    sns = cloud.client("sns")
    topic = sns.create_topic(Name=kit.name("topic"))["TopicArn"]
    url, arn = kit.queue()
    allow = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
             "Resource": arn, "Condition": {"ArnEquals": {"aws:SourceArn": topic}}}  # fmt: skip
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    cloud.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    attributes = {"kind": {"DataType": "String", "StringValue.$": "$.kind"}}
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish",
        "Parameters": {"TopicArn": topic, "Subject": "Done", "Message.$": "$.text", "MessageAttributes": attributes},
    }
    assert "MessageId" in _output(_run(kit, _one(state), {"text": "hello", "kind": "ok"}))
    (message,) = kit.messages(url, 1)
    assert (message["Subject"], message["Message"]) == ("Done", "hello")
    assert message["MessageAttributes"]["kind"]["Value"] == "ok"
