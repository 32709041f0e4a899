"""Which migrations a database still needs; refuses a history that is not the files'."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")


class MigrationError(Exception):
    """The files, or they and the database, contradict each other."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Migration:
    """One file; `checksum` is the SHA-256 of its bytes."""

    number: int
    name: str
    sql: str
    checksum: str


def read(folder: Path) -> list[Migration]:
    """The migrations of a folder, numbered from 1 without a gap. Raises `MigrationError`."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        named = _NAME.fullmatch(path.name)
        if named is None:
            raise MigrationError(f"{path.name}: a migration is named like 0001_what_it_does.sql")
        text = path.read_bytes()
        found.append(
            Migration(
                number=int(named[1]), name=path.stem, sql=text.decode(), checksum=hashlib.sha256(text).hexdigest()
            )
        )
    if [one.number for one in found] != list(range(1, len(found) + 1)):
        raise MigrationError(f"migrations are not numbered from 1 on: {', '.join(one.name for one in found)}")
    return found


def outstanding(known: Sequence[Migration], applied: Mapping[int, str]) -> list[Migration]:
    """What is still to run, given number and checksum of what has been.

    A database may be ahead of the files, after a deployment of an older commit: migrations only add. Raises
    `MigrationError` for a file that was changed after it had run, and for one that was put in before others.
    """
    for one in known:
        if one.number in applied and applied[one.number] != one.checksum:
            raise MigrationError(f"{one.name} was changed after it had run; put the change into a new migration")
    wanted = [one for one in known if one.number not in applied]
    if wanted and applied and wanted[0].number < max(applied):
        raise MigrationError(f"{wanted[0].name} has not run, but number {max(applied)} has")
    return wanted


def digest(known: Sequence[Migration]) -> str:
    """Changes when a migration is added."""
    return hashlib.sha256("".join(one.checksum for one in known).encode()).hexdigest()
