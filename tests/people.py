"""People of a pool of accounts in the local cloud: how they sign in, and tokens that the pool has never given out."""

import base64
import hashlib
import importlib
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import urllib3

from local.cloud import LocalCloud

PASSWORD = "Correct-horse-1"  # noqa: S105
HTTP = urllib3.PoolManager(retries=False)


@dataclass(frozen=True, kw_only=True)
class Pool:
    """A pool with its one client; `address` is of Cognito's pages, `page` where they lead back to."""

    cloud: LocalCloud
    id: str
    client: str
    address: str
    page: str

    def account(self, email: str, *groups: str) -> None:
        """Makes an account, whose password is `PASSWORD`."""
        cognito = self.cloud.client("cognito-idp")
        cognito.admin_create_user(
            UserPoolId=self.id, Username=email, TemporaryPassword=PASSWORD, MessageAction="SUPPRESS"
        )
        cognito.admin_set_user_password(UserPoolId=self.id, Username=email, Password=PASSWORD, Permanent=True)
        for group in groups:
            cognito.admin_add_user_to_group(UserPoolId=self.id, Username=email, GroupName=group)

    def code(self, email: str, verifier: str) -> str:
        """What a browser brings back to the page from Cognito's."""
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code", "client_id": self.client, "redirect_uri": self.page, "scope": "openid",
            "state": "s-1", "code_challenge": digest, "code_challenge_method": "S256",
        }  # fmt: skip
        shown = HTTP.request("GET", f"{self.address}/oauth2/authorize?{urlencode(asked)}")
        assert "password" in shown.data.decode()
        back = post(f"{self.address}/login", username=email, password=PASSWORD, **asked)
        place = urlsplit(back.headers["location"])
        assert back.headers["location"].startswith(self.page)
        assert parse_qs(place.query)["state"] == ["s-1"]
        return parse_qs(place.query)["code"][0]

    def exchanged(self, code: str, verifier: str) -> urllib3.BaseHTTPResponse:
        """The answer to a page that brings a code."""
        return post(
            f"{self.address}/oauth2/token", grant_type="authorization_code", client_id=self.client,
            redirect_uri=self.page, code=code, code_verifier=verifier,
        )  # fmt: skip

    def tokens(self, email: str) -> dict[str, Any]:
        """`access_token`, `id_token` and the rest, after the whole way."""
        verifier = secrets.token_urlsafe(48)
        answer = self.exchanged(self.code(email, verifier), verifier)
        assert answer.status == 200, answer.data
        said: dict[str, Any] = answer.json()
        return said

    def signed(self, claims: dict[str, Any], use: str = "access") -> str:
        """A token of the pool's own key that says just this: what only Cognito could make."""
        key, public = importlib.import_module("ministack.services.cognito")._pool_signing_key(self.id, use)
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": public["kid"]})

    def claims(self, subject: str, **changes: Any) -> dict[str, Any]:
        """What an access token of this account says."""
        now = int(time.time())
        issuer = f"https://cognito-idp.{self.cloud.region}.amazonaws.com/{self.id}"
        said = {"sub": subject, "iss": issuer, "client_id": self.client, "token_use": "access", "iat": now - 60}
        return {**said, "exp": now + 3600, **changes}


def claims(token: str) -> dict[str, Any]:
    """What a token says, believed."""
    said: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return said


def post(url: str, **fields: str) -> urllib3.BaseHTTPResponse:
    """A form, sent."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return HTTP.request("POST", url, body=urlencode(fields), headers=headers, redirect=False)
