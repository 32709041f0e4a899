"""The platform's own program in the local cloud: all of it is there, and each function's role stops at its border."""

from typing import Any

import pytest

from tests.conftest import Platform
from tests.local.conftest import CALLER, Kit
from tests.recorder import EXPORTS

pytestmark = pytest.mark.flow


class Probe:
    """Functions of the tests' own that run with the roles of the platform's functions."""

    def __init__(self, platform: Platform, kit: Kit) -> None:
        states = platform.deployment.states
        self._kit = kit
        self._roles = {one.name: one.state["arn"] for one in states if one.token.endswith(":Role")}
        self._made: dict[str, str] = {}

    def __call__(self, function: str, service: str, operation: str, **parameters: Any) -> str:
        """ "allowed", or the error's code."""
        if function not in self._made:
            role = next(arn for name, arn in self._roles.items() if name.endswith(f"-{function}"))
            self._made[function] = self._kit.function(CALLER, Role=role)
        failed, result = self._kit.invoke(
            self._made[function], {"service": service, "operation": operation, "parameters": parameters}
        )
        assert failed is None, result
        return str(result)


@pytest.fixture
def probe(platform: Platform, kit: Kit) -> Probe:
    return Probe(platform, kit)


def test_every_output_is_there(platform: Platform) -> None:
    assert {name for name, value in platform.outputs.items() if value} >= EXPORTS


def test_the_distribution_answers_on_its_own_port(platform: Platform) -> None:
    host, port = platform.outputs["delivery_domain"].split(":")
    assert host == "localhost"
    assert int(port) != int(platform.cloud.endpoint.rpartition(":")[2])


def test_the_private_key_is_in_the_secret_and_nowhere_in_the_deployment(platform: Platform) -> None:
    secrets = platform.cloud.client("secretsmanager")
    pem = secrets.get_secret_value(SecretId=platform.outputs["signing_secret_arn"])["SecretString"]
    assert "PRIVATE KEY" in pem
    assert not any("PRIVATE KEY" in str(one.state) for one in platform.deployment.states)


def test_a_function_writes_under_its_own_prefix_only(platform: Platform, probe: Probe) -> None:
    def put(bucket: str, key: str) -> str:
        return probe("part", "s3", "put_object", Bucket=platform.outputs[bucket], Key=key, Body="x")

    assert put("work_bucket", "work/border/1") == "allowed"
    assert put("work_bucket", "elsewhere/1") == "AccessDenied"
    assert put("output_bucket", "results/border/1") == "AccessDenied"
    assert put("delivery_bucket", "archives/border/1") == "AccessDenied"
    assert put("upload_bucket", "border") == "AccessDenied"


def test_only_those_who_sign_may_read_the_signing_key(platform: Platform, probe: Probe) -> None:
    secret = platform.outputs["signing_secret_arn"]
    answers = {
        function: probe(function, "secretsmanager", "get_secret_value", SecretId=secret)
        for function in ("publish", "part", "ingest")
    }
    assert answers == {"publish": "allowed", "part": "AccessDeniedException", "ingest": "AccessDeniedException"}
