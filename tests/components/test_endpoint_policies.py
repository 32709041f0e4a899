"""What passes through the endpoints: all that functions need without NAT, on this stack's things, and no more."""

import asyncio
import json
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

import pytest

from components.naming import Names
from components.network.endpoint_policies import endpoint_policy
from components.network.endpoints import INTERFACE_SERVICES
from components.place import Place
from local.deploy import ROOT
from tests.recorder import ACCOUNT, REGION, Recording, recording

HERE = Place(account=ACCOUNT, region=REGION, partition="aws")
LONGEST = 20_480
# Lambda makes a function's network interfaces itself, from its own network; a token for the database is signed by the
# function itself and shown to the database.
NOT_FROM_INSIDE = {"ec2", "rds-db"}

Pair = tuple[str, str]


def statements(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(text)["Statement"]
    return found


def pairs(text: str) -> set[Pair]:
    """Each action with each of its resources."""
    return {(action, resource) for one in statements(text) for action in one["Action"] for resource in one["Resource"]}


def endpoints(made: Recording) -> dict[str, str]:
    """The policy of each service's endpoint."""
    return {one.inputs["serviceName"].rpartition(".")[2]: one.inputs["policy"] for one in made.of("ec2.VpcEndpoint")}


def needed_by_functions(made: Recording) -> set[Pair]:
    """Of those that run inside of the network."""
    roles = {one.inputs["role"] for one in made.of("lambda.Function") if "vpcConfig" in one.inputs}
    names = {one.outputs["name"] for one in made.of("iam.Role") if one.outputs["arn"] in roles}
    policies = [one.inputs["policy"] for one in made.of("iam.RolePolicy") if one.inputs["role"] in names]
    assert len(policies) == len(roles) > 5
    return set().union(*map(pairs, policies))


def stopped(needed: Iterable[Pair], policies: dict[str, str]) -> list[Pair]:
    """Those of `needed` that no endpoint lets pass."""

    def passes(action: str, resource: str) -> bool:
        allowed = pairs(policies.get(action.split(":", maxsplit=1)[0], '{"Statement": []}'))
        return any(action == one and fnmatchcase(resource, pattern) for one, pattern in allowed)

    return sorted(one for one in needed if one[0].split(":")[0] not in NOT_FROM_INSIDE and not passes(*one))


def of(service: str, *, operators: bool = False) -> str:
    """The policy of one endpoint of a stack `penstock-prod`."""

    async def made() -> str:
        names = Names(project="penstock", stack="prod")
        return await endpoint_policy(service, names=names, place=HERE, operators=operators).future() or ""

    return asyncio.run(made())


def test_without_nat_every_call_of_every_function_passes_through_an_endpoint() -> None:
    made = recording("prod")
    assert "ec2.NatGateway" not in {one.kind for one in made.resources}
    assert stopped(needed_by_functions(made), endpoints(made)) == []


@pytest.mark.parametrize(
    "call",
    [
        ("rekognition:DetectLabels", "*"),
        ("s3:GetObject", "arn:aws:s3:::somebody-elses/uploads/*"),
        ("s3:DeleteObject", "arn:aws:s3:::penstock-prod-upload/*"),
        ("sqs:SendMessage", f"arn:aws:sqs:{REGION}:999999999999:penstock-prod-queue"),
        ("logs:PutResourcePolicy", "*"),
    ],
)
def test_what_is_not_of_the_stack_is_stopped(call: Pair) -> None:
    assert stopped([call], endpoints(recording("prod"))) == [call]


def test_endpoints_let_through_only_what_the_boundary_lets_roles_do() -> None:
    made = recording("prod")
    boundary = pairs(made.one("iam.Policy", "boundary").inputs["policy"])
    passing = set().union(*map(pairs, endpoints(made).values()))
    assert passing - boundary == {("sts:GetCallerIdentity", "*")}


def test_no_endpoint_has_actions_of_another_service() -> None:
    for service, text in endpoints(recording("prod")).items():
        assert {action.split(":")[0] for action, _ in pairs(text)} == {service}


def test_endpoints_serve_this_account_only() -> None:
    for service, text in endpoints(recording("prod")).items():
        ours = {"aws:PrincipalAccount": ACCOUNT}
        if service == "s3":
            ours["aws:ResourceAccount"] = ACCOUNT
        for one in statements(text):
            assert (one["Effect"], one["Principal"]) == ("Allow", "*")
            assert one["Condition"] == {"StringEquals": ours}


@pytest.mark.parametrize("service", ["states", "sqs", "logs", "sts"])
def test_operators_may_do_more_only_where_they_come_in(service: str) -> None:
    more = pairs(of(service, operators=True)) - pairs(of(service))
    assert more
    assert not pairs(of(service)) - pairs(of(service, operators=True))
    assert not more & pairs(endpoints(recording("prod"))[service])


def test_policies_are_not_longer_than_they_may_be() -> None:
    assert all(len(of(service, operators=True)) < LONGEST for service in endpoints(recording("prod")))


def test_a_service_that_nobody_uses_gets_no_endpoint() -> None:
    with pytest.raises(ValueError, match="no role of the stack does anything with rekognition"):
        of("rekognition")


def test_the_page_tells_which_services_are_paid_for() -> None:
    page = (ROOT / "docs" / "network.md").read_text()
    assert f"services[{' '.join(INTERFACE_SERVICES)}]" in page
    monthly = [7 * zones * len(INTERFACE_SERVICES) for zones in (2, 3)]
    assert f"{len(INTERFACE_SERVICES)} interface endpoints" in page
    assert "${} with two zones, ${} with three".format(*monthly) in page
