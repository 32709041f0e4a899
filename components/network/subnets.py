"""Subnets of three kinds in each zone, and the routes that make them so.

What is public has a way to and from the internet, what is private only a way out, if there is NAT; what is isolated has
no way at all, not even to buckets and tables: it is for databases, which are called and call nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.network.frame import ANYWHERE, Frame
from components.network.layout import Kind, block
from components.settings import Network as NetworkSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class Zone:
    """The subnets of one availability zone."""

    name: str
    public: aws.ec2.Subnet
    private: aws.ec2.Subnet
    isolated: aws.ec2.Subnet
    private_routes: aws.ec2.RouteTable

    @property
    def letter(self) -> str:
        """The end of its name."""
        return self.name[-1]


@dataclass(frozen=True, kw_only=True, slots=True)
class Subnets:
    """All zones; `ways` is what has to exist before somebody in a subnet reaches something."""

    zones: Sequence[Zone]
    ways: list[pulumi.Resource] = field(default_factory=list)


def make_subnets(frame: Frame, network: NetworkSettings) -> Subnets:
    """Subnets, route tables, the internet gateway and NAT. Raises `RunError` when the region has too few zones."""
    names = _zones(frame, network)
    ways: list[pulumi.Resource] = []
    internet = aws.ec2.InternetGateway(
        frame.label("internet"), vpc_id=frame.vpc_id, tags=frame.tags("internet"), opts=frame.child
    )
    public_routes, isolated_routes = _routes(frame, "public"), _routes(frame, "isolated")
    way_out = aws.ec2.Route(
        frame.label("public"),
        route_table_id=public_routes.id,
        destination_cidr_block=ANYWHERE,
        gateway_id=internet.id,
        opts=frame.child,
    )

    def subnet(kind: Kind, index: int, routes: aws.ec2.RouteTable) -> aws.ec2.Subnet:
        purpose = f"{kind}-{names[index][-1]}"
        made = aws.ec2.Subnet(
            frame.label(purpose),
            vpc_id=frame.vpc_id,
            availability_zone=names[index],
            cidr_block=block(network.cidr, kind, index),
            map_public_ip_on_launch=False,
            tags=frame.tags(purpose),
            opts=frame.child,
        )
        association = aws.ec2.RouteTableAssociation(
            frame.label(purpose), subnet_id=made.id, route_table_id=routes.id, opts=frame.child
        )
        ways.append(association)
        return made

    def zone(index: int) -> Zone:
        private_routes = _routes(frame, f"private-{names[index][-1]}")
        return Zone(
            name=names[index],
            public=subnet("public", index, public_routes),
            private=subnet("private", index, private_routes),
            isolated=subnet("isolated", index, isolated_routes),
            private_routes=private_routes,
        )

    zones = [zone(index) for index in range(len(names))]
    ways += _make_nat(frame, zones, network.nat, way_out)
    return Subnets(zones=zones, ways=ways)


def _zones(frame: Frame, network: NetworkSettings) -> Sequence[str]:
    names = aws.get_availability_zones(
        state="available",
        filters=[aws.GetAvailabilityZonesFilterArgs(name="opt-in-status", values=["opt-in-not-required"])],
    ).names
    if len(names) < network.zones:
        raise pulumi.RunError(f"{frame.place.region} has {len(names)} zones, network.zones asks for more")
    return names[: network.zones]


def _routes(frame: Frame, purpose: str) -> aws.ec2.RouteTable:
    return aws.ec2.RouteTable(frame.label(purpose), vpc_id=frame.vpc_id, tags=frame.tags(purpose), opts=frame.child)


def _make_nat(frame: Frame, zones: Sequence[Zone], nat: str, way_out: aws.ec2.Route) -> list[pulumi.Resource]:
    """The private subnets' routes through NAT gateways, of which there may be none."""
    wanted = {"none": 0, "one": 1, "per_zone": len(zones)}[nat]
    gateways = []
    for zone in zones[:wanted]:
        purpose = f"nat-{zone.letter}"
        address = aws.ec2.Eip(frame.label(purpose), domain="vpc", tags=frame.tags(purpose), opts=frame.child)
        gateways.append(
            aws.ec2.NatGateway(
                frame.label(purpose),
                allocation_id=address.id,
                subnet_id=zone.public.id,
                tags=frame.tags(purpose),
                # AWS refuses one in a VPC that has no way to the internet.
                opts=pulumi.ResourceOptions(parent=frame.parent, depends_on=[way_out]),
            )
        )
    if not gateways:
        return []
    return [
        aws.ec2.Route(
            frame.label(f"private-{zone.letter}"),
            route_table_id=zone.private_routes.id,
            destination_cidr_block=ANYWHERE,
            nat_gateway_id=gateways[index % len(gateways)].id,
            opts=frame.child,
        )
        for index, zone in enumerate(zones)
    ]
