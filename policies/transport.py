"""Nothing travels in the clear."""

from collections.abc import Iterator

from pulumi_policy import PolicyResource

from policies.documents import Statement, documents
from policies.rules import Props, Resources, companions, each, whole_stack

OWN_POLICIES = {
    "aws:s3/bucket:Bucket": ("aws:s3/bucketPolicy:BucketPolicy", "bucket"),
    "aws:sqs/queue:Queue": ("aws:sqs/queuePolicy:QueuePolicy", "queueUrl"),
    "aws:sns/topic:Topic": ("aws:sns/topicPolicy:TopicPolicy", "arn"),
}
"""Kind to the kind that is its policy, and the property of that by which it says whose."""
REFUSED = {"s3:*", "sqs:*", "sns:publish"}
SECURE_VIEWERS = ("redirect-to-https", "https-only")
NEW_TLS = ("TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025")


@whole_stack
def store_has_policy(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Every bucket, queue and topic has a policy of its own: without one nothing refuses plain HTTP."""
    for store, (policy, through) in OWN_POLICIES.items():
        for owner, policies in companions(resources, store, policy, through):
            if len(policies) != 1:
                named = policy.rpartition(":")[2]
                yield owner, f"it has {len(policies) or 'no'} policies, so plain HTTP may work; make one {named}"


@each(*(policy for policy, _ in OWN_POLICIES.values()))
def policy_refuses_plain_transport(props: Props) -> Iterator[str]:
    """Policies of buckets, queues and topics refuse everyone who does not use TLS."""
    for document in documents(props, "policy"):
        if not any(map(_refuses_plain, document)):
            yield "it does not refuse plain HTTP; add the statement of grants.only_encrypted_transport"


@each("aws:cloudfront/distribution:Distribution")
def distribution_serves_https_only(props: Props) -> Iterator[str]:
    """Distributions answer by HTTPS only."""
    for behavior in [props["defaultCacheBehavior"], *(props.get("orderedCacheBehaviors") or [])]:
        if behavior["viewerProtocolPolicy"] not in SECURE_VIEWERS:
            path = behavior.get("pathPattern") or "the default behaviour"
            yield f"{path} answers by plain HTTP; set viewer_protocol_policy to redirect-to-https"


@each("aws:cloudfront/distribution:Distribution")
def distribution_refuses_old_tls(props: Props) -> Iterator[str]:
    """Distributions with a certificate of their own refuse TLS of before 2021. With CloudFront's own, it chooses."""
    certificate = props["viewerCertificate"]
    if certificate.get("cloudfrontDefaultCertificate") is True:
        return
    version = certificate.get("minimumProtocolVersion") or "TLSv1"
    if version not in NEW_TLS:
        yield f"it accepts {version}; set minimum_protocol_version to TLSv1.2_2021"


def _refuses_plain(statement: Statement) -> bool:
    return (
        not statement.allows
        and statement.everyone
        and not statement.but_principals
        and any(action.lower() in REFUSED for action in statement.actions)
        and list(statement.conditions) == ["Bool"]
        and {key.lower(): value for key, value in statement.conditions["Bool"].items()}
        == {"aws:securetransport": "false"}
    )
