"""What events become in the catalogue, and whose rows are loaded."""

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from runtime.domain.announcements import TYPES
from runtime.domain.catalogue import Clean, Record, RowsTable, Unfit, from_event, table_for, tables, take
from runtime.domain.errors import Corrupt
from runtime.domain.ports import Place
from tests.domain.test_announcements import detail
from tests.fakes import FakeObjects

ORDERS = RowsTable(prefix="orders/", table="orders", columns={"id": "bigint", "name": "text"})
CLEAN = b"id,name\n1,a\n2,b\n"
BUCKET = "output"


def event(state: str, **more: Any) -> str:
    return json.dumps({"source": "penstock", "detail-type": TYPES[state], "detail": {**detail(state), **more}})


@dataclass
class FakeCatalogue:
    """`Catalogue`; `loaded` maps table and version to what was copied."""

    noted: list[Record] = field(default_factory=list)
    loaded: dict[tuple[str, str], bytes] = field(default_factory=dict)
    refused: dict[tuple[str, str], str] = field(default_factory=dict)
    unfit: str = ""
    forgotten: list[Record] = field(default_factory=list)

    def forget(self, record: Record) -> None:
        self.forgotten.append(record)

    def note(self, record: Record) -> None:
        self.noted.append(record)

    def has_rows(self, record: Record, table: str) -> bool:
        return (table, record.version) in self.loaded

    def load(self, record: Record, table: RowsTable, clean: Clean) -> int:
        if self.unfit:
            raise Unfit(self.unfit)
        self.loaded[table.table, record.version] = b"".join(clean.pieces)
        return clean.rows

    def refuse(self, record: Record, table: str, reason: str) -> None:
        self.refused[table, record.version] = reason


def delivered(clean: bytes = CLEAN) -> FakeObjects:
    """A store with `result.json` and the rows of a version."""
    artifact = {"role": "clean", "key": "results/clean.csv", "sha256": hashlib.sha256(CLEAN).hexdigest()}
    result = {
        "summary": {"columns": ["id", "name"], "delimiter": ","},
        "counts": {"accepted": 2},
        "artifacts": [{"role": "archive", "key": "a.zip"}, artifact],
    }
    objects = FakeObjects()
    objects.put(Place(BUCKET, "results/result.json"), json.dumps(result).encode(), content_type="")
    objects.put(Place(BUCKET, "results/clean.csv"), clean, content_type="")
    return objects


def succeeded(**more: Any) -> Record:
    record = from_event(event("succeeded", name="orders/a.csv"))
    assert record is not None
    return replace(record, **more)


@pytest.mark.parametrize("state", ["received", "succeeded", "rejected"])
def test_an_event_becomes_a_record(state: str) -> None:
    record, said = from_event(event(state)), detail(state)
    assert record is not None
    assert (record.filename, record.version, record.attempt, record.status) == ("a.csv", "v1", 1, state)
    assert (record.sequencer, record.at, record.run) == (said["sequencer"], said["at"], said["run"])
    assert (record.size, record.accepted, record.reason) == tuple(map(said.get, ("size", "accepted", "reason")))


@pytest.mark.parametrize("other", [{"source": "aws.s3"}, {"detail-type": "Nothing"}])
def test_events_of_others_are_nothing(other: dict[str, str]) -> None:
    assert from_event(json.dumps({**json.loads(event("received")), **other})) is None


def test_an_event_without_what_is_always_there_is_refused_by_name() -> None:
    said = json.loads(event("received"))
    del said["detail"]["sequencer"]
    with pytest.raises(ValueError, match="sequencer"):
        from_event(json.dumps(said))


def test_the_longest_prefix_is_a_files_table() -> None:
    inner = replace(ORDERS, prefix="orders/2026/", table="orders_2026")
    assert table_for("orders/2026/a.csv", [ORDERS, inner]) == inner
    assert table_for("orders/a.csv", [inner, ORDERS]) == ORDERS
    assert table_for("other.csv", [ORDERS, inner]) is None


def test_tables_are_read_from_the_setting() -> None:
    given = [{"prefix": "orders/", "table": "orders", "columns": {"id": "bigint", "name": "text"}}]
    assert tables(json.dumps(given)) == [ORDERS]


def test_rows_are_loaded_once() -> None:
    catalogue, objects = FakeCatalogue(), delivered()
    for _ in range(2):
        take(succeeded(), catalogue, objects, known=[ORDERS], bucket=BUCKET)
    assert catalogue.loaded == {("orders", "v1"): CLEAN}
    assert len(catalogue.noted) == 2
    assert objects.read_bytes == len(CLEAN)


@pytest.mark.parametrize(
    "record",
    [succeeded(filename="a.csv"), succeeded(kind="jsonl"), succeeded(status="rejected")],
    ids=["no table", "no rows", "no success"],
)
def test_what_has_no_rows_for_a_table_is_only_noted(record: Record) -> None:
    catalogue = FakeCatalogue()
    take(record, catalogue, delivered(), known=[ORDERS], bucket=BUCKET)
    assert (catalogue.noted, catalogue.loaded) == ([record], {})


def test_rows_that_do_not_fit_are_written_down_as_such() -> None:
    catalogue = FakeCatalogue(unfit="no such column")
    take(succeeded(), catalogue, delivered(), known=[ORDERS], bucket=BUCKET)
    assert catalogue.refused == {("orders", "v1"): "no such column"}


def test_a_flipped_bit_is_noticed_before_anything_is_committed() -> None:
    catalogue = FakeCatalogue()
    with pytest.raises(Corrupt, match="SHA-256"):
        take(succeeded(), catalogue, delivered(CLEAN.replace(b"a\n", b"c\n")), known=[ORDERS], bucket=BUCKET)
    assert catalogue.loaded == {}


def test_a_file_that_was_deleted_is_forgotten_once_that_is_done() -> None:
    assert from_event(event("deleting")) is None
    record, catalogue = from_event(event("deleted")), FakeCatalogue()
    assert record is not None
    take(record, catalogue, FakeObjects(), known=[ORDERS], bucket=BUCKET)
    assert (catalogue.forgotten, catalogue.noted) == ([record], [])
