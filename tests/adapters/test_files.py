"""What the API reads of `Files`: in what order, from where, and what it does when DynamoDB answers by halves."""

from collections.abc import Iterator
from typing import Any

import pytest

from runtime.adapters.files import TRIES, DynamoFiles
from runtime.domain.file_lists import Span
from runtime.domain.refusals import Busy
from tests.tables import EMULATORS, emulated

FILES, TRANSACTIONS = "listed-files", "listed-transactions"
ALWAYS = Span.of(None, None)


@pytest.fixture(params=EMULATORS)
def client(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with emulated(request, monkeypatch, files=FILES, transactions=TRANSACTIONS) as client:
        yield client


@pytest.fixture
def files(client: Any) -> DynamoFiles:
    return DynamoFiles(client, files=FILES, transactions=TRANSACTIONS)


def put(client: Any, name: str, at: str, **more: str) -> None:
    texts = {"FileName": name, "Folder": name.partition("/")[0], "Shelf": "files", "ReceivedAt": at, **more}
    client.put_item(TableName=FILES, Item={key: {"S": value} for key, value in texts.items()})


def test_names_come_newest_first_from_a_folder_or_from_all(client: Any, files: DynamoFiles) -> None:
    put(client, "a/1", "2026-01-01T00:00:01Z")
    put(client, "b/2", "2026-01-01T00:00:02Z")
    put(client, "a/3", "2026-01-01T00:00:03Z")
    # As items are that were written before there were indexes.
    client.put_item(TableName=FILES, Item={"FileName": {"S": "a/old"}, "ReceivedAt": {"S": "2025-01-01T00:00:00Z"}})

    def names(folder: str | None, **more: Any) -> tuple[list[str], Any]:
        asked = {"prefix": None, "limit": 10, "after": None, **more}
        keys, on = files.keys(folder, asked.pop("span", ALWAYS), **asked)
        return [name for _, name in keys], on

    assert names("a") == (["a/3", "a/1"], None)
    assert names(None) == (["a/3", "b/2", "a/1"], None)
    assert names("c") == ([], None)
    first, on = names(None, limit=1)
    assert (first, on) == (["a/3"], ("2026-01-01T00:00:03Z", "a/3"))
    assert names(None, after=on)[0] == ["b/2", "a/1"]
    assert names("a", after=("2026-01-01T00:00:02Z", "b/2"))[0] == ["a/1"]
    assert names("a", span=Span(first="2026-01-01T00:00:02", last="2026-01-01T00:00:03~"))[0] == ["a/3"]
    assert names(None, prefix="a/")[0] == ["a/3", "a/1"]
    put(client, "a/1", "2026-01-01T00:00:04Z")
    assert names("a") == (["a/1", "a/3"], None)


def test_items_are_read_by_name_and_what_is_not_there_is_left_out(client: Any, files: DynamoFiles) -> None:
    put(client, "a/1", "2026-01-01T00:00:01Z", State="failed")
    assert files.items([]) == {}
    assert files.items({"a/1", "a/2"})["a/1"]["State"] == "failed"
    assert files.items({"a/2"}) == {}
    assert files.item("a/2") is None
    assert (files.item("a/1") or {})["State"] == "failed"


def test_only_steps_are_entries_and_the_newest_ones_if_there_are_many(client: Any, files: DynamoFiles) -> None:
    entries = [f"{n:040X}#v{n}#001#0" for n in range(120)]
    for entry in [*entries, "VERDICT#v1", "SCAN#v1#001#x", "REDRIVE#v1#002"]:
        item = {"FileName": {"S": "a/1"}, "Entry": {"S": entry}, "Attempt": {"N": "1"}}
        client.put_item(TableName=TRANSACTIONS, Item=item)
    assert [entry["Entry"] for entry in files.entries("a/1")] == entries[20:]


class Halves:
    """A DynamoDB that reads one item at a time, or none."""

    def __init__(self, *, none: bool = False) -> None:
        self.asked: list[int] = []
        self._none = none

    def batch_get_item(self, *, RequestItems: Any) -> Any:
        keys = RequestItems[FILES]["Keys"]
        self.asked.append(len(keys))
        read, rest = ([], keys) if self._none else (keys[:1], keys[1:])
        return {"Responses": {FILES: read}, "UnprocessedKeys": {FILES: {"Keys": rest}} if rest else {}}


def test_what_was_not_read_is_asked_for_again() -> None:
    client, waits = Halves(), list[float]()
    files = DynamoFiles(client, files=FILES, transactions=TRANSACTIONS, sleep=waits.append)  # type: ignore[arg-type]
    assert files.items(["a", "b", "c"]).keys() == {"a", "b", "c"}
    assert (client.asked, len(waits)) == ([3, 2, 1], 2)


def test_a_table_that_reads_nothing_is_busy() -> None:
    client = Halves(none=True)
    files = DynamoFiles(client, files=FILES, transactions=TRANSACTIONS, sleep=lambda _: None)  # type: ignore[arg-type]
    with pytest.raises(Busy):
        files.items(["a"])
    assert client.asked == [1] * TRIES
