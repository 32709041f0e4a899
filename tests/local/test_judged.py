"""Calls that ministack makes, or lets through, without asking: each is judged now, and fails as on AWS when refused."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from local.cloud import LocalCloud
from local.iam.usage import Call
from tests.local.conftest import CALLER, Kit
from tests.pipeline.machine import run as offline

ACCOUNT = "000000000000"
ADMINISTRATION = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"}
USES_KEYS = {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*"}
ECHO = "def handler(event, context): return event"


def allow(actions: str | list[str], resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture
def key(cloud: LocalCloud) -> str:
    """ARN of a key whose policy leaves it to IAM who uses it."""
    arn: str = cloud.client("kms").create_key(Policy=policy(ADMINISTRATION))["KeyMetadata"]["Arn"]
    return arn


@pytest.fixture
def call(kit: Kit) -> Callable[..., str]:
    """Makes a call as a function whose role has `statements`; "allowed", or the error's code."""

    def make(statements: list[dict[str, Any]], service: str, operation: str, **parameters: Any) -> str:
        name = kit.function(CALLER, *statements)
        failed, result = kit.invoke(name, {"service": service, "operation": operation, "parameters": parameters})
        assert failed is None, result
        return str(result)

    return make


def run(kit: Kit, state: dict[str, Any], *statements: dict[str, Any], data: Any = None) -> dict[str, Any]:
    """The execution of a machine of one state, once it has ended."""
    states = kit.cloud.client("stepfunctions")
    definition = {"StartAt": "Only", "States": {"Only": {**state, "End": True}}}
    machine = states.create_state_machine(
        name=kit.name("machine"), definition=json.dumps(definition), roleArn=kit.role(*statements)
    )["stateMachineArn"]
    execution = states.start_execution(stateMachineArn=machine, input=json.dumps(data or {}))["executionArn"]

    def ended() -> dict[str, Any] | None:
        found: dict[str, Any] = states.describe_execution(executionArn=execution)
        return found if found["status"] != "RUNNING" else None

    return kit.eventually(ended)


def sealed_bucket(kit: Kit, key: str) -> str:
    name = kit.bucket()
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    kit.cloud.client("s3").put_bucket_encryption(
        Bucket=name, ServerSideEncryptionConfiguration={"Rules": [{**rule, "BucketKeyEnabled": True}]}
    )
    return name


def sealed_table(kit: Kit, key: str) -> str:
    name = kit.name("table")
    kit.cloud.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "Id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "Id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
    )
    return name


