"""Secrets Manager: one step of a rotation of the key that signs links (ADR 6)."""

import time
from datetime import UTC, datetime
from functools import cache
from typing import Any

from runtime import environment
from runtime.adapters.clients import client
from runtime.adapters.key_group import StackKeys, TrustedGroup
from runtime.adapters.secrets import SecretVault
from runtime.adapters.signing import fits, make_pair
from runtime.domain.rotation import Rotation


@cache
def _settings() -> environment.RotateKey:
    return environment.read(environment.RotateKey)


def handler(event: dict[str, Any], _context: Any) -> None:
    """`{"Step", "SecretId", "ClientRequestToken"}`. Raises `ValueError` for any other secret than its own."""
    settings = _settings()
    if event["SecretId"] != settings.signing_secret:
        raise ValueError(f"this function rotates {settings.signing_secret}, not {event['SecretId']}")
    rotation = Rotation(
        vault=SecretVault(client("secretsmanager"), settings.signing_secret),
        keys=StackKeys(client("cloudfront"), settings.key_stem),
        group=TrustedGroup(client("cloudfront"), settings.key_group, settings.distribution),
        link_seconds=settings.link_seconds,
        make_pair=make_pair,
        fits=fits,
        now=lambda: datetime.now(UTC),
        sleep=time.sleep,
    )
    rotation.step(event["Step"], event["ClientRequestToken"])
