"""Access tokens: what is accepted, what is not, and how often keys are looked for."""

import base64
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from local.cloud import LocalCloud
from runtime.adapters import tokens as module
from runtime.adapters.tokens import CognitoTokens, keys_address
from runtime.domain.callers import identify
from runtime.domain.refusals import Unauthorized

ISSUER = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_pool"
OWN, FOREIGN = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))


def published(*names: str) -> bytes:
    """The document with the public half of our own key, under each of the names."""
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(OWN.public_key()))
    return json.dumps({"keys": [{**public, "kid": name, "use": "sig", "alg": "RS256"} for name in names]}).encode()


def token(*, key: Any = OWN, kid: str | None = "one", algorithm: str = "RS256", **claims: Any) -> str:
    now = int(time.time())
    said = {
        "sub": "0a1b",
        "iss": ISSUER,
        "client_id": "page",
        "token_use": "access",
        "iat": now,
        "exp": now + 300,
        **claims,
    }
    said = {name: value for name, value in said.items() if value is not None}
    return jwt.encode(said, key, algorithm=algorithm, headers={"kid": kid} if kid else {})


class Clock:
    """Keys as they are published, and when they are asked for."""

    def __init__(self) -> None:
        self.at, self.asked, self.names = 0.0, 0, ["one"]

    def fetch(self) -> bytes:
        self.asked += 1
        return published(*self.names)

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(clock: Clock) -> CognitoTokens:
    return CognitoTokens(issuer=ISSUER, client="page", fetch=clock.fetch, now=clock)


def test_an_access_token_is_taken_at_its_word(tokens: CognitoTokens, clock: Clock) -> None:
    for _ in range(3):
        assert tokens.claims(token(**{"cognito:groups": ["operators"]}))["cognito:groups"] == ["operators"]
    assert clock.asked == 1


def unsigned() -> str:
    """A token that says it needs no signature."""
    parts = [{"alg": "none", "kid": "one"}, jwt.decode(token(), options={"verify_signature": False})]
    return ".".join(base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts) + "."


def with_public_key_as_secret() -> str:
    """Signed with HMAC by what everybody knows, as if RS256 were not the only algorithm."""
    parts = [{"alg": "HS256", "kid": "one"}, jwt.decode(token(), options={"verify_signature": False})]
    signed = ".".join(base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts)
    public = OWN.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    digest = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(signed.encode(), public)
    return f"{signed}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda: token(key=FOREIGN), id="another's signature"),
        pytest.param(lambda: token(iss=f"{ISSUER}x"), id="another pool"),
        pytest.param(lambda: token(client_id="other"), id="another client"),
        pytest.param(lambda: token(client_id=None, aud="page"), id="no client"),
        pytest.param(lambda: token(**{"token_use": "id"}), id="an ID token"),
        pytest.param(lambda: token(exp=int(time.time()) - 60), id="run out"),
        pytest.param(lambda: token(nbf=int(time.time()) + 60), id="not yet"),
        pytest.param(lambda: token(exp=None), id="for ever"),
        pytest.param(lambda: token(sub=None), id="nobody's"),
        pytest.param(lambda: token(kid="two"), id="an unknown key"),
        pytest.param(lambda: token(kid=None), id="no key"),
        pytest.param(lambda: token()[:-8] + "AAAAAAAA", id="tampered"),
        pytest.param(lambda: token(key=OWN, algorithm="RS512"), id="another algorithm"),
        pytest.param(unsigned, id="unsigned"),
        pytest.param(with_public_key_as_secret, id="a secret that everybody knows"),
        pytest.param(lambda: "x" * 40, id="a key"),
        pytest.param(lambda: "..", id="nothing"),
        pytest.param(lambda: "é.ü.ö", id="not ASCII"),
        pytest.param(lambda: "[" * 20_000 + ".x.y", id="deep"),
    ],
)
def test_any_other_is_refused(tokens: CognitoTokens, wrong: Any) -> None:
    with pytest.raises(Unauthorized):
        tokens.claims(wrong())


def test_a_little_time_between_clocks_does_no_harm(tokens: CognitoTokens) -> None:
    assert tokens.claims(token(exp=int(time.time()) - 3))["sub"] == "0a1b"


def test_a_new_key_is_found_but_not_looked_for_at_every_forged_token(tokens: CognitoTokens, clock: Clock) -> None:
    tokens.claims(token())
    for _ in range(5):
        with pytest.raises(Unauthorized):
            tokens.claims(token(kid="two"))
    assert clock.asked == 1
    clock.names, clock.at = ["one", "two"], module.LOOK_SECONDS
    assert tokens.claims(token(kid="two"))["sub"] == "0a1b"
    assert clock.asked == 2


def test_keys_are_asked_of_the_issuer_or_of_another_endpoint() -> None:
    assert keys_address(ISSUER, {}) == f"{ISSUER}/.well-known/jwks.json"
    local = keys_address(ISSUER, {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566/"})
    assert local == "http://127.0.0.1:4566/eu-central-1_pool/.well-known/jwks.json"


def test_a_token_of_the_local_clouds_pool_is_taken(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    cognito = cloud.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
    made = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="page", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    )
    client = made["UserPoolClient"]["ClientId"]
    password = "Long-Enough-1"  # noqa: S105
    cognito.admin_create_user(UserPoolId=pool, Username="ann", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username="ann", Password=password, Permanent=True)
    cognito.create_group(UserPoolId=pool, GroupName="operators")
    cognito.admin_add_user_to_group(UserPoolId=pool, Username="ann", GroupName="operators")
    given = cognito.initiate_auth(
        ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": "ann", "PASSWORD": password}
    )["AuthenticationResult"]
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.endpoint)
    issuer = f"https://cognito-idp.{cloud.region}.amazonaws.com/{pool}"
    module.tokens.cache_clear()
    known = identify(f"Bearer {given['AccessToken']}", [], module.tokens(issuer, client), people_key="people")
    assert (known.caller.name, known.caller.operator, known.caller.folder[:2]) == ("ann", True, "u-")
    with pytest.raises(Unauthorized):
        module.tokens(issuer, client).claims(given["IdToken"])
    with pytest.raises(Unauthorized):
        module.tokens(issuer, "other").claims(given["AccessToken"])
