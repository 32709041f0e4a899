"""The command's deletions: the same wish as the API's, on moto's tables."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace

import boto3
import pytest

from cli import deleting, putting
from cli.boards import Silent
from cli.following import Progress
from cli.platform import Platform
from cli.problems import Code, Problem
from runtime.adapters.deletions import DynamoRegister
from runtime.adapters.dynamodb import DynamoLedger
from runtime.domain.deletions import DELETING, Wish
from runtime.domain.identity import FileVersion
from tests.mocked import mocked_aws
from tests.tables import make_tables

REGION = "eu-central-1"
OUTPUTS = {
    "files_table": "files",
    "transactions_table": "transactions",
    "upload_bucket": "upload",
    "deletion_queue_url": "deletions",
}


def version(name: str, attempt: int = 1) -> FileVersion:
    return FileVersion(
        bucket="upload",
        key=name,
        version=f"v-of-{name}",
        size=1,
        etag="e",
        sequencer="0A",
        received_at="2026-01-02T03:04:05Z",
        attempt=attempt,
    )


class Stack:
    """The tables, and files in them."""

    def __init__(self) -> None:
        self.db = boto3.client("dynamodb", region_name=REGION)
        make_tables(self.db)
        self.ledger = DynamoLedger(self.db, files="files", transactions="transactions")
        self.register = DynamoRegister(self.db, files="files", transactions="transactions", bucket="upload")

    def platform(self, **outputs: str) -> Platform:
        made = Platform(OUTPUTS | outputs, name="x", make_client=lambda name: boto3.client(name, region_name=REGION))
        made.outputs = {name: value for name, value in made.outputs.items() if value}
        return made

    def file(self, name: str, state: str) -> FileVersion:
        file = version(name)
        for step in ("received", state):
            entry = self.register._entry(Wish(file=file, run=file.run_id), step, {})
            with contextlib.suppress(self.db.exceptions.ConditionalCheckFailedException):
                self.db.put_item(**entry)
            self.db.update_item(**self.ledger._show(file, file.run_id, step, {}))
        return file

    def states(self, name: str) -> list[str]:
        found = self.db.query(
            TableName="transactions",
            KeyConditionExpression="FileName = :name",
            ExpressionAttributeValues={":name": {"S": name}},
        )
        return [item["State"]["S"] for item in found["Items"]]


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mocked_aws():
        yield Stack()


class Platforms(Silent):
    """The platform's own part: what is wished away goes as soon as it is said to."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.seen: list[str] = []

    def moved(self, label: str, progress: Progress) -> None:
        self.seen.append(progress.state)
        if self.seen.count(DELETING) == 1 and progress.state == DELETING:
            file = version(label)
            self.stack.register.done(Wish(file=file, run="delete@now"))


@pytest.mark.parametrize("state", ["succeeded", "rejected", "failed"])
def test_a_file_is_wished_away_and_waited_for(stack: Stack, state: str) -> None:
    stack.file("a.csv", state)
    board = Platforms(stack)
    (gone,) = deleting.delete(stack.platform(), ["a.csv"], board, seconds=20)
    assert (gone.state, gone.code) == ("deleted", Code.FINE)
    assert stack.states("a.csv") == ["received", state, "deleting", "deleted"]
    assert board.seen[0] == "deleting"
    assert board.seen[-1] == "deleted"
    assert list(stack.platform().files()) == []
    # Once more, there is nothing.
    (again,) = deleting.delete(stack.platform(), ["a.csv"], Silent(), seconds=20)
    assert (again.state, again.code) == ("not deleted", Code.NOT_FOUND)


def test_the_wish_says_who_wished(stack: Stack) -> None:
    stack.file("a.csv", "succeeded")
    (gone,) = deleting.delete(stack.platform(), ["a.csv"], Silent(), wait=False, seconds=0)
    assert gone.as_json() == {"name": "a.csv", "state": "deleting"}
    (entry,) = [item for item in stack.db.scan(TableName="transactions")["Items"] if item["State"]["S"] == "deleting"]
    assert entry["By"]["S"].startswith("arn:aws:")
    # Asked once more while it goes on, it is the same wish.
    (again,) = deleting.delete(stack.platform(), ["a.csv"], Silent(), seconds=0)
    assert (again.state, again.code) == ("timed out", Code.TIMED_OUT)
    assert stack.states("a.csv").count("deleting") == 1


def test_one_that_cannot_be_deleted_does_not_keep_others_from_it(stack: Stack) -> None:
    stack.file("busy.csv", "processing")
    stack.file("fine.csv", "succeeded")
    busy, fine, unknown = deleting.delete(
        stack.platform(), ["busy.csv", "fine.csv", "no.csv"], Silent(), wait=False, seconds=0
    )
    assert (busy.state, busy.code, fine.code, unknown.code) == ("not deleted", Code.USAGE, Code.FINE, Code.NOT_FOUND)
    assert str(busy.problem) == "busy.csv: The file is processing; it can be deleted once that has ended."
    assert busy.as_json()["error"] == str(busy.problem)
    assert putting.gravest([busy, fine, unknown]) == Code.USAGE
    assert stack.states("busy.csv") == ["received", "processing"]


def test_a_stack_that_deletes_nothing_says_so_before_anything(stack: Stack) -> None:
    stack.file("a.csv", "succeeded")
    with pytest.raises(Problem, match=r"its setting api\.deletes is off") as caught:
        deleting.delete(stack.platform(deletion_queue_url=""), ["a.csv"], Silent(), seconds=0)
    assert caught.value.code == Code.USAGE
    assert stack.states("a.csv") == ["received", "succeeded"]


def test_an_upload_that_is_deleted_while_it_is_waited_for_is_told_as_that(stack: Stack) -> None:
    stack.file("a.csv", "succeeded")
    deleting.delete(stack.platform(), ["a.csv"], Platforms(stack), seconds=20)
    job = putting.Job(path=__file__, name="a.csv", label="a.csv")  # type: ignore[arg-type]
    sent = putting.Outcome(job=job, state="uploaded", version=version("a.csv").version)
    (told,) = putting.wait(stack.platform(), [sent], Silent(), seconds=5)
    assert (told.state, told.code, told.reason) == ("deleted", Code.NOT_FOUND, "somebody has deleted it meanwhile")
    assert replace(told, state="succeeded").code == Code.FINE
