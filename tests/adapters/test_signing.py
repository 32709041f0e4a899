"""Links, checked the way that CloudFront checks them."""

import base64
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from runtime.adapters.signing import CloudFrontSigner, fits, load_key, make_pair
from runtime.domain.signing import KEY_SECONDS, SigningKey

KEY = ec.generate_private_key(ec.SECP256R1())


def pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def signer(domain: str = "d1.cloudfront.net") -> CloudFrontSigner:
    key = SigningKey(private_key=pem(KEY), key_pair_id="K1")
    return CloudFrontSigner(domain=domain, seconds=60, read=lambda: key, now=lambda: 1000.9)


def verify(link: str, resource: str) -> None:
    query = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
    plain = query["Signature"].replace("-", "+").replace("_", "=").replace("~", "/")
    condition = {"DateLessThan": {"AWS:EpochTime": int(query["Expires"])}}
    policy = json.dumps({"Statement": [{"Resource": resource, "Condition": condition}]}, separators=(",", ":"))
    KEY.public_key().verify(base64.b64decode(plain), policy.encode(), ec.ECDSA(hashes.SHA256()))


def test_a_link_is_signed_for_its_object_and_its_time() -> None:
    link, expires = signer().sign("archives/a b/ü.zip")
    resource = "https://d1.cloudfront.net/archives/a%20b/%C3%BC.zip"
    assert link.startswith(f"{resource}?Expires=1060&")
    assert "&Key-Pair-Id=K1&Hash-Algorithm=SHA256" in link
    assert expires == "1970-01-01T00:17:40Z"
    verify(link, resource)
    with pytest.raises(InvalidSignature):
        verify(link, resource + "x")
    with pytest.raises(InvalidSignature):
        verify(link.replace("1060", "2060"), resource)


def test_the_local_cloud_has_no_certificate() -> None:
    assert signer("localhost:8080").sign("a")[0].startswith("http://localhost:8080/a?")
    assert signer("localhost.example").sign("a")[0].startswith("https://")


def test_another_kind_of_key_is_refused() -> None:
    with pytest.raises(TypeError):
        load_key(pem(rsa.generate_private_key(65537, 2048)))


def test_a_key_that_was_changed_is_used_some_minutes_later() -> None:
    keys = [SigningKey(private_key=make_pair()[0], key_pair_id=name) for name in ("K1", "K2")]
    clock = [0.0]
    changing = CloudFrontSigner(domain="d", seconds=60, read=lambda: keys[0], now=lambda: clock[0])
    assert "&Key-Pair-Id=K1&" in changing.sign("a")[0]
    del keys[0]
    clock[0] = KEY_SECONDS - 1
    assert "&Key-Pair-Id=K1&" in changing.sign("a")[0]
    clock[0] = KEY_SECONDS
    assert "&Key-Pair-Id=K2&" in changing.sign("a")[0]


def test_a_public_key_fits_its_own_private_key_only() -> None:
    private, public = make_pair()
    other = rsa.generate_private_key(65537, 2048).public_key()
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    assert fits(private, public)
    assert not fits(make_pair()[0], public)
    assert not fits(private, other.public_bytes(serialization.Encoding.PEM, spki).decode())


def test_the_secret_holds_both_halves_of_what_a_link_needs() -> None:
    key = SigningKey(private_key=pem(KEY), key_pair_id="K1")
    assert SigningKey.parse(key.render()) == key
