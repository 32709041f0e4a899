"""Keeps the platform up on this machine: starts the local cloud, deploys into it, and leaves nothing behind."""

import contextlib
import errno
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli import front, running, units, view
from cli.problems import Code, Problem
from local.cloud import ROOT_KEY, LocalCloud
from local.databases import DatabaseFailed
from local.deploy import Deployment, DeploymentFailed, deploy, read_config
from local.limits import LIMITS

CATALOGUE = "penstock:catalogue"
WITHOUT_CATALOGUE = {CATALOGUE: json.dumps({"enabled": False})}
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, kw_only=True)
class Serving:
    """A local cloud that runs, and what was deployed into it."""

    cloud: LocalCloud
    deployment: Deployment
    note: running.Running


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Ctrl-C, a polite kill and a closed terminal end the block by `KeyboardInterrupt`, once.

    Signals that follow are let pass, so that an impatient person does not cut the tidying short.
    """
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        if not stopping:
            stopping = True
            raise KeyboardInterrupt

    before = {one: signal.signal(one, stop) for one in _SIGNALS}
    try:
        yield
    finally:
        stopping = True
        for one, handler in before.items():
            signal.signal(one, handler)


@contextlib.contextmanager
def serve(*, port: int = 0, workers: int | None = None, say: Callable[[str], None]) -> Iterator[Serving]:
    """The platform, while the block runs. `say` is told what takes time."""
    say("starting the local cloud")
    wanted = front.settings(say)
    for without in ({}, WITHOUT_CATALOGUE):
        with _started(LocalCloud(port=port, workers=workers), port) as cloud:
            if not without and wants_catalogue():
                cloud.databases.expect()
            say("deploying the program (the first time, the functions' packages are built)")
            try:
                deployment = deploy(cloud, config={**wanted, **without})
            except DeploymentFailed as error:
                if without or not isinstance(error.__cause__, DatabaseFailed):
                    raise
                say(f"no catalogue here, so once more without it: {error.__cause__}")
                continue
            say(f"{deployment.resources} resources deployed in {units.duration(deployment.seconds)}")
            yield Serving(cloud=cloud, deployment=deployment, note=note_of(cloud, deployment))
            return


def wants_catalogue() -> bool:
    """Whether the stack `local` has a catalogue."""
    _, settings = read_config(running.ROOT, "local")
    return bool(json.loads(settings.get(CATALOGUE, "{}")).get("enabled"))


@contextlib.contextmanager
def _started(cloud: LocalCloud, port: int) -> Iterator[LocalCloud]:
    try:
        cloud.start()
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise Problem(Code.USAGE, f"port {port} is in use; choose another --port") from error
    try:
        yield cloud
    finally:
        cloud.stop()


def note_of(cloud: LocalCloud, deployment: Deployment) -> running.Running:
    """What `penstock` must know to find it."""
    return running.Running(
        endpoint=cloud.endpoint,
        region=cloud.region,
        access_key=ROOT_KEY,
        pid=os.getpid(),
        outputs=deployment.outputs,
    )


def wait() -> None:
    """Waits for Ctrl-C, inside of `stoppable`."""
    with contextlib.suppress(KeyboardInterrupt):
        # A wait without a limit would keep some systems from delivering signals.
        while not threading.Event().wait(3600):
            pass


def show_limits(console: Console, deployment: Deployment) -> None:
    """What is not emulated, and what a pass here does not prove: all of it."""
    made = Table(box=None, pad_edge=False, show_header=False)
    made.add_column()
    made.add_column(overflow="fold")
    for line in (*deployment.not_emulated, *LIMITS):
        made.add_row("-", Text(line))
    console.print("What the local cloud does not do:", style="bold")
    console.print(made)


def show_place(console: Console, serving: Serving) -> None:
    """Where everything is."""
    outputs = serving.deployment.outputs
    shown = {name: value for name, value in outputs.items() if name != "api_keys"}
    view.show_pairs(console, {"endpoint": serving.cloud.endpoint, **shown})
    console.print()
    view.show_pairs(console, front.addresses(outputs))
