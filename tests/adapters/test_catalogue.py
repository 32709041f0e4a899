"""The catalogue in a real PostgreSQL: exactly once, whatever comes twice, late, or dies on the way."""

import csv
import io
import itertools
import threading
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from components import declared
from runtime.adapters import catalogue as module
from runtime.adapters.catalogue import PostgresCatalogue
from runtime.domain.catalogue import WRITER, Clean, Record, RowsTable, Unfit
from runtime.domain.column_types import BIGINT, BOOLEAN, DATE, DOUBLE, TIMESTAMP, TIMESTAMPTZ, VARCHAR, decimal
from runtime.domain.errors import Corrupt
from runtime.domain.tables import Column, Schema
from runtime.processors.api import Head
from runtime.processors.delimited import Delimited
from tests.postgres import ORDERS, Postgres

SHA256 = "0" * 64
RECEIVED = Record(
    filename="orders/a.csv",
    version="v1",
    sequencer="0001",
    attempt=1,
    run="run-1",
    status="received",
    at="2026-01-02T03:04:05.000Z",
    size=40,
)
SUCCEEDED = replace(
    RECEIVED,
    status="succeeded",
    at="2026-01-02T03:04:09.000Z",
    size=None,
    kind="csv",
    sha256=SHA256,
    accepted=2,
    rejected=1,
    result_key="results/result.json",
)
FAILED = replace(RECEIVED, status="failed", at="2026-01-02T03:04:08.000Z", size=None, reason="it broke")
AGAIN = replace(RECEIVED, attempt=2, run="run-2", at="2026-01-03T03:04:05.000Z")
FINALLY = replace(SUCCEEDED, attempt=2, run="run-2", at="2026-01-03T03:04:09.000Z")
ROWS = [b'id,name,paid\n1,"a, b",2.50\n', b"2,,\n"]
SHOWN = "SELECT status, attempt, run, size_bytes, rows_count, rows_rejected, reason FROM file_metadata"
LOADED = "SELECT id, name, paid FROM rows.orders ORDER BY id, file_id"


@pytest.fixture
def postgres(catalogue_server: Postgres) -> Postgres:
    catalogue_server.empty()
    return catalogue_server


def clean(pieces: list[bytes] | None = None, rows: int = 2) -> Clean:
    return Clean(
        header=["id", "name", "paid"], delimiter=",", rows=rows, pieces=iter(ROWS if pieces is None else pieces)
    )


@pytest.mark.parametrize("order", list(itertools.permutations([RECEIVED, FAILED, AGAIN, FINALLY])))
def test_events_may_come_in_any_order_and_twice(postgres: Postgres, order: tuple[Record, ...]) -> None:
    catalogue = postgres.catalogue()
    for record in [*order, *order]:
        catalogue.note(record)
    assert postgres.all(SHOWN) == [("succeeded", 2, "run-2", 40, 2, 1, None)]


def test_an_end_is_not_undone_by_its_beginning(postgres: Postgres) -> None:
    catalogue = postgres.catalogue()
    catalogue.note(FAILED)
    catalogue.note(RECEIVED)
    assert postgres.all(SHOWN) == [("failed", 1, "run-1", 40, None, None, "it broke")]


def test_a_new_attempt_is_seen_as_such(postgres: Postgres) -> None:
    catalogue = postgres.catalogue()
    for record in (RECEIVED, FAILED, AGAIN):
        catalogue.note(record)
    assert postgres.all(SHOWN) == [("received", 2, "run-2", 40, None, None, None)]


def test_the_newest_version_is_the_current_one_whenever_it_came(postgres: Postgres) -> None:
    catalogue = postgres.catalogue()
    catalogue.note(replace(RECEIVED, version="v2", sequencer="0002"))
    catalogue.note(RECEIVED)
    assert postgres.all("SELECT version FROM current_files") == [("v2",)]
    assert postgres.all("SELECT count(*) FROM file_metadata") == [(2,)]


def test_a_reason_may_quote_what_postgres_does_not_store(postgres: Postgres) -> None:
    postgres.catalogue().note(replace(FAILED, reason="NUL \0 in it"))
    assert postgres.all("SELECT reason FROM file_metadata") == [("NUL \N{REPLACEMENT CHARACTER} in it",)]


