"""Buckets, keys and tables: every one has what all must have."""

import json
from typing import Any

import pytest
from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy

from tests.recorder import ACCOUNT, REGION, Recorded, record, recording

STACKS = ("dev", "prod")
BUCKETS = {"upload", "work", "output", "delivery", "backup", "ledger", "logs", "artifacts"}
KEYS = {"data", "delivery", "messaging", "logs", "secrets"}


def purpose(resource: Recorded) -> str:
    return resource.name.split("-", maxsplit=2)[2]


def statements(resource: Recorded) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(resource.inputs["policy"])["Statement"]
    return found


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize(
    "kind",
    [
        "s3.Bucket",
        "s3.BucketVersioning",
        "s3.BucketServerSideEncryptionConfiguration",
        "s3.BucketPublicAccessBlock",
        "s3.BucketOwnershipControls",
        "s3.BucketLifecycleConfiguration",
        "s3.BucketPolicy",
    ],
)
def test_every_bucket_has_one_of_everything(stack: str, kind: str) -> None:
    made = recording(stack)
    assert sorted(map(purpose, made.of(kind))) == sorted(BUCKETS)
    for one in made.of(kind):
        assert one.inputs.get("bucket", one.name) == made.one("s3.Bucket", purpose(one)).outputs["bucket"]


@pytest.mark.parametrize("stack", STACKS)
def test_buckets_are_closed_versioned_and_the_accounts_own(stack: str) -> None:
    made = recording(stack)
    for block in made.of("s3.BucketPublicAccessBlock"):
        assert {name for name, value in block.inputs.items() if value is True} == {
            "blockPublicAcls",
            "blockPublicPolicy",
            "ignorePublicAcls",
            "restrictPublicBuckets",
        }
    assert all(one.inputs["versioningConfiguration"] == {"status": "Enabled"} for one in made.of("s3.BucketVersioning"))
    owners = made.of("s3.BucketOwnershipControls")
    assert {one.inputs["rule"]["objectOwnership"] for one in owners} == {"BucketOwnerEnforced"}


@pytest.mark.parametrize("stack", STACKS)
def test_only_the_access_logs_are_without_a_key_of_the_stack(stack: str) -> None:
    made = recording(stack)
    keys = {}
    for one in made.of("s3.BucketServerSideEncryptionConfiguration"):
        (rule,) = one.inputs["rules"]
        default = rule["applyServerSideEncryptionByDefault"]
        if "kmsMasterKeyId" in default:
            assert default["sseAlgorithm"] == "aws:kms"
            assert rule["bucketKeyEnabled"] is True
        keys[purpose(one)] = default.get("kmsMasterKeyId")
    data, delivery = (made.one("kms.Key", name).outputs["arn"] for name in ("data", "delivery"))
    assert keys == {**dict.fromkeys(BUCKETS, data), "delivery": delivery, "logs": None}


