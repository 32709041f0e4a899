"""What is published is read through its distribution only, and by whoever has a signed link."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pulumi_policy import PolicyResource

from policies.documents import documents
from policies.kinds import (
    BUCKET,
    BUCKET_CORS,
    BUCKET_POLICY,
    CACHE_POLICY,
    DISTRIBUTION,
    HEADERS_POLICY,
    LOG_DELIVERY,
    LOG_DELIVERY_DESTINATION,
    LOG_DELIVERY_SOURCE,
    ORIGIN_ACCESS,
)
from policies.rules import Props, Resources, companions, each, given, identities, named, values, whole_stack

READING = ["GET", "HEAD"]
FRONT = "cloudfront.amazonaws.com"
HALF_A_YEAR_SECONDS = 182 * 24 * 3600
DEVICES = ("camera", "geolocation", "microphone")
STORAGE_HEADERS = (
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-bucket-key-enabled",
    "x-amz-tagging-count",
    "x-amz-version-id",
)
STRICT_HEADERS = (
    "contentSecurityPolicy",
    "contentTypeOptions",
    "frameOptions",
    "referrerPolicy",
    "strictTransportSecurity",
)
LOGGED = frozenset({"c-ip", "cs-method", "cs-uri-stem", "date", "sc-status", "time"})
OPENS = frozenset({"cs(Cookie)", "cs(Referer)", "cs-uri-query"})
PAGE = "/page"
PAGE_DIRECTIVES = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
)
# The same in every account (CloudFront Developer Guide, managed policies).
NO_CACHE = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
KEPT_REFERRERS = ("no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin")


@each(ORIGIN_ACCESS)
def origin_access_is_always_signed(props: Props) -> Iterator[str]:
    """CloudFront signs every request to a bucket, so that the bucket need not be open."""
    wanted = {"originAccessControlOriginType": "s3", "signingBehavior": "always", "signingProtocol": "sigv4"}
    if wrong := [name for name, value in wanted.items() if props.get(name) != value]:
        yield f"{', '.join(wrong)} lets requests through that are not signed; set {wanted['signingBehavior']} and sigv4"


@each(DISTRIBUTION)
def origins_are_private(props: Props) -> Iterator[str]:
    """Buckets behind a distribution are read with its signature, not because they are open."""
    for origin in props["origins"]:
        if not _is_api(origin) and not given(origin, "originAccessControlId"):
            yield f"its origin {origin['originId']} would have to be open; set origin_access_control_id"


@each(DISTRIBUTION)
def apis_are_reached_by_tls(props: Props) -> Iterator[str]:
    """What stands behind a distribution and is no bucket is spoken to by HTTPS of TLS 1.2 only."""
    for origin in filter(_is_api, props["origins"]):
        connection = origin["customOriginConfig"]
        if connection["originProtocolPolicy"] != "https-only" or list(connection["originSslProtocols"]) != ["TLSv1.2"]:
            yield f"its origin {origin['originId']} may be spoken to in plain words; set https-only and TLSv1.2"


@each(DISTRIBUTION)
def apis_are_told_who_calls(props: Props) -> Iterator[str]:
    """An API's answers are not kept for others, and it is handed on what says who calls."""
    for path, behavior in _behaviors(props):
        if not _is_api(_origin(props, behavior)):
            continue
        if behavior.get("cachePolicyId") != NO_CACHE:
            yield f"{path} gives one caller's answers to another; set cache_policy_id to CachingDisabled"
        if behavior.get("originRequestPolicyId") != ALL_BUT_HOST:
            yield f"{path} drops who calls; set origin_request_policy_id to AllViewerExceptHostHeader"


@each(DISTRIBUTION)
def viewers_have_signed_links(props: Props) -> Iterator[str]:
    """Whoever downloads has a link that is signed with a key of a trusted group; the page is for everybody."""
    for path, behavior in _behaviors(props):
        origin = _origin(props, behavior)
        if _is_api(origin) or origin.get("originPath") == PAGE:
            continue
        if not given(behavior, "trustedKeyGroups") or len(behavior["trustedKeyGroups"]) == 0:
            yield f"{path} serves everyone who guesses a name; set trusted_key_groups"


