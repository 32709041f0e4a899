"""Uploads many files and waits for what becomes of each version."""

import contextlib
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from cli import transfer
from cli.boards import Board
from cli.following import Progress, follow
from cli.platform import Link, Platform
from cli.pools import pool
from cli.problems import Code, Problem, explain
from cli.records import Record

UPLOADS_AT_ONCE = 4
WAITING_AT_ONCE = 32
NAME_MOST_BYTES = 1024
# What happens to one file alone; anything else is a fault of ours and ends the command.
_EXPECTED = (Problem, OSError, BotoCoreError, ClientError)


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """A file to upload under a name; `label` tells it from others on the screen."""

    path: Path
    name: str
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of a job. `state` is the ledger's, "uploaded" (nobody waited), "timed out", "not uploaded" or
    "unknown" (it could not be asked).

    `seconds` is from the end of the upload to the result as it was seen from here. `problem` says why there is
    nothing to tell of the file; `link` is None also when a newer version of the name is shown by now.
    """

    job: Job
    state: str
    size: int = 0
    version: str | None = None
    upload_seconds: float = 0.0
    seconds: float | None = None
    record: Record | None = None
    link: Link | None = None
    problem: Problem | None = None

    @property
    def code(self) -> Code:
        """The exit status for this file alone."""
        if self.problem is not None:
            return self.problem.code
        codes = {
            "rejected": Code.REJECTED,
            "failed": Code.FAILED,
            "deleted": Code.NOT_FOUND,
            "timed out": Code.TIMED_OUT,
        }
        return codes.get(self.state, Code.FINE)

    @property
    def reason(self) -> str | None:
        """Why there is no result, in one sentence."""
        if self.problem is not None:
            return str(self.problem)
        if self.state == "timed out":
            return "it has not ended yet; `penstock status` shows how far it is"
        if self.state == "deleted":
            return "somebody has deleted it meanwhile"
        return self.record.reason if self.record else None


_GRAVEST = (Code.UNREACHABLE, Code.UNEXPECTED, Code.USAGE, Code.NOT_FOUND, Code.FAILED, Code.TIMED_OUT, Code.REJECTED)


class Coded(Protocol):
    """Something that has an exit status of its own."""

    @property
    def code(self) -> Code: ...


def gravest(outcomes: Iterable[Coded]) -> Code:
    """One exit status for all."""
    codes = {outcome.code for outcome in outcomes}
    return next((code for code in _GRAVEST if code in codes), Code.FINE)


def jobs_for(paths: Sequence[Path], *, prefix: str = "", name: str | None = None) -> list[Job]:
    """Files, and all files in folders (named from the folder on). Raises `Problem` (USAGE) before anything is sent."""
    found = [one for path in paths for one in _files(path)]
    if not found:
        raise Problem(Code.USAGE, "there are no files in " + ", ".join(map(str, paths)))
    if name is not None:
        if len(found) != 1:
            raise Problem(Code.USAGE, f"--name is for one file; here are {len(found)}")
        found = [(found[0][0], name)]
    jobs = [Job(path=path, name=prefix + key, label=prefix + key) for path, key in found]
    names: dict[str, Path] = {}
    for job in jobs:
        if not job.name.strip("/") or job.name.endswith("/") or len(job.name.encode()) > NAME_MOST_BYTES:
            raise Problem(Code.USAGE, f"{job.name!r} cannot be a name: 1 to {NAME_MOST_BYTES} bytes, no / at the end")
        if job.name in names:
            raise Problem(Code.USAGE, f"{names[job.name]} and {job.path} would both be named {job.name}")
        names[job.name] = job.path
    return jobs


def _files(path: Path) -> Iterator[tuple[Path, str]]:
    if path.is_dir():
        top = path.resolve().parent
        for one in sorted(path.resolve().rglob("*")):
            if one.is_file():
                yield one, PurePosixPath(one.relative_to(top)).as_posix()
    elif path.is_file():
        yield path, path.name
    else:
        raise Problem(Code.USAGE, f"{path}: there is no such file")


def put(platform: Platform, jobs: Sequence[Job], board: Board, *, wait: bool = True, seconds: float) -> list[Outcome]:
    """Uploads a few at a time, waits for all, in the order of `jobs`. `seconds` are counted from each one's upload."""
    stop = threading.Event()
    bucket, s3 = platform.output("upload_bucket"), platform.client("s3")
    with contextlib.ExitStack() as stack:
        senders = stack.enter_context(pool(UPLOADS_AT_ONCE, "send"))
        waiters = stack.enter_context(pool(WAITING_AT_ONCE, "wait"))
        # Called first when this ends early: who waits lets go, and what has not begun never does.
        stack.callback(stop.set)

        def send(job: Job) -> Future[Outcome] | Outcome:
            started = time.monotonic()
            try:
                uploaded = _send(s3, bucket, job, board, stop)
            except _EXPECTED as error:
                if not stop.is_set():
                    board.moved(job.label, Progress(state="not uploaded"))
                return Outcome(job=job, state="not uploaded", problem=explain(error))
            ended = time.monotonic()
            made = Outcome(
                job=job,
                state="uploaded",
                size=uploaded.size,
                version=uploaded.version,
                upload_seconds=ended - started,
            )
            board.moved(job.label, Progress(state="uploaded"))
            return waiters.submit(_await, platform, made, board, stop, ended, seconds) if wait else made

        sent = [senders.submit(send, job) for job in jobs]
        outcomes = [one.result() for one in sent]
        return [one.result() if isinstance(one, Future) else one for one in outcomes]


