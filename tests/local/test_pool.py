"""Functions in the local cloud: processes, queue, limits, errors, what a function sees."""

import importlib
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from local.cloud import LocalCloud
from local.pool import SPARE_PROCESSES
from local.worker import MEMORY_ALLOWANCE_MB

COUNTING = """
import os
calls = 0
def handler(event, context):
    global calls
    calls += 1
    print("call", calls)
    return {"calls": calls, "pid": os.getpid()}
"""


def _text(name: str, cloud: LocalCloud) -> str:
    logs = cloud.client("logs")
    group = f"/aws/lambda/{name}"
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    events = [logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"]) for stream in streams]
    return "\n".join(event["message"] for page in events for event in page["events"])


def test_second_invocation_finds_the_same_process(kit: Any, cloud: LocalCloud) -> None:
    name = kit.function(COUNTING)
    first, second = kit.invoke(name)[1], kit.invoke(name)[1]
    assert (first["calls"], second["calls"]) == (1, 2)
    assert first["pid"] == second["pid"]
    assert cloud.pool.cold_starts(name) == 1
    assert 5 < cloud.pool.peak_memory(name) < 256


def test_packages_are_not_kept_in_memory(kit: Any, cloud: LocalCloud) -> None:
    name = kit.function(COUNTING)
    records = importlib.import_module("ministack.services.lambda_svc")._functions
    assert len(records[name]["code_zip"]) < 100
    assert kit.invoke(name)[1]["calls"] == 1


def test_error_has_the_type_of_the_exception_and_the_process_survives(kit: Any, cloud: LocalCloud) -> None:
    source = """
import os
class Boom(Exception): pass
def handler(event, context):
    if event.get("fail"): raise Boom("no " + event["fail"])
    return os.getpid()
"""
    name = kit.function(source)
    pid = kit.invoke(name)[1]
    kind, error = kit.invoke(name, {"fail": "luck"})
    assert kind == "Unhandled"
    assert (error["errorType"], error["errorMessage"]) == ("Boom", "no luck")
    assert "index.py" in error["stackTrace"][-1]
    assert kit.invoke(name) == (None, pid)


def test_output_and_errors_reach_the_log_group(kit: Any, cloud: LocalCloud) -> None:
    name = kit.function(
        'import sys\ndef handler(event, context):\n    print("out")\n    print("err", file=sys.stderr)\n'
    )
    kit.invoke(name)
    text = _text(name, cloud)
    assert "out" in text
    assert "err" in text
    assert f"Max Memory Used: {round(cloud.pool.peak_memory(name))} MB" in text


def test_late_function_is_stopped(kit: Any) -> None:
    name = kit.function("import time\ndef handler(event, context): time.sleep(event['s'])", Timeout=1)
    assert kit.invoke(name, {"s": 0}) == (None, None)
    started = time.monotonic()
    _, error = kit.invoke(name, {"s": 30})
    assert time.monotonic() - started < 5
    assert error["errorType"] == "Sandbox.Timedout"
    assert error["errorMessage"].endswith("Error: Task timed out after 1.00 seconds")
    assert kit.invoke(name, {"s": 0}) == (None, None)


def test_process_that_dies_is_an_error_and_is_replaced(kit: Any) -> None:
    name = kit.function("import os\ndef handler(event, context):\n    if event.get('die'): os._exit(3)\n    return 1")
    assert kit.invoke(name) == (None, 1)
    _, error = kit.invoke(name, {"die": True})
    assert error["errorType"] == "Runtime.ExitError"
    assert error["errorMessage"].endswith("Runtime exited with error: exit status 3")
    assert kit.invoke(name) == (None, 1)


def test_process_that_outgrows_its_memory_is_killed(kit: Any, cloud: LocalCloud) -> None:
    source = """
import time
def handler(event, context):
    data = bytearray(event["mb"] << 20)
    data[::4096] = b"1" * len(data[::4096])
    time.sleep(event["s"])
    return len(data) >> 20
"""
    name = kit.function(source, MemorySize=128)
    assert kit.invoke(name, {"mb": 50, "s": 0}) == (None, 50)
    _, error = kit.invoke(name, {"mb": 128 + MEMORY_ALLOWANCE_MB, "s": 5})
    assert error["errorType"] == "Runtime.ExitError"
    assert "signal: killed" in error["errorMessage"]
    assert "Memory Size: 128 MB Memory Used:" in _text(name, cloud)
    assert kit.invoke(name, {"mb": 1, "s": 0}) == (None, 1)


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("import not_there\ndef handler(event, context): pass", "Runtime.ImportModuleError"),
        ("def other(event, context): pass", "Runtime.HandlerNotFound"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_package_that_does_not_start_says_why(kit: Any, source: str, kind: str) -> None:
    failed, error = kit.invoke(kit.function(source))
    assert failed == "Unhandled"
    assert error["errorType"] == kind


def test_response_larger_than_6_mib_is_an_error(kit: Any) -> None:
    name = kit.function("def handler(event, context): return 'x' * event['n']")
    assert len(kit.invoke(name, {"n": 6 << 20})[1]) == 6 << 20
    assert kit.invoke(name, {"n": (6 << 20) + 200})[1]["errorType"] == "Function.ResponseSizeTooLarge"


def test_environment_is_built_from_nothing(kit: Any, cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_HOST", "1")
    source = """
import os, sys, tempfile
def handler(event, context):
    return {"variables": dict(os.environ), "path": sys.path, "temporary": tempfile.gettempdir(),
            "arn": context.invoked_function_arn, "memory": context.memory_limit_in_mb,
            "left": context.get_remaining_time_in_millis()}
"""
    name = kit.function(source, Environment={"Variables": {"MINE": "yes", "AWS_ACCESS_KEY_ID": "test"}})
    _, seen = kit.invoke(name)
    variables = seen["variables"]
    assert variables["MINE"] == "yes"
    assert "SECRET_OF_THE_HOST" not in variables
    assert variables["AWS_ACCESS_KEY_ID"].startswith("ASIA"), "a function must never have root's key"
    assert variables["AWS_ENDPOINT_URL"] == cloud.endpoint
    assert variables["AWS_LAMBDA_FUNCTION_NAME"] == name
    assert seen["temporary"] == variables["TMPDIR"]
    assert not [path for path in seen["path"] if "site-packages" in path]
    assert seen["arn"] == kit.function_arn(name)
    assert int(seen["memory"]) == 256
    assert 5_000 < seen["left"] <= 10_000


def test_package_without_an_sdk_finds_one_and_is_judged_by_its_role(kit: Any) -> None:
    source = """
def handler(event, context):
    import boto3
    return boto3.client("s3").list_objects_v2(Bucket=event["bucket"])["KeyCount"]
"""
    mine, other = kit.bucket(), kit.bucket()
    statement = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{mine}"}
    name = kit.function(source, statement)
    assert kit.invoke(name, {"bucket": mine}) == (None, 0)
    assert kit.invoke(name, {"bucket": other})[1]["errorType"] == "AccessDenied"


def test_never_more_processes_than_places_and_nothing_is_refused(kit: Any, cloud: LocalCloud) -> None:
    names = [kit.function("import time\ndef handler(event, context): time.sleep(0.02); return event") for _ in range(6)]
    failures: list[Any] = []

    def run(number: int) -> None:
        for index in range(5):
            event = {"n": number, "i": index}
            if kit.invoke(names[(number + index) % len(names)], event) != (None, event):
                failures.append(event)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stats = cloud.pool.stats()
    assert failures == []
    assert stats.peak_processes <= cloud.workers + SPARE_PROCESSES
    assert stats.waiting == 0
    # Functions that ended each other's processes turn by turn would start one for nearly every invocation.
    assert sum(cloud.pool.cold_starts(name) for name in names) < 50


def test_no_more_run_at_once_than_there_are_places(kit: Any, cloud: LocalCloud, tmp_path: Path) -> None:
    source = (
        "import os, time\n"
        "def handler(event, context):\n"
        f"    mark = os.path.join({str(tmp_path)!r}, context.aws_request_id)\n"
        "    open(mark, 'w').close()\n"
        "    time.sleep(0.05)\n"
        f"    running = len(os.listdir({str(tmp_path)!r}))\n"
        "    os.remove(mark)\n"
        "    return running\n"
    )
    names = [kit.function(source) for _ in range(4)]
    with ThreadPoolExecutor(20) as threads:
        running = [running for _, running in threads.map(kit.invoke, names * 5)]
    assert 1 < max(running) <= cloud.workers


def test_function_that_changes_gets_a_new_process(kit: Any, cloud: LocalCloud) -> None:
    name = kit.function("import os\ndef handler(event, context): return os.environ.get('A')")
    assert kit.invoke(name) == (None, None)
    cloud.client("lambda").update_function_configuration(FunctionName=name, Environment={"Variables": {"A": "1"}})
    assert kit.invoke(name) == (None, "1")


def test_asynchronous_invocation_is_retried_and_ends_in_the_dead_letter_queue(kit: Any, cloud: LocalCloud) -> None:
    url, arn = kit.queue()
    source = "class Bad(Exception): pass\ndef handler(event, context): raise Bad('again')"
    send = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn}
    name = kit.function(source, send, DeadLetterConfig={"TargetArn": arn})
    client = cloud.client("lambda")
    client.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=1)
    client.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps({"n": 1}))
    (letter,) = kit.messages(url, 1)
    assert letter["requestPayload"] == {"n": 1}
    assert letter["responsePayload"]["errorType"] == "Bad"
    assert _text(name, cloud).count("START RequestId") == 2