def test_rows_are_there_once_however_often_they_are_loaded(postgres: Postgres) -> None:
    catalogue = postgres.catalogue()
    catalogue.note(SUCCEEDED)
    assert not catalogue.has_rows(SUCCEEDED, "orders")
    assert [catalogue.load(SUCCEEDED, ORDERS, clean()) for _ in range(2)] == [2, 0]
    assert catalogue.has_rows(SUCCEEDED, "orders")
    assert [(one, two, str(three)) for one, two, three in postgres.all(LOADED)] == [
        (1, "a, b", "2.50"),
        (2, None, "None"),
    ]
    assert postgres.all("SELECT table_name, run, rows_count, refused FROM loaded_rows") == [
        ("orders", "run-1", 2, None)
    ]


def test_a_later_attempt_takes_the_place_of_an_earlier_one(postgres: Postgres) -> None:
    catalogue = postgres.catalogue()
    other = replace(SUCCEEDED, filename="orders/b.csv")
    for record in (SUCCEEDED, other):
        catalogue.note(record)
        catalogue.load(record, ORDERS, clean())
    catalogue.note(FINALLY)
    assert catalogue.has_rows(SUCCEEDED, "orders"), "what was of the first attempt is nobody's business any more"
    assert catalogue.load(SUCCEEDED, ORDERS, clean()) == 0
    assert catalogue.load(FINALLY, ORDERS, clean([ROWS[0], b"3,c,\n", b"4,d,\n"], rows=3)) == 3
    assert [row[0] for row in postgres.all(LOADED)] == [1, 1, 2, 3, 4]


DELETED = replace(RECEIVED, status="deleted", at="2026-01-04T03:04:05.000Z", size=None, run="delete@x")
LEFT = (
    "SELECT version, status, size_bytes, sha256, rows_count, result_key, reason FROM file_metadata ORDER BY sequencer"
)


@pytest.mark.parametrize("known", [[], [RECEIVED], [RECEIVED, SUCCEEDED], [FAILED, AGAIN, FINALLY]])
def test_of_a_deleted_file_nothing_is_left_whatever_is_told_late(postgres: Postgres, known: list[Record]) -> None:
    catalogue = postgres.catalogue()
    for record in [*known, DELETED, DELETED, RECEIVED, SUCCEEDED, AGAIN, FINALLY, *known]:
        if record is DELETED:
            catalogue.forget(record)
        else:
            catalogue.note(record)
    assert postgres.all(LEFT) == [("v1", "deleted", None, None, None, None, None)]
    assert postgres.all("SELECT version FROM current_files") == []
    assert catalogue.has_rows(SUCCEEDED, "orders"), "nobody loads them any more"


def test_rows_of_all_versions_go_and_those_of_others_stay(postgres: Postgres) -> None:
    catalogue = postgres.catalogue()
    second = replace(SUCCEEDED, version="v2", sequencer="0002", run="run-2")
    newer = replace(SUCCEEDED, version="v3", sequencer="0003", run="run-3")
    other = replace(SUCCEEDED, filename="orders/b.csv")
    for record in (SUCCEEDED, second, newer, other):
        catalogue.note(record)
        catalogue.load(record, ORDERS, clean())
    for _ in range(2):
        catalogue.forget(replace(DELETED, version="v2", sequencer="0002"))
    assert [row[0] for row in postgres.all(LOADED)] == [1, 1, 2, 2]
    assert postgres.all("SELECT filename, version FROM current_files ORDER BY filename") == [
        ("orders/a.csv", "v3"),
        ("orders/b.csv", "v1"),
    ]
    marks = postgres.all("SELECT rows_count, refused FROM loaded_rows ORDER BY file_id")
    assert marks == [(0, "the file was deleted")] * 2 + [(2, None)] * 2
    # An older version, of which nobody had heard before.
    catalogue.note(replace(RECEIVED, version="v0", sequencer="0000"))
    assert postgres.all("SELECT version FROM file_metadata WHERE filename = 'orders/a.csv' ORDER BY version") == [
        ("v1",), ("v2",), ("v3",)
    ]  # fmt: skip


