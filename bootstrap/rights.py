"""What the roles of the workflows may do to a stack, and what no policy can let them do."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from bootstrap.needs import TYPES
from bootstrap.scopes import ANY_EC2
from bootstrap.uses import Scope, Use, Whose, anything, named
from components.grants import Statement

PASSED_TO = (
    "events.amazonaws.com",
    "lambda.amazonaws.com",
    "malware-protection-plan.guardduty.amazonaws.com",
    "monitoring.rds.amazonaws.com",
    "rds.amazonaws.com",
    "states.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
)
"""Services that the platform's roles are made for."""
OWN_ROLES_OF_SERVICES = (
    "clientvpn-connections.amazonaws.com",
    "clientvpn.amazonaws.com",
    "rds.amazonaws.com",
    "wafv2.amazonaws.com",
)
"""Services that make a role of their own in the account when they are first used."""
EMPTYING = (
    Use(named("s3", "s3:::{prefix}*"), "", "ListBucketVersions"),
    Use(named("s3", "s3:::{prefix}*/*"), "", "DeleteObject DeleteObjectVersion"),
    Use(anything("ec2", "functions leave interfaces without tags behind"), "", "DeleteNetworkInterface"),
)
"""What `pulumi destroy` does beyond removing what Pulumi made."""
INVOKES = (Use(ANY_EC2, "DescribeAvailabilityZones"),)
"""What the program asks AWS itself."""
POLICY_CHARACTERS = 6144
"""As many as a managed policy may have, white space not counted."""


def reading(whose: Whose) -> list[Statement]:
    """What a preview needs, one that refreshes included: how things are set up, never what is in them."""
    return _statements([use for uses in TYPES.values() for use in uses], whose, write=False)


def deploying(whose: Whose, *, emptying: bool) -> list[Statement]:
    """What an update needs; with `emptying`, `pulumi destroy` as well."""
    uses = [use for uses in TYPES.values() for use in uses]
    return [*_statements([*uses, *(EMPTYING if emptying else ())], whose, write=True), *_roles(whose)]


def limits(whose: Whose, *, bootstrap: str, state_objects: Iterable[str]) -> list[dict[str, Any]]:
    """The boundary of a stack's deploy and preview roles.

    It lets the services through that the platform is made of, since the roles' own policies name each action, and
    refuses what would lead out of the stack: `bootstrap` begins the names of what the bootstrap program made, of which
    only `state_objects` (actions of S3) may be used.
    """
    roles = f"arn:{whose.partition}:iam::{whose.account}:role"
    services = sorted({use.scope.service for uses in TYPES.values() for use in uses})
    return [
        {
            "Sid": "AnyActionAndAnyResourceBecauseTheRolesPoliciesNameEach",
            "Effect": "Allow",
            "Action": [f"{service}:*" for service in services],
            "Resource": "*",
        },
        {
            "Sid": "NothingInIamButTheStacksRoles",
            "Effect": "Deny",
            "Action": "iam:*",
            "NotResource": [f"{roles}/{whose.prefix}*", f"{roles}/aws-service-role/*"],
        },
        {
            "Sid": "NoRoleWithoutTheBoundary",
            "Effect": "Deny",
            "Action": ["iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"],
            "Resource": "*",
            "Condition": {"StringNotEquals": {"iam:PermissionsBoundary": whose.boundary_arn}},
        },
        {
            "Sid": "NoPoliciesFromElsewhere",
            "Effect": "Deny",
            "Action": ["iam:AttachRolePolicy", "iam:DeleteRolePermissionsBoundary"],
            "Resource": "*",
        },
        {
            "Sid": "RolesForThePlatformsServicesOnly",
            "Effect": "Deny",
            "Action": "iam:PassRole",
            "Resource": "*",
            "Condition": {"StringNotEquals": {"iam:PassedToService": list(PASSED_TO)}},
        },
        {
            "Sid": "NothingOfOtherStacks",
            "Effect": "Deny",
            "NotAction": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", *state_objects],
            "Resource": "*",
            "Condition": {
                "StringNotEquals": {"aws:ResourceTag/stack": whose.stack},
                "Null": {"aws:ResourceTag/stack": "false"},
            },
        },
        {
            "Sid": "NothingOfTheBootstrapButState",
            "Effect": "Deny",
            "NotAction": sorted(state_objects),
            "Resource": [f"arn:{whose.partition}:{of}:{bootstrap}*" for of in ("s3::", f"sns:*:{whose.account}")],
        },
        {
            "Sid": "NoAccessLogs",
            "Effect": "Deny",
            "Action": "s3:*",
            "Resource": f"arn:{whose.partition}:s3:::{bootstrap}logs*",
        },
    ]


def split(statements: Iterable[Statement]) -> list[list[Statement]]:
    """Parts that fit into a managed policy each. Statements that do not fit are cut between actions."""
    parts: list[list[Statement]] = [[]]
    for whole in statements:
        for statement in _pieces(whole):
            if parts[-1] and size([*parts[-1], statement]) > POLICY_CHARACTERS:
                parts.append([])
            parts[-1].append(statement)
    return parts


def size(statements: Iterable[Statement]) -> int:
    """Characters of the policy that IAM counts."""
    body = {"Version": "2012-10-17", "Statement": [one.document() for one in statements]}
    return len(json.dumps(body, separators=(",", ":")))


def _pieces(statement: Statement) -> Iterator[Statement]:
    """Never more than a third of a policy, so that little of one is left empty."""
    if size([statement]) <= POLICY_CHARACTERS // 3 or len(statement.actions) == 1:
        yield statement
        return
    half = len(statement.actions) // 2
    for actions in (statement.actions[:half], statement.actions[half:]):
        yield from _pieces(
            Statement(
                actions=actions,
                resources=statement.resources,
                conditions=statement.conditions,
                reason=statement.reason,
            )
        )


def _statements(uses: Iterable[Use], whose: Whose, *, write: bool) -> list[Statement]:
    names: dict[int, set[str]] = defaultdict(set)
    scopes: dict[int, Scope] = {}
    for use in (*uses, *INVOKES):
        scopes[id(use.scope)] = use.scope
        names[id(use.scope)].update(use.read.split(), use.write.split() if write else ())
    return [scopes[key].statement(frozenset(found), whose) for key, found in names.items() if found]


def _roles(whose: Whose) -> Iterator[Statement]:
    roles = f"arn:{whose.partition}:iam::{whose.account}:role"
    yield Statement(
        actions=("iam:PassRole",),
        resources=(f"{roles}/{whose.prefix}*",),
        conditions={"StringEquals": {"iam:PassedToService": list(PASSED_TO)}},
    )
    yield Statement(
        actions=("iam:CreateServiceLinkedRole",),
        resources=(f"{roles}/aws-service-role/*",),
        conditions={"StringEquals": {"iam:AWSServiceName": list(OWN_ROLES_OF_SERVICES)}},
    )
