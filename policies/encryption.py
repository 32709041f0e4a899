"""Whatever holds data is encrypted with a key of this stack, and keys rotate."""

from collections.abc import Iterator

from pulumi_policy import PolicyResource

from policies.rules import Props, Resources, companions, each, given, whole_stack

BUCKET = "aws:s3/bucket:Bucket"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
LOGGING = "aws:s3/bucketLogging:BucketLogging"


@whole_stack
def bucket_is_encrypted(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Every bucket says how its objects are encrypted."""
    for bucket, encryptions in companions(resources, BUCKET, ENCRYPTION, "bucket"):
        if not encryptions:
            yield (
                bucket,
                "nothing says how its objects are encrypted; give it a BucketServerSideEncryptionConfiguration, "
                "or make it as a SecureBucket",
            )


@whole_stack
def bucket_uses_own_key(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Objects are encrypted with a KMS key of the stack, through a bucket key; S3's own key is for access logs only."""
    encryptions = {bucket.urn: found for bucket, found in companions(resources, BUCKET, ENCRYPTION, "bucket") if found}
    for bucket, senders in companions(resources, BUCKET, LOGGING, "targetBucket"):
        for encryption in encryptions.get(bucket.urn, []):
            for rule in encryption.props["rules"]:
                default = rule["applyServerSideEncryptionByDefault"]
                if default["sseAlgorithm"] == "AES256" and senders:
                    continue
                if not default["sseAlgorithm"].startswith("aws:kms") or not given(default, "kmsMasterKeyId"):
                    yield (
                        encryption,
                        f"{bucket.name} is not encrypted with a key of the stack; set sse_algorithm to aws:kms and "
                        "kms_master_key_id to the key's ARN",
                    )
                elif rule.get("bucketKeyEnabled") is not True:
                    yield encryption, f"every object of {bucket.name} costs a call of KMS; set bucket_key_enabled"


@each("aws:sqs/queue:Queue")
def queue_is_encrypted(props: Props) -> Iterator[str]:
    """Queues are encrypted with a key of the stack."""
    if not given(props, "kmsMasterKeyId"):
        yield "its messages are not encrypted with a key of the stack; set kms_master_key_id to the messaging key's ARN"


@each("aws:sns/topic:Topic")
def topic_is_encrypted(props: Props) -> Iterator[str]:
    """Topics are encrypted with a key of the stack."""
    if not given(props, "kmsMasterKeyId"):
        yield "its messages are not encrypted; set kms_master_key_id to the messaging key's ARN"


@each("aws:sqs/queue:Queue", "aws:sns/topic:Topic")
def messages_use_own_key(props: Props) -> Iterator[str]:
    """Messages are not encrypted with AWS's own key: no service could be let in to send to them."""
    if given(props, "kmsMasterKeyId") and props["kmsMasterKeyId"].startswith("alias/aws/"):
        yield f"{props['kmsMasterKeyId']} is AWS's key, which no service may be let into; use the messaging key's ARN"


@each("aws:dynamodb/table:Table")
def table_is_encrypted(props: Props) -> Iterator[str]:
    """Tables are encrypted with a key of the stack."""
    encryption = props.get("serverSideEncryption") or {}
    if encryption.get("enabled") is not True or not given(encryption, "kmsKeyArn"):
        yield "it is not encrypted with a key of the stack; set server_side_encryption with enabled and kms_key_arn"


@each("aws:cloudwatch/logGroup:LogGroup")
def log_group_is_encrypted(props: Props) -> Iterator[str]:
    """Log groups are encrypted with a key of the stack."""
    if not given(props, "kmsKeyId"):
        yield "its logs are not encrypted with a key of the stack; set kms_key_id to the logs key's ARN"


@each("aws:secretsmanager/secret:Secret")
def secret_is_encrypted(props: Props) -> Iterator[str]:
    """Secrets are encrypted with a key of the stack."""
    if not given(props, "kmsKeyId"):
        yield "it is not encrypted with a key of the stack; set kms_key_id to the secrets key's ARN"


@each("aws:kms/key:Key")
def key_rotates(props: Props) -> Iterator[str]:
    """Keys rotate."""
    if props.get("enableKeyRotation") is not True:
        yield "it never rotates; set enable_key_rotation"
