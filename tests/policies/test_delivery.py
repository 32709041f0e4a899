"""What breaks a rule about delivery is noticed, and what is not known yet is not judged."""

import pytest

from policies import delivery
from tests.policies.breaks import DROPPED, GONE, Break

BREAKS = [
    Break(
        rule=delivery.origin_access_is_always_signed,
        kind="cloudfront.OriginAccessControl",
        path="signingBehavior",
        value="never",
    ),
    Break(
        rule=delivery.origins_are_private,
        kind="cloudfront.Distribution",
        path="origins.0.originAccessControlId",
        value=DROPPED,
        unknown=(),
    ),
    Break(
        rule=delivery.viewers_have_signed_links,
        kind="cloudfront.Distribution",
        path="orderedCacheBehaviors.1.trustedKeyGroups",
        value=DROPPED,
    ),
    Break(
        rule=delivery.viewers_only_read,
        kind="cloudfront.Distribution",
        path="defaultCacheBehavior.allowedMethods",
        value=["GET", "DELETE"],
    ),
    Break(
        rule=delivery.answers_have_security_headers,
        kind="cloudfront.Distribution",
        path="defaultCacheBehavior.responseHeadersPolicyId",
        value=DROPPED,
        unknown=(),
    ),
    Break(
        rule=delivery.headers_are_strict,
        kind="cloudfront.ResponseHeadersPolicy",
        path="securityHeadersConfig.frameOptions.frameOption",
        value="SAMEORIGIN",
    ),
    Break(
        rule=delivery.headers_are_strict,
        kind="cloudfront.ResponseHeadersPolicy",
        path="securityHeadersConfig.strictTransportSecurity.accessControlMaxAgeSec",
        value=60,
    ),
    Break(
        rule=delivery.headers_are_strict,
        kind="cloudfront.ResponseHeadersPolicy",
        path="securityHeadersConfig.contentSecurityPolicy.contentSecurityPolicy",
        value="default-src *",
    ),
    Break(
        rule=delivery.headers_take_devices_away,
        kind="cloudfront.ResponseHeadersPolicy",
        path="customHeadersConfig",
        value=DROPPED,
    ),
    Break(
        rule=delivery.headers_keep_storage_to_themselves,
        kind="cloudfront.ResponseHeadersPolicy",
        path="removeHeadersConfig",
        value=DROPPED,
    ),
    Break(
        rule=delivery.cache_is_by_path_alone,
        kind="cloudfront.CachePolicy",
        path="parametersInCacheKeyAndForwardedToOrigin.cookiesConfig.cookieBehavior",
        value="all",
    ),
    Break(
        rule=delivery.pages_that_upload_are_named,
        kind="s3.BucketCorsConfiguration",
        path="corsRules.0.allowedOrigins",
        value=["*"],
    ),
    Break(
        rule=delivery.pages_that_upload_are_named,
        kind="s3.BucketCorsConfiguration",
        path="corsRules.0.allowedMethods",
        value=["DELETE"],
    ),
    Break(
        rule=delivery.bucket_is_read_by_its_own_distribution,
        kind="cloudfront.Distribution",
        path="origins.1.domainName",
        value="elsewhere.s3.amazonaws.com",
    ),
    Break(
        rule=delivery.apis_are_reached_by_tls,
        kind="cloudfront.Distribution",
        path="origins.3.customOriginConfig.originProtocolPolicy",
        value="match-viewer",
    ),
    Break(
        rule=delivery.apis_are_told_who_calls,
        kind="cloudfront.Distribution",
        path="orderedCacheBehaviors.0.cachePolicyId",
        value="another",
    ),
    Break(
        rule=delivery.only_the_page_runs,
        kind="cloudfront.ResponseHeadersPolicy",
        name="-delivery",
        path="securityHeadersConfig.contentSecurityPolicy.contentSecurityPolicy",
        value="default-src 'none'",
    ),
    Break(rule=delivery.downloads_are_logged, kind="cloudwatch.LogDeliverySource", path="resourceArn", value=GONE),
    Break(
        rule=delivery.download_log_opens_nothing,
        kind="cloudwatch.LogDelivery",
        path="recordFields",
        value=["date", "time", "c-ip", "cs-method", "cs-uri-stem", "sc-status", "cs-uri-query"],
    ),
]


@pytest.mark.parametrize("row", BREAKS, ids=str)
def test_what_breaks_a_rule_is_noticed(row: Break) -> None:
    row.check()
