"""CloudFront signed URLs with a canned policy, signed by a key that lies in Secrets Manager (ADR 6).

Source: the CloudFront developer guide, "Create a URL for a signed URL using a canned policy". The policy's JSON has no
white space, and base64 is made safe for URLs by CloudFront's own three substitutions.
"""

import base64
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from urllib.parse import quote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)

from runtime import environment
from runtime.adapters.clients import client
from runtime.domain.signing import KEY_SECONDS, SigningKey

_SUBSTITUTIONS = bytes.maketrans(b"+=/", b"-_~")


def load_key(pem: str) -> EllipticCurvePrivateKey:
    """The private key from its PEM. Raises `TypeError` for any other kind of key."""
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise TypeError("the signing secret does not hold an ECDSA key")
    return key


def make_pair() -> tuple[str, str]:
    """A new private key and its public half, as PEM."""
    made = generate_private_key(SECP256R1())
    private = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = made.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def fits(private: str, public: str) -> bool:
    """Whether what the private key signs is verified by the public one."""
    key, probe = serialization.load_pem_public_key(public.encode()), b"penstock"
    if not isinstance(key, EllipticCurvePublicKey):
        return False
    try:
        key.verify(load_key(private).sign(probe, ECDSA(hashes.SHA256())), probe, ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def base_url(domain: str) -> str:
    """Where a distribution is: https, but for the local cloud, whose distributions are ports of this machine."""
    return f"http://{domain}" if domain.partition(":")[0] == "localhost" else f"https://{domain}"


class CloudFrontSigner:
    """`Signer` (see `runtime/domain/ports.py`). `read` gives the current key; it is asked again after `KEY_SECONDS`.

    So a rotation reaches functions that run on, without a deployment.
    """

    def __init__(self, *, domain: str, seconds: int, read: Callable[[], SigningKey], now: Callable[[], float]) -> None:
        self._domain, self._seconds, self._read, self._now = domain, seconds, read, now
        self._held: tuple[float, str, EllipticCurvePrivateKey] | None = None

    def sign(self, key: str) -> tuple[str, str]:
        key_pair_id, private = self._key()
        expires = int(self._now()) + self._seconds
        url = f"{base_url(self._domain)}/{quote(key)}"
        condition = {"DateLessThan": {"AWS:EpochTime": expires}}
        policy = json.dumps({"Statement": [{"Resource": url, "Condition": condition}]}, separators=(",", ":"))
        signature = base64.b64encode(private.sign(policy.encode(), ECDSA(hashes.SHA256())))
        query = (
            f"Expires={expires}&Signature={signature.translate(_SUBSTITUTIONS).decode()}"
            f"&Key-Pair-Id={key_pair_id}&Hash-Algorithm=SHA256"
        )
        return f"{url}?{query}", datetime.fromtimestamp(expires, UTC).isoformat().replace("+00:00", "Z")

    def _key(self) -> tuple[str, EllipticCurvePrivateKey]:
        if self._held is None or self._now() - self._held[0] >= KEY_SECONDS:
            current = self._read()
            self._held = self._now(), current.key_pair_id, load_key(current.private_key)
        return self._held[1], self._held[2]


@cache
def signer(settings: environment.Delivery) -> CloudFrontSigner:
    """The signer, with the key that the function's own role may read."""

    def read() -> SigningKey:
        secret = client("secretsmanager").get_secret_value(SecretId=settings.signing_secret)
        return SigningKey.parse(secret["SecretString"])

    return CloudFrontSigner(domain=settings.delivery_domain, seconds=settings.link_seconds, read=read, now=time.time)
