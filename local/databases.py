"""The databases of a local cloud, and the server that starts while other things are made."""

import contextlib
import os
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

# Imported where they are needed: most clouds have no database, and its driver costs memory.
if TYPE_CHECKING:
    from local.database import Database, DatabaseServer


# Where a server may have its folder that runs as somebody else, if not among the other temporary files.
_PASSABLE = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108


class DatabaseFailed(Exception):
    """PostgreSQL could not be started; the message has what it said."""


class Databases:
    """All that were opened, in `opened`. Use `close`."""

    def __init__(self) -> None:
        self.opened: list[Database] = []
        self._coming: Future[DatabaseServer] | None = None
        self._cleanup = contextlib.ExitStack()

    def expect(self) -> None:
        """Starts a server beside what is done meanwhile; the next `open` takes it, or raises why there is none."""
        from local.database import DatabaseServer  # noqa: PLC0415

        starter = ThreadPoolExecutor(1, "database")
        self._coming = coming = starter.submit(DatabaseServer)
        starter.shutdown(wait=False)
        self._cleanup.callback(_stop, coming)

    def open(self, name: str, user: str, password: str) -> tuple[str, int]:
        """A PostgreSQL with that database and master user; its host and port. Raises `DatabaseFailed`."""
        from local.database import Database  # noqa: PLC0415

        coming, self._coming = self._coming, None
        database = Database(name=name, user=user, password=password, server=coming.result() if coming else None)
        self._cleanup.callback(database.stop)
        self.opened.append(database)
        return database.host, database.port

    def close(self) -> None:
        """Ends them all; nothing of them stays. May be called twice."""
        self._cleanup.close()
        self.opened.clear()
        self._coming = None


def room() -> Path:
    """Where servers have their folders. PostgreSQL refuses to run as root: whoever it runs as has to get there."""
    usual = Path(tempfile.gettempdir())
    if os.geteuid() != 0:
        return usual
    return next((place for place in (usual, *_PASSABLE) if passable(place)), usual)


def passable(place: Path) -> bool:
    """Whether everybody may go through a folder and all above it."""
    folder = place.resolve()
    return folder.is_dir() and all(one.stat().st_mode & 0o001 for one in (folder, *folder.parents))


def _stop(coming: "Future[DatabaseServer]") -> None:
    if coming.exception() is None:
        coming.result().stop()
