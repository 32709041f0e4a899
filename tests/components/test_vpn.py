"""The VPN: who gets in, how far, and where the keys go."""

import ipaddress
import json
from functools import cache
from typing import Any

from tests.recorder import Recorded, Recording, record, recording

SERVER = "arn:aws:acm:eu-central-1:123456789012:certificate/server"
AUTHORITY = "arn:aws:acm:eu-central-1:123456789012:certificate/authority"


@cache
def _vpn(stack: str = "prod", **settings: Any) -> Recording:
    given = {"enabled": True, "zones": 2, **settings}
    if "client_ca_arn" not in given:
        given["clients"] = ["ann", "bob"]
    # The catalogue's network is none of the VPN's.
    return record(stack, {"penstock:vpn": json.dumps(given), "penstock:catalogue": "{}"})


def _kinds(made: Recording) -> set[str]:
    return {one.kind for one in made.resources}


def _endpoint(made: Recording) -> Recorded:
    (found,) = made.of("ec2clientvpn.Endpoint")
    return found


def _id(made: Recording, kind: str, purpose: str) -> str:
    return f"{made.one(kind, purpose).name}-id"


def test_it_is_off_unless_a_setting_says_otherwise() -> None:
    for stack in ("dev", "prod", "local"):
        made = recording(stack)
        assert not {kind for kind in _kinds(made) if kind.startswith(("ec2clientvpn.", "acm.", "index."))}
        assert "vpn_endpoint_id" not in made.exports


def test_both_sides_show_a_certificate() -> None:
    made = _vpn()
    server = made.one("acm.Certificate", "vpn-server")
    inputs = _endpoint(made).inputs
    assert inputs["serverCertificateArn"] == server.outputs["arn"]
    assert inputs["authenticationOptions"] == [
        {"type": "certificate-authentication", "rootCertificateChainArn": server.outputs["arn"]}
    ]
    assert server.inputs["certificateChain"] == made.one("index.SelfSignedCert", "authority").outputs["certPem"]


def test_one_authority_signs_the_server_for_its_name_and_each_client_for_theirs() -> None:
    made = _vpn()
    authority = made.one("index.SelfSignedCert", "vpn-authority")
    key = made.one("index.PrivateKey", "vpn-authority").outputs["privateKeyPem"]
    assert authority.inputs["isCaCertificate"]
    assert authority.inputs["maxPathLength"] == 0
    uses = {}
    for one in made.of("index.LocallySignedCert"):
        assert one.inputs["caPrivateKeyPem"] == key
        assert one.inputs["caCertPem"] == authority.outputs["certPem"]
        assert 0 < one.inputs["earlyRenewalHours"] < one.inputs["validityPeriodHours"]
        (request,) = [two for two in made.of("index.CertRequest") if two.name == one.name]
        assert one.inputs["certRequestPem"] == request.outputs["certRequestPem"]
        uses[request.inputs["subject"]["commonName"]] = set(one.inputs["allowedUses"]) & {"server_auth", "client_auth"}
    assert uses == {
        "server.penstock-prod.internal": {"server_auth"},
        "ann": {"client_auth"},
        "bob": {"client_auth"},
    }
    server = made.one("index.CertRequest", "vpn-server")
    assert server.inputs["dnsNames"] == ["server.penstock-prod.internal"]
    assert {(one.inputs["algorithm"], one.inputs["rsaBits"]) for one in made.of("index.PrivateKey")} == {("RSA", 2048)}


def test_each_clients_key_goes_into_a_secret_of_its_own_and_nowhere_else() -> None:
    made = _vpn()
    for client in ("ann", "bob"):
        secret = made.one("secretsmanager.Secret", f"vpn-client-{client}")
        assert secret.inputs["kmsKeyId"] == made.one("kms.Key", "secrets").outputs["arn"]
        profile = made.one("secretsmanager.SecretVersion", f"vpn-client-{client}").inputs["secretString"]
        key = made.one("index.PrivateKey", f"vpn-client-{client}").outputs["privateKeyPem"]
        certificate = made.one("index.LocallySignedCert", f"vpn-client-{client}").outputs["certPem"]
        authority = made.one("index.SelfSignedCert", "vpn-authority").outputs["certPem"]
        for tag, pem in (("key", key), ("cert", certificate), ("ca", authority)):
            assert f"<{tag}>\n{pem}\n</{tag}>\n" in profile
        holders = {one.name for one in made.resources if key in str(one.inputs)}
        assert {name.rpartition("-prod-")[2] for name in holders} == {f"vpn-client-{client}"}
        assert made.exports["vpn_profile_secret_arns"][client] == secret.outputs["arn"]
    assert "private key" not in str(made.exports)


def test_the_profile_leads_to_the_endpoint_and_believes_only_its_server() -> None:
    made = _vpn()
    profile = made.one("secretsmanager.SecretVersion", "vpn-client-ann").inputs["secretString"].splitlines()
    host = _endpoint(made).outputs["dnsName"].removeprefix("*.")
    assert {
        f"remote {host} 443",
        "remote-cert-tls server",
        "verify-x509-name server.penstock-prod.internal name",
    } <= set(profile)


