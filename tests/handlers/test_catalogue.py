"""The function that writes, with a real PostgreSQL: what fails comes again, and soon."""

import json
import os
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from runtime.adapters import catalogue as adapter
from runtime.adapters import clients, s3
from runtime.domain.catalogue import READER, WRITER
from runtime.environment import PREFIX, Catalogue, variables
from runtime.handlers import catalogue as handler
from tests.domain.test_catalogue import event
from tests.postgres import ORDERS, Postgres

REGION = "us-east-1"


@pytest.fixture
def postgres(catalogue_server: Postgres, aws: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postgres]:
    catalogue_server.empty()
    sqs: Any = boto3.client("sqs", region_name=REGION)
    values = {
        "database_host": catalogue_server.database.host,
        "database_port": str(catalogue_server.database.port),
        "database_name": catalogue_server.database.name,
        "database_user": WRITER,
        "rows_tables": json.dumps([{"prefix": "orders/", "table": "orders", "columns": dict(ORDERS.columns)}]),
        "output_bucket": "output",
        "catalogue_queue": sqs.create_queue(QueueName="catalogue")["QueueUrl"],
    }
    for field, variable in variables(Catalogue).items():
        monkeypatch.setenv(variable, values[field])
    _forget()
    yield catalogue_server
    _forget()


def _forget() -> None:
    for cached in (handler._settings, handler._tables, adapter.catalogue, clients.client, s3.objects):
        cached.cache_clear()


def _received(*bodies: str) -> tuple[Any, dict[str, Any]]:
    """The queue's client, and messages as Lambda hands them over."""
    sqs: Any = boto3.client("sqs", region_name=REGION)
    queue = os.environ[f"{PREFIX}CATALOGUE_QUEUE"]
    for body in bodies:
        sqs.send_message(QueueUrl=queue, MessageBody=body)
    answer = sqs.receive_message(
        QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=5400, MessageSystemAttributeNames=["All"]
    )
    return sqs, {
        "Records": [
            {
                "messageId": one["MessageId"],
                "receiptHandle": one["ReceiptHandle"],
                "body": one["Body"],
                "attributes": one["Attributes"],
            }
            for one in answer["Messages"]
        ]
    }


def test_events_are_written(postgres: Postgres, context: Any) -> None:
    _, batch = _received(event("received"), event("rejected", name="b.csv"), json.dumps({"source": "somebody"}))
    assert handler.handler(batch, context) == {"batchItemFailures": []}
    found = postgres.all("SELECT filename, status FROM file_metadata ORDER BY 1")
    assert found == [("a.csv", "received"), ("b.csv", "rejected")]


def test_one_that_cannot_be_written_does_not_hold_up_the_others(postgres: Postgres, context: Any) -> None:
    broken = json.dumps({"source": "penstock", "detail-type": "FileReceived", "detail": {}})
    _, batch = _received(broken, event("received"))
    (failed,) = handler.handler(batch, context)["batchItemFailures"]
    assert failed["itemIdentifier"] == next(one["messageId"] for one in batch["Records"] if one["body"] == broken)
    assert postgres.all("SELECT filename FROM file_metadata") == [("a.csv",)]


@pytest.mark.parametrize(("times", "seconds"), [(1, 60), (2, 120), (5, 960), (7, 3600), (10, 3600)])
def test_a_database_that_is_away_is_tried_again_after_a_while(
    postgres: Postgres, context: Any, monkeypatch: pytest.MonkeyPatch, times: int, seconds: int
) -> None:
    monkeypatch.setenv(f"{PREFIX}DATABASE_PORT", "1")
    _forget()
    _, batch = _received(event("received"), event("rejected"))
    for one in batch["Records"]:
        one["attributes"]["ApproximateReceiveCount"] = str(times)
    put_off: list[int] = []
    change = clients.client("sqs").change_message_visibility
    monkeypatch.setattr(
        clients.client("sqs"),
        "change_message_visibility",
        lambda **arguments: (put_off.append(arguments["VisibilityTimeout"]), change(**arguments)),
    )
    failures = handler.handler(batch, context)["batchItemFailures"]
    assert {one["itemIdentifier"] for one in failures} == {one["messageId"] for one in batch["Records"]}
    assert put_off == [seconds, seconds]


def test_a_connection_that_the_server_closed_meanwhile_fails_nothing(postgres: Postgres, context: Any) -> None:
    handler.handler(_received(event("received"))[1], context)
    postgres.all("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = %s", WRITER)
    assert handler.handler(_received(event("rejected"))[1], context) == {"batchItemFailures": []}
    assert postgres.all("SELECT status FROM file_metadata") == [("rejected",)]


def test_readers_see_what_was_written(postgres: Postgres, context: Any) -> None:
    handler.handler(_received(event("received"))[1], context)
    with postgres.connect(READER) as connection:
        assert connection.execute("SELECT filename, size_bytes FROM current_files").fetchall() == [("a.csv", 7)]
