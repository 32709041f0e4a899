"""Each rule about encryption: what keeps it, what breaks it, and what cannot be judged before it is known."""

from typing import Any

import pytest
from pulumi_policy import Policy, PolicyResource

from policies import encryption
from tests.policies.breaks import DROPPED, GONE, Break
from tests.policies.cases import NOT_JUDGED, UNKNOWN, examine, judge, resource

QUEUE, TOPIC = "aws:sqs/queue:Queue", "aws:sns/topic:Topic"
KEY = "arn:aws:kms:eu-central-1:123456789012:key/1"
# Rule, kind, properties that keep it, that break it, and that are not known yet, with what is then said.
EACH: list[tuple[Policy, str, dict[str, Any], dict[str, Any], dict[str, Any], list[str]]] = [
    (encryption.queue_is_encrypted, QUEUE, {"kmsMasterKeyId": KEY}, {}, {"kmsMasterKeyId": UNKNOWN}, []),
    (encryption.topic_is_encrypted, TOPIC, {"kmsMasterKeyId": KEY}, {}, {"kmsMasterKeyId": UNKNOWN}, []),
    (
        encryption.messages_use_own_key,
        QUEUE,
        {"kmsMasterKeyId": KEY},
        {"kmsMasterKeyId": "alias/aws/sqs"},
        {"kmsMasterKeyId": UNKNOWN},
        NOT_JUDGED,
    ),
    (
        encryption.table_is_encrypted,
        "aws:dynamodb/table:Table",
        {"serverSideEncryption": {"enabled": True, "kmsKeyArn": KEY}},
        {"serverSideEncryption": {"enabled": True}},
        {"serverSideEncryption": {"enabled": True, "kmsKeyArn": UNKNOWN}},
        [],
    ),
    (
        encryption.table_is_encrypted,
        "aws:dynamodb/table:Table",
        {"serverSideEncryption": {"enabled": True, "kmsKeyArn": KEY}},
        {"serverSideEncryption": {"enabled": False, "kmsKeyArn": KEY}},
        {"serverSideEncryption": UNKNOWN},
        NOT_JUDGED,
    ),
    (
        encryption.log_group_is_encrypted,
        "aws:cloudwatch/logGroup:LogGroup",
        {"kmsKeyId": KEY},
        {"kmsKeyId": None},
        {"kmsKeyId": UNKNOWN},
        [],
    ),
    (
        encryption.secret_is_encrypted,
        "aws:secretsmanager/secret:Secret",
        {"kmsKeyId": KEY},
        {},
        {"kmsKeyId": UNKNOWN},
        [],
    ),
    (
        encryption.key_rotates,
        "aws:kms/key:Key",
        {"enableKeyRotation": True},
        {"enableKeyRotation": False},
        {"enableKeyRotation": UNKNOWN},
        NOT_JUDGED,
    ),
]


@pytest.mark.parametrize(("rule", "kind", "good", "bad", "unknown", "then"), EACH)
def test_a_rule_about_one_resource(
    rule: Policy, kind: str, good: dict[str, Any], bad: dict[str, Any], unknown: dict[str, Any], then: list[str]
) -> None:
    examine(rule, kind, good, bad, unknown, then)


def default(**values: Any) -> dict[str, Any]:
    """An encryption configuration; `bucket_key` may be given too."""
    bucket_key = values.pop("bucket_key", True)
    return {"rules": [{"applyServerSideEncryptionByDefault": values, "bucketKeyEnabled": bucket_key}]}


def stack(configuration: dict[str, Any] | None, *, log: bool = False) -> list[PolicyResource]:
    """A bucket with its encryption, by dependency, as in a preview; with `log` it is where access logs go."""
    bucket = resource(encryption.BUCKET, {"bucket": UNKNOWN}, "bucket")
    made = [bucket]
    if configuration is not None:
        made.append(resource(encryption.ENCRYPTION, {"bucket": UNKNOWN, **configuration}, "of-bucket", bucket=bucket))
    if log:
        made.append(resource(encryption.LOGGING, {"targetBucket": UNKNOWN}, "logging", targetBucket=bucket))
    return made


