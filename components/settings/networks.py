"""Settings of the network, and of who comes into it."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from components.settings.base import Section, network

Client = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
CERTIFICATE = r"^arn:[\w-]+:acm:[\w-]+:\d{12}:certificate/[\w-]+$"


class Network(Section):
    """The VPC."""

    cidr: str = Field("10.0.0.0/16", description="Its addresses, a /16.")
    zones: int = Field(2, ge=2, le=3, description="Availability zones with a subnet of each kind.")
    nat: Literal["none", "one", "per_zone"] = Field("none", description="NAT gateways for the private subnets.")

    @field_validator("cidr")
    @classmethod
    def _is_network(cls, value: str) -> str:
        return network(value, longest=16, shortest=16)


class Vpn(Section):
    """The Client VPN, by which operators reach the private and isolated subnets."""

    enabled: bool = Field(False, description="Whether there is one. It costs money by the hour, used or not.")
    client_cidr: str = Field(
        "10.8.0.0/22", description="Addresses for connected machines, a /12 to /22 outside of the VPC's."
    )
    zones: int = Field(1, ge=1, le=3, description="Zones that it is joined to, each of which is paid for.")
    session_hours: Literal[8, 10, 12, 24] = Field(8, description="Hours after which one has to connect again.")
    clients: list[Client] = Field(
        [], description="Who gets a certificate, in a profile in Secrets Manager (docs/network.md)."
    )
    server_certificate_arn: str | None = Field(
        None, pattern=CERTIFICATE, description="The server's certificate in ACM; by default the stack makes its own."
    )
    client_ca_arn: str | None = Field(
        None, pattern=CERTIFICATE, description="Certificate in ACM whose authority signs the clients'; needed with it."
    )

    @field_validator("client_cidr")
    @classmethod
    def _is_network(cls, value: str) -> str:
        return network(value, longest=12, shortest=22)

    @model_validator(mode="after")
    def _somebody_can_come_in(self) -> Self:
        if (self.server_certificate_arn is None) != (self.client_ca_arn is None):
            raise ValueError("server_certificate_arn and client_ca_arn are given together or not at all")
        if self.clients and self.client_ca_arn:
            raise ValueError("clients get certificates from the stack's own authority, but client_ca_arn is given")
        if self.enabled and not self.clients and not self.client_ca_arn:
            raise ValueError("nobody could connect: clients has no names, and client_ca_arn is not given")
        if len(set(self.clients)) < len(self.clients):
            raise ValueError("clients has a name twice")
        return self
