"""The platform's tables, as a stack has them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest

from runtime.adapters.uploads import OPEN_INDEX
from runtime.domain.file_lists import BY_FOLDER, BY_TIME
from tests.mocked import mocked_aws

EMULATORS = ("moto", "local cloud")
"""Two that err in different places: what both allow is likely to be right. Parameters of a fixture with `emulated`."""


@contextmanager
def emulated(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, *, files: str, transactions: str
) -> Iterator[Any]:
    """A client of the emulator that the fixture's parameter names, with the ledger's two tables."""
    if request.param == "local cloud":
        client = request.getfixturevalue("cloud").client("dynamodb")
        make_tables(client, files=files, transactions=transactions)
        yield client
        for table in (files, transactions):
            client.delete_table(TableName=table)
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mocked_aws():
        client = boto3.client("dynamodb", region_name="eu-central-1")
        make_tables(client, files=files, transactions=transactions)
        yield client


def make_tables(client: Any, *, files: str = "files", transactions: str = "transactions") -> None:
    """Makes the ledger's two with a client of DynamoDB, whosever it is."""
    _make(client, files, {"FileName": "HASH"}, {BY_FOLDER: ("Folder", "ReceivedAt"), BY_TIME: ("Shelf", "ReceivedAt")})
    _make(client, transactions, {"FileName": "HASH", "Entry": "RANGE"}, {})


def make_uploads_table(client: Any, *, uploads: str = "uploads") -> None:
    """Makes the table of uploads."""
    _make(client, uploads, {"Id": "HASH"}, {OPEN_INDEX: ("OpenIn", "CreatedAt")}, projection="ALL")


def _make(
    client: Any,
    table: str,
    keys: dict[str, str],
    indexes: dict[str, tuple[str, str]],
    projection: str = "KEYS_ONLY",
) -> None:
    made = [
        {
            "IndexName": index,
            "KeySchema": [{"AttributeName": own, "KeyType": "HASH"}, {"AttributeName": by, "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": projection},
        }
        for index, (own, by) in indexes.items()
    ]
    attributes = {*keys, *(attribute for pair in indexes.values() for attribute in pair)}
    client.create_table(
        TableName=table,
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in sorted(attributes)],
        BillingMode="PAY_PER_REQUEST",
        **({"GlobalSecondaryIndexes": made} if made else {}),
    )
