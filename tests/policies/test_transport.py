"""Each rule about transport: what keeps it, what breaks it, and what cannot be judged before it is known."""

import json
from typing import Any

import pytest
from pulumi_policy import Policy

from policies import transport
from tests.policies.cases import NOT_JUDGED, UNKNOWN, examine, judge, resource

BUCKET, BUCKET_POLICY = "aws:s3/bucket:Bucket", "aws:s3/bucketPolicy:BucketPolicy"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
DENY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def policy(**changes: Any) -> dict[str, str]:
    return {"policy": json.dumps({"Statement": [{**DENY, **changes}]})}


def behavior(protocol: str, **more: Any) -> dict[str, Any]:
    return {"viewerProtocolPolicy": protocol, **more}


def certificate(**values: Any) -> dict[str, Any]:
    return {"viewerCertificate": {"cloudfrontDefaultCertificate": False, **values}}


HTTPS = behavior("redirect-to-https")
# Rule, kind, properties that keep it, that break it, and that are not known yet.
EACH: list[tuple[Policy, str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    *(
        (transport.policy_refuses_plain_transport, BUCKET_POLICY, policy(), policy(**changes), {"policy": UNKNOWN})
        for changes in (
            {"Effect": "Allow"},
            {"Principal": {"AWS": "arn:aws:iam::1:root"}},
            {"Action": "s3:GetObject"},
            {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
            {"Condition": {**DENY["Condition"], "StringEquals": {"aws:SourceAccount": "1"}}},  # type: ignore[dict-item]
        )
    ),
    (
        transport.policy_refuses_plain_transport,
        "aws:sns/topicPolicy:TopicPolicy",
        policy(Action="sns:Publish"),
        policy(Action="sns:Subscribe"),
        {"policy": UNKNOWN},
    ),
    (
        transport.distribution_serves_https_only,
        DISTRIBUTION,
        {"defaultCacheBehavior": HTTPS},
        {"defaultCacheBehavior": behavior("allow-all")},
        {"defaultCacheBehavior": behavior(UNKNOWN)},
    ),
    (
        transport.distribution_serves_https_only,
        DISTRIBUTION,
        {"defaultCacheBehavior": HTTPS, "orderedCacheBehaviors": [behavior("https-only")]},
        {"defaultCacheBehavior": HTTPS, "orderedCacheBehaviors": [behavior("allow-all", pathPattern="/x")]},
        {"defaultCacheBehavior": HTTPS, "orderedCacheBehaviors": UNKNOWN},
    ),
    (
        transport.distribution_refuses_old_tls,
        DISTRIBUTION,
        certificate(minimumProtocolVersion="TLSv1.2_2021"),
        certificate(minimumProtocolVersion="TLSv1.1_2016"),
        certificate(minimumProtocolVersion=UNKNOWN),
    ),
    (
        transport.distribution_refuses_old_tls,
        DISTRIBUTION,
        certificate(cloudfrontDefaultCertificate=True),
        certificate(),
        {"viewerCertificate": UNKNOWN},
    ),
]


@pytest.mark.parametrize(("rule", "kind", "good", "bad", "unknown"), EACH)
def test_a_rule_about_one_resource(
    rule: Policy, kind: str, good: dict[str, Any], bad: dict[str, Any], unknown: dict[str, Any]
) -> None:
    examine(rule, kind, good, bad, unknown)


@pytest.mark.parametrize(("store", "companion"), transport.OWN_POLICIES.items())
def test_every_store_has_one_policy(store: str, companion: tuple[str, str]) -> None:
    kind, through = companion
    owner = resource(store, {"bucket": UNKNOWN, "url": UNKNOWN, "arn": UNKNOWN}, "store")
    own = resource(kind, {through: UNKNOWN}, "policy", **{through: owner})
    second = resource(kind, {through: UNKNOWN}, "second", **{through: owner})
    assert judge(transport.store_has_policy, owner, own) == []
    assert judge(transport.store_has_policy, owner)[0].startswith("store: it has no policies")
    assert judge(transport.store_has_policy, owner, own, second)[0].startswith("store: it has 2 policies")
    assert judge(transport.store_has_policy, owner, resource(kind, {through: UNKNOWN})) == NOT_JUDGED
