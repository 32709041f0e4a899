"""Runs the platform's own `__main__.py` against the local cloud, in this process and without the Pulumi engine.

Pulumi's Python runtime asks its *monitor* to register each resource; here the monitor makes the resource with boto3
and answers with its real outputs. What is not checked this way (the provider's own validation, diffs, deletion) is
what the engine is for.
"""

import asyncio
import contextlib
import json
import logging
import runpy
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import yaml
from botocore.exceptions import ClientError
from pulumi.runtime import mocks, rpc
from pulumi.runtime.settings import get_root_resource
from pulumi.runtime.stack import run_pulumi_func

from local.resources import create
from local.resources.base import Cloud, arn
from local.resources.skipped import NOT_EMULATED

ROOT = Path(__file__).resolve().parent.parent
# Kept on purpose: older providers, as the engine's check has one, know no key_schema.
_OLD_SPELLING = ("hash_key is deprecated", "range_key is deprecated")
_log = logging.getLogger(__name__)
_log.addFilter(lambda record: not record.getMessage().startswith(_OLD_SPELLING))


class DeploymentFailed(Exception):
    """The program could not be deployed; the message names the resource, its type and what went wrong."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource as the program sees it; `state` has inputs and outputs, in camelCase, secrets among them."""

    token: str
    name: str
    id: str
    state: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """What came out of a deployment.

    `outputs` are the stack's exports, `not_emulated` one line "TYPE: reason" for each type that the program uses and
    the local cloud does not make, `resources` how many were made, `seconds` how long it all took.
    """

    outputs: dict[str, Any] = field(repr=False)
    states: list[Resource] = field(repr=False)
    not_emulated: list[str]
    resources: int
    seconds: float


def deploy(
    cloud: Cloud,
    *,
    stack: str = "local",
    root: Path = ROOT,
    config: Mapping[str, str] | None = None,
    name: str | None = None,
) -> Deployment:
    """Deploys the program in `root` with the settings of `Pulumi.<stack>.yaml`, changed by `config`, into `cloud`.

    The stack is called `name`, or else as in its file. Nothing is updated, everything is made, so the cloud must not
    have one of the same name. Raises `DeploymentFailed`, or what the
    program itself raised.
    """
    started = time.monotonic()
    project, settings = read_config(root, stack)
    settings.update(config or {})
    monitor = _Creator(cloud, root, settings)
    try:
        outputs = run(
            monitor,
            project=project,
            settings=settings,
            stack=name or stack,
            root=root,
            interrupted=monitor.stop,
        )
    except Exception as error:
        # Resources that were waiting fail as well, and Pulumi reports whichever comes last.
        first = monitor.failure or error
        raise first from first.__cause__
    skipped = {one.token for one in monitor.states} & NOT_EMULATED.keys()
    return Deployment(
        outputs=outputs,
        states=monitor.states,
        not_emulated=[f"{token}: {NOT_EMULATED[token].reason}" for token in sorted(skipped)],
        resources=sum(one.token not in NOT_EMULATED for one in monitor.states),
        seconds=time.monotonic() - started,
    )


def run(
    monitor: mocks.Mocks,
    *,
    project: str,
    settings: Mapping[str, str],
    stack: str,
    root: Path = ROOT,
    interrupted: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Runs the program in `root`, with whoever answers its registrations; its exports come back.

    `interrupted` is called when this thread is, so that the monitor makes no more; what the program raises is raised.
    """
    result: list[dict[str, Any]] = []
    failure: list[BaseException] = []

    def work() -> None:
        # Pulumi keeps its state in context variables, and a new thread begins with none of them: two deployments, or
        # a deployment and a test with other mocks, never meet.
        try:
            pulumi.runtime.reset_options(project=project, stack=stack, root_directory=str(root), preview=False)
            pulumi.runtime.set_all_config(dict(settings))
            with contextlib.closing(asyncio.new_event_loop()) as helper:
                result.append(asyncio.run(_run(monitor, project, stack, root, helper)))
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=work, name="deploy")
    thread.start()
    try:
        thread.join()
    except BaseException:
        interrupted()
        thread.join()
        raise
    if failure:
        raise failure[0]
    return result[0]


def read_config(root: Path, stack: str, file: Path | None = None) -> tuple[str, dict[str, str]]:
    """The project's name, and its configuration for `stack` as the engine would hand it over: all text, maps as JSON.

    `file` is the stack's where that is not `Pulumi.<stack>.yaml`. Raises `DeploymentFailed` when one is missing or a
    value is encrypted, because only the engine can read that.
    """
    paths = [root / "Pulumi.yaml", file or root / f"Pulumi.{stack}.yaml"]
    if missing := [path.name for path in paths if not path.is_file()]:
        raise DeploymentFailed(f"{' and '.join(missing)} not found in {root}")
    project, overlay = (yaml.safe_load(path.read_text()) or {} for path in paths)
    name = project["name"]
    found: dict[str, str] = {}
    for key, value in (overlay.get("config") or {}).items():
        if isinstance(value, dict) and set(value) == {"secure"}:
            raise DeploymentFailed(f"{key} in Pulumi.{stack}.yaml is encrypted; the local cloud cannot read it")
        found[key if ":" in key else f"{name}:{key}"] = value if isinstance(value, str) else json.dumps(value)
    return name, found


def plain(value: Any) -> Any:
    """Without secrets' wrappings, and with whole numbers as ints: on the wire every number is a float."""
    if rpc.is_rpc_secret(value):
        return plain(rpc.unwrap_rpc_secret(value))
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


async def _run(
    monitor: mocks.Mocks, project: str, stack: str, root: Path, helper: asyncio.AbstractEventLoop
) -> dict[str, Any]:
    """`helper` is the event loop of the thread where resources are made; Pulumi would leave its own open."""
    # One thread: resources are made in the order in which they become ready, the same on every run.
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(1, "deploy", asyncio.set_event_loop, (helper,)))
    loop.set_exception_handler(_quiet_about_failures)
    mocks.set_mocks(monitor, project=project, stack=stack, preview=False, logger=_log)
    await run_pulumi_func(lambda: _program(root))
    exports = getattr(get_root_resource(), "outputs", {})
    resolved = await pulumi.Output.from_input(exports).future()
    return {name: plain(value) for name, value in (resolved or {}).items()}