# -- keys that calls use ----------------------------------------------------------------------------------------------
def test_an_object_is_read_and_written_with_its_key_only(kit: Kit, key: str, call: Callable[..., str]) -> None:
    name = sealed_bucket(kit, key)
    objects = allow(["s3:GetObject", "s3:PutObject"])
    right = {"StringEquals": {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{name}"}}
    wrong = {"StringEquals": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::another"}}

    def put(*statements: dict[str, Any]) -> str:
        return call([objects, *statements], "s3", "put_object", Bucket=name, Key="key", Body="x")

    def get(*statements: dict[str, Any]) -> str:
        return call([objects, *statements], "s3", "get_object", Bucket=name, Key="key")

    assert put() == "AccessDenied"
    assert put(allow("kms:GenerateDataKey", key, Condition=wrong)) == "AccessDenied"
    assert put(allow("kms:GenerateDataKey", key, Condition=right)) == "allowed"
    assert get(allow("kms:GenerateDataKey", key)) == "AccessDenied"
    assert get(allow("kms:Decrypt", key, Condition=right)) == "allowed"


def test_the_parts_of_an_upload_are_opened_with_the_key(kit: Kit, key: str) -> None:
    name = sealed_bucket(kit, key)
    source = """
import boto3
from botocore.exceptions import ClientError

def handler(event, context):
    s3, where = boto3.client("s3"), {"Bucket": event, "Key": "key"}
    upload = s3.create_multipart_upload(**where)["UploadId"]
    try:
        s3.upload_part(**where, UploadId=upload, PartNumber=1, Body=b"x")
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "allowed"
"""
    half = kit.function(source, allow("s3:PutObject"), allow("kms:GenerateDataKey"))
    whole = kit.function(source, allow("s3:PutObject"), USES_KEYS)
    assert kit.invoke(half, name) == (None, "AccessDenied")
    assert kit.invoke(whole, name) == (None, "allowed")


def test_an_item_is_written_with_the_tables_key_only(kit: Kit, key: str, call: Callable[..., str]) -> None:
    item = {"TableName": sealed_table(kit, key), "Item": {"Id": {"S": "1"}}}
    put = allow("dynamodb:PutItem")
    of_table = {"StringEquals": {"kms:EncryptionContext:aws:dynamodb:tableName": item["TableName"]}}
    assert call([put], "dynamodb", "put_item", **item) == "AccessDeniedException"
    assert call([put, allow("kms:Decrypt", key, Condition=of_table)], "dynamodb", "put_item", **item) == "allowed"


def test_a_message_and_a_secret_need_their_keys(kit: Kit, key: str, call: Callable[..., str]) -> None:
    url, _ = kit.queue(KmsMasterKeyId=key)
    send: Any = {"service": "sqs", "operation": "send_message", "QueueUrl": url, "MessageBody": "x"}
    assert "AccessDenied" in call([allow("sqs:SendMessage")], **send)
    through = {"StringEquals": {"kms:ViaService": "sqs.us-east-1.amazonaws.com"}}
    assert call([allow("sqs:SendMessage"), {**USES_KEYS, "Condition": through}], **send) == "allowed"
    secret = kit.cloud.client("secretsmanager").create_secret(Name=kit.name("s"), SecretString="x", KmsKeyId=key)["ARN"]
    read: Any = {"service": "secretsmanager", "operation": "get_secret_value", "SecretId": secret}
    assert "AccessDenied" in call([allow("secretsmanager:GetSecretValue")], **read)
    assert call([allow("secretsmanager:GetSecretValue"), USES_KEYS], **read) == "allowed"


def test_a_key_that_does_not_leave_it_to_iam_lets_nobody_in(kit: Kit, call: Callable[..., str]) -> None:
    closed = {**ADMINISTRATION, "Action": ["kms:Put*", "kms:Create*", "kms:Get*", "kms:Describe*"]}
    key = kit.cloud.client("kms").create_key(Policy=policy(closed))["KeyMetadata"]["Arn"]
    name = sealed_bucket(kit, key)
    statements = [allow("s3:PutObject"), USES_KEYS]
    assert call(statements, "s3", "put_object", Bucket=name, Key="key", Body="x") == "AccessDenied"


def test_lambda_says_which_function_calls(kit: Kit, call: Callable[..., str]) -> None:
    only_lambda_itself = {"Null": {"lambda:SourceFunctionArn": "true"}}
    lists = allow("s3:ListAllMyBuckets", Condition=only_lambda_itself)
    assert call([lists], "s3", "list_buckets") == "AccessDenied"
    assert call([allow("s3:ListAllMyBuckets")], "s3", "list_buckets") == "allowed"


# -- Step Functions ---------------------------------------------------------------------------------------------------
def test_a_machine_invokes_only_what_its_role_may(kit: Kit) -> None:
    ours, other = (kit.function(ECHO) for _ in range(2))
    may = allow("lambda:InvokeFunction", kit.function_arn(ours))
    for resource, parameters in (
        (kit.function_arn(other), {}),
        ("arn:aws:states:::lambda:invoke", {"FunctionName": other}),
    ):
        refused = run(kit, {"Type": "Task", "Resource": resource, "Parameters": parameters}, may)
        assert (refused["status"], refused["error"]) == ("FAILED", "Lambda.AWSLambdaException")
        assert "lambda:InvokeFunction" in refused["cause"]
    assert run(kit, {"Type": "Task", "Resource": kit.function_arn(ours)}, may)["status"] == "SUCCEEDED"


def test_a_task_with_a_token_is_judged_too(kit: Kit) -> None:
    url, arn = kit.queue()
    parameters = {"QueueUrl": url, "MessageBody.$": "$$.Task.Token"}
    resource = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
    state = {"Type": "Task", "Resource": resource, "Parameters": parameters, "TimeoutSeconds": 1}
    assert run(kit, state)["error"] == "States.TaskFailed"
    assert run(kit, state, allow("sqs:SendMessage", arn))["error"] == "States.Timeout"


def test_each_item_of_a_transaction_is_a_call_with_the_tables_key(kit: Kit, key: str) -> None:
    table = sealed_table(kit, key)
    put = {"Put": {"TableName": table, "Item": {"Id": {"S": "1"}}}}
    check = {"ConditionCheck": {"TableName": table, "Key": {"Id": {"S": "2"}},
                                "ConditionExpression": "attribute_not_exists(Id)"}}  # fmt: skip
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:dynamodb:transactWriteItems",
        "Parameters": {"TransactItems": [put, check]},
    }
    both = allow(["dynamodb:PutItem", "dynamodb:ConditionCheckItem"])
    assert run(kit, state, allow("dynamodb:PutItem"), USES_KEYS)["error"] == "DynamoDb.DynamoDbException"
    assert run(kit, state, both)["error"] == "DynamoDb.DynamoDbException"
    assert run(kit, state, both, USES_KEYS)["status"] == "SUCCEEDED"


def test_a_distributed_map_reads_and_starts_children_with_its_role(kit: Kit, key: str) -> None:
    bucket = sealed_bucket(kit, key)
    kit.cloud.client("s3").put_object(Bucket=bucket, Key="items", Body=b"[1, 2]")
    reader = {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"},
              "Parameters": {"Bucket": bucket, "Key": "items"}}  # fmt: skip
    child = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "Pass",
             "States": {"Pass": {"Type": "Pass", "End": True}}}  # fmt: skip
    state = {"Type": "Map", "ItemReader": reader, "ItemProcessor": child}
    start, read = allow("states:StartExecution"), allow("s3:GetObject")
    assert run(kit, state, read, USES_KEYS)["cause"].count("states:StartExecution") == 1
    assert run(kit, state, start, USES_KEYS)["error"] == "States.ItemReaderFailed"
    assert run(kit, state, start, read)["status"] == "FAILED"
    assert run(kit, state, start, read, USES_KEYS)["status"] == "SUCCEEDED"


def test_step_functions_takes_up_only_a_role_that_trusts_it(kit: Kit) -> None:
    function = kit.function(ECHO)
    state = {"Type": "Task", "Resource": kit.function_arn(function)}
    trust = allow("sts:AssumeRole", Principal={"Service": "lambda.amazonaws.com"})
    del trust["Resource"]
    states = kit.cloud.client("stepfunctions")
    role = kit.role(allow("lambda:InvokeFunction"))
    kit.cloud.client("iam").update_assume_role_policy(RoleName=role.rpartition("/")[2], PolicyDocument=policy(trust))
    machine = states.create_state_machine(
        name=kit.name("machine"), roleArn=role,
        definition=json.dumps({"StartAt": "A", "States": {"A": {**state, "End": True}}}),
    )["stateMachineArn"]  # fmt: skip
    execution = states.start_execution(stateMachineArn=machine)["executionArn"]
    ended = kit.eventually(lambda: _ended(states, execution))
    assert "may not take up" in ended["cause"]


def _ended(states: Any, execution: str) -> dict[str, Any] | None:
    found: dict[str, Any] = states.describe_execution(executionArn=execution)
    return found if found["status"] != "RUNNING" else None


def test_a_task_of_a_kind_that_nobody_can_judge_fails(kit: Kit) -> None:
    state = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:ec2:describeVpcs", "Parameters": {}}
    assert "does not know which permissions" in run(kit, state, allow("*"))["cause"]


def test_a_definition_that_runs_offline_beside_a_cloud_is_nobodys_to_judge(
    cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "x"}}
    end = {"Type": "Pass", "End": True}
    child = {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, "StartAt": "Each", "States": {"Each": end}}
    children = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": child, "End": True}
    definition = {"StartAt": "Call", "States": {"Call": {**task, "ResultPath": None, "Next": "All"}, "All": children}}
    before = cloud.court.usage.calls()
    ended = offline(definition, {"items": [1, 2]}, lambda *_: {}, monkeypatch)
    assert (ended.status, [resource for resource, _ in ended.calls]) == ("SUCCEEDED", [task["Resource"]])
    assert not [call for call in cloud.court.usage.calls().keys() - before.keys() if call.action.startswith("states:")]


