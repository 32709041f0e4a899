"""Certificates made at deployment: an authority, the server's, which goes to ACM, and one for each client.

RSA with 2,048 bits, because Client VPN takes nothing better (its administrator guide, "Mutual authentication"), and a
server's name with a dot in it, because it takes no certificate that is for no domain. The private keys are in the
stack's state, encrypted by its secrets provider, as Pulumi keeps all secrets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
import pulumi_tls as tls

from components.naming import Names

KEY = "RSA"
KEY_BITS = 2048
YEAR_HOURS = 365 * 24
AUTHORITY_YEARS = 10
RENEWAL_HOURS = 60 * 24
"""A deployment this long before the end of a certificate makes a new one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """A certificate and its key, PEM; the key is a secret."""

    certificate: pulumi.Output[str]
    key: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """`server_arn` is that of ACM's copy; it names the authority as well, by its chain."""

    server_arn: pulumi.Output[str]
    server_name: str
    authority: pulumi.Output[str]
    clients: Mapping[str, Identity]


def make_certificates(names: Names, clients: Sequence[str], parent: pulumi.Resource) -> Made:
    """An authority that signs nothing but these, the server's certificate and those of `clients`."""
    child = pulumi.ResourceOptions(parent=parent)
    owner = names.prefix.strip("-")
    authority_key = _make_key(names, "authority", child)
    authority = tls.SelfSignedCert(
        names.of("network", "vpn-authority"),
        private_key_pem=authority_key,
        subject=tls.SelfSignedCertSubjectArgs(common_name=f"{owner} VPN", organization=names.project),
        is_ca_certificate=True,
        # It signs people's certificates, never another authority's.
        max_path_length=0,
        allowed_uses=["cert_signing", "crl_signing"],
        set_subject_key_id=True,
        validity_period_hours=AUTHORITY_YEARS * YEAR_HOURS,
        opts=child,
    )

    def issue(purpose: str, common_name: str, use: str, dns_names: Sequence[str] = ()) -> Identity:
        key = _make_key(names, purpose, child)
        request = tls.CertRequest(
            names.of("network", f"vpn-{purpose}"),
            private_key_pem=key,
            subject=tls.CertRequestSubjectArgs(common_name=common_name, organization=names.project),
            dns_names=list(dns_names) or None,
            opts=child,
        )
        signed = tls.LocallySignedCert(
            names.of("network", f"vpn-{purpose}"),
            cert_request_pem=request.cert_request_pem,
            ca_private_key_pem=authority_key,
            ca_cert_pem=authority.cert_pem,
            allowed_uses=["digital_signature", "key_encipherment", use],
            set_subject_key_id=True,
            validity_period_hours=YEAR_HOURS,
            early_renewal_hours=RENEWAL_HOURS,
            opts=child,
        )
        return Identity(certificate=signed.cert_pem, key=key)

    server_name = f"server.{owner}.internal"
    server = issue("server", server_name, "server_auth", [server_name])
    imported = aws.acm.Certificate(
        names.of("network", "vpn-server"),
        certificate_body=server.certificate,
        private_key=server.key,
        certificate_chain=authority.cert_pem,
        tags={"Name": names.of("network", "vpn-server")},
        opts=child,
    )
    return Made(
        server_arn=imported.arn,
        server_name=server_name,
        authority=authority.cert_pem,
        clients={client: issue(f"client-{client}", client, "client_auth") for client in clients},
    )


def _make_key(names: Names, purpose: str, child: pulumi.ResourceOptions) -> pulumi.Output[str]:
    key = tls.PrivateKey(names.of("network", f"vpn-{purpose}"), algorithm=KEY, rsa_bits=KEY_BITS, opts=child)
    return pulumi.Output.secret(key.private_key_pem)