@pytest.mark.parametrize("stack", STACKS)
def test_access_to_every_bucket_is_logged_but_to_the_log_itself(stack: str) -> None:
    made = recording(stack)
    logging = made.of("s3.BucketLogging")
    assert {purpose(one) for one in logging} == BUCKETS - {"logs"}
    target = made.one("s3.Bucket", "logs").outputs["bucket"]
    assert {(one.inputs["targetBucket"], one.inputs["targetPrefix"]) for one in logging} == {
        (target, f"{name}/") for name in BUCKETS - {"logs"}
    }
    allowed = [one for one in statements(made.one("s3.BucketPolicy", "logs")) if one["Effect"] == "Allow"]
    (delivery,) = [one for one in allowed if one["Principal"] == {"Service": "logging.s3.amazonaws.com"}]
    assert delivery["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
    sources = {made.one("s3.Bucket", name).outputs["arn"] for name in BUCKETS - {"logs"}}
    assert set(delivery["Condition"]["ArnLike"]["aws:SourceArn"]) == sources


@pytest.mark.parametrize("stack", STACKS)
def test_bucket_policies_refuse_plain_transport_and_let_only_services_in(stack: str) -> None:
    made = recording(stack)
    allowed = {}
    for one in made.of("s3.BucketPolicy"):
        arn = made.one("s3.Bucket", purpose(one)).outputs["arn"]
        deny, *others = statements(one)
        assert (deny["Effect"], deny["Principal"]) == ("Deny", "*")
        assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert deny["Resource"] == [arn, f"{arn}/*"]
        allowed[purpose(one)] = [other["Principal"] for other in others if other["Effect"] == "Allow"]
    assert {name: who for name, who in allowed.items() if who} == {
        "logs": [{"Service": "logging.s3.amazonaws.com"}, {"Service": "delivery.logs.amazonaws.com"}],
        "delivery": [{"Service": "cloudfront.amazonaws.com"}],
        # Results are shown on the page.
        "output": [{"Service": "cloudfront.amazonaws.com"}],
    }


SSE, KMS_KEY = "s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id"
SSE_C = "s3:x-amz-server-side-encryption-customer-algorithm"
OTHER_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/other"


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        ({}, False),
        ({SSE: "aws:kms", KMS_KEY: "own"}, False),
        ({SSE: "AES256"}, True),
        ({SSE: "aws:kms:dsse", KMS_KEY: "own"}, True),
        ({SSE: "aws:kms", KMS_KEY: OTHER_KEY}, True),
        ({SSE: "aws:kms"}, True),
        ({SSE_C: "AES256"}, True),
    ],
)
def test_objects_are_encrypted_with_the_buckets_key_whatever_the_request_asks_for(
    asked: dict[str, str], refused: bool
) -> None:
    made = recording("prod")
    own = made.one("kms.Key", "data").outputs["arn"]
    context = {name.lower(): own if value == "own" else value for name, value in asked.items()}
    policy = made.one("s3.BucketPolicy", "upload").inputs["policy"]
    request = EvalContext(
        principal_arn=f"arn:aws:iam::{ACCOUNT}:role/someone",
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action="s3:PutObject",
        region=REGION,
        resource_arn=made.one("s3.Bucket", "upload").outputs["arn"] + "/a.csv",
        secure_transport=True,
        service_context=context,
    )
    answer = evaluate_resource_policy(policy, request, ACCOUNT)
    assert (answer.decision == "Deny") is refused


LOCKED = {"lock_days": 30, "lock_mode": "COMPLIANCE", "account_closed": True}


def test_backups_and_the_ledgers_archive_are_locked_by_setting() -> None:
    assert "s3.BucketObjectLockConfiguration" not in {one.kind for one in recording("prod").resources}
    made = record("prod", {"penstock:storage": json.dumps(LOCKED)})
    assert {purpose(one) for one in made.of("s3.Bucket") if one.inputs.get("objectLockEnabled")} == {"backup", "ledger"}
    locks = {purpose(one): one.inputs["rule"] for one in made.of("s3.BucketObjectLockConfiguration")}
    assert locks == {key: {"defaultRetention": {"days": 30, "mode": "COMPLIANCE"}} for key in ("backup", "ledger")}


def test_the_account_is_closed_by_setting() -> None:
    assert "s3.AccountPublicAccessBlock" not in {one.kind for one in recording("prod").resources}
    made = record("prod", {"penstock:storage": json.dumps(LOCKED)})
    (block,) = made.of("s3.AccountPublicAccessBlock")
    assert list(block.inputs.values()) == [True] * 4


