"""What breaks a rule about the VPN is noticed, and what is not known yet is not judged."""

import pytest

from policies import remote_access
from policies.kinds import VPN, VPN_ASSOCIATION, VPN_AUTHORIZATION
from tests.policies.breaks import Break
from tests.policies.cases import NOT_JUDGED, UNKNOWN, judge, resource

BREAKS = [
    Break(
        rule=remote_access.vpn_asks_for_certificates,
        kind="ec2clientvpn.Endpoint",
        path="authenticationOptions.0.type",
        value="directory-service-authentication",
    ),
    Break(
        rule=remote_access.vpn_writes_connections_down,
        kind="ec2clientvpn.Endpoint",
        path="connectionLogOptions.enabled",
        value=False,
    ),
    Break(rule=remote_access.vpn_carries_only_its_own, kind="ec2clientvpn.Endpoint", path="splitTunnel", value=False),
    Break(
        rule=remote_access.vpn_leads_to_named_networks,
        kind="ec2clientvpn.AuthorizationRule",
        path="targetNetworkCidr",
        value="0.0.0.0/0",
    ),
    Break(rule=remote_access.vpn_stays_private, kind="ec2clientvpn.Endpoint", path="dnsServers", value=["8.8.8.8"]),
    Break(
        rule=remote_access.vpn_trusts_own_authority,
        kind="ec2clientvpn.Endpoint",
        path="serverCertificateArn",
        value="arn:aws:acm:eu-central-1:123456789012:certificate/other",
    ),
]


@pytest.mark.parametrize("row", BREAKS, ids=str)
def test_what_breaks_a_rule_is_noticed(row: Break) -> None:
    row.check()


def test_a_vpn_leads_somewhere() -> None:
    vpn = resource(VPN, {"id": "vpn"}, "vpn")
    joined = resource(VPN_ASSOCIATION, {"clientVpnEndpointId": "vpn"})
    allowed = resource(VPN_AUTHORIZATION, {"clientVpnEndpointId": "vpn"})
    rule = remote_access.vpn_leads_somewhere
    assert judge(rule, vpn, joined, allowed) == []
    (said,) = judge(rule, vpn, joined)
    assert said.startswith("vpn: ")
    assert "; " in said
    assert judge(rule, vpn, joined, resource(VPN_AUTHORIZATION, {"clientVpnEndpointId": UNKNOWN})) == NOT_JUDGED
