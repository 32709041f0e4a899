"""Buckets, and the settings that the provider keeps as resources of their own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from local.resources.base import Cloud, Create, Inputs, Made, arn, physical, text
from local.resources.shaping import shape

_HOSTED_ZONE = "Z3AQBSTGFYJSTF"
"""Route 53's zone of S3 in us-east-1, which is where the local cloud is."""


def bucket(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """The outputs carry AWS's own domain names: CloudFront origins are recognised by them."""
    s3 = cloud.client("s3")
    chosen = physical(name.lower(), inputs, "bucket", 63)
    tags = inputs.pop("tags", {})
    params = shape(s3, "create_bucket", inputs, {"objectLockEnabled": "ObjectLockEnabledForBucket"})
    if cloud.region != "us-east-1":
        params["CreateBucketConfiguration"] = {"LocationConstraint": cloud.region}
    s3.create_bucket(Bucket=chosen, **params)
    if tags:
        s3.put_bucket_tagging(Bucket=chosen, Tagging={"TagSet": [{"Key": k, "Value": v} for k, v in tags.items()]})
    return chosen, {
        "bucket": chosen,
        "arn": arn(cloud, "s3", chosen, region=False, account=False),
        "bucketDomainName": f"{chosen}.s3.amazonaws.com",
        "bucketRegionalDomainName": f"{chosen}.s3.{cloud.region}.amazonaws.com",
        "bucketRegion": cloud.region,
        "hostedZoneId": _HOSTED_ZONE,
    }


def setting(
    operation: str, *into: str, rename: Mapping[str, str] | None = None, always: Mapping[str, str] | None = None
) -> Create:
    """A creator that puts one setting of a bucket; the inputs other than `bucket` go into the members `into`.

    `always` are members that the provider sends by itself.
    """

    def create(cloud: Cloud, name: str, inputs: Inputs) -> Made:
        s3 = cloud.client("s3")
        chosen = inputs.pop("bucket")
        nested = {**(always or {}), **inputs}
        inputs.clear()
        for member in reversed(into):
            nested = {member: nested}
        getattr(s3, operation)(**shape(s3, operation, {"bucket": chosen, **nested}, rename or {}))
        return chosen, {}

    return create


def notification(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """Everything goes to EventBridge; other kinds of target are not part of the platform."""
    chosen = inputs.pop("bucket")
    settings: dict[str, Any] = {"EventBridgeConfiguration": {}} if inputs.pop("eventbridge", False) else {}
    cloud.client("s3").put_bucket_notification_configuration(Bucket=chosen, NotificationConfiguration=settings)
    return chosen, {}


def policy(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """The bucket's one policy."""
    chosen = inputs.pop("bucket")
    cloud.client("s3").put_bucket_policy(Bucket=chosen, Policy=text(inputs.pop("policy")))
    return chosen, {}


def stored(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """An object with what the program put into it: a file of this machine, or text."""
    s3 = cloud.client("s3")
    source, content = inputs.pop("source", None), inputs.pop("content", None)
    body = Path(source.path).read_bytes() if source is not None else str(content).encode()
    made_id, tags = f"{inputs['bucket']}/{inputs['key']}", urlencode(inputs.pop("tags", {}))
    made = s3.put_object(Body=body, Tagging=tags, **shape(s3, "put_object", inputs))
    checksums = {
        f"checksum{kind.capitalize()}": made.get(f"Checksum{kind}", "")
        for kind in ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256")
    }
    return made_id, {
        "arn": arn(cloud, "s3", made_id, region=False, account=False),
        "etag": made["ETag"].strip('"'),
        "versionId": made.get("VersionId", ""),
        **checksums,
    }


CREATORS: dict[str, Create] = {
    "aws:s3/bucket:Bucket": bucket,
    "aws:s3/bucketVersioning:BucketVersioning": setting("put_bucket_versioning"),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": setting(
        "put_bucket_encryption", "serverSideEncryptionConfiguration"
    ),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": setting(
        "put_object_lock_configuration", "objectLockConfiguration", always={"objectLockEnabled": "Enabled"}
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": setting(
        "put_public_access_block", "publicAccessBlockConfiguration"
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": setting(
        "put_bucket_ownership_controls", "ownershipControls", rename={"rule": "Rules"}
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": setting(
        "put_bucket_lifecycle_configuration", "lifecycleConfiguration"
    ),
    "aws:s3/bucketLogging:BucketLogging": setting("put_bucket_logging", "bucketLoggingStatus", "loggingEnabled"),
    "aws:s3/bucketObjectv2:BucketObjectv2": stored,
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": setting("put_bucket_cors", "corsConfiguration"),
    "aws:s3/bucketNotification:BucketNotification": notification,
    "aws:s3/bucketPolicy:BucketPolicy": policy,
}
