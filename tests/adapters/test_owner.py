"""Migrations on a real PostgreSQL: once, together, and not at all when the history is another."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from runtime.adapters.owner import Owner
from runtime.domain import migrations
from runtime.domain.migrations import Migration, MigrationError
from runtime.migrations import FOLDER
from tests.postgres import ORDERS, Postgres, running

OURS = migrations.read(FOLDER)
NEXT = len(OURS) + 1
MORE = Migration(number=NEXT, name="more", sql="CREATE TABLE more (a int); INSERT INTO more VALUES (1)", checksum="x")
BROKEN = replace(MORE, number=NEXT + 1, name="broken", sql="CREATE TABLE half (a int); SELECT nothing")


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    with running() as found:
        yield found


def _run(postgres: Postgres, *more: Migration) -> list[str]:
    with postgres.master() as connection:
        return Owner(connection).migrate([*OURS, *more], [ORDERS])


def test_a_databases_history(postgres: Postgres) -> None:
    """In one test, because each needs a database of its own."""
    ran: list[list[str]] = []
    threads = [threading.Thread(target=lambda: ran.append(_run(postgres))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ran) == [[], [], [one.name for one in OURS]], "three at once run each migration once"

    with pytest.raises(psycopg.errors.UndefinedColumn):
        _run(postgres, MORE, BROKEN)
    assert postgres.all("SELECT number FROM migrations ORDER BY 1") == [(n,) for n in range(1, NEXT + 1)]
    assert postgres.all("SELECT to_regclass('half'), to_regclass('more')::text") == [(None, "more")]
    assert _run(postgres, MORE) == []
    assert _run(postgres) == [], "an older deployment leaves what is newer"
    with pytest.raises(MigrationError, match="more was changed"):
        _run(postgres, replace(MORE, checksum="y"))

    wider = replace(ORDERS, columns={**ORDERS.columns, "note": "text"})
    postgres.migrate([wider])
    postgres.migrate([ORDERS])
    columns = "SELECT column_name FROM information_schema.columns WHERE table_schema = 'rows' ORDER BY ordinal_position"
    assert [name for (name,) in postgres.all(columns)] == ["id", "name", "paid", "file_id", "note"]
    with pytest.raises(MigrationError, match=r"orders\.id is bigint; the settings want text"):
        postgres.migrate([replace(ORDERS, columns={"id": "text"})])

    postgres.migrate([replace(ORDERS, columns={"fee": "numeric(10,2)"})])
    postgres.migrate([replace(ORDERS, columns={"fee": "numeric(10,2)"})])
    with pytest.raises(MigrationError, match=r"orders\.fee is numeric\(10,2\); the settings want numeric\(12,2\)"):
        postgres.migrate([replace(ORDERS, columns={"fee": "numeric(12,2)", "later": "text"})])
    assert [name for (name,) in postgres.all(columns)][-1] == "fee", "what contradicts itself adds nothing"

    with postgres.master() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("CREATE EXTENSION pg_stat_statements")
