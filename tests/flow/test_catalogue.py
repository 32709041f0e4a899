"""The catalogue on the local cloud, with every role enforced: it hears of everything, and holds nothing up."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from cli.boards import Silent
from cli.platform import local
from cli.redriving import dead_letters
from cli.serving import note_of
from local.database import Database
from runtime.domain import announcements
from tests.flow.driver import Driver
from tests.flow.grants import without

pytestmark = pytest.mark.flow

REPORTS = b"id,amount\n1,2.5\n2,\n3,4\n"


@pytest.fixture
def database(driver: Driver) -> Database:
    (found,) = [one for one in driver.platform.cloud.databases.opened if one.port == driver.out("catalogue_port")]
    return found


def rows(database: Database, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with database.superuser() as connection:
        connection.execute("SET search_path = catalogue, rows")
        return connection.execute(statement.encode(), values or None).fetchall()


def until(found: Callable[[], bool], *, seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found():
            return True
        time.sleep(0.1)
    return False


def shown(database: Database, name: str) -> list[tuple[Any, ...]]:
    return rows(database, "SELECT version, status, rows_count, size_bytes FROM file_metadata WHERE filename = %s", name)


@contextmanager
def away(database: Database) -> Iterator[None]:
    """Meanwhile there is no database."""
    database.pause()
    try:
        yield
    finally:
        database.resume()


@contextmanager
def impatient(driver: Driver, queue: str, *, seconds: int, tries: int) -> Iterator[None]:
    """A message is back after `seconds`, and among the dead letters after so many tries, instead of four hours."""
    sqs, role = driver.client("sqs"), "penstock-local-catalogue"
    before = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["RedrivePolicy", "VisibilityTimeout"])[
        "Attributes"
    ]
    policy = {**json.loads(before["RedrivePolicy"]), "maxReceiveCount": tries}
    changed = {"VisibilityTimeout": str(seconds), "RedrivePolicy": json.dumps(policy)}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes=changed)
    # Nobody puts it off.
    with without(driver, role, "sqs:ChangeMessageVisibility"):
        try:
            yield
        finally:
            sqs.set_queue_attributes(QueueUrl=queue, Attributes=before)


def test_it_hears_what_became_of_files_and_has_their_rows(driver: Driver, database: Database) -> None:
    name, bad = "reports/good.csv", "reports/bad.csv"
    versions = {name: driver.put(name, REPORTS), bad: driver.put(bad, b"")}
    assert driver.wait(name, versions[name])["State"] == "succeeded"
    assert driver.wait(bad, versions[bad])["State"] == "rejected"
    assert until(lambda: shown(database, name) == [(versions[name], "succeeded", 3, len(REPORTS))])
    assert until(lambda: shown(database, bad) == [(versions[bad], "rejected", None, 0)])
    loaded = "SELECT r.id, r.amount::text FROM reports r JOIN file_metadata f ON f.id = r.file_id WHERE filename = %s"
    assert until(lambda: len(rows(database, loaded, name)) == 3)
    assert sorted(rows(database, loaded, name)) == [(1, "2.5"), (2, None), (3, "4")]
    ((reason,),) = rows(database, "SELECT reason FROM file_metadata WHERE filename = %s", bad)
    assert "empty" in reason


def test_while_it_is_away_files_are_delivered_and_later_it_knows_of_them(driver: Driver, database: Database) -> None:
    name, queue = "reports/meanwhile.csv", driver.out("catalogue_queue_url")
    with impatient(driver, queue, seconds=5, tries=100), away(database):
        version = driver.put(name, REPORTS)
        assert driver.wait(name, version)["State"] == "succeeded"
        assert driver.archive(name).testzip() is None
        assert until(lambda: _hidden(driver, queue) >= 2), "both events were tried, and wait"
    # Nobody waits here until it is among the dead letters; what an operator sends back from there comes like this.
    for body in _events(driver, name, version):
        driver.client("sqs").send_message(QueueUrl=queue, MessageBody=body)
    assert until(lambda: shown(database, name) == [(version, "succeeded", 3, len(REPORTS))])
    assert until(
        lambda: (
            len(
                rows(
                    database,
                    "SELECT 1 FROM loaded_rows WHERE rows_count = 3 AND run = %s",
                    _run(driver, name, version),
                )
            )
            == 1
        )
    )
    # What waited comes as well, and changes nothing.
    assert until(lambda: _hidden(driver, queue) == _waiting(driver, queue) == 0)
    count = "SELECT count(*) FROM reports r JOIN file_metadata f ON f.id = r.file_id WHERE filename = %s"
    assert rows(database, count, name) == [(3,)]


def test_what_lies_among_the_dead_letters_is_sent_back_by_the_command(driver: Driver, database: Database) -> None:
    names = [f"reports/dead-{n}.csv" for n in range(3)]
    queue, dead = driver.out("catalogue_queue_url"), driver.out("catalogue_dead_letter_queue_url")
    platform = local(note_of(driver.platform.cloud, driver.platform.deployment))
    with away(database), impatient(driver, queue, seconds=1, tries=3):
        versions = {name: driver.put(name, REPORTS) for name in names}
        for name, version in versions.items():
            assert driver.wait(name, version)["State"] == "succeeded"
            assert driver.archive(name).testzip() is None
        # Two events for each: received, and how it ended. Other tests' files may be among them.
        assert until(lambda: _waiting(driver, dead) >= 2 * len(names), seconds=120), _waiting(driver, dead)
    moved = dead_letters(platform, "catalogue", Silent())
    assert moved.moved >= 2 * len(names) and moved.refused == 0
    for name, version in versions.items():
        assert until(lambda n=name, v=version: shown(database, n) == [(v, "succeeded", 3, len(REPORTS))])  # type: ignore[misc]
    loaded = "SELECT count(*) FROM reports r JOIN file_metadata f ON f.id = r.file_id WHERE filename = ANY(%s)"
    assert until(lambda: rows(database, loaded, names) == [(3 * len(names),)])
    assert dead_letters(platform, "catalogue", Silent()).moved == 0
    count = "SELECT count(*), count(DISTINCT version) FROM file_metadata WHERE filename = ANY(%s)"
    assert rows(database, count, names) == [(len(names), len(names))]


def _waiting(driver: Driver, queue: str) -> int:
    attributes = driver.client("sqs").get_queue_attributes(
        QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"]
    )["Attributes"]
    return int(attributes["ApproximateNumberOfMessages"])


def _run(driver: Driver, name: str, version: str) -> str:
    return str(driver.wait(name, version)["RunId"])


def _events(driver: Driver, name: str, version: str) -> list[str]:
    """The events of a version, as the announcing function made them of the ledger."""
    made = [announcements.from_entry(entry) for entry in driver.ledger(name, version)]
    return [
        json.dumps({"source": announcements.SOURCE, "detail-type": one.type, "detail": one.detail})
        for one in made
        if one is not None
    ]


def _hidden(driver: Driver, queue: str) -> int:
    """Messages that are being worked on, or that wait until they are tried again."""
    attributes = driver.client("sqs").get_queue_attributes(
        QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessagesNotVisible"]
    )["Attributes"]
    return int(attributes["ApproximateNumberOfMessagesNotVisible"])
