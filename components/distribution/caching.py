"""What CloudFront keeps, for how long, and what it hands on to origins."""

import pulumi
import pulumi_aws as aws

DAY_SECONDS = 24 * 3600
YEAR_SECONDS = 365 * DAY_SECONDS

# Managed policies have the same ids in every account (CloudFront Developer Guide, "Use managed cache policies" and
# "Use managed origin request policies"). A policy of one's own can neither turn caching off and hand on
# `Authorization`, nor name that header among those that it hands on.
NO_CACHE = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
"""CachingDisabled."""
ALL_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
"""AllViewerExceptHostHeader: API Gateway answers to its own host name only."""


def files_policy(name: str, opts: pulumi.ResourceOptions) -> aws.cloudfront.CachePolicy:
    """For what never changes and is compressed already."""
    return aws.cloudfront.CachePolicy(
        name,
        comment="By path alone: what lies under a path never changes",
        min_ttl=0,
        default_ttl=DAY_SECONDS,
        max_ttl=YEAR_SECONDS,
        parameters_in_cache_key_and_forwarded_to_origin=_by_path(packed=False),
        opts=opts,
    )


def page_policy(name: str, opts: pulumi.ResourceOptions) -> aws.cloudfront.CachePolicy:
    """For the page, whose files say themselves how long they may be kept."""
    return aws.cloudfront.CachePolicy(
        name,
        comment="By path, as long as the file says, packed in what the browser unpacks",
        min_ttl=0,
        default_ttl=0,
        max_ttl=YEAR_SECONDS,
        parameters_in_cache_key_and_forwarded_to_origin=_by_path(packed=True),
        opts=opts,
    )


def _by_path(*, packed: bool) -> aws.cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginArgs:
    none = "none"
    return aws.cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginArgs(
        # The signature is checked before the cache is asked, and must not divide it.
        query_strings_config=aws.cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginQueryStringsConfigArgs(
            query_string_behavior=none
        ),
        cookies_config=aws.cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginCookiesConfigArgs(
            cookie_behavior=none
        ),
        headers_config=aws.cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginHeadersConfigArgs(
            header_behavior=none
        ),
        enable_accept_encoding_brotli=packed,
        enable_accept_encoding_gzip=packed,
    )
