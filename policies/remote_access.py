"""Operators come in with a certificate each, to named networks, and every connection is written down."""

import ipaddress
from collections.abc import Iterator

from pulumi_policy import PolicyResource

from policies.kinds import CERTIFICATE, VPN, VPN_ASSOCIATION, VPN_AUTHORIZATION
from policies.rules import Props, Resources, companions, each, given, named, values, whole_stack

WAYS = ("certificate-authentication", "federated-authentication")
LONGEST_SESSION_HOURS = 24
WIDEST_PREFIX = 16


@each(VPN)
def vpn_asks_for_certificates(props: Props) -> Iterator[str]:
    """Whoever connects proves who it is with a certificate, and so does the server."""
    ways = values(props, "authenticationOptions[].type")
    if not ways or not set(ways) <= set(WAYS):
        yield "a password opens it; set authentication_options to certificate-authentication"
    proof = values(props, "authenticationOptions[].rootCertificateChainArn")
    if "certificate-authentication" in ways and (not proof or not all(one.startswith("arn:") for one in proof)):
        yield "nobody says which certificates are right; set root_certificate_chain_arn"
    if not given(props, "serverCertificateArn"):
        yield "the server proves nothing; set server_certificate_arn"


@each(VPN)
def vpn_writes_connections_down(props: Props) -> Iterator[str]:
    """Who connected when is logged."""
    if values(props, "connectionLogOptions.enabled") != [True]:
        yield "nobody knows who connected; set connection_log_options"


@each(VPN)
def vpn_carries_only_its_own(props: Props) -> Iterator[str]:
    """Only what is for the network goes through it, for a day at most, and then one connects anew."""
    if props.get("splitTunnel") is not True:
        yield "operators' other traffic leaves from the network; set split_tunnel"
    if not 0 < (props.get("sessionTimeoutHours") or 0) <= LONGEST_SESSION_HOURS:
        yield f"a lost machine stays in; set session_timeout_hours to {LONGEST_SESSION_HOURS} at most"
    if props.get("disconnectOnSessionTimeout") is not True:
        yield "a lost machine connects again by itself; set disconnect_on_session_timeout"


@each(VPN_AUTHORIZATION)
def vpn_leads_to_named_networks(props: Props) -> Iterator[str]:
    """Operators reach named private networks, not everything that there is a way to."""
    network = ipaddress.ip_network(props["targetNetworkCidr"])
    if not network.is_private or network.prefixlen < WIDEST_PREFIX:
        yield f"{network} is more than a part of the network; name its private subnets"


@each(VPN)
def vpn_stays_private(props: Props) -> Iterator[str]:
    """Operators get private addresses, and ask the network for names: endpoints answer to those only inside of it."""
    network = ipaddress.ip_network(props["clientCidrBlock"], strict=False)
    if not network.is_private or not 12 <= network.prefixlen <= 22:
        yield f"{network} is not for private use; set vpn.client_cidr to a private /12 to /22"
    servers = list(props.get("dnsServers") or [])
    if not servers or not all(ipaddress.ip_address(one).is_private for one in servers):
        yield "names of endpoints lead to the internet; set dns_servers to the network's own"
    if values(props, "clientLoginBannerOptions.enabled") != [True]:
        yield "nobody is told that connections are logged; set enabled of client_login_banner_options"


@whole_stack
def vpn_trusts_own_authority(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Where the stack makes certificates, its VPN trusts these and no others."""
    for vpn in resources.of(VPN) if resources.of(CERTIFICATE) else ():
        for path in ("serverCertificateArn", "authenticationOptions[].rootCertificateChainArn"):
            if not named(vpn, path, resources, CERTIFICATE):
                yield vpn, f"{path} is no certificate of this stack; give it the one that the stack makes"


@whole_stack
def vpn_leads_somewhere(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """A VPN is joined to a subnet, and somebody is authorised."""
    for other, what in ((VPN_ASSOCIATION, "NetworkAssociation"), (VPN_AUTHORIZATION, "AuthorizationRule")):
        for vpn, found in companions(resources, VPN, other, "clientVpnEndpointId"):
            if not found:
                yield vpn, f"nobody gets anywhere through it; make a {what}"