@pytest.mark.parametrize("stack", STACKS)
def test_uploads_that_stop_half_way_and_old_versions_are_deleted(stack: str) -> None:
    days = {"dev": 7, "prod": 90}[stack]
    for one in recording(stack).of("s3.BucketLifecycleConfiguration"):
        (rule,) = one.inputs["rules"]
        assert rule["status"] == "Enabled"
        assert rule["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 2}
        assert rule["noncurrentVersionExpiration"]["noncurrentDays"] == (1 if purpose(one) == "work" else days)


def test_only_what_can_be_made_again_expires() -> None:
    days = {
        purpose(one): one.inputs["rules"][0]["expiration"].get("days")
        for one in recording("dev").of("s3.BucketLifecycleConfiguration")
    }
    assert {name: value for name, value in days.items() if value} == {"work": 3, "logs": 365}


def test_uploads_are_announced_to_event_bridge_and_pages_may_upload_from_named_origins() -> None:
    dev, prod = recording("dev"), recording("prod")
    for made in (dev, prod):
        (one,) = made.of("s3.BucketNotification")
        assert one.inputs == {"bucket": made.one("s3.Bucket", "upload").outputs["bucket"], "eventbridge": True}
    page = "https://d111111abcdef8.cloudfront.net"
    for made, origins in ((dev, ["http://localhost:5173", page]), (prod, [page])):
        (cors,) = made.of("s3.BucketCorsConfiguration")
        assert cors.inputs["corsRules"][0]["allowedOrigins"] == origins
    assert not [one for one in recording("all-off").resources if one.kind == "s3.BucketCorsConfiguration"]


@pytest.mark.parametrize("stack", STACKS)
def test_there_is_a_rotating_key_for_each_purpose_with_one_policy(stack: str) -> None:
    made = recording(stack)
    assert {purpose(one) for one in made.of("kms.Key")} >= KEYS
    assert all(one.inputs["enableKeyRotation"] is True for one in made.of("kms.Key"))
    policies = [one.inputs["keyId"] for one in made.of("kms.KeyPolicy")]
    assert sorted(policies) == sorted(one.outputs["keyId"] for one in made.of("kms.Key"))


def test_the_services_that_use_a_key_are_let_into_it() -> None:
    def services(key: str) -> list[str]:
        _, *others = statements(recording("dev").one("kms.KeyPolicy", key))
        return [one["Principal"]["Service"] for one in others]

    assert {key: services(key) for key in KEYS} == {
        "data": ["cloudfront.amazonaws.com"],
        "secrets": [],
        "delivery": ["cloudfront.amazonaws.com"],
        "logs": ["logs.eu-central-1.amazonaws.com"],
        # Without it no alarm ever arrives, and no upload's event reaches the queue.
        "messaging": [
            "events.amazonaws.com",
            "cloudwatch.amazonaws.com",
            "events.amazonaws.com",
            "events.amazonaws.com",
        ],
    }


@pytest.mark.parametrize(("stack", "protected"), [("dev", False), ("prod", True)])
def test_protection_is_a_setting(stack: str, protected: bool) -> None:
    made = recording(stack)
    assert {one.inputs["deletionProtectionEnabled"] for one in made.of("dynamodb.Table")} == {protected}
    assert {one.inputs["forceDestroy"] for one in made.of("s3.Bucket")} == {not protected}
    assert {one.inputs["deletionWindowInDays"] for one in made.of("kms.Key")} == {30 if protected else 7}


@pytest.mark.parametrize("stack", STACKS)
def test_tables_have_the_keys_that_the_ledger_is_built_on(stack: str) -> None:
    made = recording(stack)
    files, transactions = made.one("dynamodb.Table", "files"), made.one("dynamodb.Table", "transactions")
    assert (files.inputs["hashKey"], files.inputs.get("rangeKey")) == ("FileName", None)
    assert (transactions.inputs["hashKey"], transactions.inputs["rangeKey"]) == ("FileName", "Entry")
    assert transactions.inputs["streamViewType"] == "NEW_IMAGE"
    for table in (files, transactions):
        assert table.inputs["pointInTimeRecovery"] == {"enabled": True}
        assert table.inputs["billingMode"] == "PAY_PER_REQUEST"
        assert table.inputs["serverSideEncryption"]["kmsKeyArn"] == made.one("kms.Key", "data").outputs["arn"]
