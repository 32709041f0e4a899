"""`make bootstrap`: says what it would do and what is missing, and does it when it is told to (`CONFIRM=yes`)."""

import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from bootstrap.plan import FOLDER, STACK, explanation, planned
from bootstrap.settings import PLACEHOLDER, Settings
from components.settings import SettingsError, read
from local.deploy import ROOT, read_config

HOME = FOLDER / ".state"
"""Where the state is until there is a bucket for it; git does not see it, and `make clean` leaves it."""
MOVED = "backend-url"
NEEDS = """Needs, this once
  the Pulumi CLI
  AWS credentials of an administrator of the account (AWS_PROFILE or what else boto3 finds)"""

Run = Callable[[Sequence[str], Mapping[str, str]], str]
"""Runs the Pulumi CLI with arguments and variables more than it has; what it printed comes back."""


class Failed(Exception):
    """The message is for people."""


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What the command finds: the CLI's path, and the caller's ARN, or None and None."""

    pulumi: str | None
    caller: str | None


def find() -> Machine:
    """This machine."""
    try:
        caller = boto3.client("sts", region_name="us-east-1").get_caller_identity()["Arn"]
    except (BotoCoreError, ClientError):
        caller = None
    return Machine(pulumi=shutil.which("pulumi"), caller=caller)


def missing(settings: Settings, machine: Machine) -> list[str]:
    """What has to be there first, one line each."""
    found: list[str] = []
    if settings.github.owner == PLACEHOLDER:
        found.append(f"bootstrap/Pulumi.{STACK}.yaml: penstock-bootstrap:github.owner still is {PLACEHOLDER}")
    if machine.pulumi is None:
        found.append("the Pulumi CLI is not on the path")
    if machine.caller is None:
        found.append("no AWS credentials that work were found")
    elif not _administers(machine.caller, settings.access.administrators):
        found.append(
            f"{machine.caller} is none of penstock-bootstrap:access.administrators, "
            "and could not read the state that it is about to write"
        )
    return found


def deploy(run: Run, home: Path, known: str | None) -> dict[str, object]:
    """Makes or updates everything; the program's outputs. `known` is the URL of the bucket if there is one already.

    Without it the state begins as a file in `home` and is moved into the bucket at the end; after a failure on the way
    the same command goes on where it stopped.
    """
    marker = home / MOVED
    if known is None and marker.is_file():
        known = marker.read_text().strip()
    if known is not None:
        _up(run, {"PULUMI_BACKEND_URL": known})
        return _outputs(run, {"PULUMI_BACKEND_URL": known})
    home.mkdir(parents=True, exist_ok=True)
    # Nothing in this state is secret.
    first = {"PULUMI_BACKEND_URL": f"file://{home}", "PULUMI_CONFIG_PASSPHRASE": ""}
    run(["stack", "select", "--create", STACK], first)
    _up(run, first)
    outputs = _outputs(run, first)
    move(run, home, first, str(outputs["backend_url"]), str(outputs["bootstrap_secrets_provider"]))
    marker.write_text(f"{outputs['backend_url']}\n")
    return outputs


def move(run: Run, home: Path, first: Mapping[str, str], url: str, provider: str) -> None:
    """Moves the state to the backend `url`, and sees that nothing was lost on the way."""
    exported = home / f"{STACK}.json"
    then = {**first, "PULUMI_BACKEND_URL": url}
    run(["stack", "export", "--stack", STACK, "--show-secrets", "--file", str(exported)], first)
    if STACK not in {one["name"] for one in json.loads(run(["stack", "ls", "--json"], then))}:
        run(["stack", "init", STACK, "--secrets-provider", provider], then)
    run(["stack", "import", "--stack", STACK, "--file", str(exported)], then)
    run(["preview", "--stack", STACK, "--expect-no-changes", "--non-interactive"], then)
    exported.unlink()


def instructions(outputs: Mapping[str, object], stacks: Sequence[str]) -> str:
    """What is left to do by hand: the repository's variables, and each stack's first lines."""
    of = {stack: _map(outputs[stack]) for stack in stacks}
    lines = [
        "Variables of the repository",
        f"  AWS_REGION={outputs['region']}",
        f"  PULUMI_BACKEND_URL={outputs['backend_url']}",
        *(f"  PREVIEW_ROLE_ARN_{_variable(stack)}={of[stack]['preview_role_arn']}" for stack in stacks),
        *(
            line
            for stack in stacks
            for line in (
                f"Variables of its environment {stack}",
                f"  DEPLOY_ROLE_ARN={of[stack]['deploy_role_arn']}",
            )
        ),
        "And once for each stack, in the project's folder, with the changed files committed",
        f"  export PULUMI_BACKEND_URL='{outputs['backend_url']}'",
    ]
    for stack in stacks:
        lines += [
            f"  pulumi stack init {stack} --secrets-provider '{of[stack]['secrets_provider']}'",
            f"  pulumi config set --stack {stack} --path penstock:iam.boundary_arn {of[stack]['boundary_arn']}",
        ]
    return "\n".join(lines)


def main(environment: Mapping[str, str] = os.environ, machine: Machine | None = None, run: Run | None = None) -> int:
    """The command; 0 when there was nothing wrong."""
    try:
        project, raw = read_config(FOLDER, STACK)
        settings = read(Settings, raw, project=project, stack=STACK)
        print(explanation(planned()), NEEDS, sep="\n\n")
        lacks = missing(settings, machine or find())
        if lacks:
            print("\nMissing", *(f"  {one}" for one in lacks), sep="\n")
        if environment.get("CONFIRM") != "yes":
            print("\nNothing was done. `make bootstrap CONFIRM=yes` does it.")
            return 0
        if lacks:
            print("\nNothing was done.")
            return 1
        outputs = deploy(run or _pulumi, HOME, environment.get("PULUMI_BACKEND_URL"))
        print("\n" + instructions(outputs, [stack.name for stack in settings.stacks]))
    except (SettingsError, Failed) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _up(run: Run, environment: Mapping[str, str]) -> None:
    run(["up", "--stack", STACK, "--yes", "--policy-pack", str(ROOT / "policies"), "--non-interactive"], environment)


def _outputs(run: Run, environment: Mapping[str, str]) -> dict[str, object]:
    return _map(json.loads(run(["stack", "output", "--stack", STACK, "--json"], environment)))


def _map(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Failed(f"the bootstrap's outputs are not as they should be: {value!r}")
    return value


def _variable(stack: str) -> str:
    return stack.upper().replace("-", "_")


def _administers(caller: str, administrators: Sequence[str]) -> bool:
    """A session's ARN tells the role's name, but not its path."""
    if caller.endswith(":root"):
        return True
    if session := re.search(r":assumed-role/([^/]+)/", caller):
        return any(
            one.startswith("role/") and fnmatch.fnmatchcase(session[1], one.rpartition("/")[2])
            for one in administrators
        )
    return any(fnmatch.fnmatchcase(caller.split(":", 5)[5], one) for one in administrators)


def _pulumi(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    quiet = "--json" in arguments
    done = subprocess.run(
        ["pulumi", *arguments],
        cwd=FOLDER,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE if quiet else None,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Failed(f"`pulumi {' '.join(arguments)}` failed; mend what it says and run the same command again")
    return done.stdout or ""


if __name__ == "__main__":
    sys.exit(main())
