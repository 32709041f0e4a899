"""Each rule about privilege: what keeps it, what breaks it, and what cannot be judged before it is known."""

import json
from typing import Any

import pytest
from pulumi_policy import Policy

from policies import least_privilege
from policies.documents import unnamed
from tests.policies.cases import UNKNOWN, examine

ROLE, ROLE_POLICY = "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"
KEY_POLICY, QUEUE_POLICY = "aws:kms/keyPolicy:KeyPolicy", "aws:sqs/queuePolicy:QueuePolicy"
PERMISSION = "aws:lambda/permission:Permission"
ROOT = {"AWS": "arn:aws:iam::123456789012:root"}
BOUND = {"StringEquals": {"aws:SourceAccount": "123456789012"}}


def statement(**changes: Any) -> dict[str, Any]:
    """One that keeps every rule, but for what is changed."""
    return {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::b/work/*"], **changes}


def policy(name: str = "policy", **changes: Any) -> dict[str, str]:
    return {name: json.dumps({"Statement": [statement(**changes)]})}


def trust(**changes: Any) -> dict[str, str]:
    allowed = {"Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole", "Condition": BOUND}
    return policy("assumeRolePolicy", **{**allowed, **changes})


def service(**changes: Any) -> dict[str, str]:
    return policy(**{"Principal": {"Service": "events.amazonaws.com"}, "Condition": BOUND, **changes})


NOT_KNOWN = {"policy": UNKNOWN}
# Rule, kind, properties that keep it, that break it, and that are not known yet.
EACH: list[tuple[Policy, str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    (least_privilege.role_policy_names_actions, ROLE_POLICY, policy(), policy(Action="s3:Get*"), NOT_KNOWN),
    (
        least_privilege.role_policy_names_actions,
        ROLE_POLICY,
        policy(Effect="Deny", Action="*"),
        policy(Action="*"),
        NOT_KNOWN,
    ),
    (
        least_privilege.role_policy_names_actions,
        "aws:iam/policy:Policy",
        policy(),
        policy(NotAction=["iam:PassRole"], Action=[]),
        NOT_KNOWN,
    ),
    (
        least_privilege.role_policy_names_actions,
        "aws:iam/policy:Policy",
        policy(Action="s3:*", Sid="AnyActionAndAnyResourceBecauseItOnlyLimits"),
        policy(Action="s3:*", Sid="AnyActionAndAnyResource"),
        NOT_KNOWN,
    ),
    (
        least_privilege.role_policy_names_actions,
        ROLE,
        {"inlinePolicies": [policy()]},
        {"inlinePolicies": [policy(), policy(Action="sqs:*")]},
        {"inlinePolicies": [NOT_KNOWN]},
    ),
    (
        least_privilege.role_policy_names_resources,
        ROLE_POLICY,
        policy(Resource="*", Sid="AnyResourceLogDeliveryTakesNone"),
        policy(Resource="*"),
        NOT_KNOWN,
    ),
    (
        least_privilege.role_policy_names_resources,
        ROLE_POLICY,
        policy(),
        policy(Resource="arn:aws:s3:::*", Sid="AnyResource"),
        NOT_KNOWN,
    ),
    (
        least_privilege.role_policy_names_resources,
        "aws:iam/policy:Policy",
        policy(Resource="*", Sid="AnyActionAndAnyResourceBecauseItOnlyLimits"),
        policy(Resource="*", Sid="AnyActionAndAnyResource"),
        NOT_KNOWN,
    ),
    (
        least_privilege.resource_policy_names_actions,
        KEY_POLICY,
        policy(Action="kms:*", Resource="*", Principal=ROOT),
        policy(Action="kms:*", Resource="*", Principal={"Service": "logs.amazonaws.com"}),
        NOT_KNOWN,
    ),
    (
        least_privilege.resource_policy_names_actions,
        QUEUE_POLICY,
        policy(Action="sqs:SendMessage", Principal=ROOT),
        policy(Action="sqs:*", Principal=ROOT),
        NOT_KNOWN,
    ),
    (least_privilege.role_is_assumed_by_few, ROLE, trust(), trust(Condition={}), {"assumeRolePolicy": UNKNOWN}),
    (
        least_privilege.role_is_assumed_by_few,
        ROLE,
        trust(Principal={"AWS": "arn:aws:iam::1:role/x"}, Condition={}),
        trust(Principal={"AWS": "*"}),
        {"assumeRolePolicy": UNKNOWN},
    ),
    (least_privilege.services_act_for_this_account, QUEUE_POLICY, service(), service(Condition={}), NOT_KNOWN),
    (
        least_privilege.services_act_for_this_account,
        KEY_POLICY,
        service(Condition={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-central-1:1:*"}}),
        service(Condition={"Bool": {"aws:SecureTransport": "true"}}),
        NOT_KNOWN,
    ),
    (
        least_privilege.callers_of_functions_are_bound,
        PERMISSION,
        {"principal": "events.amazonaws.com", "sourceArn": UNKNOWN},
        {"principal": "events.amazonaws.com"},
        {"principal": UNKNOWN},
    ),
]


@pytest.mark.parametrize(("rule", "kind", "good", "bad", "unknown"), EACH)
def test_a_rule_about_one_resource(
    rule: Policy, kind: str, good: dict[str, Any], bad: dict[str, Any], unknown: dict[str, Any]
) -> None:
    examine(rule, kind, good, bad, unknown)


@pytest.mark.parametrize(
    ("arn", "wild"),
    [
        ("*", True),
        ("arn:aws:s3:::*", True),
        ("arn:aws:s3:::*/work", True),
        ("arn:aws:lambda:eu-central-1:1:function:*", True),
        ("arn:aws:dynamodb:eu-central-1:1:table/*", True),
        ("arn:aws:s3:::files/*", False),
        ("arn:aws:logs:eu-central-1:1:log-group:/aws/lambda/x:*", False),
        ("arn:aws:states:eu-central-1:1:execution:pipeline/*", False),
    ],
)
def test_a_resource_is_named_or_it_is_not(arn: str, wild: bool) -> None:
    assert unnamed(arn) is wild