@each(DISTRIBUTION)
def viewers_only_read(props: Props) -> Iterator[str]:
    """Distributions pass reading on, and nothing else but to an API."""
    for path, behavior in _behaviors(props):
        if _is_api(_origin(props, behavior)):
            continue
        for name in ("allowedMethods", "cachedMethods"):
            methods = list(behavior.get(name) or [])
            if not methods or not set(methods) <= set(READING):
                yield f"{path} has the {name} {', '.join(methods) or 'of the default'}; set them to {READING}"


@each(DISTRIBUTION)
def answers_have_security_headers(props: Props) -> Iterator[str]:
    """Every answer of a distribution carries a policy of headers."""
    for path, behavior in _behaviors(props):
        if not given(behavior, "responseHeadersPolicyId"):
            yield f"{path} answers without security headers; set response_headers_policy_id"


@each(HEADERS_POLICY)
def headers_are_strict(props: Props) -> Iterator[str]:
    """Headers make browsers insist on HTTPS, run nothing, frame nothing, sniff nothing and tell nobody."""
    headers = props.get("securityHeadersConfig") or {}
    for name in STRICT_HEADERS:
        header = headers.get(name)
        if header is None or header.get("override") is not True or not _strict(name, header):
            yield f"{name} is missing, weak or left to the origin; see _headers_policy of the distribution"


@each(HEADERS_POLICY)
def headers_take_devices_away(props: Props) -> Iterator[str]:
    """A header of permissions keeps pages from camera, microphone and place."""
    for header in values(props, "customHeadersConfig.items[]"):
        named_so = header["header"].lower() == "permissions-policy" and header.get("override") is True
        if named_so and {f"{device}=()" for device in DEVICES} <= set(header["value"].split(", ")):
            return
    yield "pages may use the devices of whoever opens them; add the header Permissions-Policy with override"


@each(HEADERS_POLICY)
def headers_keep_storage_to_themselves(props: Props) -> Iterator[str]:
    """Nobody outside learns of an object's key, account and versions."""
    removed = {str(name).lower() for name in values(props, "removeHeadersConfig.items[].header")}
    if missing := [name for name in STORAGE_HEADERS if name not in removed]:
        yield f"answers say what S3 says of objects; remove {', '.join(missing)}"


