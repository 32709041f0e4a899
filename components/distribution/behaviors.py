"""Origins and behaviours: which path is answered by whom, to whom (ADR 14)."""

from dataclasses import dataclass
from typing import TypedDict

import pulumi
from pulumi_aws.cloudfront import (
    DistributionDefaultCacheBehaviorArgs,
    DistributionOrderedCacheBehaviorArgs,
    DistributionOriginArgs,
    DistributionOriginCustomHeaderArgs,
    DistributionOriginCustomOriginConfigArgs,
)

from components.distribution.caching import ALL_BUT_HOST, NO_CACHE
from components.distribution.site import API_PATH, PAGE_PREFIX, RESULTS_PREFIX, Site
from components.stores import Bucket

READING = ["GET", "HEAD"]
EVERYTHING = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
"""CloudFront takes all methods or none that change anything."""
# API Gateway answers within 29 seconds, or says that it did not.
API_SECONDS = 30
FILE_PREFIXES = ("archives", "images")


class Common(TypedDict):
    """What all behaviours have, whatever their path."""

    target_origin_id: str
    allowed_methods: list[str]
    cached_methods: list[str]
    viewer_protocol_policy: str
    cache_policy_id: pulumi.Input[str]
    response_headers_policy_id: pulumi.Input[str]
    compress: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Policies:
    """Ids of a cache policy and of a policy of headers."""

    cache_id: pulumi.Output[str]
    headers_id: pulumi.Output[str]


def bucket_origin(name: str, bucket: Bucket, access: pulumi.Input[str], folder: str = "") -> DistributionOriginArgs:
    """A bucket that is read with the signature of the access control, whole or below a folder."""
    return DistributionOriginArgs(
        origin_id=name,
        domain_name=bucket.domain_name,
        origin_path=f"/{folder}" if folder else None,
        origin_access_control_id=access,
    )


def api_origin(site: Site) -> DistributionOriginArgs:
    """API Gateway. The path goes there as it came: `/api` is the name of the stage."""
    connection = DistributionOriginCustomOriginConfigArgs(
        http_port=80,
        https_port=443,
        origin_protocol_policy="https-only",
        origin_ssl_protocols=["TLSv1.2"],
        origin_read_timeout=API_SECONDS,
    )
    # It takes the place of what a viewer sends under that name.
    header = DistributionOriginCustomHeaderArgs(name=site.header, value=site.secret)
    return DistributionOriginArgs(
        origin_id="api", domain_name=site.api_domain, custom_origin_config=connection, custom_headers=[header]
    )


def by_links(group_id: pulumi.Input[str], policies: Policies) -> DistributionDefaultCacheBehaviorArgs:
    """Every path, to whoever has a signed link."""
    return DistributionDefaultCacheBehaviorArgs(**_files("delivery", policies), trusted_key_groups=[group_id])


def by_links_at(
    pattern: str, origin: str, group_id: pulumi.Input[str], policies: Policies
) -> DistributionOrderedCacheBehaviorArgs:
    """Paths of a pattern, to whoever has a signed link."""
    return DistributionOrderedCacheBehaviorArgs(
        path_pattern=pattern, **_files(origin, policies), trusted_key_groups=[group_id]
    )


def page(policies: Policies) -> DistributionDefaultCacheBehaviorArgs:
    """Every other path, to everybody: there is no data in the page."""
    common = _common(PAGE_PREFIX, READING, policies.cache_id, policies.headers_id, compress=True)
    return DistributionDefaultCacheBehaviorArgs(**common)


def api(headers_id: pulumi.Input[str]) -> DistributionOrderedCacheBehaviorArgs:
    """The API, which knows itself who may; nothing of it is kept here."""
    return DistributionOrderedCacheBehaviorArgs(
        path_pattern=API_PATH,
        **_common("api", EVERYTHING, NO_CACHE, headers_id),
        origin_request_policy_id=ALL_BUT_HOST,
    )


def files(group_id: pulumi.Input[str], policies: Policies) -> list[DistributionOrderedCacheBehaviorArgs]:
    """What is published, where the default behaviour is the page's."""
    published = [by_links_at(f"/{prefix}/*", "delivery", group_id, policies) for prefix in FILE_PREFIXES]
    return [*published, by_links_at(f"/{RESULTS_PREFIX}/*", "output", group_id, policies)]


def _files(origin: str, policies: Policies) -> Common:
    return _common(origin, READING, policies.cache_id, policies.headers_id)


def _common(
    origin: str,
    methods: list[str],
    cache_id: pulumi.Input[str],
    headers_id: pulumi.Input[str],
    *,
    compress: bool = False,
) -> Common:
    """What is delivered is compressed already, and answers of the API are short."""
    return Common(
        target_origin_id=origin,
        allowed_methods=methods,
        cached_methods=READING,
        viewer_protocol_policy="redirect-to-https",
        cache_policy_id=cache_id,
        response_headers_policy_id=headers_id,
        compress=compress,
    )
