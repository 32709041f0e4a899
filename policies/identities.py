"""Each function and service has a role of its own, that it alone takes up, held by the boundary of all."""

from collections import Counter
from collections.abc import Iterator

from pulumi_policy import PolicyResource

from policies.documents import Statement, documents
from policies.kinds import (
    BOUNDARY,
    BUCKET_POLICY,
    DATABASE,
    DATABASE_PROXY,
    FLOW_LOG,
    FUNCTION,
    KEY_POLICY,
    LOG_RESOURCE_POLICY,
    MACHINE,
    MALWARE_PLAN,
    QUEUE_POLICY,
    ROLE,
    ROLE_POLICY,
    TOPIC_POLICY,
)
from policies.rules import Props, Resources, companions, each, given, named, whole_stack

# Who takes a role up by which property, and as which service.
USERS = (
    (FUNCTION, "role", "lambda.amazonaws.com"),
    (MACHINE, "roleArn", "states.amazonaws.com"),
    (DATABASE, "monitoringRoleArn", "monitoring.rds.amazonaws.com"),
    (DATABASE_PROXY, "roleArn", "rds.amazonaws.com"),
    (FLOW_LOG, "iamRoleArn", "vpc-flow-logs.amazonaws.com"),
    (MALWARE_PLAN, "role", "malware-protection-plan.guardduty.amazonaws.com"),
)
# CloudFront says no account, and its ARN holds one. Lambda and keys' users say no source that is known beforehand.
SAYS_NO_ACCOUNT = ("cloudfront.amazonaws.com",)
SAYS_NO_SOURCE = ("lambda.amazonaws.com",)
UNNAMEABLE = frozenset(
    {
        "cloudfront:CreatePublicKey",
        "cloudfront:DeletePublicKey",
        "cloudfront:GetKeyGroup",
        "cloudfront:GetPublicKey",
        "cloudfront:ListPublicKeys",
        "cloudfront:UpdateKeyGroup",
        "dynamodb:ListStreams",
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:GetQueryResults",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:StopQuery",
        "logs:UpdateLogDelivery",
        "sts:GetCallerIdentity",
    }
)
"""Actions that IAM knows no resource for, or none that is known before."""
LOOKS_AT_KEY = ("kms:DescribeKey",)
USES_KEY = ("kms:decrypt", "kms:encrypt", "kms:generatedatakey", "kms:reencryptfrom", "kms:reencryptto")
# GuardDuty turns a bucket's notifications on by itself (s3:PutBucketNotification).
ADMINISTRATION = (
    "cloudtrail:",
    "iam:",
    "kms:create",
    "kms:put",
    "kms:schedule",
    "organizations:",
    "s3:deletebucket",
    "s3:putbucketacl",
    "s3:putbucketpolicy",
    "s3:putbucketpublicaccessblock",
    "s3:putbucketversioning",
    "s3:putencryptionconfiguration",
    "s3:putlifecycleconfiguration",
)
CONTEXTS = {"s3": "kms:EncryptionContext:aws:s3:arn", "dynamodb": "kms:EncryptionContext:aws:dynamodb:tableName"}


@each(ROLE)
def role_has_boundary(props: Props) -> Iterator[str]:
    """Every role is held by a permissions boundary."""
    if not given(props, "permissionsBoundary"):
        yield "its policies alone say what it may do; make it with components.roles.Roles"


