"""Each rule about the public: what keeps it, what breaks it, and what cannot be judged before it is known."""

import json
from typing import Any

import pytest
from pulumi_policy import Policy

from policies import public_access
from policies.encryption import BUCKET
from tests.policies.cases import NOT_JUDGED, UNKNOWN, examine, judge, resource

CLOSED = dict.fromkeys(public_access.BLOCKED, True)
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
PERMISSION = "aws:lambda/permission:Permission"
CALLER = {
    "principal": "apigateway.amazonaws.com",
    "sourceAccount": "123456789012",
    "sourceArn": "arn:aws:execute-api:eu-central-1:123456789012:abc/api/*",
}


def policy(principal: Any, effect: str = "Allow") -> dict[str, str]:
    statement = {"Effect": effect, "Principal": principal, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}
    return {"policy": json.dumps({"Statement": [statement]})}


# Rule, kind, properties that keep it, that break it, and that are not known yet.
EACH: list[tuple[Policy, str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    (
        public_access.block_is_complete,
        public_access.BLOCK,
        CLOSED,
        {**CLOSED, "ignorePublicAcls": False},
        {**CLOSED, "blockPublicAcls": UNKNOWN},
    ),
    (
        public_access.policy_lets_nobody_unknown_in,
        "aws:s3/bucketPolicy:BucketPolicy",
        policy({"Service": "cloudfront.amazonaws.com"}),
        policy("*"),
        {"policy": UNKNOWN},
    ),
    (
        public_access.policy_lets_nobody_unknown_in,
        "aws:sqs/queuePolicy:QueuePolicy",
        policy("*", "Deny"),
        policy({"AWS": ["arn:aws:iam::123456789012:root", "*"]}),
        {"policy": UNKNOWN},
    ),
    (
        public_access.function_lets_nobody_unknown_in,
        "aws:lambda/permission:Permission",
        {"principal": "events.amazonaws.com"},
        {"principal": "*"},
        {"principal": UNKNOWN},
    ),
    (
        public_access.function_url_asks_who_calls,
        "aws:lambda/functionUrl:FunctionUrl",
        {"authorizationType": "AWS_IAM"},
        {"authorizationType": "NONE"},
        {"authorizationType": UNKNOWN},
    ),
    (
        public_access.function_is_called_for_somebody,
        PERMISSION,
        CALLER,
        {**CALLER, "sourceAccount": None},
        {**CALLER, "sourceAccount": UNKNOWN},
    ),
    (
        public_access.function_is_called_for_somebody,
        PERMISSION,
        CALLER,
        {**CALLER, "sourceArn": "arn:aws:execute-api:eu-central-1:123456789012:*"},
        {**CALLER, "sourceArn": UNKNOWN},
    ),
    (
        public_access.security_group_is_closed,
        GROUP,
        {"ingress": [{"cidrBlocks": ["10.0.0.0/16"]}]},
        {"ingress": [{"cidrBlocks": ["0.0.0.0/0"]}]},
        {"ingress": [{"cidrBlocks": [UNKNOWN]}]},
    ),
    (
        public_access.security_group_is_closed,
        INGRESS,
        {"cidrIpv4": "10.0.0.0/16"},
        {"cidrIpv6": "::/0"},
        {"cidrIpv4": UNKNOWN},
    ),
]


@pytest.mark.parametrize(("rule", "kind", "good", "bad", "unknown"), EACH)
def test_a_rule_about_one_resource(
    rule: Policy, kind: str, good: dict[str, Any], bad: dict[str, Any], unknown: dict[str, Any]
) -> None:
    examine(rule, kind, good, bad, unknown)


def test_missing_settings_of_a_block_are_named_as_they_are_written_in_the_program() -> None:
    (said,) = judge(public_access.block_is_complete, resource(public_access.BLOCK, {"blockPublicAcls": True}))
    assert said.endswith("set block_public_policy, ignore_public_acls, restrict_public_buckets")


def test_everyone_but_some_is_everyone() -> None:
    statement = {"Effect": "Allow", "NotPrincipal": {"AWS": "arn:aws:iam::1:root"}, "Action": "s3:GetObject"}
    text = json.dumps({"Statement": statement})
    one = resource("aws:s3/bucketPolicy:BucketPolicy", {"policy": text})
    assert judge(public_access.policy_lets_nobody_unknown_in, one)


def test_every_bucket_has_its_block() -> None:
    closed, open_ = (resource(BUCKET, {"bucket": UNKNOWN}, name) for name in ("closed", "open"))
    block = resource(public_access.BLOCK, {"bucket": UNKNOWN}, "block", bucket=closed)
    assert judge(public_access.bucket_is_closed, closed, block) == []
    (said,) = judge(public_access.bucket_is_closed, closed, open_, block)
    assert said.startswith("open: ")
    assert (
        judge(public_access.bucket_is_closed, open_, resource(public_access.BLOCK, {"bucket": UNKNOWN})) == NOT_JUDGED
    )


def test_every_bucket_has_one_owner() -> None:
    bucket = resource(BUCKET, {"bucket": "files"}, "files")

    def controls(ownership: str) -> list[str]:
        rule = {"bucket": "files", "rule": {"objectOwnership": ownership}}
        return judge(public_access.bucket_has_one_owner, bucket, resource(public_access.OWNERSHIP, rule))

    assert controls("BucketOwnerEnforced") == []
    assert controls("ObjectWriter")[0].startswith("files: ")
    assert controls(UNKNOWN) == NOT_JUDGED
    assert judge(public_access.bucket_has_one_owner, bucket) != []
