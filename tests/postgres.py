"""A real PostgreSQL with the catalogue in it, for the tests that need one."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from local.database import Database
from runtime.adapters.catalogue import PostgresCatalogue
from runtime.adapters.owner import Owner
from runtime.adapters.postgres import Target, connect
from runtime.domain import migrations
from runtime.domain.catalogue import READER, WRITER, RowsTable
from runtime.migrations import FOLDER

MASTER, PASSWORD = "penstock_master", "it's a secret"
ORDERS = RowsTable(prefix="orders/", table="orders", columns={"id": "bigint", "name": "text", "paid": "numeric"})


@dataclass(frozen=True)
class Postgres:
    """The server, and ways in by user."""

    database: Database

    def connect(self, user: str, password: str = "") -> psycopg.Connection[Any]:
        target = Target(host=self.database.host, port=self.database.port, name=self.database.name, user=user)
        return connect(target, password, application="tests")

    def master(self) -> psycopg.Connection[Any]:
        return self.connect(MASTER, PASSWORD)

    def reader(self) -> psycopg.Connection[Any]:
        return self.connect(READER)

    def catalogue(self) -> PostgresCatalogue:
        return PostgresCatalogue(lambda: self.connect(WRITER))

    def migrate(self, tables: Sequence[RowsTable] = (ORDERS,)) -> list[str]:
        with self.master() as connection:
            return Owner(connection).migrate(migrations.read(FOLDER), tables)

    def all(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What a superuser sees."""
        with self.database.superuser() as connection:
            connection.execute("SET search_path = catalogue, rows")
            cursor = connection.execute(statement.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def empty(self) -> None:
        """Everything gone but the users, the tables and the migrations."""
        tables = self.all("SELECT format('rows.%I', tablename) FROM pg_tables WHERE schemaname = 'rows'")
        self.all(f"TRUNCATE file_metadata, loaded_rows{''.join(f', {name}' for (name,) in tables)}")


@contextmanager
def running() -> Iterator[Postgres]:
    """A server without the catalogue."""
    database = Database(name="catalogue", user=MASTER, password=PASSWORD)
    try:
        yield Postgres(database)
    finally:
        database.stop()
