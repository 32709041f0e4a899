"""Whatever holds data is encrypted with a key of this stack, and keys rotate."""

from collections.abc import Iterator

from pulumi_policy import PolicyResource

from local.iam.policy import applies, parse
from policies.kinds import (
    BUCKET_POLICY,
    CERTIFICATE_SELF_SIGNED,
    CERTIFICATE_SIGNED,
    PRIVATE_KEY,
    SECRET,
    SECRET_ROTATION,
    SECRET_VERSION,
)
from policies.rules import Props, Resources, companions, computed, each, given, named, values, whole_stack

BUCKET = "aws:s3/bucket:Bucket"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
DEFAULTS = "rules[].applyServerSideEncryptionByDefault"
SSE = "s3:x-amz-server-side-encryption"
SSE_KEY = f"{SSE}-aws-kms-key-id"
SSE_CALLER = f"{SSE}-customer-algorithm"
WEEK_HOURS = 7 * 24
LONGEST_CERTIFICATE_HOURS = 2 * 366 * 24
LONGEST_SECRET_DAYS = 365
USES = frozenset({"client_auth", "digital_signature", "key_encipherment", "server_auth"})
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
            if len(encryption.props["rules"]) != 1:
                yield encryption, f"it does not say how {bucket.name} is encrypted; give it one rule"
            for rule in encryption.props["rules"]:
                default = rule["applyServerSideEncryptionByDefault"]
                if default["sseAlgorithm"] == "AES256" and senders:
                    continue
                if default["sseAlgorithm"] not in ("aws:kms", "aws:kms:dsse") or not given(default, "kmsMasterKeyId"):
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


