"""Makes the key pair of the signed links, once, when a stack is deployed (ADR 6)."""

from functools import cache
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from runtime import environment
from runtime.adapters.clients import client
from runtime.adapters.signing import load_key


@cache
def _settings() -> environment.SigningKey:
    return environment.read(environment.SigningKey)


def handler(_event: dict[str, Any], _context: Any) -> str:
    """Returns the public key as PEM. The private one is made if the secret is empty, and stays there."""
    secrets, secret = client("secretsmanager"), _settings().signing_secret
    pem = _current(secrets, secret)
    if pem is None:
        made = ec.generate_private_key(ec.SECP256R1())
        pem = made.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        secrets.put_secret_value(SecretId=secret, SecretString=pem)
    key = load_key(pem)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return public.decode()


def _current(secrets: Any, secret: str) -> str | None:
    try:
        value: str | None = secrets.get_secret_value(SecretId=secret).get("SecretString")
    except secrets.exceptions.ResourceNotFoundException:
        return None  # a secret without a version, as deployment makes it
    return value
