"""The signing key is changed while links are out: with the real functions, under their own roles."""

import json
import uuid
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

import pytest

from local.deploy import Resource
from tests.flow.driver import Driver, http
from tests.local.conftest import Kit

pytestmark = pytest.mark.flow
_T = TypeVar("_T")


class Signing:
    """The secret, the key group and the functions of the deployed platform."""

    def __init__(self, driver: Driver) -> None:
        self.secrets, self.cloudfront = driver.client("secretsmanager"), driver.client("cloudfront")
        self.secret, self.group = driver.out("signing_secret_arn"), driver.out("key_group_id")
        self._driver = driver

    def state(self, token: str, purpose: str) -> Resource:
        states = self._driver.platform.deployment.states
        return next(one for one in states if one.token == token and one.name.endswith(f"-{purpose}"))

    def function(self, purpose: str) -> str:
        return str(self.state("aws:lambda/function:Function", purpose).state["name"])

    def current(self) -> str:
        """The key pair that signs."""
        return str(json.loads(self.secrets.get_secret_value(SecretId=self.secret)["SecretString"])["key_pair_id"])

    def trusted(self) -> set[str]:
        return set(self.cloudfront.get_key_group(Id=self.group)["KeyGroup"]["KeyGroupConfig"]["Items"])

    def public(self) -> set[str]:
        found = self.cloudfront.list_public_keys()["PublicKeyList"].get("Items", [])
        return {one["Id"] for one in found if one["Name"].startswith("penstock-local-links-")}

    def restart(self, function: str) -> None:
        """A new process looks at the secret at once; one that runs on would do so some minutes later."""
        lambdas = self._driver.client("lambda")
        variables = lambdas.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
        lambdas.update_function_configuration(
            FunctionName=function, Environment={"Variables": {**variables, "STARTED": uuid.uuid4().hex}}
        )

    def step(self, name: str, token: str) -> None:
        event = {"Step": name, "SecretId": self.secret, "ClientRequestToken": token}
        answer = self._driver.client("lambda").invoke(
            FunctionName=self.function("rotate-key"), Payload=json.dumps(event).encode()
        )
        assert "FunctionError" not in answer, answer["Payload"].read()


@pytest.fixture
def kit(driver: Driver) -> Kit:
    return Kit(driver.platform.cloud)


@pytest.fixture
def signing(driver: Driver) -> Signing:
    return Signing(driver)


def signer_of(link: str) -> str:
    return parse_qs(urlsplit(link).query)["Key-Pair-Id"][0]


def test_links_open_before_and_after_two_rotations_and_a_crash(driver: Driver, kit: Kit, signing: Signing) -> None:
    def until(what: Callable[[], _T | None]) -> _T:
        return kit.eventually(what, seconds=60)

    def rotate(before: str) -> str:
        signing.secrets.rotate_secret(SecretId=signing.secret)
        until(lambda: signing.current() != before)
        return signing.current()

    name = "rotation/report.csv"
    version = driver.put(name, b"a,b\n1,2\n")
    entry = driver.wait(name, version)
    first = signing.current()
    links = {first: driver.link(name)["link"]}
    assert signer_of(links[first]) == first

    # A first attempt dies between the new public key and its secret.
    pem = signing.cloudfront.get_public_key(Id=first)["PublicKey"]["PublicKeyConfig"]["EncodedKey"]
    stray = f"penstock-local-links-{'0' * 16}-{'0' * 8}"
    left = signing.cloudfront.create_public_key(
        PublicKeyConfig={"CallerReference": stray, "Name": stray, "EncodedKey": pem}
    )["PublicKey"]["Id"]

    second = rotate(first)
    until(lambda: left not in signing.public() or None)
    assert signing.trusted() == {first, second} == signing.public()
    # The function that runs on signs with the key that it holds, and CloudFront still trusts it.
    assert http(driver.link(name)["link"])[0] == 200
    signing.restart(driver.out("link_function"))
    links[second] = driver.link(name)["link"]
    assert signer_of(links[second]) == second

    third = rotate(second)
    assert signing.trusted() == {first, second, third}
    signing.restart(driver.out("link_function"))
    links[third] = driver.link(name)["link"]
    assert {key: signer_of(link) for key, link in links.items()} == {key: key for key in (first, second, third)}
    assert {key: http(link)[0] for key, link in links.items()} == dict.fromkeys(links, 200)
    assert http(links[third].replace(third, first))[0] == 403
    assert entry["ArchiveKey"] in links[first]

    # Every step once more, by hand: nothing changes.
    versions = signing.secrets.describe_secret(SecretId=signing.secret)["VersionIdsToStages"]
    token = next(one for one, stages in versions.items() if "AWSCURRENT" in stages)
    for step in ("createSecret", "setSecret", "testSecret", "finishSecret"):
        signing.step(step, token)
    assert (signing.current(), signing.trusted(), signing.public()) == (third, *[{first, second, third}] * 2)


def test_a_rotation_that_stopped_half_way_is_taken_up_again(driver: Driver, kit: Kit, signing: Signing) -> None:
    before = signing.current()
    trusted = signing.trusted()
    function = signing.function("rotate-key")
    lambdas = driver.client("lambda")
    environ = lambdas.get_function_configuration(FunctionName=function)["Environment"]
    broken = {**environ["Variables"], "PENSTOCK_DISTRIBUTION": "E0000000000000"}
    lambdas.update_function_configuration(FunctionName=function, Environment={"Variables": broken})
    try:
        token = signing.secrets.rotate_secret(SecretId=signing.secret)["VersionId"]
        # It gets as far as the test, which finds no distribution.
        kit.eventually(lambda: signing.trusted() > trusted or None, seconds=60)
    finally:
        lambdas.update_function_configuration(FunctionName=function, Environment=environ)
    assert signing.current() == before
    with pytest.raises(signing.secrets.exceptions.InvalidRequestException, match="will be reattempted"):
        signing.secrets.rotate_secret(SecretId=signing.secret)
    kit.eventually(lambda: signing.current() != before or None, seconds=60)
    stages = signing.secrets.describe_secret(SecretId=signing.secret)["VersionIdsToStages"]
    assert "AWSCURRENT" in stages[token]


def test_destroying_takes_away_no_key_that_is_trusted(driver: Driver, signing: Signing) -> None:
    """At a real end the group is gone before; here it stays, and so do its keys."""
    before = signing.public()
    answer = driver.client("lambda").invoke(
        FunctionName=signing.function("signing-key"), Payload=json.dumps({"tf": {"action": "delete"}}).encode()
    )
    assert "FunctionError" not in answer, answer["Payload"].read()
    assert signing.public() == before & signing.trusted()
