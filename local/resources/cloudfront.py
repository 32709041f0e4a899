"""CloudFront: a distribution, and what it takes to sign its links and shape its answers."""

import re
from typing import Any

from local.resources.base import Cloud, Create, Inputs, Made, arn, physical
from local.resources.shaping import shape

_HOSTED_ZONE = "Z2FDTNDATAQYW2"
"""Route 53's zone of every CloudFront distribution."""


def setting(operation: str, config: str, answer: str, kind: str, *, reference: bool = False) -> Create:
    """A creator for one of the small resources: all its inputs form `config`; `answer` holds the id.

    `kind` is the resource's part of the ARN. `reference` says that the API wants a caller's reference.
    """

    def create(cloud: Cloud, name: str, inputs: Inputs) -> Made:
        client = cloud.client("cloudfront")
        chosen = physical(name, inputs, limit=128)
        members = {**inputs, "name": chosen, **({"callerReference": chosen} if reference else {})}
        inputs.clear()
        made = getattr(client, operation)(**shape(client, operation, {config: members}))
        made_id = made[answer]["Id"]
        outputs = {"name": chosen, "arn": _arn(cloud, kind, made_id), "etag": made["ETag"]}
        return made_id, {**outputs, **({"callerReference": chosen} if reference else {})}

    return create


def headers_policy(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """A content security policy that names a bucket's address names the cloud's own: all buckets answer there."""
    security = inputs.get("securityHeadersConfig", {}).get("contentSecurityPolicy")
    if security:
        bucket = rf"https://[a-z0-9.-]+\.s3\.{cloud.region}\.amazonaws\.com"
        security["contentSecurityPolicy"] = re.sub(bucket, cloud.endpoint, security["contentSecurityPolicy"])
    return _headers_policy(cloud, name, inputs)


_headers_policy = setting(
    "create_response_headers_policy", "responseHeadersPolicyConfig", "ResponseHeadersPolicy", "response-headers-policy"
)


def _arn(cloud: Cloud, kind: str, made_id: str) -> str:
    return arn(cloud, "cloudfront", f"{kind}/{made_id}", region=False)


def _behaviour(source: dict[str, Any]) -> dict[str, Any]:
    """The API nests what is cached in what is allowed; the provider has them side by side."""
    behaviour = dict(source)
    allowed, cached = behaviour.pop("allowedMethods", None), behaviour.pop("cachedMethods", None)
    if allowed:
        behaviour["allowedMethods"] = {"items": allowed, "cachedMethods": cached or ["GET", "HEAD"]}
    return behaviour


def _origin(source: dict[str, Any]) -> dict[str, Any]:
    """An S3 origin behind an access control still carries an empty configuration of the older kind."""
    origin = dict(source)
    if headers := origin.pop("customHeaders", None):
        origin["customHeaders"] = [{"headerName": one["name"], "headerValue": one["value"]} for one in headers]
    if "customOriginConfig" not in origin and "s3OriginConfig" not in origin:
        origin["s3OriginConfig"] = {"originAccessIdentity": ""}
    return origin


def distribution(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """Serves the distribution on a port of its own, and says that address as its domain name.

    So the links that the platform signs open in a browser on this machine.
    """
    client = cloud.client("cloudfront")
    tags = inputs.pop("tags", {})
    config: dict[str, Any] = {"comment": "", **inputs, "callerReference": name}
    inputs.clear()
    config["origins"] = [_origin(one) for one in config["origins"]]
    config["defaultCacheBehavior"] = _behaviour(config["defaultCacheBehavior"])
    if ordered := config.pop("orderedCacheBehaviors", None):
        config["cacheBehaviors"] = [_behaviour(one) for one in ordered]
    if errors := config.pop("customErrorResponses", None):
        # The API takes this one code as text.
        config["customErrorResponses"] = errors
    if "geoRestriction" in config.get("restrictions", {}):
        restriction = dict(config["restrictions"]["geoRestriction"])
        restriction["items"] = restriction.pop("locations", [])
        config["restrictions"] = {"geoRestriction": restriction}
    if logging := config.pop("loggingConfig", None):
        config["logging"] = {"enabled": True, "includeCookies": False, "prefix": "", **logging}
    made = client.create_distribution_with_tags(
        DistributionConfigWithTags={
            **shape(
                client,
                "create_distribution_with_tags",
                {"distributionConfigWithTags": {"distributionConfig": config, "tags": tags}},
                {"originId": "Id", "cloudfrontDefaultCertificate": "CloudFrontDefaultCertificate"},
            )["DistributionConfigWithTags"]
        }
    )
    made_id = made["Distribution"]["Id"]
    domain = cloud.open_distribution(made_id).removeprefix("http://")
    return made_id, {
        "arn": _arn(cloud, "distribution", made_id),
        "domainName": domain,
        "hostedZoneId": _HOSTED_ZONE,
        "callerReference": name,
        "etag": made["ETag"],
        "status": made["Distribution"]["Status"],
    }


CREATORS: dict[str, Create] = {
    "aws:cloudfront/originAccessControl:OriginAccessControl": setting(
        "create_origin_access_control", "originAccessControlConfig", "OriginAccessControl", "origin-access-control"
    ),
    "aws:cloudfront/publicKey:PublicKey": setting(
        "create_public_key", "publicKeyConfig", "PublicKey", "public-key", reference=True
    ),
    "aws:cloudfront/keyGroup:KeyGroup": setting("create_key_group", "keyGroupConfig", "KeyGroup", "key-group"),
    "aws:cloudfront/cachePolicy:CachePolicy": setting(
        "create_cache_policy", "cachePolicyConfig", "CachePolicy", "cache-policy"
    ),
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": headers_policy,
    "aws:cloudfront/distribution:Distribution": distribution,
}
