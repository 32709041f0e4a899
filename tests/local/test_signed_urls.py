"""A CloudFront distribution in the local cloud: only with a signature, only through the distribution."""

import base64
import http.client
import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from local.cloud import LocalCloud
from local.signed_urls import canned_policy

BODY = bytes(range(256)) * 40_000
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
STRANGER = ec.generate_private_key(ec.SECP256R1())


def _pem(key: Any) -> str:
    text: bytes = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return text.decode()


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode().translate(str.maketrans("+=/", "-_~"))


@dataclass(frozen=True)
class Site:
    """A distribution in front of a bucket with one object, `archives/a b.zip`."""

    base: str
    rsa_id: str
    ec_id: str
    bucket: str
    distribution: str

    @property
    def url(self) -> str:
        return f"{self.base}/archives/a%20b.zip"

    def signed(
        self, url: str | None = None, *, key: Any = EC_KEY, key_id: str = "", expires: float = 60, sha1: bool = False
    ) -> str:
        """`url` with a canned policy."""
        url, until = url or self.url, str(int(time.time() + expires))
        signature = _sign(key, canned_policy(url, until), sha1=sha1)
        query = {"Expires": until, "Signature": signature, "Key-Pair-Id": key_id or self.ec_id}
        return f"{url}{'&' if '?' in url else '?'}{urlencode(query | ({} if sha1 else {'Hash-Algorithm': 'SHA256'}))}"

    def custom(self, resource: str, condition: dict[str, Any], url: str | None = None) -> str:
        """`url` with a custom policy."""
        policy = json.dumps({"Statement": [{"Resource": resource, "Condition": condition}]}).encode()
        query = {
            "Policy": _encode(policy),
            "Signature": _sign(EC_KEY, policy),
            "Key-Pair-Id": self.ec_id,
            "Hash-Algorithm": "SHA256",
        }
        return f"{url or self.url}?{urlencode(query)}"


def _sign(key: Any, data: bytes, *, sha1: bool = False) -> str:
    algorithm: hashes.HashAlgorithm = hashes.SHA1() if sha1 else hashes.SHA256()  # noqa: S303
    if isinstance(key, rsa.RSAPrivateKey):
        return _encode(key.sign(data, padding.PKCS1v15(), algorithm))
    return _encode(key.sign(data, ec.ECDSA(algorithm)))