def test_a_bucket_needs_an_encryption_of_its_own() -> None:
    rule = encryption.bucket_is_encrypted
    whole = stack(default(sseAlgorithm="aws:kms", kmsMasterKeyId=KEY))
    assert judge(rule, *whole) == []
    other = resource(encryption.BUCKET, {"bucket": UNKNOWN}, "other")
    (said,) = judge(rule, *whole, other)
    assert said.startswith("other: nothing says how its objects are encrypted; ")
    by_unknown_name = resource(encryption.ENCRYPTION, {"bucket": UNKNOWN}, "elsewhere")
    assert judge(rule, other, by_unknown_name) == NOT_JUDGED


def test_a_companion_may_name_its_bucket() -> None:
    bucket = resource(encryption.BUCKET, {"bucket": "files"}, "bucket")
    assert judge(encryption.bucket_is_encrypted, bucket, resource(encryption.ENCRYPTION, {"bucket": "files"})) == []
    assert judge(encryption.bucket_is_encrypted, bucket, resource(encryption.ENCRYPTION, {"bucket": "others"})) != []


@pytest.mark.parametrize(
    ("configuration", "log", "said"),
    [
        (default(sseAlgorithm="aws:kms", kmsMasterKeyId=KEY), False, []),
        (default(sseAlgorithm="aws:kms", kmsMasterKeyId=UNKNOWN), False, []),
        (default(sseAlgorithm="AES256"), True, []),
        (default(sseAlgorithm=UNKNOWN), False, NOT_JUDGED),
    ],
)
def test_keys_of_buckets_that_are_right_or_not_known(configuration: dict[str, Any], log: bool, said: list[str]) -> None:
    assert judge(encryption.bucket_uses_own_key, *stack(configuration, log=log)) == said


@pytest.mark.parametrize(
    ("configuration", "what"),
    [
        (default(sseAlgorithm="AES256"), "is not encrypted with a key of the stack"),
        (default(sseAlgorithm="aws:kms"), "is not encrypted with a key of the stack"),
        (default(sseAlgorithm="aws:kms", kmsMasterKeyId=KEY, bucket_key=False), "costs a call of KMS"),
    ],
)
def test_keys_of_buckets_that_are_wrong(configuration: dict[str, Any], what: str) -> None:
    (said,) = judge(encryption.bucket_uses_own_key, *stack(configuration))
    assert said.startswith("of-bucket: ")
    assert what in said


BREAKS = [
    Break(rule=encryption.secret_is_changed, kind="secretsmanager.SecretRotation", path="secretId", value=GONE),
    Break(
        rule=encryption.secret_is_changed,
        kind="secretsmanager.SecretRotation",
        path="rotationRules.automaticallyAfterDays",
        value=4000,
    ),
    Break(rule=encryption.data_keys_are_changed, kind="sqs.Queue", path="kmsDataKeyReusePeriodSeconds", value=86400),
    Break(
        rule=encryption.bus_is_encrypted, kind="cloudwatch.EventBus", path="kmsKeyIdentifier", value=DROPPED, unknown=()
    ),
    Break(rule=encryption.private_key_is_long, kind="index.PrivateKey", path="rsaBits", value=1024),
    Break(rule=encryption.certificate_ends, kind="index.LocallySignedCert", path="validityPeriodHours", value=1000000),
    Break(
        rule=encryption.authority_signs_only_clients,
        kind="index.SelfSignedCert",
        path="allowedUses",
        value=["server_auth"],
    ),
    Break(
        rule=encryption.bucket_takes_only_its_key,
        kind="s3.BucketPolicy",
        path="policy.Statement.2.Effect",
        value="Allow",
        name="-upload",
    ),
    Break(
        rule=encryption.bucket_takes_only_its_key,
        kind="s3.BucketPolicy",
        path="policy.Statement.1.Condition",
        value=DROPPED,
        name="-work",
    ),
]


@pytest.mark.parametrize("row", BREAKS, ids=str)
def test_what_breaks_a_rule_is_noticed(row: Break) -> None:
    row.check()
