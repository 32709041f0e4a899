"""The program as it stands breaks no rule, whatever its settings are, and the rules look at what it makes."""

import pytest
from pulumi_policy import EnforcementLevel, Policy, PolicyResource

from policies import protection
from policies.rules import of_module
from policies.themes import levels, rules
from tests.policies.cases import NOT_JUDGED, is_protected, judge, preview, whole
from tests.recorder import VARIANTS, recording

STACKS = ("dev", "prod", *VARIANTS)


def resources(stack: str) -> list[PolicyResource]:
    return whole(recording(stack))


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_the_program_keeps_the_rule(stack: str, rule: Policy) -> None:
    if rule.name not in levels(protected=is_protected(recording(stack))):
        assert judge(rule, *resources(stack)) == []


@pytest.mark.parametrize("stack", ["prod", "all-on"])
def test_a_preview_of_what_does_not_exist_is_not_stopped(stack: str) -> None:
    """Rules say that something is not known, and neither that it is wrong nor nothing at all by breaking off."""
    planned = preview(recording(stack))
    said = {rule.name: judge(rule, *planned) for rule in rules()}
    assert {name: found for name, found in said.items() if found not in ([], NOT_JUDGED)} == {}
    assert NOT_JUDGED in said.values()


def test_a_stack_that_is_protected_is_judged_by_everything() -> None:
    assert {stack: is_protected(recording(stack)) for stack in STACKS} == {
        "dev": False,
        "prod": True,
        "all-on": True,
        "all-off": False,
    }
    assert levels(protected=True) == {}
    assert set(levels(protected=False).values()) == {EnforcementLevel.ADVISORY}
    assert levels(protected=False).keys() == {rule.name for rule in of_module(protection)}


def test_a_bucket_that_loses_its_companions_is_noticed() -> None:
    """Buckets are told from each other in a whole stack."""
    lost = ("BucketPublicAccessBlock", "BucketOwnershipControls", "BucketPolicy")
    work = "penstock-prod-work"
    left = [one for one in resources("prod") if one.name != work or not one.resource_type.endswith(lost)]
    said = [message for rule in rules() for message in judge(rule, *left)]
    assert len(said) == len(lost)
    assert all(message.startswith(f"{work}: ") for message in said)
