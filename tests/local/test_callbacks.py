"""Tasks that wait for a token: who may answer, which try is answered, and what ends the wait without an answer."""

import json
import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.cloud import LocalCloud
from local.sessions import open_session
from tests.local.conftest import Kit
from tests.local.test_states import _ended, _machine, _one

SEND = """
import boto3, json, os
def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["URL"], MessageBody=json.dumps(event))
"""
FAIL_FIRST = """
import boto3, json, os
class Broken(Exception): pass
calls = 0
def handler(event, context):
    global calls
    calls += 1
    boto3.client("sqs").send_message(QueueUrl=os.environ["URL"], MessageBody=json.dumps(event))
    if calls == 1: raise Broken("after the token is away")
"""


class Waiting:
    """An execution that waits, and the queue that its token goes to."""

    def __init__(self, kit: Kit, source: str = SEND, **state: Any) -> None:
        self.kit, self.states = kit, kit.cloud.client("stepfunctions")
        self.url, arn = kit.queue()
        sends = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn}
        function = kit.function(source, sends, Environment={"Variables": {"URL": self.url}})
        task = {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters": {"FunctionName": kit.function_arn(function), "Payload": {"token.$": "$$.Task.Token"}},
            **state,
        }
        more = {"Caught": {"Type": "Succeed"}} if "Catch" in state else {}
        self.machine = _machine(kit, _one(task, **more))
        self.execution = self.states.start_execution(stateMachineArn=self.machine, input="{}")["executionArn"]

    def tokens(self, count: int = 1) -> list[str]:
        return [message["token"] for message in self.kit.messages(self.url, count)]

    def end(self) -> dict[str, Any]:
        return _ended(self.kit, self.execution)


def test_the_answer_is_the_tasks_result(kit: Kit) -> None:
    waiting = Waiting(kit)
    (token,) = waiting.tokens()
    assert waiting.states.describe_execution(executionArn=waiting.execution)["status"] == "RUNNING"
    waiting.states.send_task_success(taskToken=token, output='{"n": 1}')
    assert json.loads(waiting.end()["output"]) == {"n": 1}


def test_a_failure_is_caught_by_its_name(kit: Kit) -> None:
    waiting = Waiting(kit, Catch=[{"ErrorEquals": ["Rejected"], "Next": "Caught"}])
    waiting.states.send_task_failure(taskToken=waiting.tokens()[0], error="Rejected", cause="because")
    assert json.loads(waiting.end()["output"]) == {"Error": "Rejected", "Cause": "because"}


def test_no_answer_in_time_is_a_timeout(kit: Kit) -> None:
    waiting = Waiting(kit, TimeoutSeconds=1)
    (token,) = waiting.tokens()
    assert waiting.end()["error"] == "States.Timeout"
    with pytest.raises(ClientError) as late:
        waiting.states.send_task_success(taskToken=token, output="{}")
    assert late.value.response["Error"]["Code"] in ("TaskTimedOut", "InvalidToken", "TaskDoesNotExist")


def test_a_function_that_fails_does_not_leave_the_task_waiting(kit: Kit) -> None:
    """Each try has a token of its own: that of the first is over."""
    retry = [{"ErrorEquals": ["Broken"], "IntervalSeconds": 1, "MaxAttempts": 1}]
    waiting = Waiting(kit, FAIL_FIRST, Retry=retry)
    first, second = waiting.tokens(2)
    assert first != second
    with pytest.raises(ClientError):
        waiting.states.send_task_success(taskToken=first, output="1")
    waiting.states.send_task_success(taskToken=second, output="2")
    assert waiting.end()["output"] == "2"


def test_an_answer_needs_leave_for_the_machine_that_waits(kit: Kit, cloud: LocalCloud) -> None:
    waiting = Waiting(kit)
    (token,) = waiting.tokens()

    def answering(machine: str) -> Any:
        may = {"Effect": "Allow", "Action": "states:SendTask*", "Resource": machine}
        return cloud.client("stepfunctions", **open_session(kit.role(may), "answering"))

    other, ours = answering(f"{waiting.machine}-other"), answering(waiting.machine)
    with pytest.raises(ClientError, match="AccessDenied"):
        other.send_task_success(taskToken=token, output="{}")
    ours.send_task_success(taskToken=token, output="{}")
    assert waiting.end()["status"] == "SUCCEEDED"
    with pytest.raises(ClientError) as again:
        ours.send_task_success(taskToken=token, output="{}")
    assert "AccessDenied" not in again.value.response["Error"]["Code"], "it may; there is nothing to answer any more"


def test_an_execution_that_is_stopped_waits_no_longer(kit: Kit) -> None:
    waiting = Waiting(kit)
    waiting.tokens()
    waiting.states.stop_execution(executionArn=waiting.execution)
    assert waiting.end()["status"] == "ABORTED"


def test_the_end_of_the_cloud_wakes_what_waits(kit: Kit) -> None:
    from local import callbacks

    waiting = Waiting(kit)
    waiting.tokens()
    before = threading.active_count()
    callbacks.stop()
    assert waiting.end()["status"] == "FAILED"
    assert threading.active_count() <= before
