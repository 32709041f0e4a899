"""Delivery: nobody but this distribution reads the bucket, and it answers to signed links only."""

import json
from functools import cache
from typing import Any

import pytest

from components.distribution.component import origin_of
from components.distribution.headers import page_csp
from tests.recorder import ACCOUNT, Recording, record, recording

STACKS = ("dev", "prod")
DOMAIN = {
    "penstock:delivery": json.dumps(
        {
            "domain": "files.example.com",
            "certificate_arn": f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/12345678-1234-1234-1234-123456789012",
        }
    )
}


def allowed(made: Recording, kind: str, purpose: str = "delivery") -> dict[str, Any]:
    """The statement of the bucket's or key's policy that lets CloudFront in."""
    statements = json.loads(made.one(kind, purpose).inputs["policy"])["Statement"]
    (found,) = [one for one in statements if one.get("Principal") == {"Service": "cloudfront.amazonaws.com"}]
    assert isinstance(found, dict)
    return found


def test_only_signed_links_are_answered_where_there_is_nothing_else() -> None:
    made = recording("all-off")
    behavior = made.one("cloudfront.Distribution", "delivery").inputs["defaultCacheBehavior"]
    group = made.one("cloudfront.KeyGroup", "delivery")
    assert behavior["trustedKeyGroups"] == [f"{group.name}-id"]
    assert "orderedCacheBehaviors" not in made.one("cloudfront.Distribution", "delivery").inputs


@pytest.mark.parametrize("stack", STACKS)
def test_every_request_to_the_bucket_is_signed(stack: str) -> None:
    made = recording(stack)
    control = made.one("cloudfront.OriginAccessControl", "delivery")
    assert (control.inputs["signingBehavior"], control.inputs["signingProtocol"]) == ("always", "sigv4")
    origins = {one["originId"]: one for one in made.one("cloudfront.Distribution", "delivery").inputs["origins"]}
    assert {name: one.get("originAccessControlId") for name, one in origins.items()} == {
        "api": None,
        **dict.fromkeys(("delivery", "output", "page"), f"{control.name}-id"),
    }
    for name, bucket in (("delivery", "delivery"), ("output", "output"), ("page", "delivery")):
        assert origins[name]["domainName"] == made.one("s3.Bucket", bucket).outputs["bucketRegionalDomainName"]


@pytest.mark.parametrize("stack", STACKS)
def test_bucket_and_key_let_in_exactly_this_distribution(stack: str) -> None:
    made = recording(stack)
    arn = made.one("cloudfront.Distribution", "delivery").outputs["arn"]
    for kind, actions in (("s3.BucketPolicy", ["s3:GetObject"]), ("kms.KeyPolicy", ["kms:Decrypt"])):
        statement = allowed(made, kind)
        assert statement["Action"] == actions
        assert statement["Condition"]["StringEquals"]["aws:SourceArn"] == arn
    bucket = made.one("s3.Bucket", "delivery").outputs["arn"]
    prefixes = ("archives", "images", "page")
    assert allowed(made, "s3.BucketPolicy")["Resource"] == [f"{bucket}/{prefix}/*" for prefix in prefixes]


@pytest.mark.parametrize("stack", STACKS)
def test_browsers_are_told_to_treat_files_as_data(stack: str) -> None:
    made = recording(stack)
    policy = made.one("cloudfront.ResponseHeadersPolicy", "delivery")
    behaviors = made.one("cloudfront.Distribution", "delivery").inputs["orderedCacheBehaviors"]
    assert len(behaviors) == 4, "of files, results and the API; the page has headers of its own"
    for behavior in behaviors:
        assert behavior["responseHeadersPolicyId"] == f"{policy.name}-id"
        assert behavior["viewerProtocolPolicy"] == "redirect-to-https"
    headers = policy.inputs["securityHeadersConfig"]
    assert headers["strictTransportSecurity"]["accessControlMaxAgeSec"] == 2 * 365 * 24 * 3600
    assert headers["contentSecurityPolicy"]["contentSecurityPolicy"] == "default-src 'none'; sandbox"
    assert headers["contentTypeOptions"] == {"override": True}
    assert headers["frameOptions"]["frameOption"] == "DENY"
    assert headers["referrerPolicy"]["referrerPolicy"] == "no-referrer"
    (custom,) = policy.inputs["customHeadersConfig"]["items"]
    assert custom["header"] == "Permissions-Policy"


@pytest.mark.parametrize("stack", STACKS)
def test_the_cache_does_not_tell_one_signature_from_another(stack: str) -> None:
    policy = recording(stack).one("cloudfront.CachePolicy", "delivery")
    parameters = policy.inputs["parametersInCacheKeyAndForwardedToOrigin"]
    assert parameters["queryStringsConfig"] == {"queryStringBehavior": "none"}
    assert parameters["cookiesConfig"] == {"cookieBehavior": "none"}
    assert parameters["headersConfig"] == {"headerBehavior": "none"}


@pytest.mark.parametrize(("stack", "price_class"), [("dev", "PriceClass_100"), ("prod", "PriceClass_All")])
def test_the_price_class_is_a_setting(stack: str, price_class: str) -> None:
    assert recording(stack).one("cloudfront.Distribution", "delivery").inputs["priceClass"] == price_class


