"""The component: a Client VPN endpoint in the private subnets, who gets in, and the log of who did."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pulumi
import pulumi_aws as aws

from components.network.component import Inside
from components.network.groups import let_in, let_out, make_group
from components.settings import Vpn as VpnSettings
from components.signals import CertificateSignal, Signal
from components.stores import Key
from components.vpn.certificates import Made, make_certificates
from components.vpn.profile import PORT, render

BANNER = "Private network of {stack}. Connections are logged."


@dataclass(frozen=True, kw_only=True, slots=True)
class VpnArgs:
    """`secrets_key` encrypts the clients' profiles; `protected` delays their deletion by a month."""

    inside: Inside
    vpn: VpnSettings
    logs_key: Key
    secrets_key: Key
    retention_days: int
    protected: bool


class Vpn(pulumi.ComponentResource):
    """Mutual TLS, only the VPC's traffic in the tunnel, and from there only to endpoints and what is isolated.

    `profiles` are the ARNs of secrets, by client; there are none when the certificates were given. `group_id` is the
    security group that clients come in by, for the rules of whatever else they may reach.
    """

    endpoint_id: pulumi.Output[str]
    group_id: pulumi.Output[str]
    profiles: Mapping[str, pulumi.Output[str]]
    signals: list[Signal]

    def __init__(self, name: str, args: VpnArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("penstock:vpn:Vpn", name, None, opts)
        self._args = args
        self._frame = replace(args.inside.frame, parent=self)
        group = self._make_group()
        made, server, authority = self._certificates()
        endpoint = self._make_endpoint(group, server, authority)
        self._let_in(endpoint)
        self.endpoint_id, self.group_id = endpoint.id, group.id
        self.profiles = self._make_profiles(endpoint.dns_name, made) if made else {}
        self.signals = [CertificateSignal(purpose="vpn", arn=server)]
        self.register_outputs({"endpoint_id": self.endpoint_id})

    def _make_group(self) -> aws.ec2.SecurityGroup:
        frame, endpoints = self._frame, self._args.inside.endpoints_group_id
        group = make_group(frame, "vpn", "Operators who come through the VPN")
        if endpoints is not None:
            let_out(frame, "vpn-to-endpoints", group.id, where="endpoints", to_group=endpoints)
            let_in(frame, "from-vpn", endpoints, who="operators", from_group=group.id)
        return group

    def _certificates(self) -> tuple[Made | None, pulumi.Input[str], pulumi.Input[str]]:
        """What was made, if none were given; the ARNs of the server's certificate and of the clients' authority."""
        vpn = self._args.vpn
        if vpn.server_certificate_arn is not None and vpn.client_ca_arn is not None:
            return None, vpn.server_certificate_arn, vpn.client_ca_arn
        made = make_certificates(self._frame.names, vpn.clients, self)
        # The server's copy in ACM has the authority in its chain, and the same one signs the clients'.
        return made, made.server_arn, made.server_arn

    def _make_endpoint(
        self, group: aws.ec2.SecurityGroup, server: pulumi.Input[str], authority: pulumi.Input[str]
    ) -> aws.ec2clientvpn.Endpoint:
        args, frame = self._args, self._frame
        exact = frame.names.exact("network", "vpn")
        log = aws.cloudwatch.LogGroup(
            exact,
            name=f"/aws/client-vpn/{exact}",
            retention_in_days=args.retention_days,
            kms_key_id=args.logs_key.arn,
            opts=frame.child,
        )
        return aws.ec2clientvpn.Endpoint(
            frame.label("vpn"),
            description=f"Operators of {frame.names.project} {frame.names.stack}",
            vpc_id=frame.vpc_id,
            security_group_ids=[group.id],
            client_cidr_block=args.vpn.client_cidr,
            server_certificate_arn=server,
            authentication_options=[
                aws.ec2clientvpn.EndpointAuthenticationOptionArgs(
                    type="certificate-authentication", root_certificate_chain_arn=authority
                )
            ],
            split_tunnel=True,
            transport_protocol="udp",
            vpn_port=PORT,
            # So that the names of services lead to their endpoints.
            dns_servers=[args.inside.resolver],
            session_timeout_hours=args.vpn.session_hours,
            disconnect_on_session_timeout=True,
            client_login_banner_options=aws.ec2clientvpn.EndpointClientLoginBannerOptionsArgs(
                enabled=True, banner_text=BANNER.format(stack=f"{frame.names.project} {frame.names.stack}")
            ),
            connection_log_options=aws.ec2clientvpn.EndpointConnectionLogOptionsArgs(
                enabled=True, cloudwatch_log_group=log.name
            ),
            tags=frame.tags("vpn"),
            opts=frame.child,
        )

    def _let_in(self, endpoint: aws.ec2clientvpn.Endpoint) -> None:
        """Joins the endpoint to private subnets, and says which addresses may be reached from there."""
        frame, inside = self._frame, self._args.inside
        joined = [
            aws.ec2clientvpn.NetworkAssociation(
                frame.label(f"vpn-{number}"), client_vpn_endpoint_id=endpoint.id, subnet_id=subnet, opts=frame.child
            )
            for number, subnet in enumerate(inside.private_subnet_ids[: self._args.vpn.zones], start=1)
        ]
        for kind, addresses in (("private", inside.private_addresses), ("isolated", inside.isolated_addresses)):
            aws.ec2clientvpn.AuthorizationRule(
                frame.label(f"vpn-to-{kind}"),
                client_vpn_endpoint_id=endpoint.id,
                target_network_cidr=addresses,
                authorize_all_groups=True,
                description=f"Everybody with a certificate, to {kind} subnets",
                opts=pulumi.ResourceOptions(parent=self, depends_on=joined),
            )

    def _make_profiles(self, host: pulumi.Output[str], made: Made) -> dict[str, pulumi.Output[str]]:
        return {
            client: self._keep(
                client,
                pulumi.Output.all(
                    host=host, authority=made.authority, certificate=identity.certificate, key=identity.key
                ).apply(lambda parts: render(server_name=made.server_name, **parts)),
            )
            for client, identity in made.clients.items()
        }

    def _keep(self, client: str, profile: pulumi.Output[str]) -> pulumi.Output[str]:
        """A secret with the client's profile; its ARN."""
        args, frame = self._args, self._frame
        logical = frame.names.of("secret", f"vpn-client-{client}")
        secret = aws.secretsmanager.Secret(
            logical,
            description=f"VPN profile of {client}, with the private key",
            kms_key_id=args.secrets_key.arn,
            recovery_window_in_days=30 if args.protected else 7,
            opts=frame.child,
        )
        hidden: pulumi.Output[str] = pulumi.Output.secret(profile)
        aws.secretsmanager.SecretVersion(logical, secret_id=secret.id, secret_string=hidden, opts=frame.child)
        return secret.arn
