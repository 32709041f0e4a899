"""The permissions boundary: the most that any role of a stack may do, whatever its own policy says.

What is on this list is what functions and services of the platform do somewhere; a new grant is of no use until its
action is here as well, which is the point: widening a role takes two changes, and one of them is in this file. The
bootstrap program can make the same policy beforehand (setting `iam.boundary_arn`), so that whoever deploys a stack
cannot change it.
"""

from collections.abc import Iterator

import pulumi
import pulumi_aws as aws

from components.grants import Statement, policy
from components.naming import Names
from components.place import Place
from runtime.domain.catalogue import WRITER

PURPOSE = "boundary"
# Names of roles and stores begin with it, and most of their 63 characters are left for what they are for.
LONGEST_PREFIX = 40
MANAGED_RULE = "rule/DO-NOT-DELETE-AmazonGuardDutyMalwareProtectionS3*"
"""GuardDuty chooses the end of the name."""

OBJECTS = (
    "s3:AbortMultipartUpload",
    "s3:GetObject",
    "s3:GetObjectTagging",
    "s3:GetObjectVersion",
    "s3:GetObjectVersionTagging",
    "s3:ListMultipartUploadParts",
    "s3:PutObject",
    "s3:PutObjectTagging",
    "s3:PutObjectVersionTagging",
)
BUCKETS = ("s3:GetBucketNotification", "s3:ListBucket", "s3:ListBucketVersions", "s3:PutBucketNotification")
REMOVED = ("s3:DeleteObjectVersion",)
REMOVED_FROM = ("delivery", "output", "upload")
"""Buckets in which anything may be removed for ever; in the backup it may only be hidden."""
TABLES = (
    "dynamodb:BatchGetItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
)
MACHINES = ("states:SendTaskFailure", "states:SendTaskSuccess", "states:StartExecution")
STREAMS = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
QUEUES = (
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
    "sqs:SendMessage",
)
SECRETS = (
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecretVersionStage",
)
SIGNING = (
    "cloudfront:CreatePublicKey",
    "cloudfront:DeletePublicKey",
    "cloudfront:GetKeyGroup",
    "cloudfront:GetPublicKey",
    "cloudfront:ListPublicKeys",
    "cloudfront:UpdateKeyGroup",
)
MANAGED_RULES = (
    "events:DeleteRule",
    "events:DescribeRule",
    "events:ListTargetsByRule",
    "events:PutRule",
    "events:PutTargets",
    "events:RemoveTargets",
)
"""What GuardDuty needs for the rule of its own by which it hears of uploads."""
LOGS = ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")
KEYS = ("kms:Decrypt", "kms:GenerateDataKey")
INTERFACES = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
OPERATING_SYSTEM_LOGS = (
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:DescribeLogStreams",
    "logs:GetLogEvents",
    "logs:PutLogEvents",
    "logs:PutRetentionPolicy",
)
LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)


def make_boundary(names: Names, place: Place) -> pulumi.Output[str]:
    """The boundary of a stack that nobody has made one for; its ARN."""
    made = aws.iam.Policy(
        names.exact("policy", PURPOSE),
        name=names.exact("policy", PURPOSE),
        description=f"The most that a role of {names.project} {names.stack} may do",
        policy=document(names, place),
    )
    return made.arn


def document(names: Names, place: Place) -> pulumi.Output[str]:
    """The policy, as JSON text. Raises `RunError` when the stack's names leave no room to tell its things by them."""
    if len(names.prefix) > LONGEST_PREFIX:
        raise pulumi.RunError(
            f"the names of project and stack are too long: '{names.prefix}' has {len(names.prefix)} characters, "
            f"{LONGEST_PREFIX} at most tell a stack's things from others'"
        )
    return policy([statement.document() for statement in statements(names.prefix, place)])


def statements(prefix: str, place: Place) -> Iterator[Statement]:
    """What the boundary is made of; the policies of endpoints are made of it as well."""

    def on(actions: tuple[str, ...], *resources: str) -> Statement:
        return Statement(actions=actions, resources=resources)

    def anywhere(actions: tuple[str, ...], reason: str, resource: str = "*") -> Statement:
        return Statement(actions=actions, resources=(resource,), reason=reason)

    here = place.arn
    yield on(OBJECTS, f"arn:{place.partition}:s3:::{prefix}*/*")
    yield on(BUCKETS, f"arn:{place.partition}:s3:::{prefix}*")
    yield on(REMOVED, *(f"arn:{place.partition}:s3:::{prefix}{one}*/*" for one in REMOVED_FROM))
    yield on(("s3:DeleteObject",), f"arn:{place.partition}:s3:::{prefix}backup*/*")
    yield on(TABLES, here("dynamodb", f"table/{prefix}*"))
    yield on(STREAMS, here("dynamodb", f"table/{prefix}*/stream/*"))
    yield anywhere(("dynamodb:ListStreams",), "list streams takes no resource in IAM")
    yield on(QUEUES, here("sqs", f"{prefix}*"))
    yield on(("sns:Publish",), here("sns", f"{prefix}*"))
    yield on(("events:PutEvents",), here("events", f"event-bus/{prefix}*"))
    yield on(MANAGED_RULES, here("events", MANAGED_RULE))
    yield on(SECRETS, here("secretsmanager", f"secret:{prefix}*"))
    # RDS names the secrets of master users itself.
    yield on(("secretsmanager:GetSecretValue",), here("secretsmanager", "secret:rds!db-*"))
    users = (here("rds-db", f"dbuser:*/{WRITER}"),)
    yield anywhere(("rds-db:connect",), "the id of a database does not tell its stack", *users)
    yield on(OPERATING_SYSTEM_LOGS, here("logs", "log-group:RDSOSMetrics:*"))
    distributions = f"arn:{place.partition}:cloudfront::{place.account}:distribution/*"
    fronts = ("cloudfront:CreateInvalidation", "cloudfront:GetDistribution")
    yield anywhere(fronts, "the id of a distribution does not tell its stack", distributions)
    yield anywhere(SIGNING, "public keys and key groups of CloudFront are no resources in IAM")
    yield on(("lambda:InvokeFunction",), here("lambda", f"function:{prefix}*"))
    yield on(MACHINES, here("states", f"stateMachine:{prefix}*"))
    yield on(("states:DescribeExecution", "states:StopExecution"), here("states", f"execution:{prefix}*"))
    yield on(LOGS, here("logs", f"log-group:/aws/*{prefix}*"))
    yield anywhere(KEYS, "the id of a key does not tell its stack", here("kms", "key/*"))
    yield anywhere(INTERFACES, "Lambda makes network interfaces that have no name before")
    yield anywhere(LOG_DELIVERY, "log delivery takes no resource in IAM")
