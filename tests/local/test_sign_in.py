"""Signing in with Cognito's pages, as a browser does it: authorization code with PKCE, back to the page, a token."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import urllib3

from local.cloud import LocalCloud
from local.resources import create

PAGE = "http://localhost:65000/"
PASSWORD = "Correct-horse-1"  # noqa: S105
HTTP = urllib3.PoolManager(retries=False)


@dataclass
class Pool:
    id: str
    client: str
    address: str


@pytest.fixture(scope="module")
def pool(cloud: LocalCloud) -> Pool:
    def make(kind: str, **inputs: Any) -> tuple[str, dict[str, Any]]:
        return create(cloud, f"aws:cognito/{kind[0].lower()}{kind[1:]}:{kind}", "people", inputs, {})

    pool_id, _ = make("UserPool", usernameAttributes=["email"], mfaConfiguration="OPTIONAL",
                      softwareTokenMfaConfiguration={"enabled": True})  # fmt: skip
    client, _ = make("UserPoolClient", userPoolId=pool_id, allowedOauthFlowsUserPoolClient=True,
                     allowedOauthFlows=["code"], allowedOauthScopes=["openid"], callbackUrls=[PAGE],
                     supportedIdentityProviders=["COGNITO"], accessTokenValidity=60,
                     tokenValidityUnits={"accessToken": "minutes"})  # fmt: skip
    _, domain = make("UserPoolDomain", userPoolId=pool_id, domain="people", managedLoginVersion=2)
    make("UserGroup", userPoolId=pool_id, name="operators")
    cognito = cloud.client("cognito-idp")
    cognito.admin_create_user(UserPoolId=pool_id, Username="ann@example.com", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="ann@example.com", Password=PASSWORD, Permanent=True)
    cognito.admin_add_user_to_group(UserPoolId=pool_id, Username="ann@example.com", GroupName="operators")
    return Pool(id=pool_id, client=client, address=f"http://{domain['domain']}")


def claims(token: str) -> dict[str, Any]:
    content = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))
    return found


def post(url: str, **fields: str) -> urllib3.BaseHTTPResponse:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return HTTP.request("POST", url, body=urlencode(fields), headers=headers, redirect=False)


def code_of(pool: Pool, verifier: str) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code", "client_id": pool.client, "redirect_uri": PAGE, "scope": "openid", "state": "s-1",
        "code_challenge": digest, "code_challenge_method": "S256",
    }  # fmt: skip
    shown = HTTP.request("GET", f"{pool.address}/oauth2/authorize?{urlencode(asked)}")
    assert "password" in shown.data.decode()
    back = post(f"{pool.address}/login", username="ann@example.com", password=PASSWORD, **asked)
    place = urlsplit(back.headers["location"])
    assert back.headers["location"].startswith(PAGE)
    assert parse_qs(place.query)["state"] == ["s-1"]
    return parse_qs(place.query)["code"][0]


def test_a_person_comes_back_with_a_code_that_is_worth_a_token(pool: Pool) -> None:
    verifier = secrets.token_urlsafe(48)
    answer = post(
        f"{pool.address}/oauth2/token", grant_type="authorization_code", client_id=pool.client, redirect_uri=PAGE,
        code=code_of(pool, verifier), code_verifier=verifier,
    )  # fmt: skip
    assert answer.status == 200
    said = claims(answer.json()["access_token"])
    assert (said["token_use"], said["client_id"]) == ("access", pool.client)
    assert said["cognito:groups"] == ["operators"]
    assert said["exp"] - said["iat"] == 3600
    assert said["iss"] == f"https://cognito-idp.us-east-1.amazonaws.com/{pool.id}"


def test_a_code_without_its_verifier_is_worth_nothing(pool: Pool) -> None:
    code = code_of(pool, secrets.token_urlsafe(48))
    answer = post(
        f"{pool.address}/oauth2/token", grant_type="authorization_code", client_id=pool.client, redirect_uri=PAGE,
        code=code, code_verifier=secrets.token_urlsafe(48),
    )  # fmt: skip
    assert (answer.status, answer.json()["error"]) == (400, "invalid_grant")


def test_nobody_is_sent_to_another_page(pool: Pool) -> None:
    asked = {"response_type": "code", "client_id": pool.client, "redirect_uri": "https://example.com/"}
    assert HTTP.request("GET", f"{pool.address}/oauth2/authorize?{urlencode(asked)}", redirect=False).status == 400


def test_a_page_of_another_origin_may_read_the_token(pool: Pool) -> None:
    headers = {"Origin": PAGE.rstrip("/"), "Access-Control-Request-Method": "POST"}
    answer = HTTP.request("OPTIONS", f"{pool.address}/oauth2/token", headers=headers)
    assert answer.status in (200, 204)
    assert answer.headers["access-control-allow-origin"] in ("*", headers["Origin"])


def test_the_rest_of_the_cloud_is_not_there(pool: Pool) -> None:
    assert HTTP.request("GET", f"{pool.address}/").status == 404
    assert HTTP.request("GET", f"{pool.address}/{pool.id}/.well-known/jwks.json").status == 404
