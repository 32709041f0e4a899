"""Distribution: what is published, by signed links through CloudFront; and the page and the API, where there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.access_log import make_access_log
from components.distribution import behaviors, caching, headers
from components.distribution.site import PAGE_PREFIX, RESULTS_PREFIX, Site
from components.firewall import Firewall
from components.function import Home
from components.grants import service_statement
from components.keys import make_key_policy
from components.settings import Delivery
from components.signals import DistributionSignal, Signal
from components.signing import Signing, SigningArgs
from components.storage import SecureStorage
from components.stores import DECRYPT, Bucket, Secret

FRONT = "cloudfront.amazonaws.com"


@dataclass(frozen=True, kw_only=True, slots=True)
class DistributionArgs:
    """`protected` delays the deletion of the signing key by a month; `firewall` is one for CloudFront.

    Without a `site` there are files only.
    """

    home: Home
    storage: SecureStorage
    delivery: Delivery
    protected: bool
    firewall: Firewall | None = None
    site: Site | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Links:
    """What it takes to sign a link; it is valid for `seconds`."""

    domain: pulumi.Output[str]
    secret: Secret
    seconds: int


class Distribution(pulumi.ComponentResource):
    """CloudFront before the delivery bucket, which nobody else may read; files are read for signed links only.

    `origin` is the address of everything that it serves.
    """

    distribution_id: pulumi.Output[str]
    distribution_arn: pulumi.Output[str]
    key_group_id: pulumi.Output[str]
    origin: pulumi.Output[str]
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
        self.distribution_id, self.distribution_arn = distribution.id, distribution.arn
        domain = pulumi.Output.from_input(args.delivery.domain or distribution.domain_name)
        self.origin = domain.apply(origin_of)
        args.storage.let_pages_upload([self.origin] if args.site else [])
        self.links = Links(
            domain=domain,
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
        delivery = self._args.delivery
        access = aws.cloudfront.OriginAccessControl(
            self._label,
            description="Signs every request to the delivery bucket",
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
            opts=self._child,
        )
        files = behaviors.Policies(
            cache_id=caching.files_policy(self._label, self._child).id,
            headers_id=headers.files_policy(self._label, self._child).id,
        )
        site, storage = self._args.site, self._args.storage
        origins = [behaviors.bucket_origin("delivery", storage.delivery, access.id)]
        default = behaviors.by_links(self._signing.key_group_id, files)
        if site:
            origins += [
                behaviors.bucket_origin("output", storage.output, access.id),
                behaviors.bucket_origin(PAGE_PREFIX, storage.delivery, access.id, PAGE_PREFIX),
                behaviors.api_origin(site),
            ]
            default = behaviors.page(self._page_policies(site))
        return aws.cloudfront.Distribution(
            self._label,
            comment=self._label,
            enabled=True,
            is_ipv6_enabled=True,
            http_version="http2and3",
            price_class=delivery.price_class,
            web_acl_id=self._args.firewall.arn if self._args.firewall else None,
            aliases=[delivery.domain] if delivery.domain else None,
            origins=origins,
            default_root_object="index.html" if site else None,
            default_cache_behavior=default,
            ordered_cache_behaviors=[
                behaviors.api(files.headers_id),
                *behaviors.files(self._signing.key_group_id, files),
            ]
            if site
            else None,
            restrictions=aws.cloudfront.DistributionRestrictionsArgs(
                geo_restriction=aws.cloudfront.DistributionRestrictionsGeoRestrictionArgs(restriction_type="none")
            ),
            viewer_certificate=_certificate(delivery),
            opts=self._child,
        )

    def _page_policies(self, site: Site) -> behaviors.Policies:
        label = self._args.home.names.of("delivery", PAGE_PREFIX)
        uploads = pulumi.Output.concat("https://", self._args.storage.upload.domain_name)
        others = [uploads, *([site.sign_in_origin] if site.sign_in_origin is not None else [])]
        return behaviors.Policies(
            cache_id=caching.page_policy(label, self._child).id,
            headers_id=headers.page_policy(label, others, self._child).id,
        )

    def _let_in(self, distribution: aws.cloudfront.Distribution) -> None:
        """Policies of buckets and keys. They come after the distribution, whose ARN they name: so there is no cycle."""
        storage, site = self._args.storage, self._args.site
        # The ARN names the account as well; CloudFront does not say `aws:SourceAccount`.
        condition = {"StringEquals": {"aws:SourceArn": distribution.arn}}
        published = [*behaviors.FILE_PREFIXES, *([PAGE_PREFIX] if site else [])]
        storage.delivery_bucket.make_policy(_reading(storage.delivery, published, condition), parent=self)
        results = _reading(storage.output, [RESULTS_PREFIX], condition) if site else []
        storage.output_bucket.make_policy(results)
        decrypt = service_statement(FRONT, [DECRYPT], "*", condition)
        # The key of the results is that of uploads and parts, too.
        bound = {"StringEquals": {**condition["StringEquals"], "kms:EncryptionContext:aws:s3:arn": storage.output.arn}}
        of_results = [service_statement(FRONT, [DECRYPT], "*", bound)] if site else []
        names = self._args.home.names
        make_key_policy("delivery", storage.delivery_key, [decrypt], names=names, parent=self)
        make_key_policy("data", storage.data_key, of_results, names=names, parent=storage)


def origin_of(domain: str) -> str:
    """As browsers write it. The local cloud has no certificate, and serves `localhost:PORT` only."""
    return f"http://{domain}" if domain.partition(":")[0] == "localhost" else f"https://{domain}"


def _reading(
    bucket: Bucket, prefixes: Sequence[str], condition: Mapping[str, Mapping[str, pulumi.Input[Any]]]
) -> list[dict[str, Any]]:
    objects = [pulumi.Output.concat(bucket.arn, f"/{prefix}/*") for prefix in prefixes]
    return [service_statement(FRONT, ["s3:GetObject"], objects, condition)]


def _certificate(delivery: Delivery) -> aws.cloudfront.DistributionViewerCertificateArgs:
    if delivery.certificate_arn is None:
        # With its own certificate CloudFront sets the oldest TLS version itself; only a domain of ours can raise it.
        return aws.cloudfront.DistributionViewerCertificateArgs(cloudfront_default_certificate=True)
    return aws.cloudfront.DistributionViewerCertificateArgs(
        acm_certificate_arn=delivery.certificate_arn,
        minimum_protocol_version="TLSv1.2_2021",
        ssl_support_method="sni-only",
    )
