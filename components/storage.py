"""SecureStorage: the keys of the platform and its buckets."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pulumi
import pulumi_aws as aws

from components.access_log import log_delivery
from components.bucket import Keeping, Lock, SecureBucket, SecureBucketArgs
from components.grants import service_statement
from components.keys import (
    after,
    alarm_service,
    event_bus_service,
    logging_service,
    make_key,
    make_key_policy,
    rule_service,
)
from components.naming import Names
from components.place import Place
from components.settings import Storage
from components.stores import Bucket, Key

LOG_DAYS = 365
BROWSER_HEADERS = ["ETag", "x-amz-version-id", "x-amz-checksum-crc32", "x-amz-checksum-sha256"]


@dataclass(frozen=True, kw_only=True, slots=True)
class SecureStorageArgs:
    """`protected` keeps buckets and keys from being deleted."""

    names: Names
    place: Place
    keeping: Storage
    protected: bool


class SecureStorage(pulumi.ComponentResource):
    """Keys by purpose (data, delivery, messaging, logs, secrets) and the buckets upload to delivery.

    The policies of the delivery and output buckets and of their keys are made by the Distribution, which alone knows
    who reads them; the policy of the upload bucket by the MalwareGate, which knows who may read what was not scanned.
    """

    data_key: Key
    delivery_key: Key
    messaging_key: Key
    logs_key: Key
    secrets_key: Key
    upload: Bucket
    work: Bucket
    output: Bucket
    backup: Bucket
    ledger: Bucket
    artifacts: Bucket
    delivery: Bucket
    delivery_bucket: SecureBucket
    output_bucket: SecureBucket
    upload_bucket: SecureBucket

    def __init__(self, name: str, args: SecureStorageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("penstock:storage:SecureStorage", name, None, opts)
        self._args = args
        self._make_keys()
        keeping = args.keeping
        self._logs = SecureBucket(
            "logs",
            SecureBucketArgs(
                names=args.names,
                purpose="logs",
                # S3 delivers access logs only to buckets with its own key, not with one of ours.
                key=None,
                keeping=Keeping(noncurrent_days=keeping.noncurrent_days, expire_days=LOG_DAYS),
                access_logs=None,
                protected=args.protected,
                deletable=keeping.deletable,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        kept = Keeping(noncurrent_days=keeping.noncurrent_days, tier_days=keeping.tier_days)
        self.upload_bucket = upload = self._bucket("upload", self.data_key, kept)
        work = self._bucket("work", self.data_key, Keeping(noncurrent_days=1, expire_days=keeping.work_days))
        self.output_bucket = output = self._bucket("output", self.data_key, kept)
        lock = Lock(days=keeping.lock_days, mode=keeping.lock_mode) if keeping.lock_days else None
        backup = self._bucket("backup", self.data_key, kept, lock)
        ledger = self._bucket("ledger", self.data_key, kept, lock)
        artifacts = self._bucket("artifacts", self.data_key, Keeping(noncurrent_days=keeping.noncurrent_days))
        self.delivery_bucket = self._bucket("delivery", self.delivery_key, kept)
        closed = self._logs.make_policy(
            [
                self._access_logs([upload, work, output, backup, ledger, artifacts, self.delivery_bucket]),
                log_delivery(self._logs.arn, args.names, args.place),
            ]
        )
        self.logs_arn = after(self._logs.arn, closed)
        for bucket in (work, backup, ledger, artifacts):
            bucket.make_policy([])
        self._open_for_uploads(upload)
        self.upload, self.work, self.output = upload.store(), work.store(), output.store()
        self.backup, self.ledger, self.artifacts = backup.store(), ledger.store(), artifacts.store()
        self.delivery = self.delivery_bucket.store()
        if keeping.account_closed:
            self._close_account()
        self.register_outputs({"upload": self.upload.name, "output": self.output.name, "delivery": self.delivery.name})

    def _make_keys(self) -> None:
        args = self._args

        def key(purpose: str) -> Key:
            return make_key(purpose, names=args.names, place=args.place, protected=args.protected, parent=self)

        self.data_key, self.delivery_key, self.secrets_key = key("data"), key("delivery"), key("secrets")
        self.messaging_key, self.logs_key = key("messaging"), key("logs")
        services = {
            "secrets": (self.secrets_key, []),
            "messaging": (
                self.messaging_key,
                [
                    *rule_service(args.names, args.place),
                    *alarm_service(args.names, args.place),
                    *event_bus_service(args.names, args.place),
                ],
            ),
            "logs": (self.logs_key, logging_service(args.names, args.place)),
        }
        policies = {
            purpose: make_key_policy(purpose, made, statements, names=args.names, parent=self)
            for purpose, (made, statements) in services.items()
        }
        # A log group or event bus is refused until the key lets its service in, so whoever uses the key waits for that.
        self.logs_key = replace(self.logs_key, arn=after(self.logs_key.arn, policies["logs"]))
        self.messaging_key = replace(self.messaging_key, arn=after(self.messaging_key.arn, policies["messaging"]))

    def _close_account(self) -> None:
        aws.s3.AccountPublicAccessBlock(
            self._args.names.of("bucket", "account"),
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _bucket(self, purpose: str, key: Key, keeping: Keeping, lock: Lock | None = None) -> SecureBucket:
        return SecureBucket(
            purpose,
            SecureBucketArgs(
                names=self._args.names,
                purpose=purpose,
                key=key,
                keeping=keeping,
                access_logs=self._logs.name,
                protected=self._args.protected,
                deletable=self._args.keeping.deletable,
                lock=lock,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _access_logs(self, sources: list[SecureBucket]) -> dict[str, Any]:
        return service_statement(
            "logging.s3.amazonaws.com",
            ["s3:PutObject"],
            pulumi.Output.concat(self._logs.arn, "/*"),
            {
                "StringEquals": {"aws:SourceAccount": self._args.place.account},
                "ArnLike": {"aws:SourceArn": [source.arn for source in sources]},
            },
        )

    def _open_for_uploads(self, upload: SecureBucket) -> None:
        logical = self._args.names.of("bucket", "upload")
        child = pulumi.ResourceOptions(parent=upload)
        aws.s3.BucketNotification(logical, bucket=upload.name, eventbridge=True, opts=child)

    def let_pages_upload(self, more: Sequence[pulumi.Input[str]]) -> None:
        """CORS of the upload bucket, for pages of the setting's origins and of `more`; once, by whoever knows these."""
        origins = [*self._args.keeping.upload_origins, *more]
        if not origins:
            return
        rule = aws.s3.BucketCorsConfigurationCorsRuleArgs(
            allowed_origins=origins,
            allowed_methods=["PUT", "POST"],
            allowed_headers=["*"],
            expose_headers=BROWSER_HEADERS,
            max_age_seconds=3600,
        )
        aws.s3.BucketCorsConfiguration(
            self._args.names.of("bucket", "upload"),
            bucket=self.upload.name,
            cors_rules=[rule],
            opts=pulumi.ResourceOptions(parent=self.upload_bucket),
        )