def wait(platform: Platform, uploaded: Sequence[Outcome], board: Board, *, seconds: float) -> list[Outcome]:
    """What becomes of versions that are there already, in the same order. `seconds` are counted from now."""
    stop, now = threading.Event(), time.monotonic()
    with contextlib.ExitStack() as stack:
        waiters = stack.enter_context(pool(WAITING_AT_ONCE, "wait"))
        stack.callback(stop.set)
        waiting = [waiters.submit(_await, platform, made, board, stop, now, seconds) for made in uploaded]
        return [one.result() for one in waiting]


def _send(s3: Any, bucket: str, job: Job, board: Board, stop: threading.Event) -> transfer.Uploaded:
    total, done, lock = job.path.stat().st_size, 0, threading.Lock()
    board.sent(job.label, 0, total)

    def count(more: int) -> None:
        nonlocal done
        if stop.is_set():
            raise Problem(Code.INTERRUPTED, f"{job.path}: the upload was stopped")
        with lock:
            done += more
            board.sent(job.label, done, total)

    return transfer.upload(s3, bucket, job.name, job.path, count=count)


def _await(
    platform: Platform, made: Outcome, board: Board, stop: threading.Event, uploaded_at: float, seconds: float
) -> Outcome:
    name, label, version = made.job.name, made.job.label, made.version or ""
    left = max(uploaded_at + seconds - time.monotonic(), 0.0)
    try:
        end = follow(platform, name, version, seconds=left, tell=lambda at: board.moved(label, at), stop=stop)
        took = time.monotonic() - uploaded_at
        link = link_of(platform, end) if end is not None and end.state == "succeeded" else None
    except _EXPECTED as error:
        board.moved(label, Progress(state="unknown"))
        return replace(made, state="unknown", problem=explain(error))
    if end is None:
        if not stop.is_set():
            board.moved(label, Progress(state="timed out"))
        return replace(made, state="timed out")
    return replace(made, state=end.state, record=end, seconds=took, link=link)


def link_of(platform: Platform, record: Record) -> Link | None:
    """A link to this very version; None when a newer one has taken its place, because links are for the newest."""
    try:
        link = platform.link(record.name)
    except Problem as problem:
        if problem.code in (Code.REJECTED, Code.FAILED, Code.TIMED_OUT):
            return None
        raise
    return link if link.sha256 == record.archive_sha256 else None
