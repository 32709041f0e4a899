"""Starts again what failed: files as new attempts, and messages that lie among dead letters."""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cli.boards import Board
from cli.following import Progress, follow
from cli.platform import Platform
from cli.pools import pool
from cli.problems import Code, Problem, explain

# Outputs of the stack: where the dead letters of a queue lie, and where they go back to.
QUEUES = {
    "uploads": ("dead_letter_queue_url", "queue_url"),
    "deletions": ("deletion_dead_letter_queue_url", "deletion_queue_url"),
    "catalogue": ("catalogue_dead_letter_queue_url", "catalogue_queue_url"),
}
BATCH = 10
AT_ONCE = 8
# Longer than a batch takes; what was received and not moved is seen again after that.
HIDDEN_SECONDS = 60
FAILED = "failed"
_ENDS = {"succeeded": Code.FINE, "rejected": Code.REJECTED, FAILED: Code.FAILED, "timed out": Code.TIMED_OUT}
_WHY_NOT = {"unknown": Code.NOT_FOUND, "refused": Code.USAGE}


@dataclass(frozen=True, kw_only=True, slots=True)
class Moved:
    """What became of a queue's dead letters: how many went back, and what the queue would not take."""

    queue: str
    moved: int
    refused: int

    @property
    def code(self) -> Code:
        """The exit status for this queue alone."""
        return Code.UNEXPECTED if self.refused else Code.FINE


@dataclass(frozen=True, kw_only=True, slots=True)
class Again:
    """What became of a file. `state` is that of its new attempt, "started" (nobody waited), "timed out" or "not
    started"; then `problem` says why.
    """

    name: str
    state: str
    version: str = ""
    attempt: int = 0
    run: str = ""
    reason: str | None = None
    problem: Problem | None = None

    @property
    def code(self) -> Code:
        """The exit status for this file alone."""
        return self.problem.code if self.problem else _ENDS.get(self.state, Code.FINE)

    def as_json(self) -> dict[str, Any]:
        """All of it, for programs."""
        made: dict[str, Any] = {"name": self.name, "state": self.state}
        if self.problem:
            return {**made, "error": str(self.problem)}
        made |= {"version": self.version, "attempt": self.attempt, "run": self.run}
        return made if self.reason is None else {**made, "reason": self.reason}


def dead_letters(platform: Platform, queue: str, board: Board) -> Moved:
    """Sends the dead letters of a queue back into it, those that lie there now.

    A message leaves only when the queue has it, so one that is met twice goes back twice: whoever reads these queues
    does the same thing once. One that fails again while this goes on stays.
    """
    source, target = (platform.output(output) for output in _outputs(platform, queue))
    sqs = platform.client("sqs")
    began = _time_there(sqs.get_queue_attributes(QueueUrl=source, AttributeNames=["QueueArn"]))
    moved = refused = 0
    while messages := _receive(sqs, source):
        old = [one for one in messages if int(one["Attributes"]["SentTimestamp"]) <= began]
        went = _send(sqs, target, old)
        if went:
            _delete(sqs, source, went)
        moved, refused = moved + len(went), refused + len(old) - len(went)
        board.moved(queue, Progress(state=f"{moved} sent back"))
        if not old:
            break
    return Moved(queue=queue, moved=moved, refused=refused)


def _time_there(answer: Any) -> float:
    """Milliseconds, at the end of the second in which AWS answered: this machine's clock may be another."""
    return (parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]).timestamp() + 1) * 1000


def _outputs(platform: Platform, queue: str) -> tuple[str, str]:
    found = QUEUES[queue]
    if any(output not in platform.outputs for output in found):
        raise Problem(Code.NOT_FOUND, f"{platform.name} has no {queue}, and no dead letters of it")
    return found


def _receive(sqs: Any, source: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sqs.receive_message(
        QueueUrl=source,
        MaxNumberOfMessages=BATCH,
        VisibilityTimeout=HIDDEN_SECONDS,
        # An empty answer means that there is nothing: all of the queue is asked, not some of its servers.
        WaitTimeSeconds=1,
        AttributeNames=["SentTimestamp"],
        MessageAttributeNames=["All"],
    ).get("Messages", [])
    return found


def _send(sqs: Any, target: str, messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The messages that the queue has taken."""
    if not messages:
        return []
    entries = [
        {
            "Id": str(n),
            "MessageBody": one["Body"],
            **({"MessageAttributes": one["MessageAttributes"]} if one.get("MessageAttributes") else {}),
        }
        for n, one in enumerate(messages)
    ]
    answer = sqs.send_message_batch(QueueUrl=target, Entries=entries)
    return [messages[int(one["Id"])] for one in answer.get("Successful", [])]


def _delete(sqs: Any, source: str, messages: Sequence[dict[str, Any]]) -> None:
    entries = [{"Id": str(n), "ReceiptHandle": one["ReceiptHandle"]} for n, one in enumerate(messages)]
    sqs.delete_message_batch(QueueUrl=source, Entries=entries)


def failed_names(platform: Platform) -> list[str]:
    """All files whose newest version has failed."""
    return sorted(one.name for one in platform.files() if one.state == FAILED)


def files(
    platform: Platform,
    names: Sequence[str],
    board: Board,
    *,
    version: str | None = None,
    wait: bool = True,
    seconds: float,
) -> list[Again]:
    """Starts files again, a few at a time, and waits for all, in their order. `seconds` are counted for each."""
    stop = threading.Event()
    with pool(AT_ONCE, "redrive", stop=stop) as starters:
        return list(starters.map(lambda name: _file(platform, name, version, board, wait, seconds, stop), names))


def _file(
    platform: Platform, name: str, version: str | None, board: Board, wait: bool, seconds: float, stop: threading.Event
) -> Again:
    try:
        again = _start(platform, name, version)
        board.moved(name, Progress(state="started"))
        if not wait:
            return again
        end = follow(
            platform,
            name,
            again.version,
            attempt=again.attempt,
            seconds=seconds,
            tell=lambda at: board.moved(name, at),
            stop=stop,
        )
    except (Problem, BotoCoreError, ClientError) as error:
        board.moved(name, Progress(state="not started"))
        return Again(name=name, state="not started", problem=explain(error))
    state, reason = ("timed out", None) if end is None else (end.state, end.reason)
    return Again(name=name, state=state, version=again.version, attempt=again.attempt, run=again.run, reason=reason)


def _start(platform: Platform, name: str, version: str | None) -> Again:
    """Raises `Problem` when it cannot be started again."""
    payload = json.dumps({"name": name, "version": version}).encode()
    answer = platform.client("lambda").invoke(FunctionName=platform.output("redrive_function"), Payload=payload)
    said = json.loads(answer["Payload"].read())
    if answer.get("FunctionError"):
        raise Problem(Code.UNEXPECTED, f"{name}: it could not be started again: {said.get('errorMessage', said)}")
    if "error" in said:
        raise Problem(_WHY_NOT.get(said["code"], Code.UNEXPECTED), said["error"])
    return Again(name=name, state="started", version=said["version"], attempt=said["attempt"], run=said["run"])
