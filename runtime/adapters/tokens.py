"""Access tokens of Cognito: JSON Web Tokens, signed with RS256 by keys that the user pool publishes.

Source: Amazon Cognito developer guide, "Verifying JSON web tokens". An access token names its client in `client_id`
and has no `aud`.
"""

import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import jwt

from runtime.domain.refusals import Unauthorized

Fetch = Callable[[], bytes]

LEEWAY_SECONDS = 10
# Cognito changes its keys rarely; an unknown one is looked for, but not for every forged token.
LOOK_SECONDS = 60
FETCH_SECONDS = 3
_MOST_BYTES = 64 * 1024
_NO_TOKEN = (jwt.PyJWTError, ValueError, TypeError, RecursionError)


class CognitoTokens:
    """`Tokens` (see `runtime/domain/callers.py`) of one client of one user pool."""

    def __init__(self, *, issuer: str, client: str, fetch: Fetch, now: Callable[[], float] = time.time) -> None:
        self._issuer, self._client, self._fetch, self._now = issuer, client, fetch, now
        self._keys: dict[str, Any] = {}
        self._looked: float | None = None
        self._lock = threading.Lock()

    def claims(self, token: str) -> Mapping[str, Any]:
        key = self._key(_key_id(token))
        if key is None:
            raise Unauthorized("The token is signed with a key that nobody knows.")
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=["RS256"],
                issuer=self._issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iat", "iss", "sub"], "verify_aud": False},
            )
        except _NO_TOKEN as error:
            raise Unauthorized(f"The token is not valid: {error}") from error
        if claims.get("token_use") != "access" or claims.get("client_id") != self._client:
            raise Unauthorized("The token is for something else.")
        return claims

    def _key(self, identity: str) -> Any:
        with self._lock:
            if identity not in self._keys and (self._looked is None or self._now() - self._looked >= LOOK_SECONDS):
                self._keys = _parse(self._fetch())
                self._looked = self._now()
            return self._keys.get(identity)


def _key_id(token: str) -> str:
    try:
        identity = jwt.get_unverified_header(token).get("kid")
    except _NO_TOKEN as error:
        raise Unauthorized("This is neither a key nor a token.") from error
    return identity if isinstance(identity, str) else ""


def _parse(document: bytes) -> dict[str, Any]:
    """The RSA keys for signatures, by their ids."""
    return {
        key["kid"]: jwt.PyJWK(key, algorithm="RS256")
        for key in json.loads(document)["keys"]
        if key.get("kty") == "RSA" and key.get("use", "sig") == "sig"
    }


def keys_address(issuer: str, environ: Mapping[str, str] = os.environ) -> str:
    """Where the issuer publishes its keys; at another endpoint if there is one, as for every client of AWS."""
    path = f"{urlsplit(issuer).path}/.well-known/jwks.json"
    endpoint = environ.get("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER") or environ.get("AWS_ENDPOINT_URL")
    return f"{endpoint.rstrip('/')}{path}" if endpoint else f"{issuer}/.well-known/jwks.json"


@cache
def tokens(issuer: str, client: str) -> CognitoTokens:
    """The tokens of a client of the user pool."""

    def fetch() -> bytes:
        # The address comes from the deployment, never from a token.
        with urlopen(Request(keys_address(issuer)), timeout=FETCH_SECONDS) as answer:  # noqa: S310
            body: bytes = answer.read(_MOST_BYTES)
        return body

    return CognitoTokens(issuer=issuer, client=client, fetch=fetch)
