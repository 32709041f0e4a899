"""Every permission is needed by a call that is really made, and every such call is allowed: in each stack."""

import json
import subprocess
import sys

import pytest

from local.deploy import ROOT
from tests.privilege import report
from tests.privilege.grants import granted, without
from tests.privilege.mutation import STACKS, mutations, needs_of, program_of
from tests.privilege.needs import FLOW, Need
from tests.privilege.program import Program

EVERYWHERE = pytest.mark.parametrize("stack", STACKS)


def role(program: Program, purpose: str) -> str:
    """A role's ARN."""
    return next(str(one.outputs["arn"]) for one in program.roles() if one.name.endswith(f"-{purpose}"))


def with_one_more(program: Program, action: str, resource: str) -> Program:
    """The program, with something that the function process never does allowed to it."""
    arn = role(program, "process")
    document = json.loads(program.identity(arn)[0])
    more = {"Effect": "Allow", "Action": [action], "Resource": [resource]}
    document["Statement"].append(more)
    return Program(program.recording, program.prefix, {arn: json.dumps(document)})


@EVERYWHERE
def test_every_call_that_is_needed_is_allowed(stack: str) -> None:
    program = program_of(stack)
    needs = needs_of(program)
    assert len(needs) > 150
    assert [(need, why) for need in needs if not (why := need.decide(program))] == []


@EVERYWHERE
def test_nothing_is_granted_that_nothing_uses(stack: str) -> None:
    program = program_of(stack)
    used = report.users(program, needs_of(program))
    assert len(used) > 150
    assert [grant.name(program) for grant, sources in used.items() if not sources] == []


@EVERYWHERE
def test_every_grant_that_is_taken_away_is_missed(stack: str) -> None:
    program = program_of(stack)
    tried = mutations(program, needs_of(program))
    assert len(tried) > 150
    assert [one for one in tried if not one.noticed] == []


@pytest.mark.parametrize(
    ("action", "resource"),
    [("s3:DeleteObject", "arn:aws:s3:::any/*"), ("s3:PutObject", "arn:aws:s3:::any/*")],
    ids=["an action of its own", "one more resource of an action that is used"],
)
def test_a_grant_too_many_is_seen(action: str, resource: str) -> None:
    program = with_one_more(program_of("prod"), action, resource)
    needs = needs_of(program)
    idle = [grant for grant, sources in report.users(program, needs).items() if not sources]
    assert [(grant.action, grant.resource) for grant in idle] == [(action, resource)]
    assert [one.action for one in mutations(program, needs) if not one.noticed] == [action]


def test_a_call_that_no_grant_serves_is_seen() -> None:
    program = program_of("prod")
    need = Need(principal="{iam.Role process}", action="s3:DeleteObject", resource="{s3.Bucket upload}/x")
    assert not need.decide(program)


def test_a_resource_is_taken_away_alone() -> None:
    program = program_of("prod")
    arn = role(program, "process")
    puts = {grant.resource for grant in granted(program) if (grant.role, grant.action) == (arn, "s3:PutObject")}
    gone = min(puts)
    mutant = without(program, role=arn, action="s3:PutObject", resource=gone)
    assert {grant.resource for grant in granted(mutant) if (grant.role, grant.action) == (arn, "s3:PutObject")} == (
        puts - {gone}
    )
    assert len(granted(mutant)) == len(granted(program)) - 1


def test_every_documented_call_names_its_page() -> None:
    sources = {need.source for need in needs_of(program_of("prod"))} - {FLOW}
    assert len(sources) > 10
    assert [source for source in sources if ".html" not in source] == []


def test_the_page_is_fresh() -> None:
    assert report.PAGE.read_text() == report.render(), "run: make docs, or make privilege if the calls are others now"


def test_the_command_says_how_many_it_tried() -> None:
    command = [sys.executable, "-m", "tests.privilege.mutation", "dev"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
    last = ran.stdout.splitlines()[-1]
    assert last.endswith(": 0 unnoticed; 0 needed calls refused")
    assert int(last.split()[0]) > 150