POLLS = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


# -- Lambda -----------------------------------------------------------------------------------------------------------
def test_lambda_takes_up_only_a_role_that_trusts_it(kit: Kit) -> None:
    role = kit.role()
    trust = allow("sts:AssumeRole", Principal={"Service": "states.amazonaws.com"})
    del trust["Resource"]
    kit.cloud.client("iam").update_assume_role_policy(RoleName=role.rpartition("/")[2], PolicyDocument=policy(trust))
    failed, body = kit.invoke(kit.function(ECHO, Role=role))
    assert (failed, body["errorType"]) == ("Unhandled", "AccessDeniedException")


def test_a_mapping_reads_its_queue_with_the_functions_role(kit: Kit, cloud: LocalCloud, key: str) -> None:
    url, arn = kit.queue(KmsMasterKeyId=key)
    function = kit.function(ECHO, allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], arn))
    cloud.client("lambda").create_event_source_mapping(FunctionName=function, EventSourceArn=arn)
    cloud.client("sqs").send_message(QueueUrl=url, MessageBody="{}")
    time.sleep(2)
    assert cloud.pool.cold_starts(function) == 0, "the key is missing"
    role = cloud.client("lambda").get_function_configuration(FunctionName=function)["Role"].rpartition("/")[2]
    cloud.client("iam").put_role_policy(RoleName=role, PolicyName="key", PolicyDocument=policy(USES_KEYS))
    kit.eventually(lambda: cloud.pool.cold_starts(function) or None)


