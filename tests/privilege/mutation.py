"""Takes every grant away in turn, and asks who notices: `python -m tests.privilege.mutation [STACK …]`.

A grant is noticed when a call that the platform needs (the record of the flow, or a documented one) is refused
without it. Exits with 1 when nobody notices one.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from tests.privilege.documented import documented
from tests.privilege.grants import granted, without
from tests.privilege.needs import Need, load
from tests.privilege.program import Program, without_stack
from tests.recorder import recording

STACKS = ("prod", "dev", "all-on", "all-off")
# What a function does only where there is another: who may note that a file is to go needs somebody who takes it away.
ONLY_WITH = {("{iam.Role files}", "dynamodb:UpdateItem", "{dynamodb.Table files}"): "{iam.Role delete}"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutation:
    """A grant taken away (`resource` empty: on all resources), and the calls that were refused then."""

    role: str
    action: str
    resource: str
    noticed: tuple[Need, ...]


@cache
def program_of(stack: str) -> Program:
    """A stack's policies."""
    return Program(recording(stack), f"penstock-{stack}")


def needs_of(program: Program) -> list[Need]:
    """All that has to be allowed in a stack; what the flow does with things that it does not have is not."""
    return [*(need for need in load() if program.has(_names(need))), *documented(program)]


def _names(need: Need) -> str:
    return f"{need.names} {ONLY_WITH.get((need.principal, need.action, need.resource), '')}"


def mutations(program: Program, needs: Sequence[Need]) -> list[Mutation]:
    """Each action of each role, and each of its resources where there are more than one."""
    tried: set[tuple[str, str, str | None]] = set()
    grants = granted(program)
    for grant in grants:
        tried.add((grant.role, grant.action, None))
        others = {one.resource for one in grants if (one.role, one.action) == (grant.role, grant.action)}
        if len(others) > 1:
            tried.add((grant.role, grant.action, grant.resource))
    # What is refused anyway can notice nothing.
    allowed = [need for need in needs if need.decide(program)]
    found = []
    for role, action, resource in sorted(tried, key=lambda one: (one[0], one[1], one[2] or "")):
        mutant = without(program, role=role, action=action, resource=resource)
        concerned = [need for need in allowed if need.action == action and program.render(need.principal) == role]
        noticed = tuple(need for need in concerned if not need.decide(mutant))
        name = without_stack(resource or "", program.aliases)
        found.append(Mutation(role=role.rpartition("/")[2], action=action, resource=name, noticed=noticed))
    return found


def main(*stacks: str) -> int:
    """Prints what was tried in each stack; the exit status."""
    tried, unnoticed, refused = 0, 0, 0
    for stack in stacks:
        program = program_of(stack)
        needs = needs_of(program)
        for need in needs:
            if not need.decide(program):
                refused += 1
                print(f"{stack}: {need.principal} may not {need.action} on {need.resource}; needed: {need.source}")
        for one in mutations(program, needs):
            tried += 1
            unnoticed += not one.noticed
            by = ", ".join(sorted({need.source for need in one.noticed})) or "NOBODY NOTICES"
            print(f"{one.role} without {one.action}{f' on {one.resource}' if one.resource else ''}: {by}")
    print(f"{tried} grants taken away in {', '.join(stacks)}: {unnoticed} unnoticed; {refused} needed calls refused")
    return 1 if unnoticed or refused else 0


if __name__ == "__main__":
    sys.exit(main(*(sys.argv[1:] or STACKS)))
