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

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey

from runtime import environment
from runtime.adapters.clients import client

_SUBSTITUTIONS = bytes.maketrans(b"+=/", b"-_~")


def load_key(pem: str) -> EllipticCurvePrivateKey:
    """The private key from its PEM. Raises `TypeError` for any other kind of key."""
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise TypeError("the signing secret does not hold an ECDSA key")
    return key


def base_url(domain: str) -> str:
    """Where a distribution is: https, but for the local cloud, whose distributions are ports of this machine."""
    return f"http://{domain}" if domain.partition(":")[0] == "localhost" else f"https://{domain}"


class CloudFrontSigner:
    """`Signer` (see `runtime/domain/ports.py`). `pem` is called once, when the first link is signed."""

    def __init__(
        self, *, domain: str, key_pair_id: str, seconds: int, pem: Callable[[], str], now: Callable[[], float]
    ) -> None:
        self._domain, self._key_pair_id, self._seconds = domain, key_pair_id, seconds
        self._pem, self._now = pem, now
        self._key: EllipticCurvePrivateKey | None = None

    def sign(self, key: str) -> tuple[str, str]:
        if self._key is None:
            self._key = load_key(self._pem())
        expires = int(self._now()) + self._seconds
        url = f"{base_url(self._domain)}/{quote(key)}"
        condition = {"DateLessThan": {"AWS:EpochTime": expires}}
        policy = json.dumps({"Statement": [{"Resource": url, "Condition": condition}]}, separators=(",", ":"))
        signature = base64.b64encode(self._key.sign(policy.encode(), ECDSA(hashes.SHA256())))
        query = (
            f"Expires={expires}&Signature={signature.translate(_SUBSTITUTIONS).decode()}"
            f"&Key-Pair-Id={self._key_pair_id}&Hash-Algorithm=SHA256"
        )
        return f"{url}?{query}", datetime.fromtimestamp(expires, UTC).isoformat().replace("+00:00", "Z")


@cache
def signer(settings: environment.Delivery) -> CloudFrontSigner:
    """The signer, with the key that the function's own role may read."""

    def pem() -> str:
        return str(client("secretsmanager").get_secret_value(SecretId=settings.signing_secret)["SecretString"])

    return CloudFrontSigner(
        domain=settings.delivery_domain,
        key_pair_id=settings.key_pair_id,
        seconds=settings.link_seconds,
        pem=pem,
        now=time.time,
    )