def test_given_certificates_are_used_and_none_are_made() -> None:
    made = _vpn(server_certificate_arn=SERVER, client_ca_arn=AUTHORITY)
    inputs = _endpoint(made).inputs
    assert inputs["serverCertificateArn"] == SERVER
    assert inputs["authenticationOptions"][0]["rootCertificateChainArn"] == AUTHORITY
    assert not {kind for kind in _kinds(made) if kind.startswith(("acm.", "index.", "secretsmanager.SecretV"))}
    assert made.exports["vpn_profile_secret_arns"] == {}


def test_only_what_is_for_the_vpc_goes_through_the_tunnel_and_only_to_subnets_without_a_way_in() -> None:
    made = _vpn()
    assert _endpoint(made).inputs["splitTunnel"] is True
    allowed = [
        ipaddress.IPv4Network(one.inputs["targetNetworkCidr"]) for one in made.of("ec2clientvpn.AuthorizationRule")
    ]
    for one in made.of("ec2.Subnet"):
        block = ipaddress.IPv4Network(one.inputs["cidrBlock"])
        assert any(block.subnet_of(network) for network in allowed) == ("-public-" not in one.name)
    vpc = ipaddress.IPv4Network(made.of("ec2.Vpc")[0].inputs["cidrBlock"])
    assert all(network.subnet_of(vpc) for network in allowed)
    (resolver,) = _endpoint(made).inputs["dnsServers"]
    assert any(ipaddress.IPv4Address(resolver) in network for network in allowed)


def test_it_stands_in_private_subnets_one_for_each_zone_that_is_wanted() -> None:
    made = _vpn()
    joined = [one.inputs["subnetId"] for one in made.of("ec2clientvpn.NetworkAssociation")]
    assert len(set(joined)) == 2
    assert set(joined) <= {f"{one.name}-id" for one in made.of("ec2.Subnet") if "-private-" in one.name}


def test_its_clients_reach_endpoints_by_https_and_nothing_else() -> None:
    made = _vpn()
    group, endpoints = _id(made, "ec2.SecurityGroup", "vpn"), _id(made, "ec2.SecurityGroup", "endpoints")
    assert _endpoint(made).inputs["securityGroupIds"] == [group]
    out = [one.inputs for one in made.of("vpc.SecurityGroupEgressRule") if one.inputs["securityGroupId"] == group]
    into = [
        one.inputs
        for one in made.of("vpc.SecurityGroupIngressRule")
        if one.inputs["referencedSecurityGroupId"] == group
    ]
    https = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
    assert [rule["referencedSecurityGroupId"] for rule in out] == [endpoints]
    assert [rule["securityGroupId"] for rule in into] == [endpoints]
    assert all(https.items() <= rule.items() for rule in [*out, *into])
    assert not any(one.inputs["securityGroupId"] == group for one in made.of("vpc.SecurityGroupIngressRule"))


def test_without_interface_endpoints_there_is_nothing_to_reach_yet() -> None:
    made = _vpn("dev")
    group = _id(made, "ec2.SecurityGroup", "vpn")
    assert not any(one.inputs["securityGroupId"] == group for one in made.of("vpc.SecurityGroupEgressRule"))


def test_operators_pass_through_the_endpoints_that_functions_use() -> None:
    made = _vpn()
    policies = {one.name.rpartition("-")[2]: one.inputs["policy"] for one in made.of("ec2.VpcEndpoint")}
    assert "states:RedriveExecution" in policies["states"]
    assert "states:RedriveExecution" not in made.one("iam.Policy", "boundary").inputs["policy"]


def test_connections_are_logged_encrypted_and_kept() -> None:
    made = _vpn()
    options = _endpoint(made).inputs["connectionLogOptions"]
    assert options["enabled"] is True
    (group,) = [one for one in made.of("cloudwatch.LogGroup") if one.inputs["name"] == options["cloudwatchLogGroup"]]
    assert group.inputs["kmsKeyId"] == made.one("kms.Key", "logs").outputs["arn"]
    assert group.inputs["retentionInDays"] == 365


def test_somebody_is_told_before_the_servers_certificate_ends() -> None:
    for made in (_vpn(), _vpn(server_certificate_arn=SERVER, client_ca_arn=AUTHORITY)):
        alarm = made.one("cloudwatch.MetricAlarm", "certificate-vpn-ends")
        watched = [query["metric"]["dimensions"] for query in alarm.inputs["metricQueries"] if "metric" in query]
        assert watched == [{"CertificateArn": _endpoint(made).inputs["serverCertificateArn"]}]


def test_sessions_end() -> None:
    inputs = _endpoint(_vpn()).inputs
    assert inputs["sessionTimeoutHours"] == 8
    assert inputs["disconnectOnSessionTimeout"] is True
    assert inputs["clientLoginBannerOptions"]["enabled"] is True