def test_two_at_once_load_once(postgres: Postgres) -> None:
    postgres.catalogue().note(SUCCEEDED)
    counts: list[int] = []

    def load() -> None:
        counts.append(postgres.catalogue().load(SUCCEEDED, ORDERS, clean()))

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counts) == [0, 0, 0, 2]
    assert len(postgres.all(LOADED)) == 2


@pytest.mark.parametrize(
    ("pieces", "message"),
    [
        ([b"id,name,paid\nx,a,1\n"], 'invalid input syntax for type bigint: "x" .*line 2, column id'),
        ([b"id,name,paid\n1,a\n"], "missing data for column"),
        ([b"id,name,paid\n1,a,1,2\n"], "extra data after last expected column"),
        ([b'id,name,paid\n1,"a,1\n'], "missing data for column"),
    ],
)
def test_rows_that_do_not_fit_leave_nothing(postgres: Postgres, pieces: list[bytes], message: str) -> None:
    catalogue = postgres.catalogue()
    catalogue.note(SUCCEEDED)
    with pytest.raises(Unfit, match=message):
        catalogue.load(SUCCEEDED, ORDERS, clean(pieces))
    catalogue.refuse(SUCCEEDED, "orders", "because")
    assert postgres.all(LOADED) == []
    assert postgres.all("SELECT rows_count, refused FROM loaded_rows") == [(0, "because")]
    assert catalogue.has_rows(SUCCEEDED, "orders"), "it is not tried again"


@pytest.mark.parametrize(
    ("header", "message"), [(["id", "colour"], "no column 'colour'"), (["id", "id"], "the same name")]
)
def test_columns_that_do_not_fit_are_named(postgres: Postgres, header: list[str], message: str) -> None:
    catalogue = postgres.catalogue()
    catalogue.note(SUCCEEDED)
    with pytest.raises(Unfit, match=message):
        catalogue.load(SUCCEEDED, ORDERS, replace(clean(), header=header))


def test_a_row_that_is_missing_is_noticed(postgres: Postgres) -> None:
    catalogue = postgres.catalogue()
    catalogue.note(SUCCEEDED)
    with pytest.raises(Corrupt, match="2 rows were loaded, 3 were taken"):
        catalogue.load(SUCCEEDED, ORDERS, clean(rows=3))
    assert postgres.all(LOADED) == []


def test_a_stream_that_breaks_off_leaves_nothing(postgres: Postgres) -> None:
    def pieces() -> Iterator[bytes]:
        yield ROWS[0]
        raise Corrupt("it has changed")

    catalogue = postgres.catalogue()
    catalogue.note(SUCCEEDED)
    with pytest.raises(Corrupt):
        catalogue.load(SUCCEEDED, ORDERS, replace(clean(), pieces=pieces()))
    assert postgres.all(LOADED) == []
    assert catalogue.load(SUCCEEDED, ORDERS, clean()) == 2


class Dying:
    """A connection whose server process is killed before its statement number `at`, or after it with `late`."""

    def __init__(self, postgres: Postgres, at: int, *, late: bool) -> None:
        self._postgres, self._at, self._late = postgres, at, late
        self._connection = postgres.connect(WRITER)
        self._pid = self._connection.info.backend_pid
        self.count = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, *arguments: Any) -> Any:
        self.count += 1
        if self.count == self._at and not self._late:
            self._kill()
        answer = self._connection.execute(*arguments)
        if self.count == self._at and self._late:
            self._kill()
        return answer

    def _kill(self) -> None:
        self._postgres.all("SELECT pg_terminate_backend(%s, 5000)", self._pid)


