"""Which migrations are still to run, and which histories are refused."""

from pathlib import Path

import pytest

from runtime.domain.migrations import Migration, MigrationError, digest, outstanding, read
from runtime.migrations import FOLDER


def made(number: int, checksum: str = "") -> Migration:
    return Migration(number=number, name=f"{number:04}_x", sql="", checksum=checksum or str(number))


def test_ours_are_in_order() -> None:
    known = read(FOLDER)
    assert [one.number for one in known] == list(range(1, len(known) + 1))
    assert known[0].name == "0001_file_metadata"


def test_what_has_run_does_not_run_again() -> None:
    known = [made(1), made(2), made(3)]
    assert outstanding(known, {}) == known
    assert outstanding(known, {1: "1", 2: "2"}) == known[2:]


def test_a_database_may_be_ahead() -> None:
    assert outstanding([made(1)], {1: "1", 2: "2"}) == []


def test_a_file_that_was_changed_after_it_had_run_is_refused() -> None:
    with pytest.raises(MigrationError, match="0001_x was changed"):
        outstanding([made(1, "other")], {1: "1"})


def test_a_file_that_was_put_in_before_others_is_refused() -> None:
    with pytest.raises(MigrationError, match="0002_x has not run, but number 3 has"):
        outstanding([made(1), made(2), made(3)], {1: "1", 3: "3"})


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["0001_a.sql", "0003_b.sql"], "numbered from 1"),
        (["0001_a.sql", "0001_b.sql"], "numbered from 1"),
        (["first.sql"], "named like"),
    ],
)
def test_files_that_leave_their_order_open_are_refused(tmp_path: Path, names: list[str], message: str) -> None:
    for name in names:
        (tmp_path / name).write_text("SELECT 1")
    with pytest.raises(MigrationError, match=message):
        read(tmp_path)


def test_the_digest_changes_with_what_is_there() -> None:
    assert digest([made(1)]) == digest([made(1)]) != digest([made(1), made(2)])
