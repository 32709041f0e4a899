"""One bucket with everything that every bucket has."""

from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from components.grants import only_encrypted_transport, only_encrypted_with, policy
from components.naming import Names
from components.stores import Bucket, Key

ABORT_DAYS = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Keeping:
    """How long a bucket keeps what: days after which objects move to cheaper storage and are deleted (None: never)."""

    noncurrent_days: int
    tier_days: int | None = None
    expire_days: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Lock:
    """For how many days no version can be deleted or changed, and by whom not even then ("COMPLIANCE": by nobody)."""

    days: int
    mode: Literal["GOVERNANCE", "COMPLIANCE"]


@dataclass(frozen=True, kw_only=True, slots=True)
class SecureBucketArgs:
    """`key` None means S3's own key (see `storage.py` for the one bucket that needs it)."""

    names: Names
    purpose: str
    key: Key | None
    keeping: Keeping
    access_logs: pulumi.Output[str] | None
    protected: bool
    deletable: bool
    lock: Lock | None = None


class SecureBucket(pulumi.ComponentResource):
    """Versioned, encrypted, closed to the public, owned by the account, logged, tidied up.

    Its policy is made by `make_policy`, once, by whoever knows all who may come in.
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    domain_name: pulumi.Output[str]

    def __init__(self, name: str, args: SecureBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("penstock:bucket:SecureBucket", name, None, opts)
        self._logical = args.names.of("bucket", args.purpose)
        self._key = args.key
        child = pulumi.ResourceOptions(parent=self)
        bucket = aws.s3.Bucket(
            self._logical,
            force_destroy=args.deletable,
            # Only a bucket that was made for it can be locked.
            object_lock_enabled=True if args.lock else None,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protected),
        )
        self.name, self.arn, self.domain_name = bucket.bucket, bucket.arn, bucket.bucket_regional_domain_name
        versioning = aws.s3.BucketVersioning(
            self._logical,
            bucket=self.name,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            opts=child,
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            self._logical, bucket=self.name, rules=[_encryption(args.key)], opts=child
        )
        if args.lock is not None:
            aws.s3.BucketObjectLockConfiguration(
                self._logical,
                bucket=self.name,
                rule=_retention(args.lock),
                # Locks are of versions.
                opts=pulumi.ResourceOptions(parent=self, depends_on=[versioning]),
            )
        self._closed = aws.s3.BucketPublicAccessBlock(
            self._logical,
            bucket=self.name,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        aws.s3.BucketOwnershipControls(
            self._logical,
            bucket=self.name,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=child,
        )
        aws.s3.BucketLifecycleConfiguration(
            self._logical,
            bucket=self.name,
            rules=[_lifecycle(args.keeping)],
            # Rules about old versions are refused before versioning is on.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[versioning]),
        )
        if args.access_logs is not None:
            aws.s3.BucketLogging(
                self._logical,
                bucket=self.name,
                target_bucket=args.access_logs,
                target_prefix=f"{args.purpose}/",
                opts=child,
            )
        self.register_outputs({"name": self.name, "arn": self.arn})

    def store(self) -> Bucket:
        """What functions and others get to see of the bucket."""
        if self._key is None:
            raise ValueError("only buckets with a key of their own are handed out")
        return Bucket(name=self.name, arn=self.arn, domain_name=self.domain_name, key=self._key)

    def make_policy(
        self, statements: list[dict[str, object]], *, parent: pulumi.Resource | None = None
    ) -> aws.s3.BucketPolicy:
        """The bucket's only policy: nothing without TLS, nothing under another key, and `statements`."""
        objects = pulumi.Output.concat(self.arn, "/*")
        transport = only_encrypted_transport("s3:*", self.arn, objects)
        encryption = only_encrypted_with(self._key.arn, objects) if self._key else []
        return aws.s3.BucketPolicy(
            self._logical,
            bucket=self.name,
            policy=policy([transport, *encryption, *statements]),
            # S3 refuses to change both at once.
            opts=pulumi.ResourceOptions(parent=parent or self, depends_on=[self._closed]),
        )


def _retention(lock: Lock) -> aws.s3.BucketObjectLockConfigurationRuleArgs:
    retention = aws.s3.BucketObjectLockConfigurationRuleDefaultRetentionArgs(days=lock.days, mode=lock.mode)
    return aws.s3.BucketObjectLockConfigurationRuleArgs(default_retention=retention)


def _encryption(key: Key | None) -> aws.s3.BucketServerSideEncryptionConfigurationRuleArgs:
    default = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
        sse_algorithm="aws:kms" if key else "AES256", kms_master_key_id=key.arn if key else None
    )
    return aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
        apply_server_side_encryption_by_default=default, bucket_key_enabled=True if key else None
    )


def _lifecycle(keeping: Keeping) -> aws.s3.BucketLifecycleConfigurationRuleArgs:
    transitions = [
        aws.s3.BucketLifecycleConfigurationRuleTransitionArgs(days=keeping.tier_days, storage_class="STANDARD_IA")
    ]
    return aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="tidy-up",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
            days_after_initiation=ABORT_DAYS
        ),
        expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=keeping.expire_days)
        if keeping.expire_days
        else aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(expired_object_delete_marker=True),
        noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
            noncurrent_days=keeping.noncurrent_days
        ),
        transitions=transitions if keeping.tier_days else None,
    )