def _everything(catalogue: PostgresCatalogue) -> None:
    for record in (RECEIVED, SUCCEEDED):
        catalogue.note(record)
    if not catalogue.has_rows(SUCCEEDED, "orders"):
        catalogue.load(SUCCEEDED, ORDERS, clean())


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_killed_at_any_statement_it_is_done_once_in_the_end(postgres: Postgres, *, late: bool) -> None:
    for at in itertools.count(1):
        postgres.empty()
        dying = Dying(postgres, at, late=late)
        connections: Any = iter([dying])
        catalogue = PostgresCatalogue(lambda: next(connections, None) or postgres.connect(WRITER))  # noqa: B023
        try:
            _everything(catalogue)
        except psycopg.OperationalError:
            _everything(catalogue)
        assert postgres.all(SHOWN) == [("succeeded", 1, "run-1", 40, 2, 1, None)], at
        assert len(postgres.all(LOADED)) == 2, at
        if dying.count < at:
            break
    assert at > 9


def test_a_connection_that_was_lost_meanwhile_is_no_failure(postgres: Postgres) -> None:
    opened = []

    def connect() -> Any:
        opened.append(postgres.connect(WRITER))
        return opened[-1]

    catalogue = PostgresCatalogue(connect)
    catalogue.wake()
    catalogue.wake()
    assert len(opened) == 1
    postgres.all("SELECT pg_terminate_backend(%s, 5000)", opened[0].info.backend_pid)
    catalogue.wake()
    catalogue.note(RECEIVED)
    assert len(opened) == 2


def test_who_writes_can_do_nothing_else(postgres: Postgres) -> None:
    postgres.catalogue().note(SUCCEEDED)
    for statement in (
        "DROP TABLE file_metadata",
        "CREATE TABLE mine (a int)",
        "CREATE TABLE rows.mine (a int)",
        "CREATE TABLE public.mine (a int)",
        "DELETE FROM file_metadata",
        "UPDATE orders SET id = 1",
        "TRUNCATE orders",
        "SELECT * FROM migrations",
        "COPY orders TO PROGRAM 'true'",
        "CREATE ROLE mine",
        "SET ROLE catalogue_owner",
    ):
        with postgres.connect(WRITER) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())


def test_who_reads_only_reads(postgres: Postgres) -> None:
    postgres.catalogue().note(SUCCEEDED)
    with postgres.reader() as connection:
        assert connection.execute("SELECT filename, rows_count FROM current_files").fetchall() == [("orders/a.csv", 2)]
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == (0,)
        for statement in (
            "DELETE FROM file_metadata",
            "INSERT INTO orders (id) VALUES (1)",
            "SET ROLE catalogue_writer",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())


def test_a_row_knows_its_file(postgres: Postgres) -> None:
    catalogue = postgres.catalogue()
    catalogue.note(SUCCEEDED)
    catalogue.load(SUCCEEDED, ORDERS, clean())
    joined = "SELECT f.filename, o.id FROM rows.orders o JOIN file_metadata f ON f.id = o.file_id ORDER BY o.id"
    assert postgres.all(joined) == [("orders/a.csv", 1), ("orders/a.csv", 2)]
    assert module.FILE_ID not in ORDERS.columns


def _accepted(data: bytes, schema: Schema | None = None) -> tuple[Clean, list[list[str]]]:
    """What is delivered of a file, and its rows as the csv module reads them."""
    processor, head = Delimited(), Head(name="a.csv", size=len(data), data=data)
    splitter = processor.splitter(head, 1 << 20)
    cuts = [*splitter.feed(data), *splitter.finish()]
    context = processor.tabular(head, splitter.context, schema)
    outcomes = [processor.process(data[cut.start : cut.end], cut, context) for cut in cuts]
    text = processor.begin(context) + b"".join(outcome.clean for outcome in outcomes)
    names, *rows = csv.reader(io.StringIO(text.decode(), newline=""), delimiter=context["delimiter"])
    pieces = [text[at : at + 7] for at in range(0, len(text), 7)]
    return Clean(header=names, delimiter=context["delimiter"], rows=len(rows), pieces=pieces), rows


