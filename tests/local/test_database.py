"""The local cloud's PostgreSQL: who gets in, where it listens, and that nothing of it stays."""

import os
import socket
from pathlib import Path
from typing import Any

import psycopg
import pytest

from local.database import Database
from runtime.domain import migrations
from runtime.migrations import FOLDER
from tests.postgres import MASTER, PASSWORD, Postgres, running


def test_its_life() -> None:
    """In one test, because each start takes a second."""
    with running() as postgres:
        database = postgres.database
        folder = Path(_only(postgres.all("SHOW data_directory"))).parent
        with postgres.master() as connection:
            roles = connection.execute("SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user")
            assert roles.fetchone() == (False, True)
            assert int(connection.info.parameter_status("server_version").split(".")[0]) >= 18  # type: ignore[union-attr]
        for user, password in ((MASTER, PASSWORD + "x"), ("postgres", ""), ("nobody", "")):
            with pytest.raises(psycopg.OperationalError):
                postgres.connect(user, password)
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((_other_address(), database.port), 1)
        assert folder.stat().st_mode & 0o077 == 0
        if os.geteuid() == 0:
            assert folder.stat().st_uid != 0

        postgres.migrate()
        database.pause()
        with pytest.raises(psycopg.OperationalError):
            postgres.master()
        database.resume()
        assert postgres.all("SELECT count(*) FROM migrations") == [(len(migrations.read(FOLDER)),)]
    assert not folder.exists()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((database.host, database.port), 1)
    database.stop()


def test_a_database_may_have_an_awkward_name() -> None:
    database = Database(name="some-files", user="the master", password='"; DROP')  # noqa: S106
    try:
        postgres = Postgres(database)
        with postgres.connect("the master", '"; DROP') as connection:
            assert connection.info.dbname == "some-files"
    finally:
        database.stop()


def _only(rows: list[tuple[Any, ...]]) -> str:
    ((value,),) = rows
    return str(value)


def _other_address() -> str:
    """An address of this machine that is no other machine's business, and not the one that is listened on."""
    return "127.0.0.2"
