"""Dead letters sent back and files started again, on queues and functions in memory."""

import io
import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from cli import putting, redriving
from cli.boards import Silent
from cli.platform import Platform
from cli.problems import Code, Problem

NOW = "Sat, 21 Nov 2026 10:00:00 GMT"
NOW_MS = 1_795_255_200_000
OUTPUTS = {
    "dead_letter_queue_url": "dead",
    "queue_url": "uploads",
    "redrive_function": "redrive",
    "files_table": "Files",
    "transactions_table": "Transactions",
}


@dataclass
class Queues:
    """SQS; `refuses` are bodies that no queue takes, `returns` is how often a message that is sent back fails again."""

    dead: list[dict[str, Any]] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    refuses: tuple[str, ...] = ()
    returns: bool = False

    def put(self, body: str, *, sent: int = NOW_MS - 5, **more: Any) -> None:
        letter = {"Body": body, "ReceiptHandle": f"r-{len(self.dead)}", "Attributes": {"SentTimestamp": str(sent)}}
        self.dead.append({**letter, **more, "hidden": False})

    def get_queue_attributes(self, **_: Any) -> dict[str, Any]:
        return {"ResponseMetadata": {"HTTPHeaders": {"date": NOW}}}

    def receive_message(self, *, QueueUrl: str, MaxNumberOfMessages: int, **_: Any) -> dict[str, Any]:
        assert QueueUrl == "dead"
        seen = [one for one in self.dead if not one["hidden"]][:MaxNumberOfMessages]
        for one in seen:
            one["hidden"] = True
        return {"Messages": seen} if seen else {}

    def send_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        assert QueueUrl == "uploads"
        assert 1 <= len(Entries) <= 10
        good = [one for one in Entries if one["MessageBody"] not in self.refuses]
        self.taken += good
        if self.returns:
            for one in good:
                self.put(one["MessageBody"], sent=NOW_MS + 5_000)
        return {"Successful": [{"Id": one["Id"]} for one in good]}

    def delete_message_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        gone = {one["ReceiptHandle"] for one in Entries}
        self.dead = [one for one in self.dead if one["ReceiptHandle"] not in gone]
        return {}


def on(client: Any) -> Platform:
    return Platform(OUTPUTS, name="x", make_client=lambda _: client)


def test_all_dead_letters_go_back_as_they_were() -> None:
    queues = Queues()
    kind = {"kind": {"DataType": "String", "StringValue": "x"}}
    for n in range(23):
        queues.put(f"event {n}", **({"MessageAttributes": kind} if n == 3 else {}))
    assert redriving.dead_letters(on(queues), "uploads", Silent()) == redriving.Moved(
        queue="uploads", moved=23, refused=0
    )
    assert [one["MessageBody"] for one in queues.taken] == [f"event {n}" for n in range(23)]
    assert [one.get("MessageAttributes") for one in queues.taken[2:5]] == [None, kind, None]
    assert queues.dead == []


def test_what_the_queue_does_not_take_stays() -> None:
    queues = Queues(refuses=("event 1",))
    for n in range(3):
        queues.put(f"event {n}")
    moved = redriving.dead_letters(on(queues), "uploads", Silent())
    assert (moved.moved, moved.refused, moved.code) == (2, 1, Code.UNEXPECTED)
    assert [one["Body"] for one in queues.dead] == ["event 1"]


def test_what_fails_again_meanwhile_is_not_sent_round_and_round() -> None:
    queues = Queues(returns=True)
    for n in range(12):
        queues.put(f"event {n}")
    assert redriving.dead_letters(on(queues), "uploads", Silent()).moved == 12
    assert len(queues.dead) == 12


def test_a_queue_that_a_stack_does_not_have_is_named() -> None:
    with pytest.raises(Problem, match="x has no catalogue") as caught:
        redriving.dead_letters(on(Queues()), "catalogue", Silent())
    assert caught.value.code == Code.NOT_FOUND


@dataclass
class Stack:
    """The function and the tables of a stack: `answers` by name, `end` the state in which attempts end."""

    answers: dict[str, Any]
    end: str = "succeeded"
    crashes: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:
        assert FunctionName == "redrive"
        event = json.loads(Payload)
        self.asked.append(event)
        if self.crashes:
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(b'{"errorMessage": "boom"}')}
        return {"Payload": io.BytesIO(json.dumps(self.answers[event["name"]]).encode())}

    def get_paginator(self, operation: str) -> Any:
        return {"query": Entries(self.end), "scan": Shown()}[operation]


class Entries:
    def __init__(self, end: str) -> None:
        self._end = end

    def paginate(self, *, ExpressionAttributeValues: dict[str, Any], **_: Any) -> list[dict[str, Any]]:
        name = ExpressionAttributeValues[":name"]["S"]
        return [{"Items": [entry(name, 1, "failed"), entry(name, 2, "received"), entry(name, 2, self._end)]}]


class Shown:
    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        states = {"b.csv": "failed", "a.csv": "failed", "c.csv": "rejected", "d.csv": "succeeded"}
        return [{"Items": [entry(name, 1, state) for name, state in states.items()]}]


def entry(name: str, attempt: int, state: str) -> dict[str, Any]:
    found = {"FileName": name, "VersionId": "v1", "State": state, "At": "t", "Reason": f"because of {attempt}"}
    return {"Attempt": {"N": str(attempt)}, **{key: {"S": value} for key, value in found.items()}}


def started(name: str) -> dict[str, Any]:
    return {"name": name, "version": "v1", "attempt": 2, "run": f"{name}-2", "started": True}


@pytest.mark.parametrize(("end", "code"), [("succeeded", Code.FINE), ("failed", Code.FAILED)])
def test_a_file_is_followed_to_the_end_of_its_new_attempt(end: str, code: Code) -> None:
    stack = Stack({"a.csv": started("a.csv")}, end=end)
    (again,) = redriving.files(on(stack), ["a.csv"], Silent(), seconds=5)
    assert (again.state, again.attempt, again.reason, again.code) == (end, 2, "because of 2", code)
    assert stack.asked == [{"name": "a.csv", "version": None}]


def test_nobody_has_to_wait() -> None:
    (again,) = redriving.files(
        on(Stack({"a.csv": started("a.csv")})), ["a.csv"], Silent(), version="v1", wait=False, seconds=5
    )
    assert (again.state, again.code, again.run) == ("started", Code.FINE, "a.csv-2")


def test_one_that_is_refused_does_not_keep_others_from_starting() -> None:
    answers = {
        "a.csv": {"error": "a.csv was rejected: it is empty", "code": "refused"},
        "b.csv": started("b.csv"),
        "c.csv": {"error": "There is no file named c.csv.", "code": "unknown"},
    }
    refused, fine, unknown = redriving.files(on(Stack(answers)), list(answers), Silent(), seconds=5)
    assert (refused.state, refused.code, str(refused.problem)) == ("not started", Code.USAGE, answers["a.csv"]["error"])
    assert fine.code == Code.FINE
    assert unknown.code == Code.NOT_FOUND
    assert putting.gravest([refused, fine, unknown]) == Code.USAGE
    assert refused.as_json() == {"name": "a.csv", "state": "not started", "error": answers["a.csv"]["error"]}


def test_a_function_that_breaks_is_said() -> None:
    (again,) = redriving.files(on(Stack({}, crashes=True)), ["a.csv"], Silent(), seconds=5)
    assert (again.code, str(again.problem)) == (Code.UNEXPECTED, "a.csv: it could not be started again: boom")


def test_all_failed_are_those_and_no_others() -> None:
    assert redriving.failed_names(on(Stack({}))) == ["a.csv", "b.csv"]
