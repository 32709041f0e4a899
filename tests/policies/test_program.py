"""The program as it stands breaks no rule, and the rules look at what it makes."""

import pytest
from pulumi_policy import Policy, PolicyResource

from policies import encryption, least_privilege, public_access, transport
from policies.rules import of_module
from tests.policies.cases import judge, resource
from tests.recorder import recording

RULES = [rule for theme in (encryption, least_privilege, public_access, transport) for rule in of_module(theme)]


def resources(stack: str) -> list[PolicyResource]:
    return [resource(one.token, {**one.outputs, **one.inputs}, one.name) for one in recording(stack).resources]


@pytest.mark.parametrize("stack", ["dev", "prod"])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_program_keeps_the_rule(stack: str, rule: Policy) -> None:
    assert judge(rule, *resources(stack)) == []


def test_a_bucket_that_loses_its_companions_is_noticed() -> None:
    """Buckets are told from each other in a whole stack."""
    lost = ("BucketPublicAccessBlock", "BucketOwnershipControls", "BucketPolicy")
    left = [one for one in resources("dev") if one.name != "penstock-dev-work" or not one.resource_type.endswith(lost)]
    said = [message for rule in RULES for message in judge(rule, *left)]
    assert len(said) == len(lost)
    assert all(message.startswith("penstock-dev-work: ") for message in said)