@whole_stack
def only_the_page_runs(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Whatever is not the page is data to a browser: it is served in a sandbox."""
    for front in resources.of(DISTRIBUTION):
        for policy in named(front, "orderedCacheBehaviors[].responseHeadersPolicyId", resources, HEADERS_POLICY):
            header = (policy.props.get("securityHeadersConfig") or {}).get("contentSecurityPolicy") or {}
            if "sandbox" not in str(header.get("contentSecurityPolicy")).split("; "):
                yield front, f"a browser may run what {policy.name} is put on; give files the policy with sandbox"


@each(CACHE_POLICY)
def cache_is_by_path_alone(props: Props) -> Iterator[str]:
    """What one viewer sends does not get into what another one is given: only the path tells cached answers apart."""
    by = props["parametersInCacheKeyAndForwardedToOrigin"]
    kinds = {
        "cookiesConfig": "cookieBehavior",
        "headersConfig": "headerBehavior",
        "queryStringsConfig": "queryStringBehavior",
    }
    for block, behavior in kinds.items():
        if given(by, block) and by[block].get(behavior) == "none":
            continue
        yield f"{block} lets viewers divide the cache; set it to none"


@each(BUCKET_CORS)
def pages_that_upload_are_named(props: Props) -> Iterator[str]:
    """Pages of named origins may use a bucket, to upload and not to delete; others' pages may not."""
    for rule in props["corsRules"]:
        if wild := [origin for origin in rule["allowedOrigins"] if "*" in origin]:
            yield f"pages of {', '.join(wild)} may use it; name the origins in storage.upload_origins"
        if more := sorted(set(rule["allowedMethods"]) - {"PUT", "POST", "GET", "HEAD"}):
            yield f"pages may {', '.join(more)}; leave only what uploads"


@whole_stack
def bucket_is_read_by_its_own_distribution(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """CloudFront reads a bucket for the distributions of the stack that have it as an origin, and only objects."""
    for bucket, policies in companions(resources, BUCKET, BUCKET_POLICY, "bucket"):
        for policy in policies:
            for statement in (one for document in documents(policy.props, "policy") for one in document):
                if FRONT not in statement.services:
                    continue
                allowed = [
                    one for one in resources.of(DISTRIBUTION) if not identities(one).isdisjoint(statement.bound_to)
                ]
                if not any(bucket in named(front, "origins[].domainName", resources, BUCKET) for front in allowed):
                    yield policy, f"CloudFront reads {bucket.name} for others; bind aws:SourceArn to its distribution"
                if set(statement.actions) != {"s3:GetObject"}:
                    yield policy, f"CloudFront may do more to {bucket.name} than read; allow s3:GetObject alone"


@whole_stack
def downloads_are_logged(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Who asked a distribution for what is written to a bucket of the stack."""
    for front, sources in companions(resources, DISTRIBUTION, LOG_DELIVERY_SOURCE, "resourceArn"):
        buckets = [
            bucket
            for delivery in resources.of(LOG_DELIVERY)
            if any(one in sources for one in named(delivery, "deliverySourceName", resources, LOG_DELIVERY_SOURCE))
            for place in named(delivery, "deliveryDestinationArn", resources, LOG_DELIVERY_DESTINATION)
            for bucket in named(place, "deliveryDestinationConfiguration.destinationResourceArn", resources, BUCKET)
        ]
        if not buckets or any(one.props.get("logType") != "ACCESS_LOGS" for one in sources):
            yield front, "nobody knows who asked it for what; see make_access_log"


@each(LOG_DELIVERY)
def download_log_opens_nothing(props: Props) -> Iterator[str]:
    """The log of downloads says who, when, what and how it ended, and has nothing in it that opens a file."""
    fields = set(props.get("recordFields") or [])
    if missing := sorted(LOGGED - fields):
        yield f"{', '.join(missing)} is not in it; add it to record_fields"
    if opening := sorted(fields & OPENS):
        yield f"{', '.join(opening)} opens what was asked for; take it out of record_fields"


def _strict(name: str, header: Mapping[str, Any]) -> bool:
    match name:
        case "contentSecurityPolicy":
            return _shut(header["contentSecurityPolicy"].split("; "))
        case "frameOptions":
            return bool(header["frameOption"] == "DENY")
        case "referrerPolicy":
            return header["referrerPolicy"] in KEPT_REFERRERS
        case "strictTransportSecurity":
            long = header["accessControlMaxAgeSec"] >= HALF_A_YEAR_SECONDS
            return bool(long and header.get("includeSubdomains") is True and header.get("preload") is True)
    return True


def _shut(directives: Sequence[str]) -> bool:
    """A sandbox, or a page that runs its own scripts only and is framed by nobody."""
    if not {"default-src 'none'", "sandbox"} - set(directives):
        return True
    loose = any("*" in one or "'unsafe-" in one for one in directives)
    return not loose and not set(PAGE_DIRECTIVES) - set(directives)


def _is_api(origin: Mapping[str, Any]) -> bool:
    return given(origin, "customOriginConfig")


def _origin(props: Props, behavior: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(
        (one for one in props["origins"] if one["originId"] == behavior["targetOriginId"]), {}
    )
    return found


def _behaviors(props: Props) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield "the default behaviour", props["defaultCacheBehavior"]
    for behavior in props.get("orderedCacheBehaviors") or []:
        yield behavior["pathPattern"], behavior