def test_queue_mapping_returns_only_what_failed(kit: Any, cloud: LocalCloud) -> None:
    dead_url, dead_arn = kit.queue()
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 2})
    url, arn = kit.queue(VisibilityTimeout="3", RedrivePolicy=redrive)
    done_url, done_arn = kit.queue()
    source = """
import boto3, json, os
def handler(event, context):
    failed = []
    for record in event["Records"]:
        if json.loads(record["body"])["n"] == 2:
            failed.append({"itemIdentifier": record["messageId"]})
        else:
            boto3.client("sqs").send_message(QueueUrl=os.environ["DONE"], MessageBody=record["body"])
    return {"batchItemFailures": failed}
"""
    name = kit.function(
        source,
        {"Effect": "Allow", "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
         "Resource": arn},
        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": done_arn},
        Environment={"Variables": {"DONE": done_url}},
    )  # fmt: skip
    cloud.client("lambda").create_event_source_mapping(
        FunctionName=name,
        EventSourceArn=arn,
        BatchSize=10,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        ScalingConfig={"MaximumConcurrency": 2},
    )
    sqs = cloud.client("sqs")
    for number in range(4):
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"n": number}))
    assert sorted(message["n"] for message in kit.messages(done_url, 3)) == [0, 1, 3]
    assert kit.messages(dead_url, 1, seconds=20) == [{"n": 2}]


def test_stream_of_a_table_reaches_a_function(kit: Any, cloud: LocalCloud) -> None:
    dynamodb = cloud.client("dynamodb")
    table = kit.name("table")
    stream = dynamodb.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "Id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "Id", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]["LatestStreamArn"]
    url, arn = kit.queue()
    source = """
import boto3, json, os
def handler(event, context):
    for record in event["Records"]:
        body = json.dumps(record["dynamodb"]["NewImage"])
        boto3.client("sqs").send_message(QueueUrl=os.environ["DONE"], MessageBody=body)
"""
    actions = ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream", "dynamodb:ListStreams"]
    name = kit.function(
        source,
        {"Effect": "Allow", "Action": actions, "Resource": stream},
        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn},
        Environment={"Variables": {"DONE": url}},
    )
    cloud.client("lambda").create_event_source_mapping(
        FunctionName=name, EventSourceArn=stream, StartingPosition="TRIM_HORIZON", BatchSize=10
    )
    for number in range(3):
        dynamodb.put_item(TableName=table, Item={"Id": {"S": str(number)}})
    assert sorted(image["Id"]["S"] for image in kit.messages(url, 3)) == ["0", "1", "2"]
