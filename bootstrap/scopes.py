"""The platform's things by service: how their ARNs begin, or by what else a stack's are told from others'."""

from bootstrap.uses import TAGGED, TO_BE_TAGGED, Scope, anything, made, named, tagged

BUCKET = named("s3", "s3:::{prefix}*")
PAGE = named("s3", "s3:::{prefix}*/page/*")
ACCOUNT_BLOCK = anything("s3", "the block of the whole account has no name")
QUEUE = named("sqs", "sqs:*:{account}:{prefix}*")
TOPIC = named("sns", "sns:*:{account}:{prefix}*")
SUBSCRIPTION = anything("sns", "subscriptions take no resource in IAM")
TABLE = named("dynamodb", "dynamodb:*:{account}:table/{prefix}*")
FUNCTION = named("lambda", "lambda:*:{account}:function:{prefix}*")
MAPPING = Scope(
    "lambda",
    ("*",),
    {"ArnLike": {"lambda:FunctionArn": "arn:{partition}:lambda:*:{account}:function:{prefix}*"}},
    "mappings are told by their function",
)
OWN_MAPPING, NEW_MAPPING = tagged("lambda", "lambda:*:{account}:event-source-mapping:*"), made("lambda")
MACHINE = named("states", "states:*:{account}:stateMachine:{prefix}*")
ANY_MACHINE = anything("states", "a definition is validated before there is a machine")
RULE = named("events", "events:*:{account}:rule/{prefix}*")
BUS = named("events", "events:*:{account}:event-bus/{prefix}*")
LOG_GROUP = named(
    "logs", "logs:*:{account}:log-group:/aws/*/{prefix}*", "logs:*:{account}:log-group:aws-waf-logs-{prefix}*"
)
ANY_LOG_GROUP = anything("logs", "listing log groups takes no resource in IAM")
LOG_ENDS = named(
    "logs", "logs:*:{account}:delivery-source:{prefix}*", "logs:*:{account}:delivery-destination:{prefix}*"
)
LOG_ROUTE, NEW_LOG_ROUTE = tagged("logs", "logs:*:{account}:delivery:*"), made("logs")
DELIVERY = anything("logs", "log delivery takes no resource in IAM")
ALARM = named("cloudwatch", "cloudwatch:*:{account}:alarm:{prefix}*")
DASHBOARD = named("cloudwatch", "cloudwatch::{account}:dashboard/{prefix}*")
ANY_ALARM = anything("cloudwatch", "alarms are listed before they are there")
SECRET = named("secretsmanager", "secretsmanager:*:{account}:secret:{prefix}*")
VPN_PROFILE = named("secretsmanager", "secretsmanager:*:{account}:secret:{prefix}vpn-*")
KEY, NEW_KEY = tagged("kms", "kms:*:{account}:key/*"), made("kms")
KEY_FOR_TABLES = Scope(
    "kms",
    ("kms:*:{account}:key/*",),
    {**TAGGED, "StringLike": {"kms:ViaService": "dynamodb.*.amazonaws.com"}},
    "DynamoDB tries the key of a new table in the name of its maker",
)
KEY_FOR_OBJECTS = Scope(
    "kms",
    ("kms:*:{account}:key/*",),
    {**TAGGED, "StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}},
    "S3 uses the key of an object in the name of who writes it",
)
KEY_FOR_SECRETS = Scope(
    "kms",
    ("kms:*:{account}:key/*",),
    {**TAGGED, "StringLike": {"kms:ViaService": "secretsmanager.*.amazonaws.com"}},
    "Secrets Manager uses the key of a secret in the name of who writes it",
)
DATABASE = named(
    "rds",
    "rds:*:{account}:db:{prefix}*",
    "rds:*:{account}:pg:{prefix}*",
    "rds:*:{account}:snapshot:{prefix}*",
    "rds:*:{account}:subgrp:{prefix}*",
    # PostgreSQL's has no options, and every database has one.
    "rds:*:{account}:og:default*",
)
PROXY, NEW_PROXY = tagged("rds", "rds:*:{account}:db-proxy:*", "rds:*:{account}:target-group:*"), made("rds")
KEY_FOR_DATABASES = Scope(
    "kms",
    ("kms:*:{account}:key/*",),
    {**TAGGED, "StringLike": {"kms:ViaService": "rds.*.amazonaws.com"}},
    "RDS gets grants for the keys of a database from its maker",
)
# Nobody but RDS may choose such a name.
MASTER_SECRET = named("secretsmanager", "secretsmanager:*:{account}:secret:rds!db-*")
ALIAS = named("kms", "kms:*:{account}:alias/{prefix}*")
ANY_ALIAS = anything("kms", "listing aliases takes no resource in IAM")
ROLE = named("iam", "iam::{account}:role/{prefix}*")
BOUND_ROLE = Scope(
    "iam", ("iam::{account}:role/{prefix}*",), {"StringEquals": {"iam:PermissionsBoundary": "{boundary_arn}"}}
)
DISTRIBUTION, NEW_DISTRIBUTION = tagged("cloudfront", "cloudfront::{account}:distribution/*"), made("cloudfront")
EDGE = anything("cloudfront", "CloudFront numbers these and gives them no tags")
EC2, NEW_EC2 = tagged("ec2", "*"), made("ec2")
ANY_EC2 = anything("ec2", "what EC2 describes takes no resource in IAM")
DEFAULT_GROUP = Scope(
    "ec2",
    ("ec2:*:{account}:security-group/*",),
    {**TO_BE_TAGGED, "Null": {"aws:ResourceTag/stack": "true"}},
    "the default group of a new network has no tags yet",
)
ZONE = anything("route53", "the zone of an endpoint belongs to AWS")
FIREWALL = named(
    "wafv2",
    "wafv2:*:{account}:global/webacl/{prefix}*",
    "wafv2:*:{account}:regional/webacl/{prefix}*",
    "wafv2:*:{account}:global/managedruleset/*",
    "wafv2:*:{account}:regional/managedruleset/*",
)
PLAN, NEW_PLAN = tagged("guardduty", "guardduty:*:{account}:malware-protection-plan/*"), made("guardduty")
CERTIFICATE, NEW_CERTIFICATE = tagged("acm", "acm:*:{account}:certificate/*"), made("acm")
GATEWAY = Scope(
    "apigateway",
    tuple(f"apigateway:*::/{kind}{inside}" for kind in ("restapis", "apikeys", "usageplans") for inside in ("", "/*")),
    {},
    "API Gateway numbers its things, and their parts have no tags of their own",
)
GATEWAY_TAGS = Scope("apigateway", ("apigateway:*::/tags/*",), {}, "tags are written by the ARN of what bears them")
POOL, NEW_POOL = tagged("cognito-idp", "cognito-idp:*:{account}:userpool/*"), made("cognito-idp")
ANY_POOL = anything("cognito-idp", "domains of sign-in pages are looked at before it is known whose they are")
