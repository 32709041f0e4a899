"""The ledger's two tables, as a stack has them."""

from typing import Any


def make_tables(client: Any, *, files: str = "files", transactions: str = "transactions") -> None:
    """Makes them with a client of DynamoDB, whosever it is."""
    for table, keys in ((files, {"FileName": "HASH"}), (transactions, {"FileName": "HASH", "Entry": "RANGE"})):
        client.create_table(
            TableName=table,
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            BillingMode="PAY_PER_REQUEST",
        )
