"""The catalogue, in PostgreSQL (ADR 12)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg
from psycopg import sql

from runtime import environment
from runtime.adapters.clients import client
from runtime.adapters.postgres import Target, connect
from runtime.domain.catalogue import Clean, Record, RowsTable, Unfit
from runtime.domain.errors import Corrupt
from runtime.domain.plain_csv import plain_csv

SCHEMA, ROWS_SCHEMA = "catalogue", "rows"
FILE_ID = "file_id"
# What `file_id` is by default, in the tables for rows: COPY has no other way to give every row the same value.
FILE_SETTING = "penstock.file_id"
LONGEST_REASON = 4_000

Connection = psycopg.Connection[Any]

_NOTE = """
INSERT INTO file_metadata AS known (
    filename, version, sequencer, attempt, run, status, "timestamp", kind, size_bytes, sha256, rows_count,
    rows_rejected, result_key, reason
)
SELECT
    %(filename)s, %(version)s, %(sequencer)s, %(attempt)s, %(run)s, %(status)s, %(at)s, %(kind)s, %(size)s,
    %(sha256)s, %(accepted)s, %(rejected)s, %(result_key)s, %(reason)s
WHERE NOT EXISTS (
    SELECT FROM file_metadata
    WHERE filename = %(filename)s AND status = 'deleted' AND sequencer >= %(sequencer)s
)
ON CONFLICT (filename, version) DO UPDATE SET
    (attempt, run, status, "timestamp", kind, sha256, rows_count, rows_rejected, result_key, reason) = (
        excluded.attempt, excluded.run, excluded.status, excluded."timestamp", excluded.kind, excluded.sha256,
        excluded.rows_count, excluded.rows_rejected, excluded.result_key, excluded.reason
    ),
    size_bytes = coalesce(known.size_bytes, excluded.size_bytes)
WHERE (excluded.attempt, excluded.status <> 'received') > (known.attempt, known.status <> 'received')
"""
# The first event tells the size, and may be the last one to arrive.
_SIZE = """
UPDATE file_metadata SET size_bytes = %(size)s
WHERE filename = %(filename)s AND version = %(version)s AND size_bytes IS NULL AND status <> 'deleted'
"""
_FORGET = """
UPDATE file_metadata
SET (status, "timestamp", kind, size_bytes, sha256, rows_count, rows_rejected, result_key, reason) = (
    'deleted', %(at)s, NULL, NULL, NULL, NULL, NULL, NULL, NULL
)
WHERE filename = %(filename)s AND sequencer <= %(sequencer)s
RETURNING id
"""
_FORGET_ROWS = """
UPDATE loaded_rows SET rows_count = 0, refused = 'the file was deleted'
WHERE file_id = ANY(%s) RETURNING table_name
"""
_FILE = """
SELECT id FROM file_metadata
WHERE filename = %(filename)s AND version = %(version)s AND run = %(run)s AND status = 'succeeded'
"""
_LOADED = "SELECT 1 FROM loaded_rows WHERE file_id = %s AND table_name = %s AND run = %s"
_MARK = """
INSERT INTO loaded_rows (file_id, table_name, run, rows_count, refused) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (file_id, table_name) DO UPDATE
SET (run, rows_count, refused, loaded_at) = (excluded.run, excluded.rows_count, excluded.refused, now())
"""


class PostgresCatalogue:
    """`Catalogue`; `open_connection` is called once, and again whenever the connection was lost."""

    def __init__(self, open_connection: Callable[[], Connection]) -> None:
        self._open = open_connection
        self._connection: Connection | None = None

    def wake(self) -> None:
        """Makes sure of the connection: it may have been lost since it was last used, which is no failure of a record.

        Raises `psycopg.OperationalError` when the database is not there.
        """
        if self._connection is not None and not self._connection.closed:
            try:
                self._connection.execute("SELECT 1")
            except psycopg.OperationalError:
                self._connection.close()
        if self._connection is None or self._connection.closed:
            self._connection = self._open()

    def forget(self, record: Record) -> None:
        with self._transaction() as connection:
            values = _values(record)
            # That it was deleted has to be known even where nothing was known of it before.
            connection.execute(_NOTE, values)
            ids = [row[0] for row in connection.execute(_FORGET, values).fetchall()]
            for table in sorted({row[0] for row in connection.execute(_FORGET_ROWS, [ids]).fetchall()}):
                name = sql.Identifier(ROWS_SCHEMA, table)
                there = connection.execute("SELECT to_regclass(%s)", [name.as_string(connection)]).fetchone()
                if there and there[0]:
                    connection.execute(sql.SQL("DELETE FROM {} WHERE file_id = ANY(%s)").format(name), [ids])

    def note(self, record: Record) -> None:
        values = _values(record)
        if record.reason is not None:
            # PostgreSQL's text has no NUL; a reason may quote a file that has.
            values["reason"] = record.reason.replace("\0", "\N{REPLACEMENT CHARACTER}")[:LONGEST_REASON]
        with self._transaction() as connection:
            connection.execute(_NOTE, values)
            if record.size is not None:
                connection.execute(_SIZE, values)

    def has_rows(self, record: Record, table: str) -> bool:
        with self._transaction() as connection:
            file_id = _file_id(connection, record)
            return file_id is None or _is_loaded(connection, file_id, table, record)

    def load(self, record: Record, table: RowsTable, clean: Clean) -> int:
        columns = _columns(table, clean)
        with self._transaction() as connection:
            # Locked: two of the same version do not load at once, and the later one finds the earlier one's mark.
            file_id = _file_id(connection, record, lock=True)
            if file_id is None or _is_loaded(connection, file_id, table.table, record):
                return 0
            where = sql.Identifier(ROWS_SCHEMA, table.table)
            connection.execute(sql.SQL("DELETE FROM {} WHERE file_id = %s").format(where), [file_id])
            connection.execute("SELECT set_config(%s, %s, true)", [FILE_SETTING, str(file_id)])
            count = _copy(connection, where, columns, clean)
            if count != clean.rows:
                raise Corrupt(f"{record.filename}: {count} rows were loaded, {clean.rows} were taken")
            connection.execute(_MARK, [file_id, table.table, record.run, count, None])
        return count

    def refuse(self, record: Record, table: str, reason: str) -> None:
        with self._transaction() as connection:
            file_id = _file_id(connection, record, lock=True)
            if file_id is not None:
                connection.execute(_MARK, [file_id, table, record.run, 0, reason[:LONGEST_REASON]])

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """A transaction; a connection that breaks is thrown away, and what was in it is as if it had not been."""
        if self._connection is None or self._connection.closed:
            self._connection = self._open()
        connection = self._connection
        try:
            with connection.transaction():
                yield connection
        except psycopg.OperationalError:
            connection.close()
            raise


def _values(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in Record.__dataclass_fields__}


def _file_id(connection: Connection, record: Record, *, lock: bool = False) -> int | None:
    """The version's id, if what the record says is what is known of it still."""
    values = {"filename": record.filename, "version": record.version, "run": record.run}
    found = connection.execute(_FILE + ("FOR UPDATE" if lock else ""), values).fetchone()
    return int(found[0]) if found else None


