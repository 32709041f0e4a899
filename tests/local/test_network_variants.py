"""The program as in prod and with every setting of the network on, in the local cloud beside the other tests' stack."""

import json

import pytest
from cryptography import x509
from cryptography.x509 import verification

from local.cloud import LocalCloud
from local.deploy import Deployment, deploy
from tests.recorder import BUILT_PAGE

pytestmark = pytest.mark.flow

EVERYTHING = {
    "penstock:functions": {"platform": "host", "in_vpc": True},
    "penstock:network": {"zones": 3, "nat": "per_zone", "cidr": "10.9.0.0/16"},
    "penstock:vpn": {"enabled": True, "zones": 3, "clients": ["ann", "bob"]},
}
# They call CloudFront's API, and Cognito for the keys that sign tokens, to which no endpoint leads.
OUTSIDE = ("-rotate-key", "-signing-key", "-authorize")


@pytest.fixture(scope="module")
def inside(cloud: LocalCloud) -> Deployment:
    wanted = {key: json.dumps(value) for key, value in EVERYTHING.items()}
    return deploy(cloud, stack="prod", config={**BUILT_PAGE, **wanted})


def test_functions_stand_in_private_subnets(cloud: LocalCloud, inside: Deployment) -> None:
    subnets = {one.id: one.name for one in inside.states if one.token.endswith(":Subnet")}
    for one in inside.states:
        if one.token.endswith("function:Function") and not one.name.endswith(OUTSIDE):
            asked = cloud.client("lambda").get_function_configuration(FunctionName=one.state["name"])
            names = [subnets[subnet] for subnet in asked["VpcConfig"]["SubnetIds"]]
            assert len(names) == 3
            assert all("-private-" in name for name in names)


def test_the_vpn_is_not_there_and_the_program_says_so(inside: Deployment) -> None:
    assert [line for line in inside.not_emulated if "clientvpn/endpoint" in line]


def test_the_firewall_is_not_there_and_the_program_says_so(cloud: LocalCloud, inside: Deployment) -> None:
    assert [line for line in inside.not_emulated if "wafv2/webAcl:" in line]
    (acl,) = [one.state["arn"] for one in inside.states if one.token.endswith("webAcl:WebAcl")]
    config = cloud.client("cloudfront").get_distribution_config(Id=inside.outputs["distribution_id"])
    assert config["DistributionConfig"]["WebACLId"] == acl


def test_requests_would_be_written_down(cloud: LocalCloud, inside: Deployment) -> None:
    (made,) = [one.id for one in inside.states if one.token.endswith("logDelivery:LogDelivery")]
    delivery = cloud.client("logs").get_delivery(id=made)["delivery"]
    assert delivery["deliverySourceName"] == "penstock-prod-delivery-access"
    assert "cs-uri-query" not in delivery["recordFields"]


def test_each_client_finds_a_profile_whose_certificate_the_authority_signed(
    cloud: LocalCloud, inside: Deployment
) -> None:
    for client in ("ann", "bob"):
        arn = inside.outputs["vpn_profile_secret_arns"][client]
        profile = cloud.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
        authority, certificate = (
            x509.load_pem_x509_certificate(profile.partition(f"<{tag}>\n")[2].partition(f"</{tag}>")[0].encode())
            for tag in ("ca", "cert")
        )
        verifier = verification.PolicyBuilder().store(verification.Store([authority]))
        assert certificate.issuer == authority.subject
        certificate.verify_directly_issued_by(authority)
        assert certificate.subject.rfc4514_string() == f"O=penstock,CN={client}"
        with pytest.raises(verification.VerificationError):
            verifier.build_server_verifier(x509.DNSName("server.penstock-prod.internal")).verify(certificate, [])


def test_the_servers_certificate_stands_in_acm_with_its_authority(cloud: LocalCloud, inside: Deployment) -> None:
    (arn,) = [one.id for one in inside.states if one.token.endswith("certificate:Certificate")]
    found = cloud.client("acm").get_certificate(CertificateArn=arn)
    server, authority = (
        x509.load_pem_x509_certificate(found[part].encode()) for part in ("Certificate", "CertificateChain")
    )
    name = x509.DNSName("server.penstock-prod.internal")
    verifier = verification.PolicyBuilder().store(verification.Store([authority])).build_server_verifier(name)
    assert verifier.verify(server, []) == [server, authority]