@whole_stack
def roles_have_one_boundary(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """All roles that services take up are held by the same boundary."""
    held = [(role, role.props.get("permissionsBoundary")) for role in _of_services(resources)]
    usual = Counter(boundary for _, boundary in held if boundary).most_common(1)
    for role, boundary in held:
        if boundary and boundary != usual[0][0]:
            yield role, f"it is held by {boundary}, the others by {usual[0][0]}; use the same"


@whole_stack
def role_is_used_by_one(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Every role that a service takes up is used by one function or thing of that service."""
    for kind, path, service in USERS:
        users = [(role.urn, one) for one in resources.of(kind) for role in named(one, path, resources, ROLE)]
        for role in resources.of(ROLE):
            if service not in {name for one in _trusting(role) for name in one.services}:
                for urn, user in users:
                    if urn == role.urn:
                        yield role, f"{user.name} uses it and cannot; let {service} assume it"
            elif (count := sum(urn == role.urn for urn, _ in users)) != 1:
                yield role, f"{count} use it; make one role for each"


@whole_stack
def role_has_one_policy(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Every role has one policy, in which all that it may do is written."""
    for role, policies in companions(resources, ROLE, ROLE_POLICY, "role"):
        if len(policies) != 1:
            yield role, f"it has {len(policies)} policies; render its grants into one RolePolicy"


@each(ROLE)
def role_has_own_policy_only(props: Props) -> Iterator[str]:
    """No role has policies that others write."""
    if given(props, "managedPolicyArns") and len(props["managedPolicyArns"]):
        yield "AWS or others may change what it may do; take managed_policy_arns away"


@each(ROLE)
def role_is_assumed_for_this_account(props: Props) -> Iterator[str]:
    """Services take up roles for this account, and where the source is known before, for it only."""
    for statement in (one for document in documents(props, "assumeRolePolicy") for one in document):
        for service in statement.services if statement.allows else ():
            if not statement.strictly("aws:SourceAccount"):
                yield f"{service} takes it up for anybody; add a condition on aws:SourceAccount"
            if service not in SAYS_NO_SOURCE and not statement.bound_to:
                yield f"{service} takes it up for any of its things; add a condition on aws:SourceArn"
        if statement.allows and statement.actions != ("sts:AssumeRole",) and statement.services:
            yield f"services may {', '.join(statement.actions)}; allow sts:AssumeRole alone"


@each(BUCKET_POLICY, QUEUE_POLICY, TOPIC_POLICY, KEY_POLICY, LOG_RESOURCE_POLICY)
def services_are_bound(props: Props) -> Iterator[str]:
    """Services that a resource lets in act for this account, and for a source or with a context that is named."""
    for statement in (one for document in documents(props, "policy", "policyDocument") for one in document):
        for service in statement.services if statement.allows else ():
            # Logs says for which group it acts by the context only.
            context = service.startswith("logs.") and any(map(statement.strictly, _contexts(statement)))
            if not statement.strictly("aws:SourceAccount") and service not in SAYS_NO_ACCOUNT and not context:
                yield f"it lets {service} act for anybody; add a condition on aws:SourceAccount"
            if not statement.bound_to and not context and statement.actions != LOOKS_AT_KEY:
                yield f"it lets {service} act for any of its things; add a condition on aws:SourceArn"


@whole_stack
def keys_are_used_through_services(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Services' roles use keys through a service only, and for one bucket or table where it says for which."""
    for policy, statement in _rights(resources):
        if not any(action.lower().startswith(USES_KEY) for action in statement.actions):
            continue
        through = statement.strictly("kms:ViaService")
        if not through:
            yield policy, "it may use a key by itself; add a condition on kms:ViaService (Key.use does)"
        for service in through:
            context = CONTEXTS.get(service.split(".")[0])
            if context and not statement.strictly(context):
                yield policy, f"it may read what others encrypted through {service}; add a condition on {context}"


@whole_stack
def any_resource_is_for_few_actions(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """On any resource at all a service's role may only do what IAM knows no resource for."""
    limits = [
        (policy, statement)
        for policy in resources.of(BOUNDARY)
        if any(policy in named(role, "permissionsBoundary", resources, BOUNDARY) for role in _of_services(resources))
        for statement in _allowing(policy)
    ]
    for policy, statement in [*_rights(resources), *limits]:
        more = sorted(set(statement.actions) - UNNAMEABLE)
        if "*" in statement.resources and more:
            yield policy, f"it may {', '.join(more)} on any resource; name the resources"


@each(ROLE_POLICY)
def interfaces_are_made_by_lambda(props: Props) -> Iterator[str]:
    """Interfaces in the network are made by Lambda, which needs the function's role for it, and not by its code."""
    for statement in (one for document in documents(props, "policy") for one in document if one.allows):
        code_may_not = statement.conditions.get("Null", {}).get("lambda:SourceFunctionArn") == "true"
        if any(action.startswith("ec2:") for action in statement.actions) and not code_may_not:
            yield "code may make interfaces; add the condition that lambda:SourceFunctionArn is missing"


@each(ROLE_POLICY)
def roles_do_not_administer(props: Props) -> Iterator[str]:
    """No role of the platform changes roles, policies, keys or logs' trails."""
    for statement in (one for document in documents(props, "policy") for one in document):
        if statement.allows and (bad := [one for one in statement.actions if one.lower().startswith(ADMINISTRATION)]):
            yield f"it may {', '.join(bad)}; what administers is no part of a file's way"


def _of_services(resources: Resources) -> list[PolicyResource]:
    """Roles that services take up; people and workflows have others."""
    return [role for role in resources.of(ROLE) if any(one.services for one in _trusting(role))]


def _rights(resources: Resources) -> Iterator[tuple[PolicyResource, Statement]]:
    """What the policies of services' roles allow."""
    roles = {role.urn for role in _of_services(resources)}
    for policy in resources.of(ROLE_POLICY):
        if any(role.urn in roles for role in named(policy, "role", resources, ROLE)):
            yield from ((policy, statement) for statement in _allowing(policy))


def _allowing(policy: PolicyResource) -> list[Statement]:
    return [one for document in documents(policy.props, "policy") for one in document if one.allows]


def _trusting(role: PolicyResource) -> list[Statement]:
    return [one for document in documents(role.props, "assumeRolePolicy") for one in document if one.allows]


def _contexts(statement: Statement) -> list[str]:
    return [key for key in statement.condition_keys if key.startswith("kms:encryptioncontext:")]