@whole_stack
def secret_is_changed(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Every secret that the program does not write itself is changed once a year at least, by a function."""
    versions = resources.of(SECRET_VERSION)
    written = {one.urn for version in versions for one in named(version, "secretId", resources, SECRET)}
    for secret, rotations in companions(resources, SECRET, SECRET_ROTATION, "secretId"):
        if secret.urn in written:
            continue
        days = [one for found in rotations for one in values(found.props, "rotationRules.automaticallyAfterDays")]
        if len(days) != 1 or not 0 < days[0] <= LONGEST_SECRET_DAYS:
            yield secret, f"it stays the same for years; give it a SecretRotation of {LONGEST_SECRET_DAYS} days at most"
        elif not given(rotations[0].props, "rotationLambdaArn"):
            yield secret, "nothing changes it; set rotation_lambda_arn of its SecretRotation"


@each("aws:sqs/queue:Queue")
def data_keys_are_changed(props: Props) -> Iterator[str]:
    """SQS asks for a new data key every hour at least, so that a key that is taken away soon is of no use."""
    if not 60 <= props.get("kmsDataKeyReusePeriodSeconds", 300) <= 3600:
        yield "its data keys are used for long; set kms_data_key_reuse_period_seconds to 3600 at most"


@each("aws:cloudwatch/eventBus:EventBus")
def bus_is_encrypted(props: Props) -> Iterator[str]:
    """Event buses are encrypted with a key of the stack."""
    if not given(props, "kmsKeyIdentifier"):
        yield "its events are not encrypted with a key of the stack; set kms_key_identifier to the messaging key's ARN"


@each(PRIVATE_KEY)
def private_key_is_long(props: Props) -> Iterator[str]:
    """Private keys that the stack makes are of RSA with 2,048 bits at least, or of an elliptic curve."""
    algorithm, bits = props["algorithm"], props.get("rsaBits") or 0
    if algorithm not in ("RSA", "ECDSA", "ED25519") or (algorithm == "RSA" and not 2048 <= bits <= 4096):
        yield f"{algorithm} with {bits:g} bits can be broken, or takes too long; set rsa_bits to 2048 to 4096"


@each(CERTIFICATE_SIGNED)
def certificate_ends(props: Props) -> Iterator[str]:
    """Certificates that the stack makes are for one use, for two years at most, and are renewed before they end."""
    hours, early = props["validityPeriodHours"], props.get("earlyRenewalHours") or 0
    if not 0 < hours <= LONGEST_CERTIFICATE_HOURS:
        yield f"it is valid for too long; set validity_period_hours to {LONGEST_CERTIFICATE_HOURS} at most"
    if not WEEK_HOURS <= early < hours:
        yield "it ends before anybody renews it; set early_renewal_hours to less than validity_period_hours"
    if len({"server_auth", "client_auth"} & set(props["allowedUses"])) != 1 or not set(props["allowedUses"]) <= USES:
        yield "it can be used for more than one thing; leave server_auth or client_auth in allowed_uses"
    if props.get("isCaCertificate") is True:
        yield "whoever has it can make others; take is_ca_certificate away"


@each(CERTIFICATE_SELF_SIGNED)
def authority_signs_only_clients(props: Props) -> Iterator[str]:
    """An authority of the stack signs certificates of clients and servers, no other authorities, and serves nothing."""
    if props.get("isCaCertificate") is not True or props.get("maxPathLength") != 0:
        yield "it can be the authority of authorities; set is_ca_certificate, and max_path_length to 0"
    if not LONGEST_CERTIFICATE_HOURS <= props["validityPeriodHours"] <= 5 * LONGEST_CERTIFICATE_HOURS:
        yield "it ends before what it signed, or lasts too long; set validity_period_hours to two to ten years"
    if set(props["allowedUses"]) != {"cert_signing", "crl_signing"}:
        yield "it can be used for more than signing; set allowed_uses to cert_signing and crl_signing"


@whole_stack
def bucket_takes_only_its_key(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """A bucket with a key of the stack refuses objects that somebody wants encrypted otherwise, and no others."""
    encryptions = {bucket.urn: found for bucket, found in companions(resources, BUCKET, ENCRYPTION, "bucket")}
    for bucket, policies in companions(resources, BUCKET, BUCKET_POLICY, "bucket"):
        for default in (one for found in encryptions[bucket.urn] for one in values(found.props, DEFAULTS)):
            for policy in policies if default["sseAlgorithm"] == "aws:kms" else ():
                key, resource = default["kmsMasterKeyId"], f"{computed(bucket, 'arn')}/any"
                for headers, refused, what in _uploads(key):
                    if _denies(policy, "s3:PutObject", resource, headers) != refused:
                        yield policy, f"{bucket.name} {what}; see SecureBucket.make_policy"


def _uploads(key: str) -> Iterator[tuple[dict[str, str], bool, str]]:
    """What an upload says of its encryption, whether it has to be refused, and what is wrong otherwise."""
    foreign = "arn:aws:kms:eu-central-1:000000000000:key/foreign"
    yield {}, False, "refuses uploads that leave the encryption to it"
    yield {SSE: "aws:kms", SSE_KEY: key}, False, "refuses its own key"
    yield {SSE: "AES256"}, True, "takes objects that are encrypted with S3's own key"
    yield {SSE: "aws:kms:dsse", SSE_KEY: key}, True, "takes objects that are encrypted twice, which costs twice"
    yield {SSE: "aws:kms", SSE_KEY: foreign}, True, "takes objects that are encrypted with a foreign key"
    yield {SSE_KEY: foreign}, True, "takes objects that are encrypted with a foreign key"
    yield {SSE: "aws:kms"}, True, "takes objects that are encrypted with AWS's key of the account"
    yield {SSE_CALLER: "AES256"}, True, "takes objects that are encrypted with a key that the caller keeps"


def _denies(policy: PolicyResource, action: str, resource: str, headers: dict[str, str]) -> bool:
    request = {"aws:securetransport": "true", **headers}
    return any(
        not one.allows
        and any(condition.key.lower().startswith(SSE) for condition in one.conditions)
        and ("*", "*") in (one.principals or ())
        and applies(one, action, resource, request)
        for one in parse(policy.props["policy"])
    )


@each("aws:kms/key:Key")
def key_rotates(props: Props) -> Iterator[str]:
    """Keys rotate."""
    if props.get("enableKeyRotation") is not True:
        yield "it never rotates; set enable_key_rotation"
