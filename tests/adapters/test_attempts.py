"""What the ledger knows of attempts, out of the tables as the platform writes them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest

from runtime.adapters.attempts import DynamoAttempts
from runtime.adapters.dynamodb import DynamoLedger
from runtime.domain.identity import FileVersion
from runtime.domain.redrive import Step
from runtime.domain.refusals import Conflict
from tests.fakes import version
from tests.mocked import mocked_aws
from tests.tables import make_tables

FILE = version(b"12345", name="in/data.csv")
STARTED = Step(attempt=1, state="received")
FAILED = Step(attempt=1, state="failed", reason="down")


class Tables:
    """The tables, and those who write to them: the state machine (`receive`) and the functions (`ledger`)."""

    def __init__(self) -> None:
        self.client: Any = boto3.client("dynamodb", region_name="eu-central-1")
        make_tables(self.client)
        self.ledger = DynamoLedger(self.client, files="files", transactions="transactions")
        self.attempts = DynamoAttempts(self.client, files="files", transactions="transactions", bucket="upload")

    def receive(self, file: FileVersion) -> None:
        item: dict[str, Any] = {
            "FileName": {"S": file.name},
            "Entry": {"S": file.ledger_key("received")},
            "State": {"S": "received"},
            "VersionId": {"S": file.version},
            "Sequencer": {"S": file.order},
            "Attempt": {"N": str(file.attempt)},
            "Size": {"N": str(file.size)},
            "ETag": {"S": file.etag},
            "ReceivedAt": {"S": file.received_at},
        }
        self.client.put_item(TableName="transactions", Item=item)

    def fail(self, file: FileVersion) -> None:
        self.ledger.ended(file, f"run-{file.attempt}", "failed", reason="down", detail="")


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tables]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mocked_aws():
        yield Tables()


def test_the_newest_version_is_meant_unless_one_is_named(tables: Tables) -> None:
    newer = version(b"1", name=FILE.name, number=2)
    for file in (FILE, newer):
        tables.receive(file)
        tables.fail(file)
    for asked, found in ((None, newer), (newer.version, newer), (FILE.version, FILE)):
        known = tables.attempts.known(FILE.name, asked)
        assert known is not None
        # Padded, a sequencer is in the same order.
        assert known.file == replace(found, sequencer=found.order)
        assert known.file.run_id == found.run_id
        assert known.file.ledger_key("failed") == found.ledger_key("failed")
        assert list(known.steps) == [STARTED, FAILED]
    assert tables.attempts.known(FILE.name, "v3") is None
    assert tables.attempts.known("other.csv", None) is None


def test_attempts_are_in_order_and_notes_are_no_steps(tables: Tables) -> None:
    for attempt in (1, 2):
        file = replace(FILE, attempt=attempt)
        tables.receive(file)
        tables.fail(file)
        assert tables.attempts.allow(replace(FILE, attempt=attempt + 1))
    for asked in (None, FILE.version):
        known = tables.attempts.known(FILE.name, asked)
        assert known is not None
        assert list(known.steps) == [STARTED, FAILED, replace(STARTED, attempt=2), replace(FAILED, attempt=2)]


def test_one_whose_beginning_was_not_recorded_is_known_by_what_is_shown(tables: Tables) -> None:
    tables.fail(FILE)
    known = tables.attempts.known(FILE.name, None)
    assert known is not None
    assert (known.file.size, known.file.received_at) == (FILE.size, FILE.received_at)


def test_what_is_not_known_any_more_cannot_be_started_again(tables: Tables) -> None:
    tables.fail(FILE)
    newer = version(b"1", name=FILE.name, number=2)
    tables.receive(newer)
    tables.fail(newer)
    with pytest.raises(Conflict, match="Upload it anew"):
        tables.attempts.known(FILE.name, FILE.version)
