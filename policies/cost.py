"""Nothing costs more than it has to."""

from collections.abc import Iterator

from pulumi_policy import PolicyResource

from policies.kinds import BUCKET_LIFECYCLE, DISTRIBUTION, FUNCTION, KEY, LOG_GROUP, NAT, SUBNET, TABLE
from policies.rules import Props, Resources, each, given, values, whole_stack

MOST_MEMORY_MB = 3538
"""Two whole processors; a function that needs more has to say why here."""
LONGEST_LOGS_DAYS = 3653
MOST_KEYS = 12


@each(FUNCTION)
def function_runs_on_arm(props: Props) -> Iterator[str]:
    """Functions run on arm64, which costs a fifth less for the same time."""
    if list(props.get("architectures") or []) != ["arm64"]:
        yield "it runs on x86_64, which costs a fifth more; set architectures to arm64"


@each(FUNCTION)
def function_has_bounded_memory(props: Props) -> Iterator[str]:
    """Functions say how much memory they need, and it is at most that of two processors."""
    memory = props.get("memorySize")
    if memory is None or not 128 <= memory <= MOST_MEMORY_MB:
        yield f"it has {memory or 'no'} MB of memory; set memory_size to 128 to {MOST_MEMORY_MB}"


@each(TABLE)
def table_is_paid_by_request(props: Props) -> Iterator[str]:
    """Tables are paid by request: nothing while no file comes, and no capacity that is too small when many do."""
    if props.get("billingMode") != "PAY_PER_REQUEST":
        yield "it is paid by the hour; set billing_mode to PAY_PER_REQUEST"


@each(LOG_GROUP)
def logs_end(props: Props) -> Iterator[str]:
    """Logs are deleted some day."""
    if not 0 < (props.get("retentionInDays") or 0) <= LONGEST_LOGS_DAYS:
        yield f"its logs are kept for ever; set retention_in_days to {LONGEST_LOGS_DAYS} at most"


@each(BUCKET_LIFECYCLE)
def bucket_is_tidied_up(props: Props) -> Iterator[str]:
    """Buckets forget what was overwritten and uploads that never ended."""
    active = [
        rule for rule in props["rules"] if rule["status"] == "Enabled" and values(rule, "filter.prefix") in ([], [""])
    ]
    if not any(
        0 < one <= 7 for one in values({"all": active}, "all[].abortIncompleteMultipartUpload.daysAfterInitiation")
    ):
        yield "parts of uploads that never end are kept; set abort_incomplete_multipart_upload to 7 days at most"
    if not any(one > 0 for one in values({"all": active}, "all[].noncurrentVersionExpiration.noncurrentDays")):
        yield "overwritten versions are kept for ever; set noncurrent_version_expiration"


@whole_stack
def zones_share_few_gateways(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """There are at most as many NAT gateways, at 32 dollars a month each, as zones."""
    zones = {subnet.props["availabilityZone"] for subnet in resources.of(SUBNET)}
    for gateway in resources.of(NAT)[len(zones) :]:
        yield gateway, f"{len(zones)} zones have enough gateways without it; take it away"


@whole_stack
def keys_are_few(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Keys, at a dollar a month each, are made by purpose, not one for each thing."""
    for key in resources.of(KEY)[MOST_KEYS:]:
        yield key, f"the stack has {MOST_KEYS} keys without it; use the key of the same purpose"


@each(DISTRIBUTION)
def delivery_needs_no_own_addresses(props: Props) -> Iterator[str]:
    """Distributions tell their host names apart by SNI, not by addresses of their own at 600 dollars a month."""
    certificate = props["viewerCertificate"]
    if (
        certificate.get("cloudfrontDefaultCertificate") is not True
        and certificate.get("sslSupportMethod") != "sni-only"
    ):
        yield "it pays for addresses that only very old viewers need; set ssl_support_method to sni-only"


@each(DISTRIBUTION)
def delivery_is_not_compressed_twice(props: Props) -> Iterator[str]:
    """What is delivered is compressed already, and CloudFront does not try again."""
    behaviors = [props["defaultCacheBehavior"], *(props.get("orderedCacheBehaviors") or [])]
    # What has no signed links is the page, and text.
    if any(one.get("compress") is True and given(one, "trustedKeyGroups") for one in behaviors):
        yield "archives and images are compressed already; set compress to false"
