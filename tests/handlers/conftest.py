"""AWS, as moto has it, for the handlers."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from runtime.adapters import clients, dynamodb, signing
from tests.mocked import mocked_aws

REGION = "us-east-1"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mocked_aws():
        clients.client.cache_clear()
        dynamodb.ledger.cache_clear()
        signing.signer.cache_clear()
        yield
    clients.client.cache_clear()


@pytest.fixture
def context() -> Any:
    return SimpleNamespace(
        function_name="f",
        memory_limit_in_mb=128,
        invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:f",
        aws_request_id="1",
        get_remaining_time_in_millis=lambda: 1000,
    )