def test_a_domain_of_ones_own_raises_the_oldest_tls() -> None:
    assert recording("dev").one("cloudfront.Distribution", "delivery").inputs["viewerCertificate"] == {
        "cloudfrontDefaultCertificate": True
    }
    made = record("dev", DOMAIN)
    inputs = made.one("cloudfront.Distribution", "delivery").inputs
    assert inputs["aliases"] == ["files.example.com"]
    assert inputs["viewerCertificate"]["minimumProtocolVersion"] == "TLSv1.2_2021"
    assert made.exports["delivery_domain"] == "files.example.com"


def test_the_page_runs_its_own_scripts_and_speaks_to_whom_it_has_to() -> None:
    directives = dict(one.split(" ", 1) for one in page_csp(["https://up.example.com"]).split("; "))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["style-src"] == "'self'"
    assert directives["connect-src"] == "'self' https://up.example.com"
    assert directives["frame-ancestors"] == directives["base-uri"] == directives["form-action"] == "'none'"


@pytest.mark.parametrize(
    ("domain", "origin"),
    [
        ("d111111abcdef8.cloudfront.net", "https://d111111abcdef8.cloudfront.net"),
        ("localhost:8123", "http://localhost:8123"),
        ("localhost.example.com", "https://localhost.example.com"),
    ],
)
def test_an_origin_is_written_as_browsers_do(domain: str, origin: str) -> None:
    assert origin_of(domain) == origin


SITE = {
    "penstock:api": json.dumps({"enabled": True, "clients": [{"name": "demo", "folder": "demo"}]}),
    "penstock:page": json.dumps({"folder": "tests/stacks/page"}),
    "penstock:storage": json.dumps({"upload_origins": ["http://localhost:5173"], "deletable": True}),
}


@cache
def with_site() -> Recording:
    """The stack dev with an API and a page."""
    return record("dev", SITE)


def test_a_site_adds_the_api_and_the_page_and_leaves_files_as_they_are() -> None:
    inputs = with_site().one("cloudfront.Distribution", "delivery").inputs
    origins = {one["originId"]: one for one in inputs["origins"]}
    behaviors = {one["pathPattern"]: one for one in inputs["orderedCacheBehaviors"]}
    assert {path: one["targetOriginId"] for path, one in behaviors.items()} == {
        "/api/*": "api",
        "/archives/*": "delivery",
        "/images/*": "delivery",
        "/results/*": "output",
    }
    group = with_site().one("cloudfront.KeyGroup", "delivery")
    files = [one for path, one in behaviors.items() if path != "/api/*"]
    assert all(one["trustedKeyGroups"] == [f"{group.name}-id"] for one in files)
    assert "trustedKeyGroups" not in behaviors["/api/*"]
    assert origins["page"]["originPath"] == "/page"
    assert "originAccessControlId" not in origins["api"]
    assert origins["api"]["customOriginConfig"]["originProtocolPolicy"] == "https-only"
    assert inputs["defaultRootObject"] == "index.html"
    assert "trustedKeyGroups" not in inputs["defaultCacheBehavior"]


def test_the_page_may_send_to_the_upload_bucket_and_the_bucket_lets_it() -> None:
    made = with_site()
    policy = made.one("cloudfront.ResponseHeadersPolicy", "page").inputs["securityHeadersConfig"]
    csp = policy["contentSecurityPolicy"]["contentSecurityPolicy"]
    bucket = made.one("s3.Bucket", "upload").outputs["bucketRegionalDomainName"]
    assert f"connect-src 'self' https://{bucket};" in csp
    (rule,) = made.one("s3.BucketCorsConfiguration", "upload").inputs["corsRules"]
    assert rule["allowedOrigins"] == ["http://localhost:5173", "https://d111111abcdef8.cloudfront.net"]


def test_the_distribution_reads_results_with_their_key_and_nothing_else_of_it() -> None:
    made = with_site()
    bucket = made.one("s3.Bucket", "output").outputs["arn"]
    reading, decrypting = allowed(made, "s3.BucketPolicy", "output"), allowed(made, "kms.KeyPolicy", "data")
    assert reading["Resource"] == [f"{bucket}/results/*"]
    assert decrypting["Condition"]["StringEquals"]["kms:EncryptionContext:aws:s3:arn"] == bucket
    assert f"{made.one('s3.Bucket', 'delivery').outputs['arn']}/page/*" in allowed(made, "s3.BucketPolicy")["Resource"]


def test_without_a_site_there_is_no_way_to_results() -> None:
    for kind, purpose in (("s3.BucketPolicy", "output"), ("kms.KeyPolicy", "data")):
        assert "cloudfront" not in recording("all-off").one(kind, purpose).inputs["policy"]


def test_each_file_of_the_page_is_an_object_and_what_names_the_others_comes_last() -> None:
    made = with_site()
    objects = {one.inputs["key"]: one.inputs for one in made.of("s3.BucketObjectv2")}
    assert set(objects) == {
        "page/assets/index-0a1b2c3d.js",
        "page/config.json",
        "page/index.html",
        "page/openapi.json",
        "page/reference.css",
        "page/reference.html",
    }
    assert {one["checksumAlgorithm"] for one in objects.values()} == {"SHA256"}
    config = json.loads(objects["page/config.json"]["content"])
    assert (config["api"], config["sign_in"]) == ("/api", None)
    assert made.of("s3.BucketObjectv2")[-1].inputs["key"] == "page/index.html"
    assert made.exports["page_url"] == "https://d111111abcdef8.cloudfront.net/"
