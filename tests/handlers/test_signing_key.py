"""The first key is made once, its private half stays where it is, and nothing of it outlives the stack."""

from typing import Any

import boto3
import pytest

from runtime.adapters.signing import fits
from runtime.domain.signing import SigningKey
from runtime.handlers import rotate_key, signing_key

pytestmark = pytest.mark.usefixtures("aws")
STEM = "penstock-test-links"


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> str:
    arn = str(boto3.client("secretsmanager", region_name="us-east-1").create_secret(Name="signing")["ARN"])
    for name, value in {
        "SIGNING_SECRET": arn,
        "KEY_STEM": STEM,
        "KEY_GROUP": "group",
        "DISTRIBUTION": "distribution",
        "LINK_SECONDS": "60",
    }.items():
        monkeypatch.setenv(f"PENSTOCK_{name}", value)
    signing_key._settings.cache_clear()
    rotate_key._settings.cache_clear()
    return arn


def public_keys() -> dict[str, str]:
    """Ids to PEM of all there are."""
    found = boto3.client("cloudfront").list_public_keys()["PublicKeyList"].get("Items", [])
    return {one["Id"]: one["EncodedKey"] for one in found}


def test_the_key_is_made_once(secret: str, context: Any) -> None:
    made = signing_key.handler({"tf": {"action": "create"}}, context)
    assert signing_key.handler({"tf": {"action": "update"}}, context) == made
    value = boto3.client("secretsmanager", region_name="us-east-1").get_secret_value(SecretId=secret)["SecretString"]
    key = SigningKey.parse(value)
    assert key.key_pair_id == made
    assert [*public_keys()] == [made]
    assert fits(key.private_key, public_keys()[made])


def test_what_an_attempt_that_died_has_left_is_taken_away(
    secret: str, context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("runtime.adapters.secrets.SecretVault.begin", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            signing_key.handler({}, context)
    assert len(public_keys()) == 1
    made = signing_key.handler({}, context)
    assert [*public_keys()] == [made]


def test_nothing_of_ours_outlives_the_stack_and_nothing_of_others_is_touched(secret: str, context: Any) -> None:
    made = signing_key.handler({}, context)
    pem = public_keys()[made]
    names = (f"{STEM}-{'0' * 16}-{'0' * 8}", f"{STEM}-more-{'0' * 16}-{'0' * 8}", "another")
    rotated, longer, other = (
        boto3.client("cloudfront").create_public_key(
            PublicKeyConfig={"CallerReference": name, "Name": name, "EncodedKey": pem}
        )["PublicKey"]["Id"]
        for name in names
    )
    assert rotated in public_keys()
    assert signing_key.handler({"tf": {"action": "delete"}}, context) == ""
    assert {*public_keys()} == {longer, other}


def test_a_rotation_of_another_secret_is_refused(secret: str, context: Any) -> None:
    event = {"Step": "createSecret", "SecretId": f"{secret}x", "ClientRequestToken": "t"}
    with pytest.raises(ValueError, match="this function rotates"):
        rotate_key.handler(event, context)