def test_an_empty_queue_is_not_asked_for(kit: Kit, cloud: LocalCloud) -> None:
    (url, arn), (_, empty) = kit.queue(), kit.queue()
    function = kit.function(ECHO, allow(list(POLLS), [arn, empty]))
    for queue in (arn, empty):
        cloud.client("lambda").create_event_source_mapping(FunctionName=function, EventSourceArn=queue)
    cloud.client("sqs").send_message(QueueUrl=url, MessageBody="{}")
    kit.eventually(lambda: cloud.pool.cold_starts(function) or None)
    role = cloud.client("lambda").get_function_configuration(FunctionName=function)["Role"]
    asked = {(call.action, call.resource) for call in cloud.court.usage.calls() if call.principal == role}
    assert {one for one in asked if one[0] in POLLS} == {(action, arn) for action in POLLS}


def test_a_mapping_reads_its_stream_with_the_functions_role(kit: Kit, cloud: LocalCloud) -> None:
    table = kit.name("table")
    stream = cloud.client("dynamodb").create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "Id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "Id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]["LatestStreamArn"]
    read = ["dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords"]
    cannot, can = kit.function(ECHO, allow(read[:2], stream)), kit.function(ECHO, allow(read, stream))
    for function in (cannot, can):
        cloud.client("lambda").create_event_source_mapping(
            FunctionName=function, EventSourceArn=stream, StartingPosition="TRIM_HORIZON"
        )
    cloud.client("dynamodb").put_item(TableName=table, Item={"Id": {"S": "1"}})
    kit.eventually(lambda: cloud.pool.cold_starts(can) or None)
    time.sleep(0.5)
    assert cloud.pool.cold_starts(cannot) == 0


def test_a_function_writes_only_a_log_that_it_may(kit: Kit, cloud: LocalCloud) -> None:
    logs = cloud.client("logs")
    silent, heard = kit.function(ECHO, Role=kit.role()), kit.function(ECHO)
    for function in (silent, heard):
        kit.invoke(function)
    groups = {group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]}
    assert f"/aws/lambda/{heard}" in groups
    assert f"/aws/lambda/{silent}" not in groups


