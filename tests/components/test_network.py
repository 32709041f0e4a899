"""The VPC: where functions go, and what they reach from there."""

import ipaddress
import json
from functools import cache
from typing import Any

import pytest
from pulumi.runtime.mocks import MockMonitor

from tests.recorder import ACCOUNT, REGION, Recorded, Recording, record, recording

WAYS = {
    "ec2.Route",
    "ec2.RouteTableAssociation",
    "ec2.VpcEndpoint",
    "vpc.SecurityGroupEgressRule",
    "vpc.SecurityGroupIngressRule",
}
# Neither CloudFront nor the keys that sign Cognito's tokens are to be reached from within.
OUTSIDE = ("-rotate-key", "-signing-key", "-authorize")
# It has a network of its own, and tests of its own.
WITHOUT_CATALOGUE = {"penstock:catalogue": "{}"}
HTTPS = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443}


def _network(**settings: Any) -> Recording:
    return record("dev", {"penstock:network": json.dumps(settings)})


def _subnets(made: Recording, kind: str) -> list[Recorded]:
    return [one for one in made.of("ec2.Subnet") if f"-{kind}-" in one.name]


@cache
def _prod() -> Recording:
    return record("prod", WITHOUT_CATALOGUE)


def _all(made: Recording, kind: str) -> list[Recorded]:
    """All of a kind, of which there may be none."""
    return [one for one in made.resources if one.kind == kind]


def _rules_out(made: Recording) -> list[dict[str, Any]]:
    group = made.one("ec2.SecurityGroup", "functions")
    mine = [one.inputs for one in made.of("vpc.SecurityGroupEgressRule")]
    return [rule for rule in mine if rule["securityGroupId"] == f"{group.name}-id"]


@pytest.mark.parametrize(("stack", "zones"), [("dev", 2), ("prod", 3)])
def test_each_zone_has_a_subnet_of_each_kind_with_its_own_addresses(stack: str, zones: int) -> None:
    made = _prod() if stack == "prod" else recording(stack)
    for kind in ("public", "private", "isolated"):
        assert len({one.inputs["availabilityZone"] for one in _subnets(made, kind)}) == zones
    (vpc,) = made.of("ec2.Vpc")
    blocks = [ipaddress.IPv4Network(one.inputs["cidrBlock"]) for one in made.of("ec2.Subnet")]
    assert all(block.subnet_of(ipaddress.IPv4Network(vpc.inputs["cidrBlock"])) for block in blocks)
    assert not any(one.overlaps(other) for one in blocks for other in blocks if one is not other)
    assert not any(one.inputs["mapPublicIpOnLaunch"] for one in made.of("ec2.Subnet"))


def test_the_setting_says_which_addresses() -> None:
    made = _network(cidr="10.7.0.0/16")
    assert {one.inputs["cidrBlock"][:5] for one in made.of("ec2.Subnet")} == {"10.7."}


def test_more_zones_than_there_are_is_an_error_that_names_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests import recorder

    zones = {**recorder.INVOKES, "aws:index/getAvailabilityZones:getAvailabilityZones": {"names": [f"{REGION}a"]}}
    monkeypatch.setattr(recorder, "INVOKES", zones)
    with pytest.raises(Exception, match=r"network\.zones"):
        record("dev")


@pytest.mark.parametrize(("nat", "gateways"), [("none", 0), ("one", 1), ("per_zone", 3)])
def test_private_subnets_have_a_way_to_the_internet_only_by_setting(nat: str, gateways: int) -> None:
    made = _network(zones=3, nat=nat)
    nats = _all(made, "ec2.NatGateway")
    assert len(nats) == len(_all(made, "ec2.Eip")) == gateways
    assert {one.inputs["subnetId"] for one in nats} <= {f"{one.name}-id" for one in _subnets(made, "public")}
    private = [one.inputs for one in made.of("ec2.Route") if "natGatewayId" in one.inputs]
    assert len({route["routeTableId"] for route in private}) == (3 if gateways else 0)
    assert len({route["natGatewayId"] for route in private}) == gateways
    everywhere = [rule for rule in _rules_out(made) if rule.get("cidrIpv4") == "0.0.0.0/0"]
    assert len(everywhere) == (1 if gateways else 0)


def test_each_private_subnet_is_bound_to_its_table_and_so_to_buckets_and_tables() -> None:
    made = _prod()
    tables = {
        one.inputs["subnetId"]: one.inputs["routeTableId"]
        for one in made.of("ec2.RouteTableAssociation")
        if one.inputs["subnetId"] in {f"{subnet.name}-id" for subnet in _subnets(made, "private")}
    }
    assert len(set(tables.values())) == 3
    gateways = [one for one in made.of("ec2.VpcEndpoint") if one.inputs["vpcEndpointType"] == "Gateway"]
    assert {one.inputs["serviceName"] for one in gateways} == {
        f"com.amazonaws.{REGION}.s3",
        f"com.amazonaws.{REGION}.dynamodb",
    }
    assert all(set(one.inputs["routeTableIds"]) == set(tables.values()) for one in gateways)


