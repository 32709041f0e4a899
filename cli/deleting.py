"""Deletes files with all their versions: notes the wish as the API does, and the platform does the rest (ADR 15)."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cli.boards import Board
from cli.following import Progress, follow
from cli.platform import Platform
from cli.pools import pool
from cli.problems import Code, Problem, explain
from runtime.adapters.deletions import DynamoRegister
from runtime.adapters.files import DynamoFiles
from runtime.domain import deletions
from runtime.domain.errors import Transient
from runtime.domain.file_lists import Item
from runtime.domain.refusals import Conflict

AT_ONCE = 8
_NEEDED = "deletion_queue_url"
_EXPECTED = (Problem, Conflict, Transient, BotoCoreError, ClientError)
_KINDS = {Conflict: Code.USAGE, Transient: Code.UNEXPECTED}


@dataclass(frozen=True, kw_only=True, slots=True)
class Gone:
    """What became of a file. `state` is "deleted", "deleting" (nobody waited), "timed out" or "not deleted"; then
    `problem` says why.
    """

    name: str
    state: str
    problem: Problem | None = None

    @property
    def code(self) -> Code:
        """The exit status for this file alone."""
        if self.problem is not None:
            return self.problem.code
        return Code.TIMED_OUT if self.state == "timed out" else Code.FINE

    def as_json(self) -> dict[str, Any]:
        """All of it, for programs."""
        made = {"name": self.name, "state": self.state}
        return made if self.problem is None else {**made, "error": str(self.problem)}


def delete(platform: Platform, names: Sequence[str], board: Board, *, wait: bool = True, seconds: float) -> list[Gone]:
    """Deletes files, a few at a time, and waits for all, in their order. `seconds` are counted for each.

    Raises `Problem` when the stack deletes nothing.
    """
    if _NEEDED not in platform.outputs:
        raise Problem(Code.USAGE, f"{platform.name} lets no file be deleted: its setting api.deletes is off")
    by = str(platform.client("sts").get_caller_identity()["Arn"])
    stop = threading.Event()
    with pool(AT_ONCE, "delete", stop=stop) as askers:
        return list(askers.map(lambda name: _file(platform, name, by, board, wait, seconds, stop), names))


def _file(
    platform: Platform, name: str, by: str, board: Board, wait: bool, seconds: float, stop: threading.Event
) -> Gone:
    try:
        item = _wish(platform, name, by)
        board.moved(name, Progress(state=deletions.DELETING))
        if not wait:
            return Gone(name=name, state=deletions.DELETING)
        end = follow(
            platform,
            name,
            item["VersionId"],
            attempt=item["Attempt"],
            seconds=seconds,
            tell=lambda at: board.moved(name, at),
            stop=stop,
        )
    except _EXPECTED as error:
        board.moved(name, Progress(state="not deleted"))
        code = _KINDS.get(type(error))
        problem = explain(error) if code is None else Problem(code, f"{name}: {error}")
        return Gone(name=name, state="not deleted", problem=problem)
    return Gone(name=name, state="timed out" if end is None else end.state)


def _wish(platform: Platform, name: str, by: str) -> Item:
    """Notes that the file is to be gone, up to the version that is shown; its item says which. Raises `Problem`."""
    database = platform.client("dynamodb")
    files, transactions = platform.output("files_table"), platform.output("transactions_table")
    item = DynamoFiles(database, files=files, transactions=transactions).item(name)
    if item is None or item["State"] == deletions.DELETED:
        raise platform.unknown(name)
    register = DynamoRegister(database, files=files, transactions=transactions, bucket=platform.output("upload_bucket"))
    deletions.ask(item, by, register=register)
    return item