def test_what_failed_reaches_only_a_queue_that_the_function_may_send_to(kit: Kit, cloud: LocalCloud) -> None:
    url, arn = kit.queue()
    source = "def handler(event, context): raise ValueError"
    for statements in ([], [allow("sqs:SendMessage", arn)]):
        function = kit.function(source, *statements, DeadLetterConfig={"TargetArn": arn})
        cloud.client("lambda").put_function_event_invoke_config(FunctionName=function, MaximumRetryAttempts=0)
        cloud.client("lambda").invoke(
            FunctionName=function, InvocationType="Event", Payload=json.dumps({"may": bool(statements)})
        )
    assert [letter["requestPayload"] for letter in kit.messages(url, 1)] == [{"may": True}]


# -- EventBridge ------------------------------------------------------------------------------------------------------
def test_a_rule_reaches_only_a_queue_that_lets_it_in(kit: Kit, cloud: LocalCloud, key: str) -> None:
    events, sqs, kms = cloud.client("events"), cloud.client("sqs"), cloud.client("kms")
    url, arn = kit.queue(KmsMasterKeyId=key)
    source = kit.name("source")
    rule = kit.rule({"source": [source]}, arn)
    sender = allow("sqs:SendMessage", arn, Principal={"Service": "events.amazonaws.com"})

    def lets_in(of_rule: str, *, with_key: bool) -> None:
        condition = {"ArnEquals": {"aws:SourceArn": f"arn:aws:events:us-east-1:{ACCOUNT}:rule/{of_rule}"}}
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy({**sender, "Condition": condition})})
        service = {**USES_KEYS, "Principal": {"Service": "events.amazonaws.com"}}
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy(ADMINISTRATION, *[service] * with_key))
        detail = json.dumps({"rule": of_rule, "key": with_key})
        events.put_events(Entries=[{"Source": source, "DetailType": "x", "Detail": detail}])

    lets_in("another", with_key=True)
    lets_in(rule, with_key=False)
    lets_in(rule, with_key=True)
    assert [message["detail"] for message in kit.messages(url, 1)] == [{"rule": rule, "key": True}]


def test_a_rule_invokes_only_a_function_that_lets_it_in(kit: Kit, cloud: LocalCloud) -> None:
    events, source = cloud.client("events"), kit.name("source")
    closed, opened = kit.function(ECHO), kit.function(ECHO)
    for function in (closed, opened):
        kit.rule({"source": [source]}, kit.function_arn(function))
    cloud.client("lambda").add_permission(
        FunctionName=opened, StatementId="a", Action="lambda:InvokeFunction", Principal="events.amazonaws.com"
    )
    events.put_events(Entries=[{"Source": source, "DetailType": "x", "Detail": "{}"}])
    kit.eventually(lambda: cloud.pool.cold_starts(opened) or None)
    time.sleep(0.5)
    assert cloud.pool.cold_starts(closed) == 0


# -- the record -------------------------------------------------------------------------------------------------------
def test_calls_are_written_down_once_by_the_pattern_that_allowed_them(kit: Kit, cloud: LocalCloud) -> None:
    bucket = kit.bucket()
    pattern = f"arn:aws:s3:::{bucket}/in/*"
    role = kit.role(allow("s3:PutObject", pattern))
    function = kit.function(CALLER, Role=role)
    for name in ("in/1", "in/2", "out"):
        put = {"Bucket": bucket, "Key": name, "Body": "x"}
        kit.invoke(function, {"service": "s3", "operation": "put_object", "parameters": put})
    found = {call: times for call, times in cloud.court.usage.calls().items() if call.principal == role}
    puts = {call: times for call, times in found.items() if call.action == "s3:PutObject"}
    refused = f"arn:aws:s3:::{bucket}/out"

    def call(resource: str, *, allowed: bool) -> Call:
        return Call(principal=role, action="s3:PutObject", resource=resource, context=(), allowed=allowed)

    assert puts == {call(pattern, allowed=True): 2, call(refused, allowed=False): 1}