def _quiet_about_failures(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """The first failure is raised; those of everything that waited for it would be printed when they are forgotten."""
    if not isinstance(context.get("exception"), DeploymentFailed):
        loop.default_exception_handler(context)


def _program(root: Path) -> None:
    """Runs `__main__.py` with its own folder first on the path, as Pulumi's launcher does."""
    sys.path.insert(0, str(root))
    try:
        runpy.run_path(str(root / "__main__.py"), run_name="__main__")
    finally:
        sys.path.remove(str(root))


class _Creator(mocks.Mocks):
    """Answers Pulumi's registrations by making the resources."""

    def __init__(self, cloud: Cloud, root: Path, config: Mapping[str, str]) -> None:
        self._cloud = cloud
        self._root = root
        self._tags = {"": json.loads(config.get("aws:defaultTags", "{}")).get("tags", {})}
        self.failure: DeploymentFailed | None = None
        self.states: list[Resource] = []

    def stop(self) -> None:
        """No resource is made any more."""
        self.failure = DeploymentFailed("interrupted")

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if self.failure:
            raise DeploymentFailed("stopped after an earlier failure")
        if not args.custom:
            return args.name, {}
        secret = {key for key, value in args.inputs.items() if _has_secret(value)}
        inputs = self._absolute(plain(args.inputs))
        if args.typ == "pulumi:providers:aws":
            self._tags[args.name] = json.loads(inputs.get("defaultTags", "{}")).get("tags", {})
            return args.name, inputs
        tags = self._tags.get((args.provider or "").rpartition("::")[2], self._tags[""])
        try:
            made_id, state = create(self._cloud, args.typ, args.name, inputs, tags)
        except Exception as error:
            self.failure = _failure(f"{args.typ} {args.name!r}", error, secret=bool(secret))
            raise self.failure from (None if secret else error)
        self.states.append(Resource(token=args.typ, name=args.name, id=made_id, state=state))
        return made_id, {key: rpc.wrap_rpc_secret(value) if key in secret else value for key, value in state.items()}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        region, account = self._cloud.region, self._cloud.account
        answers: dict[str, dict[str, Any]] = {
            "aws:index/getCallerIdentity:getCallerIdentity": {
                "accountId": account,
                "arn": arn(self._cloud, "iam", "root", region=False),
                "id": account,
                "userId": account,
            },
            "aws:index/getRegion:getRegion": {
                "id": region,
                "name": region,
                "region": region,
                "description": "the local cloud",
                "endpoint": f"ec2.{region}.amazonaws.com",
            },
            "aws:index/getPartition:getPartition": {
                "id": "aws",
                "partition": "aws",
                "dnsSuffix": "amazonaws.com",
                "reverseDnsPrefix": "com.amazonaws",
            },
            "aws:index/getAvailabilityZones:getAvailabilityZones": {
                "id": region,
                "names": [f"{region}{letter}" for letter in "abc"],
                "zoneIds": [f"use1-az{number}" for number in (1, 2, 3)],
                "groupNames": [region],
            },
        }
        if args.token not in answers:
            raise DeploymentFailed(f"{args.token}: the local cloud does not answer this invoke (local/deploy.py)")
        return answers[args.token], []

    def _absolute(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Paths of archives and files are relative to the project's folder, as they are for the engine."""
        return {
            key: type(value)(str(self._root / value.path))
            if isinstance(value, pulumi.FileArchive | pulumi.FileAsset)
            else value
            for key, value in inputs.items()
        }


def _has_secret(value: Any) -> bool:
    if rpc.is_rpc_secret(value):
        return True
    if isinstance(value, dict):
        return any(map(_has_secret, value.values()))
    return isinstance(value, list) and any(map(_has_secret, value))


def _failure(what: str, error: Exception, *, secret: bool) -> DeploymentFailed:
    """The SDK's messages quote what they were given, and tracebacks show it: not so when there are secrets in it."""
    if not secret:
        return DeploymentFailed(f"{what}: {type(error).__name__}: {error}")
    if isinstance(error, ClientError):
        return DeploymentFailed(f"{what}: {error.operation_name}: {error.response['Error'].get('Code')}")
    return DeploymentFailed(f"{what}: {type(error).__name__}; it has secret inputs, so no more is said")
