"""Which use of a store's key a call implies: the caller needs it too, through the store's service.

Sources: for S3 https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions and
UsingKMSEncryption.html, for SQS .../sqs-key-management.html, for SNS .../sns-key-management.html, for DynamoDB
.../encryption.usagenotes.html, for Secrets Manager .../security-encryption.html.
"""

from collections.abc import Mapping

from local.iam.judge import Request
from local.iam.policy import Values

DECRYPT, DATA_KEY = "kms:Decrypt", "kms:GenerateDataKey"
SEND, READ = (DATA_KEY, DECRYPT), (DECRYPT,)
_ITEMS = ("BatchGetItem", "BatchWriteItem", "ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan")
# By action, for stores of which the action tells; S3's do not: PutObject is a put, a part, and the end of an upload.
BY_ACTION: Mapping[str, Values] = {
    "sqs:SendMessage": SEND,
    "sqs:ReceiveMessage": READ,
    "sns:Publish": SEND,
    "secretsmanager:GetSecretValue": READ,
    "secretsmanager:PutSecretValue": SEND,
    "dynamodb:GetRecords": READ,
    **{f"dynamodb:{name}": READ for name in (*_ITEMS, "UpdateItem")},
}


def uses(principal: str, actions: Values, key: str, *, via: str, resource: str, **context: str) -> list[Request]:
    """The calls of KMS that `via` (a service) makes for `principal` because of a call about `resource` (an ARN).

    `context` are further condition keys, such as those that tell which rule a service acts for.
    """
    region, account = key.split(":")[3:5]
    about = {"s3": ("aws:s3:arn", resource), "secretsmanager": ("SecretARN", resource)}
    if via == "dynamodb":
        about["dynamodb"] = ("aws:dynamodb:tableName", resource.partition("/")[2].partition("/")[0])
    encryption = dict([about[via]]) if via in about else {}
    if via == "dynamodb":
        encryption["aws:dynamodb:subscriberId"] = account
    keys: dict[str, str | Values] = {
        **context,
        "aws:ViaAWSService": "true",
        "kms:CallerAccount": account,
        "kms:ViaService": f"{via}.{region}.amazonaws.com",
        **{f"kms:EncryptionContext:{name}": value for name, value in encryption.items()},
    }
    if encryption:
        keys["kms:EncryptionContextKeys"] = tuple(encryption)
    return [Request(principal=principal, action=action, resource=key, context=keys) for action in actions]
