"""Every path of the state machine, offline: each Retry and each Catch is taken by some test."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from components.pipeline.definition import DefinitionArgs, build
from runtime.domain.identity import FileVersion
from runtime.domain.starts import for_file
from tests.pipeline.machine import Error, Run, run

NAMES = ["process", "image", "plan", "part", "merge", "archive", "publish", "fail", "scan"]
FUNCTIONS = {name: f"arn:aws:lambda:us-east-1:000000000000:function:{name}" for name in NAMES}
TRANSACT = "dynamodb:transactWriteItems"
PUT = "dynamodb:putItem"
PUBLISH = "sns:publish"
DIRECT = 5 * 1024 * 1024
ARGS = DefinitionArgs(
    functions=FUNCTIONS,
    files_table="files",
    transactions_table="transactions",
    topic_arn="arn:aws:sns:us-east-1:000000000000:notifications",
    work_bucket="work",
    direct_limit_bytes=DIRECT,
    map_concurrency=40,
)
DEFINITION = build(ARGS)
GATED = build(replace(ARGS, scan_seconds=60))
OPENING = build(replace(ARGS, scan_seconds=60, functions={**FUNCTIONS, "unpack": "arn:aws:lambda:::function:unpack"}))
RESULT = {
    "kind": "csv",
    "sha256": "0" * 64,
    "accepted": 3,
    "rejected": 1,
    "archive_key": "archives/a.zip",
    "archive_bytes": 10,
    "archive_sha256": "1" * 64,
    "result_key": "results/result.json",
    "notification": {"state": "succeeded", "subject": "ready", "message": "here it is"},
}
ENDED = {"state": "failed", "notification": {"state": "failed", "subject": "failed", "message": "why"}}
REFUSED = {"state": "rejected", "notification": {"state": "rejected", "subject": "no", "message": "why"}}
SMALL = ["Register", "RouteBySize", "Process", "Complete", "Notify"]
SENT = {"process": (1, "a.csv"), "image": (1, "a.jpg")}
FAILURE = ["Fail", "NotifyFailure", "HowItEnded"]


def given(size: int, key: str = "a/b.csv") -> dict[str, Any]:
    file = FileVersion(
        bucket="up",
        key=key,
        version="v1",
        size=size,
        etag="e",
        sequencer="0A",
        received_at="2026-01-02T03:04:05Z",
    )
    start: dict[str, Any] = json.loads(for_file(file).input)
    return start


class World:
    """Answers calls: success, unless `errors` has an error for that call; ["*"] stands for every further one."""

    def __init__(self, *, mode: str = "inline", groups: int = 3, ended: dict[str, Any] = ENDED, **errors: Any) -> None:
        self.plan = {
            "mode": mode,
            "groups": [] if mode == "distributed" else [{"n": n} for n in range(groups)],
            "groups_key": "work/groups.json",
        }
        self.ended = ended
        self.errors: dict[str, Iterator[Any]] = {name: iter(errors_) for name, errors_ in errors.items()}

    def __call__(self, resource: str, data: Any, n: int) -> Any:
        name = resource.rsplit(":", 1)[-1]
        error = next(self.errors.get(name, iter(())), None)
        if error is not None:
            raise error
        answers = {"plan": self.plan, "process": RESULT, "image": RESULT, "publish": RESULT, "fail": self.ended}
        return answers.get(name, {}) if "function" in resource else {}


def small(monkeypatch: pytest.MonkeyPatch, **errors: Any) -> Run:
    return run(DEFINITION, given(DIRECT), World(**errors), monkeypatch)


def large(monkeypatch: pytest.MonkeyPatch, **errors: Any) -> Run:
    return run(DEFINITION, given(DIRECT + 1), World(**errors), monkeypatch)


def test_a_small_file_takes_five_transitions(monkeypatch: pytest.MonkeyPatch) -> None:
    done = small(monkeypatch)
    assert (done.status, done.states) == ("SUCCEEDED", SMALL)
    assert done.inputs(PUBLISH)[0]["Message"] == "here it is"


def test_register_and_complete_write_ledger_and_view_together(monkeypatch: pytest.MonkeyPatch) -> None:
    register, complete = small(monkeypatch).inputs(TRANSACT)
    put, update = register["TransactItems"][0]["Put"], register["TransactItems"][1]["Update"]
    assert put["TableName"] == "transactions"
    assert put["Item"]["State"] == {"S": "received"}
    assert put["Item"]["Entry"] == {"S": given(1)["entries"]["received"]}
    assert put["Item"]["RunId"] == {"S": "run-1@2026-01-02T03:04:05.000Z"}
    assert update["Key"] == {"FileName": {"S": "a/b.csv"}}
    assert [next(iter(item)) for item in complete["TransactItems"]] == ["Put", "ConditionCheck", "Update"]
    assert complete["TransactItems"][0]["Put"]["Item"]["Accepted"] == {"N": "3"}


@pytest.mark.parametrize("n", [0, 1])
def test_every_name_and_value_of_an_update_is_used(monkeypatch: pytest.MonkeyPatch, n: int) -> None:
    """DynamoDB refuses a request that defines a name or value which no expression uses."""
    update = small(monkeypatch).inputs(TRANSACT)[n]["TransactItems"][-1]["Update"]
    text = f"{update['UpdateExpression']} {update['ConditionExpression']}".replace(",", " ").replace(")", " ")
    words = set(text.split())
    assert set(update["ExpressionAttributeNames"]) <= words
    assert set(update["ExpressionAttributeValues"]) == {word for word in words if word.startswith(":")}


def test_a_large_file_is_planned_mapped_merged_archived_published(monkeypatch: pytest.MonkeyPatch) -> None:
    done = large(monkeypatch)
    assert done.status == "SUCCEEDED"
    assert done.states == [
        *["Register", "RouteBySize", "Plan", "FanOut", "PartsInline", "Merge", "Archive", "Publish"],
        *["Complete", "Notify"],
    ]
    assert sorted(given["group"]["n"] for given in done.inputs("function:part")) == [0, 1, 2]
    assert all(given["file"]["key"] == "a/b.csv" for given in done.inputs("function:part"))


def test_a_file_taken_whole_goes_from_plan_to_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    done = large(monkeypatch, mode="whole")
    assert done.states[2:] == ["Plan", "FanOut", "Archive", "Publish", "Complete", "Notify"]


@pytest.mark.parametrize("key", ["a/b.jpg", "B.PNG", "x/*.tiff", "ü.avif", "c.pdf", "D.PDF"])
def test_a_small_file_named_like_an_image_goes_straight_to_who_decodes_it(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    done = run(DEFINITION, given(DIRECT, key), World(), monkeypatch)
    assert (done.status, done.states) == ("SUCCEEDED", ["Register", "RouteBySize", "Image", "Complete", "Notify"])


@pytest.mark.parametrize("key", ["a.jpg.csv", "jpg", "a.Jpg"])
@pytest.mark.parametrize("error", ["IsImage", "IsPdf"])
def test_an_image_by_another_name_is_handed_over(monkeypatch: pytest.MonkeyPatch, key: str, error: str) -> None:
    world = World(process=[Error(error)])
    done = run(DEFINITION, given(DIRECT, key), world, monkeypatch)
    assert (done.status, done.states[1:4]) == ("SUCCEEDED", ["RouteBySize", "Process", "Image"])
    assert done.attempts[FUNCTIONS["process"]] == 1
    (image,) = done.inputs("function:image")
    assert set(image) == {"file", "run"}


def test_a_large_image_is_handed_over_by_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(DEFINITION, given(DIRECT + 1, "a.jpg"), World(mode="image"), monkeypatch)
    assert done.states == ["Register", "RouteBySize", "Plan", "FanOut", "Image", "Complete", "Notify"]
    assert done.status == "SUCCEEDED"


def opening(monkeypatch: pytest.MonkeyPatch, size: int, key: str, **errors: Any) -> Run:
    return run(OPENING, given(size, key), World(mode="members", **errors), monkeypatch)


UNPACKED = ["Plan", "FanOut", "Members", "Merge", "Archive", "Publish", "Complete", "Notify"]


@pytest.mark.parametrize(("size", "key"), [(1, "a.zip"), (DIRECT, "b.ZIP"), (DIRECT + 1, "c")])
def test_members_of_an_archive_are_unpacked_in_groups(monkeypatch: pytest.MonkeyPatch, size: int, key: str) -> None:
    done = opening(monkeypatch, size, key)
    assert (done.status, done.states) == ("SUCCEEDED", ["Register", "Scan", "RouteBySize", *UNPACKED])
    assert sorted(each["group"]["n"] for each in done.inputs("function:unpack")) == [0, 1, 2]


def test_an_archive_by_another_name_is_handed_over_to_be_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    done = opening(monkeypatch, 1, "a", process=[Error("IsArchive")])
    assert done.states == ["Register", "Scan", "RouteBySize", "Process", *UNPACKED]
    assert len(done.inputs("function:process")) == 1


def test_members_that_cannot_be_unpacked_fail_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    done = opening(monkeypatch, 1, "a.zip", unpack=[Error("Transient")] * 99)
    assert (done.status, done.states[-4:]) == ("FAILED", [*FAILURE, "Failed"])


def test_without_opening_archives_nobody_is_asked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Members" not in GATED["States"]
    assert run(GATED, given(1, "a.zip"), World(), monkeypatch).states == ["Register", "Scan", *SMALL[1:]]


def test_many_parts_go_through_the_distributed_map(monkeypatch: pytest.MonkeyPatch) -> None:
    from ministack.services import stepfunctions

    items = json.dumps([{"n": n} for n in range(60)])
    monkeypatch.setattr(stepfunctions, "_s3_object_text", lambda bucket, key: {"work/groups.json": items}[key])
    done = large(monkeypatch, mode="distributed")
    assert done.status == "SUCCEEDED"
    assert "PartsDistributed" in done.states
    assert len(done.inputs("function:part")) == 60
    assert all(set(given) == {"file", "group"} for given in done.inputs("function:part"))


@pytest.mark.parametrize(
    ("name", "size", "key"),
    [
        ("process", 1, "a.csv"),
        ("image", 1, "a.jpg"),
        ("plan", DIRECT + 1, "a.csv"),
        ("merge", DIRECT + 1, "a.csv"),
    ],
)
def test_a_refused_file_ends_rejected_without_retry(
    monkeypatch: pytest.MonkeyPatch, name: str, size: int, key: str
) -> None:
    cause = json.dumps({"errorMessage": "no header", "errorType": "Rejected"})
    world = World(ended=REFUSED, **{name: [Error("Rejected", cause)]})
    done = run(DEFINITION, given(size, key), world, monkeypatch)
    assert done.status == "SUCCEEDED"
    assert done.states[-4:] == [*FAILURE, "Rejected"]
    assert done.attempts[FUNCTIONS[name]] == 1
    assert done.inputs("function:fail")[0]["error"] == {"Error": "Rejected", "Cause": cause}


@pytest.mark.parametrize("name", ["process", "image", "plan", "part", "merge", "archive", "publish"])
def test_errors_that_pass_are_retried(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    size, key = SENT.get(name, (DIRECT + 1, "a.csv"))
    errors = [Error("Lambda.TooManyRequestsException")] * 5 + [Error("Transient"), Error("Sandbox.Timedout")]
    done = run(DEFINITION, given(size, key), World(groups=1, **{name: errors}), monkeypatch)
    assert done.status == "SUCCEEDED"
    assert done.attempts[FUNCTIONS[name]] == 8


@pytest.mark.parametrize("name", ["process", "image", "plan", "part", "merge", "archive", "publish"])
def test_errors_that_stay_end_failed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    size, key = SENT.get(name, (DIRECT + 1, "a.csv"))
    errors = [Error("Corrupt", "a bit flipped")] * 99
    done = run(DEFINITION, given(size, key), World(groups=1, **{name: errors}), monkeypatch)
    assert (done.status, done.error) == ("FAILED", "Corrupt")
    assert done.states[-4:] == [*FAILURE, "Failed"]
    assert done.attempts[FUNCTIONS[name]] == 4
    assert done.inputs(PUBLISH)[0]["Subject"] == "failed"


@pytest.mark.parametrize("name", ["process", "plan", "merge", "archive", "publish", "fail"])
def test_a_run_that_another_has_overtaken_ends_quietly(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    size = 1 if name == "process" else DIRECT + 1
    errors: dict[str, Any] = {name: [Error("Superseded")]}
    if name == "fail":
        errors["plan"] = [Error("Rejected")]
    done = run(DEFINITION, given(size), World(**errors), monkeypatch)
    assert (done.status, done.states[-1]) == ("SUCCEEDED", "AlreadyHandled")
    assert done.inputs(PUBLISH) == []


CANCELED = Error("DynamoDb.TransactionCanceledException")


@pytest.mark.parametrize("at", [0, 1])
def test_writers_that_meet_try_again(monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    done = small(monkeypatch, transactWriteItems=[*[None] * at, CANCELED, CANCELED, None, None])
    assert (done.status, done.states) == ("SUCCEEDED", SMALL)


def test_an_older_version_registers_and_completes_in_the_ledger_only(monkeypatch: pytest.MonkeyPatch) -> None:
    done = small(monkeypatch, transactWriteItems=[CANCELED] * 99)
    assert done.states == ["Register", "RegisterOlder", "RouteBySize", "Process", "Complete", "CompleteOlder", "Notify"]
    assert [given["Item"]["State"]["S"] for given in done.inputs(PUT)] == ["received", "succeeded"]
    assert {given["TableName"] for given in done.inputs(PUT)} == {"transactions"}


@pytest.mark.parametrize(("puts", "last"), [([True], "RegisterOlder"), ([None, True], "CompleteOlder")])
def test_a_version_that_has_ended_is_left_alone(monkeypatch: pytest.MonkeyPatch, puts: list[Any], last: str) -> None:
    taken = [Error("DynamoDB.ConditionalCheckFailedException") if put else None for put in puts]
    done = small(monkeypatch, transactWriteItems=[CANCELED] * 99, putItem=taken)
    assert done.states[-2:] == [last, "AlreadyHandled"]
    assert done.inputs(PUBLISH) == []


@pytest.mark.parametrize("before", [0, 1])
def test_a_table_that_is_down_fails_the_run(monkeypatch: pytest.MonkeyPatch, before: int) -> None:
    done = small(monkeypatch, transactWriteItems=[*[None] * before, *[Error("DynamoDb.InternalServerError")] * 99])
    assert done.states[-4:] == [*FAILURE, "Failed"]
    assert done.attempts["arn:aws:states:::aws-sdk:dynamodb:transactWriteItems"] == 7 + before


@pytest.mark.parametrize("before", [0, 1])
def test_a_table_that_goes_down_for_an_older_version_fails_the_run(
    monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    down = [*[None] * before, *[Error("DynamoDB.InternalServerError")] * 99]
    done = small(monkeypatch, transactWriteItems=[CANCELED] * 99, putItem=down)
    assert done.states[-4:] == [*FAILURE, "Failed"]


def test_what_the_recording_function_cannot_record_is_recorded_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    done = small(monkeypatch, process=[Error("Boom", "why")] * 99, fail=[Error("Runtime.ExitError")] * 99)
    assert done.states[-4:] == ["Fail", "FailDirectly", "NotifyDirectly", "Failed"]
    (put,) = done.inputs(PUT)
    assert put["Item"]["State"] == {"S": "failed"}
    assert put["Item"]["Reason"] == {"S": "Boom"}
    assert put["Item"]["Entry"] == {"S": given(1)["entries"]["ended"]}
    assert "a/b.csv failed: Boom" in done.inputs(PUBLISH)[0]["Message"]


@pytest.mark.parametrize("down", ["putItem", "publish"])
def test_the_execution_fails_visibly_when_nothing_can_be_recorded(monkeypatch: pytest.MonkeyPatch, down: str) -> None:
    errors: dict[str, Any] = {"process": [Error("Boom")] * 99, "fail": [Error("Boom")] * 99}
    if down == "putItem":
        errors["putItem"] = [Error("DynamoDB.InternalServerError")] * 99

    def world(resource: str, data: Any, n: int) -> Any:
        if down == "publish" and resource.endswith(PUBLISH):
            raise Error("SNS.PublishFailed")
        return answer(resource, data, n)

    answer = World(**errors)
    done = run(DEFINITION, given(1), world, monkeypatch)
    assert (done.status, done.states[-1]) == ("FAILED", "Failed")


@pytest.mark.parametrize(("process", "last"), [([], ["Notify", "NotNotified"]), ([Error("Rejected")], ["Rejected"])])
def test_a_message_that_cannot_be_sent_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, process: list[Any], last: list[str]
) -> None:
    answer = World(process=process, ended=REFUSED)

    def world(resource: str, data: Any, n: int) -> Any:
        if resource.endswith(PUBLISH):
            raise Error("SNS.PublishFailed")
        return answer(resource, data, n)

    done = run(DEFINITION, given(1), world, monkeypatch)
    assert done.status == "SUCCEEDED"
    assert done.states[-len(last) :] == last


def gated(monkeypatch: pytest.MonkeyPatch, size: int = 1, **errors: Any) -> Run:
    return run(GATED, given(size), World(**errors), monkeypatch)


def test_with_a_gate_a_small_file_takes_six_transitions(monkeypatch: pytest.MonkeyPatch) -> None:
    done = gated(monkeypatch)
    assert (done.status, done.states) == ("SUCCEEDED", ["Register", "Scan", *SMALL[1:]])
    (asked,) = done.inputs("function:scan")
    assert asked.keys() == {"file", "run", "token"}
    assert done.inputs("function:process")[0]["scanned"] is True


def test_without_a_gate_no_step_is_told_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Scan" not in DEFINITION["States"]
    assert "scanned" not in small(monkeypatch).inputs("function:process")[0]


def test_an_older_version_waits_for_its_verdict_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    done = gated(monkeypatch, transactWriteItems=[CANCELED] * 99)
    assert done.states[:4] == ["Register", "RegisterOlder", "Scan", "RouteBySize"]


@pytest.mark.parametrize("size", [1, DIRECT + 1])
def test_an_infected_file_is_rejected_and_nothing_touches_it(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    cause = json.dumps({"errorMessage": "malware was found in it", "errorType": "Rejected"})
    done = gated(monkeypatch, size, ended=REFUSED, scan=[Error("Rejected", cause)])
    assert (done.status, done.states) == ("SUCCEEDED", ["Register", "Scan", *FAILURE, "Rejected"])
    assert done.inputs("function:fail")[0]["error"] == {"Error": "Rejected", "Cause": cause}
    called = {resource.rsplit(":", 1)[-1] for resource, _ in done.calls if "function" in resource}
    assert called == {"scan", "fail"}


def test_a_verdict_that_does_not_come_fails_the_run_once(monkeypatch: pytest.MonkeyPatch) -> None:
    done = gated(monkeypatch, scan=[Error("States.Timeout")])
    assert (done.status, done.error) == ("FAILED", "ScanTimeout")
    assert done.states == ["Register", "Scan", "ScanTimedOut", *FAILURE, "Failed"]
    assert "60 seconds" in done.inputs("function:fail")[0]["error"]["Cause"]


def test_a_scan_without_a_verdict_fails_the_run_once(monkeypatch: pytest.MonkeyPatch) -> None:
    done = gated(monkeypatch, scan=[Error("Unscanned", "FAILED")])
    assert (done.status, done.error) == ("FAILED", "Unscanned")
    assert len(done.inputs("function:scan")) == 1


def test_a_run_that_ended_elsewhere_stops_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    done = gated(monkeypatch, scan=[Error("Superseded")])
    assert (done.status, done.states[-1]) == ("SUCCEEDED", "AlreadyHandled")


@pytest.mark.parametrize("error", ["Lambda.TooManyRequestsException", "Transient"])
def test_handing_the_token_over_is_tried_again(monkeypatch: pytest.MonkeyPatch, error: str) -> None:
    done = gated(monkeypatch, scan=[Error(error)] * 3)
    assert done.status == "SUCCEEDED"
    assert len(done.inputs("function:scan")) == 4


def _states(states: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for name, state in states.items():
        yield name, state, states
        if "ItemProcessor" in state:
            yield from _states(state["ItemProcessor"]["States"])


ALL = [pytest.param(*state, id=state[0]) for state in _states(OPENING["States"])]


@pytest.mark.parametrize(("name", "state", "siblings"), ALL)
def test_lint(name: str, state: dict[str, Any], siblings: dict[str, Any]) -> None:
    targets = [state.get("Next"), state.get("Default")]
    targets += [rule["Next"] for rule in [*state.get("Choices", []), *state.get("Catch", [])]]
    assert all(target in siblings for target in targets if target)
    if state["Type"] in ("Task", "Map"):
        assert ("Next" in state) != state.get("End", False), "goes on or ends"
        for rule in state.get("Retry", []) + state.get("Catch", []):
            assert "States.ALL" not in rule["ErrorEquals"] or rule["ErrorEquals"] == ["States.ALL"]
    if state["Type"] == "Task":
        assert state["Retry"][-1]["ErrorEquals"] == ["States.ALL"]
        assert "Catch" in state or name in ("ProcessPart", "UnpackMembers"), "the Map catches for its parts"
    if "Catch" in state:
        assert state["Catch"][-1]["ErrorEquals"] == ["States.ALL"]


@pytest.mark.parametrize("definition", [DEFINITION, GATED, OPENING], ids=["without a gate", "gated", "opening"])
def test_every_state_is_reached(definition: dict[str, Any]) -> None:
    states, found, waiting = definition["States"], set(), [definition["StartAt"]]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        state = states[name]
        waiting += [target for target in (state.get("Next"), state.get("Default")) if target]
        waiting += [rule["Next"] for rule in [*state.get("Choices", []), *state.get("Catch", [])]]
    assert found == set(states)
