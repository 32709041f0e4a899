"""Signing in with Cognito's pages, as a browser does it: authorization code with PKCE, back to the page, a token."""

import secrets
from typing import Any
from urllib.parse import urlencode

import pytest

from local.cloud import LocalCloud
from local.resources import create
from tests.people import HTTP, Pool, claims

PAGE = "http://localhost:65000/"
ANN = "ann@example.com"


@pytest.fixture(scope="module")
def pool(cloud: LocalCloud) -> Pool:
    def make(kind: str, **inputs: Any) -> tuple[str, dict[str, Any]]:
        return create(cloud, f"aws:cognito/{kind[0].lower()}{kind[1:]}:{kind}", "people", inputs, {})

    pool_id, _ = make("UserPool", usernameAttributes=["email"], mfaConfiguration="ON",
                      softwareTokenMfaConfiguration={"enabled": True})  # fmt: skip
    client, _ = make("UserPoolClient", userPoolId=pool_id, allowedOauthFlowsUserPoolClient=True,
                     allowedOauthFlows=["code"], allowedOauthScopes=["openid"], callbackUrls=[PAGE],
                     supportedIdentityProviders=["COGNITO"], accessTokenValidity=60,
                     tokenValidityUnits={"accessToken": "minutes"})  # fmt: skip
    _, domain = make("UserPoolDomain", userPoolId=pool_id, domain="people", managedLoginVersion=2)
    make("UserGroup", userPoolId=pool_id, name="operators")
    made = Pool(cloud=cloud, id=pool_id, client=client, address=f"http://{domain['domain']}", page=PAGE)
    made.account(ANN, "operators")
    return made


def test_a_person_comes_back_with_a_code_that_is_worth_a_token(pool: Pool) -> None:
    said = claims(pool.tokens(ANN)["access_token"])
    assert (said["token_use"], said["client_id"]) == ("access", pool.client)
    assert said["cognito:groups"] == ["operators"]
    assert said["exp"] - said["iat"] == 3600
    assert said["iss"] == f"https://cognito-idp.us-east-1.amazonaws.com/{pool.id}"


def test_a_code_without_its_verifier_is_worth_nothing(pool: Pool) -> None:
    answer = pool.exchanged(pool.code(ANN, secrets.token_urlsafe(48)), secrets.token_urlsafe(48))
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
