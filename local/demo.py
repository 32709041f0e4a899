"""The real thing on this machine, once through: `make demo`.

Starts the local cloud, deploys the program, uploads real files of every kind, follows them, downloads every result
through its signed link and verifies it. With ONCE=1 it exits then, with 0 only if everything held; otherwise it stays
up until Ctrl-C. SEED chooses the files, SCALE makes them larger or smaller.
"""

import json
import os
import resource
import sys
import tempfile
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from cli import boards, putting, running, serving, units, view
from cli.options import console as make_console
from cli.platform import Link, Platform, local
from cli.problems import Code, Problem, explain
from cli.putting import Job, Outcome
from cli.serving import Serving
from local import catalogued, checks, front_checks, unpacked
from local.checks import Check, Notice
from local.samples import SAMPLES, write
from local.unpacked import Uploaded

PATIENCE_SECONDS = 600.0
NOTICE_SECONDS = 20.0
VERIFIERS = 2


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the environment says."""

    once: bool
    seed: int
    scale: float

    @classmethod
    def read(cls) -> "Settings":
        """From ONCE, SEED and SCALE. Raises `Problem` (USAGE) for what is no number."""
        try:
            seed, scale = int(os.environ.get("SEED") or 7), float(os.environ.get("SCALE") or 1)
        except ValueError:
            raise Problem(Code.USAGE, "SEED must be a whole number and SCALE a number") from None
        if not 0 < scale <= 100:
            raise Problem(Code.USAGE, "SCALE must be more than 0 and at most 100")
        return cls(once=os.environ.get("ONCE", "") not in ("", "0"), seed=seed, scale=scale)


class Subscriber:
    """A queue that listens to the platform's notifications, as a program of its users would."""

    def __init__(self, serving: Serving) -> None:
        self._sqs, sns = serving.cloud.client("sqs"), serving.cloud.client("sns")
        topic = serving.deployment.outputs["notifications_topic_arn"]
        self._url = self._sqs.create_queue(QueueName="demo-notifications")["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        allow = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        self._sqs.set_queue_attributes(QueueUrl=self._url, Attributes={"Policy": policy})
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def notices(self, count: int) -> list[Notice]:
        """What has come; waits for `count` of them, but not for ever."""
        found: list[Notice] = []
        until = time.monotonic() + NOTICE_SECONDS
        while len(found) < count and time.monotonic() < until:
            answer = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            for message in answer.get("Messages", []):
                body = json.loads(message["Body"])
                found.append(Notice.of(body["Message"], body["MessageAttributes"]["state"]["Value"]))
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return found


def main() -> int:
    """The demo; returns the exit status."""
    console = make_console()
    try:
        settings = Settings.read()
        if not settings.once:
            running.refuse_second()
        with serving.stoppable():
            return _run(settings, console)
    except (Exception, KeyboardInterrupt) as error:
        problem = explain(error)
        if problem.code == Code.UNEXPECTED:
            traceback.print_exc()
        console.print(f"demo: {problem}", style="red", markup=False, soft_wrap=True)
        return int(problem.code)


def _run(settings: Settings, console: Console) -> int:
    started = time.monotonic()

    def say(text: str) -> None:
        console.print(f"{time.monotonic() - started:6.1f} s  {text}", markup=False, soft_wrap=True)

    with serving.serve(say=say) as served, tempfile.TemporaryDirectory(prefix="penstock-demo-") as name:
        folder = Path(name)
        say(f"making {len(SAMPLES)} files from seed {settings.seed}")
        paths = [
            write(sample, folder, number=number, seed=settings.seed, scale=settings.scale)
            for number, sample in enumerate(SAMPLES)
        ]
        platform, subscriber = local(served.note), Subscriber(served)
        say(f"uploading {units.size(sum(path.stat().st_size for path in paths))}")
        with boards.board(console, lines_since=started) as board:
            jobs = [Job(path=path, name=one.name, label=one.shown) for one, path in zip(SAMPLES, paths, strict=True)]
            outcomes = putting.put(platform, jobs, board, seconds=PATIENCE_SECONDS)
            uploaded = [
                Uploaded(sample=sample, path=path, outcome=outcome)
                for sample, path, outcome in zip(SAMPLES, paths, outcomes, strict=True)
            ]
            archives = [one for one in uploaded if one.sample.members]
            members = unpacked.wait(platform, archives, board, folder, seconds=PATIENCE_SECONDS)
        uploaded += members
        notices = subscriber.notices(len(uploaded))
        uploaded = [replace(one, outcome=replace(one.outcome, link=_link(one.outcome, notices))) for one in uploaded]
        outcomes = [one.outcome for one in uploaded]
        console.print()
        view.show_outcomes(console, outcomes)
        console.print()
        say("verifying: every link is followed, every byte checked")
        held = [unpacked.check(one, members) for one in archives]
        held += _verify(served, platform, uploaded, notices, folder)
        held += _catalogue(console, served, outcomes)
        held += front_checks.checks(served, folder)
        _show_checks(console, held)
        _show_resources(console, served)
        serving.show_limits(console, served.deployment)
        broken = [check for check in held if not check.holds]
        say(f"{len(held) - len(broken)} of {len(held)} checks hold")
        for check in broken:
            console.print(f"FAILED  {check.text}", style="red", markup=False, soft_wrap=True)
        if not settings.once:
            _stay(console, served)
        return int(Code.UNEXPECTED if broken else Code.FINE)


def _link(outcome: Outcome, notices: list[Notice]) -> Link | None:
    """The link to this version: a fresh one, or that of its notification when a newer version has taken its place."""
    record = outcome.record
    if outcome.link is not None or record is None or record.archive_sha256 is None:
        return outcome.link
    for notice in notices:
        if notice.version == outcome.version and notice.link is not None:
            return Link(url=notice.link, expires="", sha256=record.archive_sha256, size=record.archive_bytes or 0)
    return None


def _verify(
    served: Serving, platform: Platform, uploaded: list[Uploaded], notices: list[Notice], folder: Path
) -> list[Check]:
    def one(upload: Uploaded) -> list[Check]:
        sample, outcome = upload.sample, upload.outcome
        held = list(checks.ended(sample, outcome, notices))
        if outcome.link is not None:
            held += checks.delivered(sample, upload.path, outcome, outcome.link, folder)
        elif sample.must_end == "succeeded":
            held.append(Check(text=f"{sample.shown}: there is no link", holds=False))
        return held

    with ThreadPoolExecutor(VERIFIERS) as pool:
        held = [check for found in pool.map(one, uploaded) for check in found]
    outcomes = [upload.outcome for upload in uploaded]
    signed = [outcome.link for outcome in outcomes if outcome.link is not None]
    keys = [one.record.archive_key for one in outcomes if one.record is not None and one.record.archive_key]
    if len(keys) > 1:
        smallest = min(signed, key=lambda link: link.size)
        secret = served.cloud.client("secretsmanager").get_secret_value(SecretId=platform.output("signing_secret_arn"))
        held += checks.refused(
            smallest.url,
            other_key=next(key for key in keys if key not in smallest.url),
            secret=secret["SecretString"],
            outputs=served.deployment.outputs,
        )
    return held


def _catalogue(console: Console, served: Serving, outcomes: list[Outcome]) -> list[Check]:
    outputs = served.deployment.outputs
    if "catalogue_host" not in outputs:
        return []
    rows = catalogued.read(outputs, outcomes)
    catalogued.show(console, outputs, rows)
    return list(catalogued.checks(rows, outcomes))


def _show_checks(console: Console, held: list[Check]) -> None:
    for check in held:
        console.print(
            f"  {'ok' if check.holds else 'FAILED':6}  {check.text}",
            style="" if check.holds else "red",
            markup=False,
            soft_wrap=True,
        )


def _show_resources(console: Console, served: Serving) -> None:
    pool, stats = served.cloud.pool, served.cloud.pool.stats()
    used = view.table("function", "peak memory", "of", "processes started", right=("peak memory", "of"))
    for state in _functions(served):
        if peak := pool.peak_memory(state["name"]):
            used.add_row(
                state["name"], f"{peak:.0f} MiB", f"{state['memorySize']} MiB", str(pool.cold_starts(state["name"]))
            )
    console.print()
    console.print(used)
    # Linux counts in KiB, macOS in bytes.
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
    console.print(
        f"At most {stats.peak_processes} processes at once, {stats.cold_starts} started in all; this one, with "
        f"the cloud and the demo in it, used {own:.0f} MiB.\n"
    )


def _functions(served: Serving) -> list[dict[str, Any]]:
    token = "aws:lambda/function:Function"  # noqa: S105 - a type of resource
    return [one.state for one in served.deployment.states if one.token == token]


def _stay(console: Console, served: Serving) -> None:
    with running.published(served.note):
        serving.show_place(console, served)
        console.print(
            "\nIt stays up until Ctrl-C. In another terminal, in this folder:\n"
            "  . .venv/bin/activate\n"
            "  penstock ls\n"
            "  penstock status orders-large.csv\n"
            "  penstock get cookbook.json\n"
            "  penstock generate csv --size 20MB --seed 1 --bad-every 100 -o mine.csv\n"
            "  penstock put mine.csv\n",
            markup=False,
            soft_wrap=True,
        )
        serving.wait()


if __name__ == "__main__":
    sys.exit(main())