def _is_loaded(connection: Connection, file_id: int, table: str, record: Record) -> bool:
    return connection.execute(_LOADED, [file_id, table, record.run]).fetchone() is not None


def _columns(table: RowsTable, clean: Clean) -> list[str]:
    """The table's columns in the file's order. Raises `Unfit` for one that the table does not have, or twice."""
    if unknown := [name for name in clean.header if name not in table.columns]:
        raise Unfit(f"the table {table.table} has no column {', '.join(map(repr, unknown))}")
    if len(set(clean.header)) < len(clean.header):
        raise Unfit("more than one column of the file has the same name")
    return list(clean.header)


def _copy(connection: Connection, where: sql.Identifier, columns: list[str], clean: Clean) -> int:
    # A field that is nothing is NULL here as in a table, quoted or not.
    statement = sql.SQL(
        "COPY {where} ({columns}) FROM STDIN"
        " (FORMAT csv, HEADER, DELIMITER {delimiter}, FORCE_NULL ({columns}), ENCODING 'UTF8')"
    ).format(
        where=where,
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        delimiter=sql.Literal(clean.delimiter),
    )
    cursor = connection.cursor()
    try:
        with cursor.copy(statement) as copy:
            for piece in plain_csv(clean.pieces, clean.delimiter, len(columns)):
                copy.write(piece)
    except (psycopg.DataError, psycopg.IntegrityError) as error:
        where_it_is = f" ({error.diag.context})" if error.diag.context else ""
        raise Unfit(f"{error.diag.message_primary or error}{where_it_is}") from error
    return cursor.rowcount


@cache
def catalogue(settings: environment.Catalogue) -> PostgresCatalogue:
    """The catalogue, for the function's own role: its password is a token that IAM vouches for, for 15 minutes."""
    target = Target(
        host=settings.database_host,
        port=settings.database_port,
        name=settings.database_name,
        user=settings.database_user,
    )

    def open_connection() -> Connection:
        token = client("rds").generate_db_auth_token(DBHostname=target.host, Port=target.port, DBUsername=target.user)
        return connect(target, token, application="penstock-catalogue")

    return PostgresCatalogue(open_connection)
