"""What only the owner of the catalogue does: users, schemas, migrations, tables for rows."""

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql

from runtime.adapters.catalogue import FILE_ID, FILE_SETTING, ROWS_SCHEMA, SCHEMA
from runtime.domain.catalogue import OWNER, READER, WRITER, RowsTable
from runtime.domain.migrations import Migration, MigrationError, outstanding

# Members of it get in with a token of IAM's, and with nothing else. RDS makes it.
IAM_LOGIN = "rds_iam"
# Any number will do that nothing else in this database uses.
LOCK = 0x50454E53

_APPLIED = """
CREATE TABLE IF NOT EXISTS migrations (
    number integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""
_COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
"""

Connection = psycopg.Connection[Any]


class Owner:
    """Works on one connection as the database's master user, whose own rights end at making users and schemas."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def migrate(self, migrations: Sequence[Migration], tables: Sequence[RowsTable]) -> list[str]:
        """Brings the database up to date; the names of the migrations that ran. Raises `MigrationError`.

        Two at once wait for each other; each migration is a transaction, so that one which fails leaves nothing.
        """
        # For the session: it ends with it, whatever happens.
        self._connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        with self._connection.transaction():
            self._make_users()
            self._make_schemas()
        with self._connection.transaction():
            self._become_owner()
            self._connection.execute(_APPLIED)
        wanted = outstanding(migrations, self._applied())
        for one in wanted:
            with self._connection.transaction():
                self._become_owner()
                self._connection.execute(one.sql)
                self._connection.execute(
                    "INSERT INTO migrations (number, name, checksum) VALUES (%s, %s, %s)",
                    [one.number, one.name, one.checksum],
                )
        for table in tables:
            with self._connection.transaction():
                self._become_owner()
                self._make_table(table)
        return [one.name for one in wanted]

    def _make_users(self) -> None:
        for role, options in ((OWNER, "NOLOGIN"), (WRITER, "LOGIN"), (READER, "LOGIN")):
            if not self._has_role(role):
                self._run("CREATE ROLE {} " + options, role)
            if role != OWNER and self._has_role(IAM_LOGIN):
                self._run("GRANT {} TO {}", IAM_LOGIN, role)
        # Whoever makes a role may administer it, which is not yet to act as it.
        self._run("GRANT {} TO CURRENT_USER WITH SET TRUE, INHERIT TRUE", OWNER)
        for role in (WRITER, READER):
            self._run("ALTER ROLE {} SET search_path = {}, {}", role, SCHEMA, ROWS_SCHEMA)

    def _make_schemas(self) -> None:
        database = self._connection.info.dbname
        self._run("REVOKE ALL ON DATABASE {} FROM PUBLIC", database)
        self._run("GRANT CONNECT ON DATABASE {} TO {}, {}", database, WRITER, READER)
        for schema in (SCHEMA, ROWS_SCHEMA):
            self._run("CREATE SCHEMA IF NOT EXISTS {} AUTHORIZATION {}", schema, OWNER)
            self._run("GRANT USAGE ON SCHEMA {} TO {}, {}", schema, WRITER, READER)

    def _become_owner(self) -> None:
        """Until the transaction ends."""
        self._run("SET LOCAL ROLE {}", OWNER)
        self._run("SET LOCAL search_path = {}", SCHEMA)

    def _applied(self) -> dict[int, str]:
        with self._connection.transaction():
            self._become_owner()
            found = self._connection.execute("SELECT number, checksum FROM migrations").fetchall()
        return {int(number): str(checksum) for number, checksum in found}

    def _make_table(self, table: RowsTable) -> None:
        """The table as it is declared. It may get more columns; one that is there does not change its type."""
        where = sql.Identifier(ROWS_SCHEMA, table.table)
        columns = [sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in table.columns.items()]
        file_id = sql.SQL("{} bigint NOT NULL DEFAULT current_setting({})::bigint").format(
            sql.Identifier(FILE_ID), sql.Literal(FILE_SETTING)
        )
        self._connection.execute(
            sql.SQL("CREATE TABLE IF NOT EXISTS {} ({})").format(where, sql.SQL(", ").join([*columns, file_id]))
        )
        # A version's rows lie together, so that a few bytes for each megabyte are index enough.
        self._connection.execute(
            sql.SQL("CREATE INDEX IF NOT EXISTS {} ON {} USING brin ({})").format(
                sql.Identifier(f"{table.table}_by_file"), where, sql.Identifier(FILE_ID)
            )
        )
        there = dict(self._connection.execute(_COLUMNS, [f"{ROWS_SCHEMA}.{table.table}"]).fetchall())
        for name, kind in table.columns.items():
            if name not in there:
                self._connection.execute(
                    sql.SQL("ALTER TABLE {} ADD COLUMN {} {}").format(where, sql.Identifier(name), sql.SQL(kind))
                )
            elif there[name] != kind:
                raise MigrationError(
                    f"{table.table}.{name} is {there[name]}; the settings want {kind} (catalogue.rows, or "
                    "tables.declared for its prefix). Choose another table's name, or change the column with a "
                    "migration"
                )
        self._run("GRANT SELECT, INSERT, DELETE ON {} TO {}", where, WRITER)
        self._run("GRANT SELECT ON {} TO {}", where, READER)

    def _has_role(self, role: str) -> bool:
        return self._connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone() is not None

    def _run(self, statement: str, *names: str | sql.Identifier) -> None:
        parts = [sql.Identifier(name) if isinstance(name, str) else name for name in names]
        self._connection.execute(sql.SQL(statement).format(*parts))