TEXTS = RowsTable(prefix="", table="texts", columns={"n": "bigint", "a": "text", "b": "text"})
NASTY = b"".join([
    b"n,a,b\r\n", b"1,5\"x5\",\n", b'2,a"b,c"d\r\n', b'3,"two\r\nlines","q""uote"\r', b'4,"",""\n', b'"5",,\r\n',
    b'6,\\.,\\N\n', b"\n\n", b'7,"\n",\\\n', 'é,é,é\n8,é,\ufeff'.encode(), b"\n9,'x',#", b'\n10,"a"b,c\n11,x\n',
    b'12,NULL,null\n', b'13,x"""y,"z\n"', b"\r14, a , b \n",
])  # fmt: skip


def test_what_is_accepted_is_what_the_table_holds(postgres: Postgres) -> None:
    """PostgreSQL reads quotes, line ends and nothing in its own way."""
    postgres.migrate([TEXTS])
    # The row of é is none of this table's type.
    good, rows = _accepted(NASTY.replace("é,é,é\n".encode(), b""))
    assert [row[0] for row in rows] == ["1", "2", "3", "4", "5", "6", "7", "8", "9", "12", "13", "14"]
    catalogue = postgres.catalogue()
    catalogue.note(SUCCEEDED)
    assert catalogue.load(SUCCEEDED, TEXTS, good) == len(rows)
    wanted = [(int(row[0]), row[1] or None, row[2] or None) for row in rows]
    assert postgres.all("SELECT n, a, b FROM rows.texts ORDER BY n") == wanted


TYPED = {
    "i": (BIGINT, ["0", "-0", "9223372036854775807", "-9223372036854775808"]),
    "f": (DOUBLE, [".5", "5.", "-1e307", "nan", "1E-5"]),
    "t": (BOOLEAN, ["true", "False", "TRUE"]),
    "d": (DATE, ["0001-01-01", "9999-12-31", "2000-02-29"]),
    "s": (TIMESTAMP, ["2020-01-02", "2020-01-02T03:04", "2020-01-02 03:04:05.123456"]),
    "z": (TIMESTAMPTZ, ["2020-01-02T03:04Z", "2020-01-02 03:04:05.5+14:59", "2020-01-02 03:04-08"]),
    "m": (decimal(7, 2), ["12345.67", "-.5", "5.", "1.5000", "-0"]),
    "w": (decimal(38, 0), ["9" * 38, "-" + "9" * 38]),
    "x": (VARCHAR, ["x", "\\."]),
}  # fmt: skip


def test_values_of_declared_types_fit_the_types_of_its_table(postgres: Postgres) -> None:
    schema = Schema(prefix="", columns={name: Column(type=letter) for name, (letter, _) in TYPED.items()})
    columns = declared.of_postgres({name: (letter, True) for name, (letter, _) in TYPED.items()})
    table = RowsTable(prefix="", table="typed", columns=columns)
    postgres.migrate([table])
    postgres.migrate([table])
    rows = [[values[at % len(values)] for _, values in TYPED.values()] for at in range(12)]
    rows.append([""] * len(TYPED))
    text = "".join(",".join(f'"{value}"' for value in row) + "\n" for row in [[*TYPED], *rows]).encode()
    good, found = _accepted(text, schema)
    assert found == rows, "all are accepted"
    catalogue = postgres.catalogue()
    catalogue.note(SUCCEEDED)
    assert catalogue.load(SUCCEEDED, table, good) == len(rows)
    (bounds,) = postgres.all(
        "SELECT min(i), max(i), min(m), max(w), min(s)::text, max(d)::text, count(*) FROM rows.typed"
    )
    assert bounds == (
        -(2**63), 2**63 - 1, Decimal("-0.5"), Decimal("9" * 38), "2020-01-02 00:00:00", "9999-12-31", len(rows),
    )  # fmt: skip


def test_columns_may_stand_in_any_order_and_be_missing(postgres: Postgres) -> None:
    catalogue = postgres.catalogue()
    catalogue.note(SUCCEEDED)
    other = Clean(
        header=["paid", "id"], delimiter=";", rows=1, pieces=[b"paid;id\r\n1,5;7\r\n".replace(b"1,5", b"1.5")]
    )
    catalogue.load(SUCCEEDED, RowsTable(prefix="", table="orders", columns=ORDERS.columns), other)
    assert [(one, two, str(three)) for one, two, three in postgres.all(LOADED)] == [(7, None, "1.5")]
