"""Takes grants away in the local cloud and plays the flow: `python -m tests.privilege.rerun [COUNT [SEED]]`.

Which ones a seed chooses. The flow has to notice: it fails, or does not make a call that is in its record; and the
local cloud has to have refused that role that action. Exits with 1 otherwise.
"""

import json
import random
import sys
from collections.abc import Sequence
from dataclasses import replace

from local.cloud import LocalCloud
from tests.conftest import make_platform
from tests.flow.driver import Driver
from tests.privilege.grants import Grant, without
from tests.privilege.mutation import needs_of, program_of
from tests.privilege.needs import FLOW, load
from tests.privilege.program import Program
from tests.privilege.report import users
from tests.privilege.scenario import PREFIX, differences, play

AT_DEPLOYMENT = ("-signing-key", "-migrate")
"""Whose work is done before a grant can be taken away."""
PATIENCE = 45
"""Seconds that the flow gives anything to happen."""


def sample(program: Program, count: int, seed: int) -> list[tuple[str, str]]:
    """Roles (ARNs in a recorded stack) and actions that the flow needs of them, once the platform is deployed."""
    used: dict[Grant, set[str]] = users(program, needs_of(program))
    choice = sorted({(grant.role, grant.action) for grant, sources in used.items()
                     if FLOW in sources and not grant.role.endswith(AT_DEPLOYMENT)})  # fmt: skip
    return random.Random(seed).sample(choice, count)


def noticed(program: Program, role: str, action: str) -> tuple[bool, str]:
    """Whether the flow fails without a grant and because of it, and what happened."""
    name = role.rpartition("/")[2]
    with LocalCloud() as cloud:
        driver = Driver(make_platform(cloud))
        iam = cloud.client("iam")
        (policy,) = iam.list_role_policies(RoleName=name)["PolicyNames"]
        document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        text = document if isinstance(document, str) else json.dumps(document)
        (live,) = without(replace(program, changed={role: text}), role=role, action=action).identity(role)
        iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=live)
        try:
            missing = differences(play(driver, seconds=PATIENCE), load())
            failure = missing[0] if missing else ""
        except AssertionError as error:
            failure = f"the flow failed: {str(error)[:200]}"
        refused = [
            call
            for call in cloud.court.usage.calls()
            if not call.allowed and call.action == action and call.principal.endswith(f":role/{name}")
        ]
    return bool(failure and refused), f"{len(refused)} kinds of call refused; {failure or 'THE FLOW NOTICES NOTHING'}"


def main(arguments: Sequence[str]) -> int:
    count, seed, *_ = (*map(int, arguments), *(2, 4)[len(arguments) :])
    program = program_of("local")
    assert program.prefix == PREFIX
    unnoticed = 0
    for role, action in sample(program, count, seed):
        found, what = noticed(program, role, action)
        unnoticed += not found
        print(f"{role.rpartition('/')[2]} without {action}: {what}", flush=True)
    print(f"{count} grants taken away in the local cloud (seed {seed}): {unnoticed} unnoticed")
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
