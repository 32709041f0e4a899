"""PostgreSQL: the exactly-once load of a version's rows, beside a bare COPY of the same bytes into the same columns."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg

from benchmarks.measure import Figure, seconds
from local.database import Database
from runtime.adapters.catalogue import PostgresCatalogue
from runtime.adapters.owner import Owner
from runtime.adapters.postgres import Target, connect
from runtime.domain import migrations
from runtime.domain.catalogue import WRITER, Clean, Record, RowsTable
from runtime.domain.ports import pieces_of
from runtime.migrations import FOLDER

ROWS = 200_000
MASTER, PASSWORD = "bench_master", "bench"
COLUMNS = {"id": "bigint", "name": "text", "paid": "double precision", "ordered": "date", "note": "text"}
TABLE = RowsTable(prefix="", table="bench", columns=COLUMNS)
BARE = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())


def run(rounds: int) -> list[Figure]:
    """The load of a new version, and that of a new attempt, which takes the place of the rows of the one before."""
    data = b"id,name,paid,ordered,note\n" + b"".join(
        b'%d,name %d,%.1f,2026-01-%02d,"text, with comma %d"\n' % (n, n, n * 1.5, n % 28 + 1, n) for n in range(ROWS)
    )
    database = Database(name="catalogue", user=MASTER, password=PASSWORD)
    try:
        bare, fresh, again = _times(database, data, rounds)
    finally:
        database.stop()
    peer = "a bare COPY into a table without an index"
    return [
        Figure(what=f"{what} of {ROWS:,} rows", ours=ours, theirs=bare, unit="s", peer=peer, aim=aim)
        for what, ours, aim in (("exactly-once load", fresh, "≤ 1.7"), ("the same in place of others", again, ""))
    ]


def _times(database: Database, data: bytes, rounds: int) -> tuple[float, float, float]:
    """Seconds: the least of each, one after the other in every round, so that a busy minute hits all of them."""

    def come(user: str, password: str = "") -> psycopg.Connection[Any]:
        target = Target(host=database.host, port=database.port, name=database.name, user=user)
        return connect(target, password, application="bench")

    with come(MASTER, PASSWORD) as master:
        Owner(master).migrate(migrations.read(FOLDER), [TABLE])
    catalogue = PostgresCatalogue(lambda: come(WRITER))
    bare, fresh, again = [], [], []
    with database.superuser() as superuser:
        for number in range(rounds):
            first = _record(f"v{number}")
            second = replace(first, attempt=2, run="second")
            superuser.execute("DROP TABLE IF EXISTS bare")
            superuser.execute(f"CREATE TABLE bare ({BARE})".encode())
            bare.append(seconds(lambda: _copy(superuser, data)))
            catalogue.note(first)
            fresh.append(seconds(lambda: catalogue.load(first, TABLE, _clean(data))))  # noqa: B023
            catalogue.note(second)
            again.append(seconds(lambda: catalogue.load(second, TABLE, _clean(data))))  # noqa: B023
            superuser.execute("TRUNCATE rows.bench")
    return min(bare), min(fresh), min(again)


def _copy(connection: psycopg.Connection[Any], data: bytes) -> None:
    with connection.cursor().copy("COPY bare FROM STDIN (FORMAT csv, HEADER)") as copy:
        for piece in pieces_of(data):
            copy.write(piece)


def _clean(data: bytes) -> Clean:
    pieces: Iterator[bytes] = iter(pieces_of(data))
    return Clean(header=list(COLUMNS), delimiter=",", rows=ROWS, pieces=pieces)


def _record(version: str) -> Record:
    return Record(
        filename="bench.csv",
        version=version,
        sequencer=version,
        attempt=1,
        run="first",
        status="succeeded",
        at="2026-01-02T03:04:05.000Z",
        kind="csv",
    )
