"""The ledger on DynamoDB, as two emulators have it: what it allows, refuses and shows."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from runtime.adapters.dynamodb import DynamoLedger
from runtime.domain.errors import Superseded
from runtime.domain.identity import FileVersion
from tests.fakes import version
from tests.tables import make_tables

FILES, TRANSACTIONS = "ledger-test-files", "ledger-test-transactions"


@pytest.fixture(params=["moto", "local cloud"])
def client(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Two emulators that err in different places: what both allow is likely to be right."""
    if request.param == "local cloud":
        client = request.getfixturevalue("cloud").client("dynamodb")
        make_tables(client, files=FILES, transactions=TRANSACTIONS)
        yield client
        for table in (FILES, TRANSACTIONS):
            client.delete_table(TableName=table)
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-central-1")
        make_tables(client, files=FILES, transactions=TRANSACTIONS)
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


def states(client: Any) -> list[str]:
    items = client.query(
        TableName=TRANSACTIONS,
        KeyConditionExpression="FileName = :name",
        ExpressionAttributeValues={":name": {"S": "data.csv"}},
    )["Items"]
    return [item["State"]["S"] for item in items]


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


@pytest.mark.parametrize("newer", [{"number": 2}, {"attempt": 2}])
def test_an_older_version_has_its_ledger_but_is_not_shown(
    client: Any, ledger: DynamoLedger, newer: dict[str, int]
) -> None:
    old, new = version(b"x"), version(b"xy", **newer)  # type: ignore[arg-type]
    for file, run in ((old, "r1"), (new, "r2")):
        receive(client, file, run)
    ledger.processing(new, "r2")
    ledger.processing(old, "r1")
    ledger.ended(old, "r1", "failed", reason="down", detail="")
    assert states(client) == ["received", "processing", "failed", "received", "processing"]
    assert (shown(client)["State"], shown(client)["RunId"]) == ("processing", "r2")


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
