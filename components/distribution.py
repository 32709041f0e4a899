"""Distribution: private delivery by signed links through CloudFront."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.access_log import make_access_log
from components.firewall import Firewall
from components.function import Home
from components.grants import service_statement
from components.keys import make_key_policy
from components.settings import Delivery
from components.signals import DistributionSignal, Signal
from components.signing import Signing, SigningArgs
from components.storage import SecureStorage
from components.stores import DECRYPT, Secret

DAY_SECONDS = 24 * 3600
YEAR_SECONDS = 365 * DAY_SECONDS


@dataclass(frozen=True, kw_only=True, slots=True)
class DistributionArgs:
    """`protected` delays the deletion of the signing key by a month; `firewall` is one for CloudFront."""

    home: Home
    storage: SecureStorage
    delivery: Delivery
    protected: bool
    firewall: Firewall | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Links:
    """What it takes to sign a link; it is valid for `seconds`."""

    domain: pulumi.Output[str]
    secret: Secret
    seconds: int


class Distribution(pulumi.ComponentResource):
    """CloudFront before the delivery bucket. It is the only one who may read it, and reads for signed links only."""

    distribution_id: pulumi.Output[str]
    key_group_id: pulumi.Output[str]
    links: Links
    signals: list[Signal]

    def __init__(self, name: str, args: DistributionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("penstock:distribution:Distribution", name, None, opts)
        self._args = args
        self._label = args.home.names.of("delivery", "delivery")
        self._child = pulumi.ResourceOptions(parent=self)
        self._signing = Signing(
            "signing",
            SigningArgs(home=args.home, key=args.storage.secrets_key, protected=args.protected),
            self._child,
        )
        distribution = self._make_distribution()
        self._let_in(distribution)
        make_access_log(distribution, bucket_arn=args.storage.logs_arn, names=args.home.names, parent=self)
        rotation = self._signing.rotate(
            distribution, days=args.delivery.rotation_days, link_seconds=args.delivery.link_seconds
        )
        self.distribution_id = distribution.id
        self.links = Links(
            domain=pulumi.Output.from_input(args.delivery.domain or distribution.domain_name),
            secret=self._signing.secret,
            seconds=args.delivery.link_seconds,
        )
        self.signals = [
            *self._signing.signals,
            rotation,
            DistributionSignal(purpose="delivery", id=distribution.id),
        ]
        self.key_group_id = self._signing.key_group_id
        self.register_outputs({"id": distribution.id, "domain": self.links.domain})

    def _make_distribution(self) -> aws.cloudfront.Distribution:
        delivery, bucket = self._args.delivery, self._args.storage.delivery
        access = aws.cloudfront.OriginAccessControl(
            self._label,
            description="Signs every request to the delivery bucket",
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
            opts=self._child,
        )
        behavior = aws.cloudfront.DistributionDefaultCacheBehaviorArgs(
            target_origin_id="delivery",
            allowed_methods=["GET", "HEAD"],
            cached_methods=["GET", "HEAD"],
            viewer_protocol_policy="redirect-to-https",
            trusted_key_groups=[self._signing.key_group_id],
            cache_policy_id=_cache_policy(self._label, self._child).id,
            response_headers_policy_id=_headers_policy(self._label, self._child).id,
            # What is delivered is compressed already.
            compress=False,
        )
        return aws.cloudfront.Distribution(
            self._label,
            comment=self._label,
            enabled=True,
            is_ipv6_enabled=True,
            http_version="http2and3",
            price_class=delivery.price_class,
            web_acl_id=self._args.firewall.arn if self._args.firewall else None,
            aliases=[delivery.domain] if delivery.domain else None,
            origins=[
                aws.cloudfront.DistributionOriginArgs(
                    origin_id="delivery",
                    domain_name=bucket.domain_name,
                    origin_access_control_id=access.id,
                )
            ],
            default_cache_behavior=behavior,
            restrictions=aws.cloudfront.DistributionRestrictionsArgs(
                geo_restriction=aws.cloudfront.DistributionRestrictionsGeoRestrictionArgs(restriction_type="none")
            ),
            viewer_certificate=_certificate(delivery),
            opts=self._child,
        )

    def _let_in(self, distribution: aws.cloudfront.Distribution) -> None:
        """Bucket and key policy. They come after the distribution, whose ARN they name: so there is no cycle."""
        storage = self._args.storage
        # The ARN names the account as well; CloudFront does not say `aws:SourceAccount`.
        condition = {"StringEquals": {"aws:SourceArn": distribution.arn}}
        service = "cloudfront.amazonaws.com"
        objects = [pulumi.Output.concat(storage.delivery.arn, f"/{prefix}/*") for prefix in ("archives", "images")]
        storage.delivery_bucket.make_policy(
            [service_statement(service, ["s3:GetObject"], objects, condition)], parent=self
        )
        make_key_policy(
            "delivery",
            storage.delivery_key,
            [service_statement(service, [DECRYPT], "*", condition)],
            names=self._args.home.names,
            parent=self,
        )


def _certificate(delivery: Delivery) -> aws.cloudfront.DistributionViewerCertificateArgs:
    if delivery.certificate_arn is None:
        # With its own certificate CloudFront sets the oldest TLS version itself; only a domain of ours can raise it.
        return aws.cloudfront.DistributionViewerCertificateArgs(cloudfront_default_certificate=True)
    return aws.cloudfront.DistributionViewerCertificateArgs(
        acm_certificate_arn=delivery.certificate_arn,
        minimum_protocol_version="TLSv1.2_2021",
        ssl_support_method="sni-only",
    )


def _cache_policy(name: str, opts: pulumi.ResourceOptions) -> aws.cloudfront.CachePolicy:
    none = "none"
    parameters = aws.cloudfront.CachePolicyParametersInCacheKeyAndForwardedToOriginArgs(
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
        enable_accept_encoding_brotli=False,
        enable_accept_encoding_gzip=False,
    )
    return aws.cloudfront.CachePolicy(
        name,
        comment="By path alone: what lies under a path never changes",
        min_ttl=0,
        default_ttl=DAY_SECONDS,
        max_ttl=YEAR_SECONDS,
        parameters_in_cache_key_and_forwarded_to_origin=parameters,
        opts=opts,
    )


def _headers_policy(name: str, opts: pulumi.ResourceOptions) -> aws.cloudfront.ResponseHeadersPolicy:
    security = aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigArgs(
        strict_transport_security=aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigStrictTransportSecurityArgs(
            access_control_max_age_sec=2 * YEAR_SECONDS, include_subdomains=True, preload=True, override=True
        ),
        content_security_policy=aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentSecurityPolicyArgs(
            content_security_policy="default-src 'none'; sandbox", override=True
        ),
        content_type_options=aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigContentTypeOptionsArgs(
            override=True
        ),
        frame_options=aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigFrameOptionsArgs(
            frame_option="DENY", override=True
        ),
        referrer_policy=aws.cloudfront.ResponseHeadersPolicySecurityHeadersConfigReferrerPolicyArgs(
            referrer_policy="no-referrer", override=True
        ),
    )
    permissions = aws.cloudfront.ResponseHeadersPolicyCustomHeadersConfigItemArgs(
        header="Permissions-Policy", value="camera=(), geolocation=(), microphone=()", override=True
    )
    return aws.cloudfront.ResponseHeadersPolicy(
        name,
        comment="Delivered files are data: no browser runs, frames or sniffs them",
        security_headers_config=security,
        custom_headers_config=aws.cloudfront.ResponseHeadersPolicyCustomHeadersConfigArgs(items=[permissions]),
        opts=opts,
    )
