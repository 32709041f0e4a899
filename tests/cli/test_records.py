"""Items of the tables as records."""

from decimal import Decimal

from cli.records import Record

ITEM = {
    "FileName": "a.csv",
    "VersionId": "v1",
    "Sequencer": "00",
    "RunId": "run",
    "State": "succeeded",
    "Attempt": Decimal(2),
    "ETag": "abc",
    "Size": Decimal(10),
    "Accepted": Decimal(3),
    "ArchiveSha256": "f" * 64,
    "ResultKey": "results/a/result.json",
}


def test_a_ledger_entry_has_the_time_of_its_step() -> None:
    record = Record.from_item({**ITEM, "Entry": "00#v1#002#3", "At": "2026-01-01T00:00:00Z"})
    assert (record.name, record.version, record.attempt, record.at) == ("a.csv", "v1", 2, "2026-01-01T00:00:00Z")
    assert (record.size, record.accepted, record.run) == (10, 3, "run")
    assert record.archive_sha256 == "f" * 64
    assert record.ended


def test_a_file_has_the_time_of_its_last_change() -> None:
    record = Record.from_item({**ITEM, "UpdatedAt": "2026-01-02T00:00:00Z", "State": "processing"})
    assert record.at == "2026-01-02T00:00:00Z"
    assert not record.ended


def test_programs_get_what_is_known_and_nothing_else() -> None:
    record = Record.from_item({**ITEM, "At": "t"})
    assert record.as_json()["result_key"] == "results/a/result.json"
    assert "reason" not in record.as_json()
    assert type(record.as_json()["size"]) is int
