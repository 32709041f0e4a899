"""The boundary lets every role do its work, and holds nothing that no role needs."""

import json
from fnmatch import fnmatchcase
from typing import Any

import pulumi
import pytest

from components.boundary import document
from components.naming import Names
from components.place import Place
from tests.recorder import ACCOUNT, REGION, Recording, record, recording

GIVEN = f"arn:aws:iam::{ACCOUNT}:policy/made-before"
HERE = Place(account=ACCOUNT, region=REGION, partition="aws")


def pairs(text: str) -> set[tuple[str, str]]:
    """Each action with each of its resources."""
    statements: list[dict[str, Any]] = json.loads(text)["Statement"]
    return {(action, resource) for one in statements for action in one["Action"] for resource in one["Resource"]}


def boundary(made: Recording) -> set[tuple[str, str]]:
    return pairs(made.one("iam.Policy", "boundary").inputs["policy"])


def within(wanted: tuple[str, str], allowed: set[tuple[str, str]]) -> list[tuple[str, str]]:
    action, resource = wanted
    return [one for one in allowed if one[0] == action and fnmatchcase(resource, one[1])]


@pytest.mark.parametrize("stack", ["dev", "prod", "local"])
def test_every_role_ends_at_the_boundary_of_its_stack(stack: str) -> None:
    made = recording(stack)
    (arn,) = {one.inputs["permissionsBoundary"] for one in made.of("iam.Role")}
    assert arn == made.one("iam.Policy", "boundary").outputs["arn"]


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_what_roles_are_granted_is_within_the_boundary(stack: str) -> None:
    made = recording(stack)
    granted = set().union(*(pairs(one.inputs["policy"]) for one in made.of("iam.RolePolicy")))
    assert [one for one in sorted(granted) if not within(one, boundary(made))] == []


def test_what_is_within_the_boundary_is_granted_to_some_role() -> None:
    made = recording("prod")
    used = [
        one for policy in made.of("iam.RolePolicy") for wanted in pairs(policy.inputs["policy"])
        for one in within(wanted, boundary(made))
    ]  # fmt: skip
    # What only deleting does, where the settings do not want it.
    of_deleting = {
        "cloudfront:CreateInvalidation",
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:ListBucketVersions",
    }
    assert {one for one in boundary(made) - set(used) if one[0] not in of_deleting} == set()


def test_the_boundary_fits_into_one_policy() -> None:
    text = recording("prod").one("iam.Policy", "boundary").inputs["policy"]
    assert len(text.replace(" ", "")) < 6144, "IAM counts all but white space"


def test_a_boundary_made_beforehand_is_used_instead() -> None:
    made = record("prod", {"penstock:iam": json.dumps({"boundary_arn": GIVEN})})
    assert {one.inputs["permissionsBoundary"] for one in made.of("iam.Role")} == {GIVEN}
    assert "iam.Policy" not in {one.kind for one in made.resources}


def test_names_that_leave_no_room_are_refused() -> None:
    with pytest.raises(pulumi.RunError, match="too long: 'penstock-a-stack-of-a-very-long-name-indeed-' has 44 char"):
        document(Names(project="penstock", stack="a-stack-of-a-very-long-name-indeed"), HERE)
