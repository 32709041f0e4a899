"""The key of the links is made once and its private half stays where it is."""

from typing import Any

import boto3
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from runtime.adapters.signing import load_key
from runtime.handlers import signing_key

pytestmark = pytest.mark.usefixtures("aws")


def test_the_key_is_made_once(monkeypatch: pytest.MonkeyPatch, context: Any) -> None:
    secrets = boto3.client("secretsmanager", region_name="us-east-1")
    arn = secrets.create_secret(Name="signing")["ARN"]
    monkeypatch.setenv("PENSTOCK_SIGNING_SECRET", arn)
    signing_key._settings.cache_clear()
    public = signing_key.handler({}, context)
    assert signing_key.handler({}, context) == public
    assert "PRIVATE" not in public
    private = load_key(secrets.get_secret_value(SecretId=arn)["SecretString"])
    assert load_pem_public_key(public.encode()) == private.public_key()