@pytest.fixture(scope="module")
def site(cloud: LocalCloud) -> Site:
    s3, cloudfront, bucket = cloud.client("s3"), cloud.client("cloudfront"), "signed-urls-site"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="archives/a b.zip", Body=BODY, ContentType="application/zip")
    keys = []
    for number, key in enumerate((RSA_KEY, EC_KEY)):
        config = {"CallerReference": f"key{number}", "Name": f"key{number}", "EncodedKey": _pem(key)}
        keys.append(cloudfront.create_public_key(PublicKeyConfig=config)["PublicKey"]["Id"])
    group = cloudfront.create_key_group(KeyGroupConfig={"Name": "viewers", "Items": keys})["KeyGroup"]["Id"]
    access = cloudfront.create_origin_access_control(
        OriginAccessControlConfig={
            "Name": "always", "SigningProtocol": "sigv4", "SigningBehavior": "always",
            "OriginAccessControlOriginType": "s3",
        }
    )["OriginAccessControl"]["Id"]  # fmt: skip
    distribution = cloudfront.create_distribution(
        DistributionConfig={
            "CallerReference": "site",
            "Comment": "",
            "Enabled": True,
            "Origins": {
                "Quantity": 1,
                "Items": [
                    {
                        "Id": "bucket",
                        "DomainName": f"{bucket}.s3.{cloud.region}.amazonaws.com",
                        "OriginAccessControlId": access,
                        "S3OriginConfig": {"OriginAccessIdentity": ""},
                    }
                ],
            },
            "DefaultCacheBehavior": {
                "TargetOriginId": "bucket",
                "ViewerProtocolPolicy": "redirect-to-https",
                "TrustedKeyGroups": {"Enabled": True, "Quantity": 1, "Items": [group]},
                "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
            },
        }
    )["Distribution"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/archives/*",
        "Condition": {"StringEquals": {"AWS:SourceArn": distribution["ARN"]}},
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    return Site(
        base=cloud.open_distribution(distribution["Id"]),
        rsa_id=keys[0],
        ec_id=keys[1],
        bucket=bucket,
        distribution=distribution["Id"],
    )


def _get(url: str, **headers: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_signed_url_serves_the_object_and_ranges_of_it(site: Site) -> None:
    assert _get(site.signed()) == (200, BODY)
    assert _get(site.signed(), Range="bytes=100-199") == (206, BODY[100:200])


def test_rsa_key_and_sha1_as_botocore_signs(site: Site) -> None:
    from datetime import UTC, datetime, timedelta

    signer = CloudFrontSigner(site.rsa_id, lambda data: RSA_KEY.sign(data, padding.PKCS1v15(), hashes.SHA1()))  # noqa: S303
    url = signer.generate_presigned_url(site.url, date_less_than=datetime.now(UTC) + timedelta(minutes=1))
    assert _get(url) == (200, BODY)
    assert _get(site.signed(key=RSA_KEY, key_id=site.rsa_id))[0] == 200


@pytest.mark.parametrize("missing", ["Signature", "Key-Pair-Id", "Expires", "all"])
def test_without_all_parts_of_a_signature_is_refused(site: Site, missing: str) -> None:
    url, _, query = site.signed().partition("?")
    kept = [piece for piece in query.split("&") if missing != "all" and not piece.startswith(f"{missing}=")]
    status, body = _get(f"{url}?{'&'.join(kept)}")
    assert status == 403
    assert b"<Code>MissingKey</Code>" in body


def test_expired_altered_and_foreign_links_are_refused(site: Site) -> None:
    signed = site.signed()
    other = f"{site.base}/archives/other.zip"
    bad = {
        "expired": site.signed(expires=-1),
        "later": signed.replace("Expires=", "Expires=9"),
        "other path": signed.replace("a%20b.zip", "other.zip"),
        "added query": signed + "&versionId=1",
        "garbage": signed.replace("Signature=", "Signature=A"),
        "another key": site.signed(key=STRANGER),
        "another host": site.signed("https://example.com/archives/a%20b.zip").replace("https://example.com", site.base),
        "hash not as said": signed.replace("SHA256", "SHA1"),
    }
    for name, url in bad.items():
        status, body = _get(url)
        assert (name, status) == (name, 403)
        assert b"<Code>AccessDenied</Code>" in body, name
    assert _get(site.signed(key_id="KUNKNOWN"))[0] == 403
    assert _get(site.signed(other))[0] == 403, "signed well, but there is no such object"


def test_query_belongs_to_the_signed_url(site: Site) -> None:
    assert _get(site.signed(f"{site.url}?x=1&y=2")) == (200, BODY)


def test_custom_policies(site: Site) -> None:
    soon, past = int(time.time()) + 60, int(time.time()) - 60
    before = {"DateLessThan": {"AWS:EpochTime": soon}}
    everything = f"{site.base}/archives/*"
    assert _get(site.custom(everything, before)) == (200, BODY)
    assert _get(site.custom(everything, {**before, "IpAddress": {"AWS:SourceIp": "127.0.0.0/8"}}))[0] == 200
    refused = {
        "expired": site.custom(everything, {"DateLessThan": {"AWS:EpochTime": past}}),
        "not yet": site.custom(everything, {**before, "DateGreaterThan": {"AWS:EpochTime": soon - 10}}),
        "other folder": site.custom(f"{site.base}/images/*", before),
        "other network": site.custom(everything, {**before, "IpAddress": {"AWS:SourceIp": "192.0.2.0/24"}}),
        "no end": site.custom(everything, {}),
    }
    for name, url in refused.items():
        assert (name, _get(url)[0]) == (name, 403)


def test_signature_is_not_passed_to_the_origin(site: Site, cloud: LocalCloud) -> None:
    """The origin would take `Signature` and `Expires` for its own old way of signing."""
    status, body = _get(site.signed(f"{site.url}?response-content-type=text/plain"))
    assert (status, body) == (200, BODY)


def test_plain_http_is_redirected(site: Site) -> None:
    target = urlsplit(site.signed())
    connection = http.client.HTTPConnection("127.0.0.1", target.port or 0, timeout=10)
    connection.request("GET", f"{target.path}?{target.query}", headers={"x-forwarded-proto": "http"})
    answer = connection.getresponse()
    connection.close()
    assert answer.status == 301


def test_bucket_is_reached_through_the_distribution_only(site: Site, cloud: LocalCloud) -> None:
    assert _get(f"{cloud.endpoint}/{site.bucket}/archives/a%20b.zip")[0] == 403


def test_own_domain_on_the_clouds_port_wants_a_signature_too(site: Site, cloud: LocalCloud) -> None:
    domain = cloud.client("cloudfront").get_distribution(Id=site.distribution)["Distribution"]["DomainName"]
    path = "/archives/a%20b.zip"
    assert _get(cloud.endpoint + path, Host=domain)[0] == 403
    signed = site.signed(f"https://{domain}{path}").replace(f"https://{domain}", cloud.endpoint)
    assert _get(signed, Host=domain) == (200, BODY)
