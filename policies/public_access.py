"""Nothing is open to the world: no bucket, no policy, no port."""

from collections.abc import Iterator

from pulumi_policy import PolicyResource

from policies.documents import documents, unnamed
from policies.encryption import BUCKET
from policies.kinds import ACCOUNT_BLOCK, LOG_RESOURCE_POLICY
from policies.rules import Props, Resources, companions, each, whole_stack

BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
BLOCKED = {
    "blockPublicAcls": "block_public_acls",
    "blockPublicPolicy": "block_public_policy",
    "ignorePublicAcls": "ignore_public_acls",
    "restrictPublicBuckets": "restrict_public_buckets",
}
WORLD = ("0.0.0.0/0", "::/0")
RESOURCE_POLICIES = (
    LOG_RESOURCE_POLICY,
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy",
    "aws:kms/key:Key",
    "aws:kms/keyPolicy:KeyPolicy",
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:secretsmanager/secret:Secret",
    "aws:secretsmanager/secretPolicy:SecretPolicy",
    "aws:sns/topic:Topic",
    "aws:sns/topicPolicy:TopicPolicy",
    "aws:sqs/queue:Queue",
    "aws:sqs/queuePolicy:QueuePolicy",
)
"""Kinds whose property `policy` or `policyDocument` says who may use a resource."""


@whole_stack
def bucket_is_closed(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Every bucket has a public access block."""
    for bucket, blocks in companions(resources, BUCKET, BLOCK, "bucket"):
        if not blocks:
            yield bucket, "nothing keeps it from becoming public; give it a BucketPublicAccessBlock"


@each(BLOCK, ACCOUNT_BLOCK)
def block_is_complete(props: Props) -> Iterator[str]:
    """A public access block blocks all of it."""
    if missing := [argument for name, argument in BLOCKED.items() if props.get(name) is not True]:
        yield f"buckets may still become public; set {', '.join(missing)}"


@whole_stack
def bucket_has_one_owner(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Every bucket belongs to the account with all that is in it, so that no ACL counts."""
    for bucket, controls in companions(resources, BUCKET, OWNERSHIP, "bucket"):
        if not any(one.props["rule"]["objectOwnership"] == "BucketOwnerEnforced" for one in controls):
            yield bucket, "ACLs count in it; give it BucketOwnershipControls with object_ownership BucketOwnerEnforced"


@each(*RESOURCE_POLICIES)
def policy_lets_nobody_unknown_in(props: Props) -> Iterator[str]:
    """No resource's own policy lets everyone in, not even under a condition."""
    for document in documents(props, "policy", "policyDocument"):
        for statement in document:
            if statement.allows and statement.everyone:
                yield f"it lets everyone do {', '.join(statement.actions)}; name the accounts or services"


@each("aws:lambda/permission:Permission")
def function_lets_nobody_unknown_in(props: Props) -> Iterator[str]:
    """No function may be called by everyone."""
    if props["principal"] == "*":
        yield "everyone may call the function; name the service in principal"


@each("aws:lambda/permission:Permission")
def function_is_called_for_somebody(props: Props) -> Iterator[str]:
    """A service calls a function for this account, and for one thing of it."""
    if not props.get("sourceAccount"):
        yield f"{props['principal']} calls it for any account; set source_account"
    if not props.get("sourceArn") or unnamed(props["sourceArn"]):
        yield f"{props['principal']} calls it for any of its things; set source_arn"


@each("aws:lambda/functionUrl:FunctionUrl")
def function_url_asks_who_calls(props: Props) -> Iterator[str]:
    """A function's URL is not for everyone."""
    if props["authorizationType"] == "NONE":
        yield "everyone may call the function; set authorization_type to AWS_IAM"


@each(
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
)
def security_group_is_closed(props: Props) -> Iterator[str]:
    """No security group lets the world in."""
    inline = [cidr for rule in props.get("ingress") or [] for cidr in _cidrs(rule)]
    single = [props.get("cidrIpv4"), props.get("cidrIpv6")]
    if opened := [cidr for cidr in (*inline, *single) if cidr in WORLD]:
        yield f"it lets {' and '.join(opened)} in; name the addresses or the security group that may come in"


def _cidrs(rule: Props) -> list[str]:
    return [*(rule.get("cidrBlocks") or []), *(rule.get("ipv6CidrBlocks") or [])]
