"""The ledger on DynamoDB, as two emulators have it: what it allows, refuses and shows."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from runtime.adapters.dynamodb import DynamoLedger
from runtime.domain.errors import Superseded
from runtime.domain.identity import FileVersion
from tests.fakes import version
from tests.tables import EMULATORS, emulated

FILES, TRANSACTIONS = "ledger-test-files", "ledger-test-transactions"


@pytest.fixture(params=EMULATORS)
def client(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with emulated(request, monkeypatch, files=FILES, transactions=TRANSACTIONS) as client:
        yield client


@pytest.fixture
def ledger(client: Any) -> DynamoLedger:
    return DynamoLedger(client, files=FILES, transactions=TRANSACTIONS)


def receive(client: Any, file: FileVersion, run: str) -> None:
    client.put_item(
        TableName=TRANSACTIONS,
        Item={
            "FileName": {"S": file.name},
            "Entry": {"S": file.ledger_key("received")},
            "State": {"S": "received"},
            "RunId": {"S": run},
        },
    )


def entries(client: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.query(
        TableName=TRANSACTIONS,
        KeyConditionExpression="FileName = :name",
        ExpressionAttributeValues={":name": {"S": "data.csv"}},
    )["Items"]
    return found


def states(client: Any) -> list[str]:
    return [item["State"]["S"] for item in entries(client)]


def shown(client: Any) -> dict[str, Any]:
    item = client.get_item(TableName=FILES, Key={"FileName": {"S": "data.csv"}}).get("Item", {})
    return {name: next(iter(value.values())) for name, value in item.items()}


def test_a_run_leaves_its_steps(client: Any, ledger: DynamoLedger) -> None:
    file = version(b"x")
    receive(client, file, "r")
    ledger.processing(file, "r")
    ledger.processing(file, "r")
    ledger.ended(file, "r", "rejected", reason="no header", detail="")
    ledger.ended(file, "r", "rejected", reason="no header", detail="")
    assert states(client) == ["received", "processing", "rejected"]
    assert shown(client)["State"] == "rejected"
    assert shown(client)["Reason"] == "no header"


def test_nothing_is_processed_that_was_not_received(client: Any, ledger: DynamoLedger) -> None:
    with pytest.raises(Superseded):
        ledger.processing(version(b"x"), "r")
    assert states(client) == []
    assert shown(client) == {}


def test_a_state_never_goes_back(client: Any, ledger: DynamoLedger) -> None:
    file = version(b"x")
    receive(client, file, "r")
    ledger.ended(file, "r", "failed", reason="down", detail="")
    with pytest.raises(Superseded):
        ledger.processing(file, "r")
    assert states(client) == ["received", "failed"]
    assert shown(client)["State"] == "failed"


def test_an_attempt_ends_once(client: Any, ledger: DynamoLedger) -> None:
    file = version(b"x")
    receive(client, file, "r")
    ledger.ended(file, "r", "rejected", reason="bad", detail="")
    with pytest.raises(Superseded):
        ledger.ended(file, "other", "failed", reason="late", detail="")
    assert shown(client)["State"] == "rejected"


def test_an_older_version_has_its_ledger_but_is_not_shown(client: Any, ledger: DynamoLedger) -> None:
    old, new = version(b"x"), version(b"xy", number=2)
    for file, run in ((old, "r1"), (new, "r2")):
        receive(client, file, run)
    ledger.processing(new, "r2")
    ledger.processing(old, "r1")
    ledger.ended(old, "r1", "failed", reason="down", detail="")
    assert states(client) == ["received", "processing", "failed", "received", "processing"]
    assert (shown(client)["State"], shown(client)["RunId"]) == ("processing", "r2")


def test_a_new_attempt_follows_a_failed_one_only(client: Any, ledger: DynamoLedger) -> None:
    first = version(b"x")
    second = replace(first, attempt=2)
    receive(client, first, "r1")
    assert not ledger.again(second), "it has not ended"
    receive(client, second, "r2")
    for step in (lambda: ledger.scanning(second, "r2", "token"), lambda: ledger.processing(second, "r2")):
        with pytest.raises(Superseded):
            step()
    ledger.ended(first, "r1", "failed", reason="down", detail="")
    assert ledger.again(second)
    assert ledger.again(second), "whoever died in the middle may say it again"
    ledger.scanning(second, "r2", "token")
    ledger.processing(second, "r2")
    assert (shown(client)["Attempt"], shown(client)["RunId"]) == ("2", "r2")
    with pytest.raises(Superseded):
        ledger.processing(first, "r1")
    ledger.ended(second, "r2", "rejected", reason="bad", detail="")
    assert not ledger.again(replace(first, attempt=3)), "it was rejected"
    noted = [one for one in entries(client) if one["Entry"]["S"].startswith("REDRIVE")]
    assert [(one["Entry"]["S"], one["RunId"]["S"]) for one in noted] == [("REDRIVE#v1#002", second.run_id)]


def test_an_attempt_that_comes_late_changes_nothing_of_the_next(client: Any, ledger: DynamoLedger) -> None:
    first = version(b"x")
    second = replace(first, attempt=2)
    receive(client, first, "r1")
    ledger.ended(first, "r1", "failed", reason="down", detail="")
    receive(client, second, "r2")
    ledger.processing(second, "r2")
    ledger.stage(first, "merging", {})
    # The recording of the first attempt's end is repeated.
    ledger.ended(first, "r1", "failed", reason="down", detail="")
    assert (shown(client)["State"], shown(client)["Stage"]) == ("processing", "starting")


def test_stages_are_shown_while_it_is_processed_only(client: Any, ledger: DynamoLedger) -> None:
    file = version(b"x")
    ledger.stage(file, "planning", {"Parts": 3})
    assert shown(client) == {}
    receive(client, file, "r")
    ledger.processing(file, "r")
    ledger.stage(file, "planning", {"Parts": 3})
    assert (shown(client)["Stage"], shown(client)["Parts"]) == ("planning", "3")
    ledger.ended(file, "r", "failed", reason="down", detail="")
    ledger.stage(file, "merging", {})
    assert shown(client)["Stage"] == "planning"


def test_long_reasons_are_cut(client: Any, ledger: DynamoLedger) -> None:
    file = version(b"x")
    receive(client, file, "r")
    ledger.ended(file, "r", "failed", reason="x" * 10**6, detail="y" * 10**6)
    assert len(shown(client)["Reason"]) == 4000
