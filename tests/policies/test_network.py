"""What breaks a rule about the network is noticed, and what is not known yet is not judged."""

import pytest

from policies import network
from tests.policies.breaks import DROPPED, GONE, Break

BREAKS = [
    Break(rule=network.network_resolves_names, kind="ec2.Vpc", path="enableDnsSupport", value=False),
    Break(rule=network.subnet_gives_no_public_address, kind="ec2.Subnet", path="mapPublicIpOnLaunch", value=True),
    Break(
        rule=network.default_group_is_empty, kind="ec2.DefaultSecurityGroup", path="ingress", value=[{"protocol": "-1"}]
    ),
    Break(rule=network.group_has_rules_of_its_own, kind="ec2.SecurityGroup", path="egress", value=[{"protocol": "-1"}]),
    Break(rule=network.group_rule_names_port, kind="vpc.SecurityGroupIngressRule", path="toPort", value=65535),
    Break(
        rule=network.ingress_comes_from_group,
        kind="vpc.SecurityGroupIngressRule",
        path="referencedSecurityGroupId",
        value=DROPPED,
        unknown=(),
    ),
    Break(
        rule=network.egress_goes_somewhere,
        kind="vpc.SecurityGroupEgressRule",
        path="cidrIpv6",
        value="::/0",
        unknown=None,
    ),
    Break(
        rule=network.only_gateways_lead_out,
        kind="vpc.SecurityGroupEgressRule",
        path="cidrIpv4",
        value="0.0.0.0/0",
        stack="prod",
    ),
    Break(
        rule=network.route_leads_somewhere,
        kind="ec2.Route",
        path="gatewayId",
        value=DROPPED,
        unknown=(),
        name="-public",
    ),
    Break(rule=network.subnets_have_routes, kind="ec2.RouteTableAssociation", path="subnetId", value=GONE),
    Break(
        rule=network.functions_are_in_private_subnets,
        kind="lambda.Function",
        path="vpcConfig",
        value=DROPPED,
        name="-plan",
    ),
    Break(rule=network.network_is_watched, kind="ec2.FlowLog", path="vpcId", value=GONE),
    Break(rule=network.flow_log_sees_everything, kind="ec2.FlowLog", path="trafficType", value="REJECT"),
    Break(
        rule=network.zones_are_used_alike, kind="lambda.Function", path="vpcConfig.subnetIds", value=[], name="-plan"
    ),
    Break(
        rule=network.groups_talk_to_each_other,
        kind="vpc.SecurityGroupIngressRule",
        path="referencedSecurityGroupId",
        value=GONE,
    ),
    Break(rule=network.peering_is_accepted, kind="ec2.VpcPeeringConnection", path="autoAccept", value=False),
]


@pytest.mark.parametrize("row", BREAKS, ids=str)
def test_what_breaks_a_rule_is_noticed(row: Break) -> None:
    row.check()