def test_isolated_subnets_have_no_way_anywhere() -> None:
    made = _network(zones=3, nat="per_zone")
    isolated = {f"{one.name}-id" for one in _subnets(made, "isolated")}
    tables = {
        one.inputs["routeTableId"] for one in made.of("ec2.RouteTableAssociation") if one.inputs["subnetId"] in isolated
    }
    assert len(tables) == 1
    assert not tables & {one.inputs["routeTableId"] for one in made.of("ec2.Route")}
    assert not any(tables & set(one.inputs.get("routeTableIds", [])) for one in made.of("ec2.VpcEndpoint"))
    others = {one.inputs["routeTableId"] for one in made.of("ec2.Route")}
    assert len(others) == 4, "one for what is public, one for each private subnet"


def test_interface_endpoints_are_paid_for_only_when_functions_are_inside() -> None:
    def interfaces(stack: str) -> list[Recorded]:
        made = _all(_prod() if stack == "prod" else recording(stack), "ec2.VpcEndpoint")
        return [one for one in made if one.inputs["vpcEndpointType"] == "Interface"]

    assert interfaces("dev") == []
    found = interfaces("prod")
    services = {one.inputs["serviceName"].rpartition(".")[2] for one in found}
    assert services == {"secretsmanager", "states", "events", "logs", "kms", "sqs", "sns", "sts"}
    private = {f"{one.name}-id" for one in _subnets(_prod(), "private")}
    assert all(one.inputs["privateDnsEnabled"] and set(one.inputs["subnetIds"]) == private for one in found)


def test_functions_reach_endpoints_and_gateways_by_https_and_nothing_else() -> None:
    made = _prod()
    endpoints = f"{made.one('ec2.SecurityGroup', 'endpoints').name}-id"
    functions = f"{made.one('ec2.SecurityGroup', 'functions').name}-id"
    out = _rules_out(made)
    assert all(HTTPS.items() <= rule.items() for rule in out)
    assert [rule.get("referencedSecurityGroupId") for rule in out if "cidrIpv4" not in rule].count(endpoints) == 1
    assert len([rule for rule in out if "prefixListId" in rule]) == 2
    assert not any("cidrIpv4" in rule for rule in out)
    (into,) = made.of("vpc.SecurityGroupIngressRule")
    assert into.inputs["securityGroupId"] == endpoints
    assert into.inputs["referencedSecurityGroupId"] == functions
    assert HTTPS.items() <= into.inputs.items()


def test_groups_have_no_rules_of_their_own_and_the_default_one_has_none_at_all() -> None:
    made = _prod()
    for one in [*made.of("ec2.SecurityGroup"), *made.of("ec2.DefaultSecurityGroup")]:
        assert not one.inputs.get("ingress")
        assert not one.inputs.get("egress")


def test_functions_are_put_into_private_subnets_when_the_setting_says_so() -> None:
    assert not any("vpcConfig" in one.inputs for one in recording("dev").of("lambda.Function"))
    made = _prod()
    private = [f"{one.name}-id" for one in _subnets(made, "private")]
    group = f"{made.one('ec2.SecurityGroup', 'functions').name}-id"
    inside = [one for one in made.of("lambda.Function") if not one.name.endswith(OUTSIDE)]
    assert len(inside) == len(made.of("lambda.Function")) - len(OUTSIDE)
    for one in inside:
        config = one.inputs["vpcConfig"]
        assert sorted(config["subnetIds"]) == sorted(private)
        assert config["securityGroupIds"] == [group]


def test_functions_wait_for_all_that_they_reach_something_by(monkeypatch: pytest.MonkeyPatch) -> None:
    register: Any = MockMonitor.RegisterResource
    waits: dict[str, set[str]] = {}

    def noted(self: MockMonitor, request: Any) -> Any:
        if request.type.endswith(":Function") and request.custom and not request.name.endswith(OUTSIDE):
            waits[request.name] = set(request.propertyDependencies["vpcConfig"].urns)
        return register(self, request)

    monkeypatch.setattr(MockMonitor, "RegisterResource", noted)
    made = record("prod", {"penstock:network": json.dumps({"nat": "one", "zones": 3}), **WITHOUT_CATALOGUE})
    assert waits.keys() == {one.name for one in made.of("lambda.Function") if not one.name.endswith(OUTSIDE)}
    ways = {(one.token, one.name) for one in made.resources if one.kind in WAYS}
    # The public subnets' ways are NAT's, which waits for them itself.
    ways -= {(token, name) for token, name in ways if "public" in name}
    for urns in waits.values():
        named = {(urn.split("::")[2].rpartition("$")[2], urn.split("::")[3]) for urn in urns}
        assert ways <= named


def test_all_flows_are_logged_by_a_role_that_can_write_nowhere_else() -> None:
    made = _prod()
    (flow,) = made.of("ec2.FlowLog")
    assert flow.inputs["trafficType"] == "ALL"
    (group,) = [one for one in made.of("cloudwatch.LogGroup") if one.outputs["arn"] == flow.inputs["logDestination"]]
    assert group.inputs["retentionInDays"] == 365
    assert group.inputs["kmsKeyId"] == made.one("kms.Key", "logs").outputs["arn"]
    (role,) = [one for one in made.of("iam.Role") if one.outputs["arn"] == flow.inputs["iamRoleArn"]]
    (trusted,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    assert trusted["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    assert trusted["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
    (allowed,) = [one for one in made.of("iam.RolePolicy") if one.inputs["role"] == role.outputs["name"]]
    for statement in json.loads(allowed.inputs["policy"])["Statement"]:
        writes = [action for action in statement["Action"] if not action.startswith("logs:Describe")]
        if writes:
            assert statement["Resource"] in (f"{group.outputs['arn']}:*", [f"{group.outputs['arn']}:*"])
