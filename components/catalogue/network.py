"""The database's network: subnets that lead nowhere but to the functions' private ones, by peering."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pulumi
import pulumi_aws as aws

from components.flow_log import make_flow_log
from components.function import Home
from components.network.component import Inside
from components.network.frame import POSTGRES, Frame, after
from components.network.groups import let_in, let_out, make_group
from components.network.layout import block, quarter

PURPOSE = "catalogue"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rooms:
    """Where the database is, and what has to exist before a function reaches it.

    Functions come by `clients_id`, which lets them reach `front_id` and nothing else: the database itself, or the proxy
    before it. `ways` is everything that a packet passes.
    """

    frame: Frame
    subnet_ids: Sequence[pulumi.Output[str]]
    database_id: pulumi.Output[str]
    proxy_id: pulumi.Output[str] | None
    clients_id: pulumi.Output[str]
    ways: Sequence[pulumi.Resource]


def make_rooms(home: Home, inside: Inside, cidr: str, *, proxy: bool, parent: pulumi.Resource) -> Rooms:
    """A VPC, an isolated subnet in each zone, the peering with routes both ways, and security groups."""
    there = replace(inside.frame, parent=parent)
    here = _make_vpc(there, cidr)
    routes = aws.ec2.RouteTable(
        here.label(PURPOSE), vpc_id=here.vpc_id, tags=here.tags(PURPOSE), opts=pulumi.ResourceOptions(parent=parent)
    )
    subnets = [_make_subnet(here, cidr, index, zone, routes) for index, zone in enumerate(inside.zone_names)]
    peering = aws.ec2.VpcPeeringConnection(
        here.label(PURPOSE),
        vpc_id=there.vpc_id,
        peer_vpc_id=here.vpc_id,
        auto_accept=True,
        tags=here.tags(PURPOSE),
        opts=here.child,
    )
    ways = [peering, *_make_routes(here, inside, cidr, routes, peering)]
    database, clients = (
        make_group(here, "catalogue-database", "Database of the catalogue"),
        make_group(there, "catalogue-clients", "Functions that may reach the catalogue"),
    )
    pairs = [("catalogue-clients", clients, there, "catalogue-database", database)]
    front = None
    if proxy:
        front = make_group(here, "catalogue-proxy", "Proxy before the catalogue's database")
        pairs += [
            ("catalogue-clients", clients, there, "catalogue-proxy", front),
            ("catalogue-proxy", front, here, "catalogue-database", database),
        ]
    for source, from_group, frame, target, to_group in pairs:
        # A group of the other network can be named once the two are joined.
        ways += [
            let_out(
                frame,
                f"{source}-to-{target}",
                from_group.id,
                where=target,
                to_group=after(to_group.id, [peering]),
                port=POSTGRES,
            ),
            let_in(
                here,
                f"{target}-from-{source}",
                to_group.id,
                who=source,
                from_group=after(from_group.id, [peering]),
                port=POSTGRES,
            ),
        ]
    make_flow_log(
        here.vpc_id,
        names=here.names,
        place=here.place,
        roles=home.roles,
        logs_key=home.logs_key,
        retention_days=home.retention_days,
        parent=parent,
        purpose="catalogue-flow-log",
    )
    return Rooms(
        frame=here,
        subnet_ids=[subnet.id for subnet in subnets],
        database_id=database.id,
        proxy_id=front.id if front else None,
        clients_id=clients.id,
        ways=ways,
    )


def _make_vpc(there: Frame, cidr: str) -> Frame:
    """The frame of the new network."""
    vpc = aws.ec2.Vpc(
        there.label(PURPOSE),
        cidr_block=cidr,
        enable_dns_hostnames=True,
        enable_dns_support=True,
        tags=there.tags(PURPOSE),
        opts=there.child,
    )
    # Whoever forgets to choose a group gets one that lets nothing pass.
    aws.ec2.DefaultSecurityGroup(there.label("catalogue-default"), vpc_id=vpc.id, opts=there.child)
    return replace(there, vpc_id=vpc.id)


def _make_subnet(frame: Frame, cidr: str, index: int, zone: str, routes: aws.ec2.RouteTable) -> aws.ec2.Subnet:
    purpose = f"{PURPOSE}-{zone[-1]}"
    subnet = aws.ec2.Subnet(
        frame.label(purpose),
        vpc_id=frame.vpc_id,
        availability_zone=zone,
        cidr_block=block(cidr, "isolated", index),
        map_public_ip_on_launch=False,
        tags=frame.tags(purpose),
        opts=frame.child,
    )
    aws.ec2.RouteTableAssociation(frame.label(purpose), subnet_id=subnet.id, route_table_id=routes.id, opts=frame.child)
    return subnet


def _make_routes(
    here: Frame, inside: Inside, cidr: str, routes: aws.ec2.RouteTable, peering: aws.ec2.VpcPeeringConnection
) -> list[pulumi.Resource]:
    """Both ways, and from no subnets to no others than those that have to do with each other."""

    def route(purpose: str, table: pulumi.Output[str], addresses: str) -> aws.ec2.Route:
        return aws.ec2.Route(
            here.label(purpose),
            route_table_id=table,
            destination_cidr_block=addresses,
            vpc_peering_connection_id=peering.id,
            opts=here.child,
        )

    to_database = [
        route(f"to-catalogue-{zone[-1]}", table, quarter(cidr, "isolated"))
        for zone, table in zip(inside.zone_names, inside.private_route_table_ids, strict=True)
    ]
    return [*to_database, route("from-catalogue", routes.id, inside.private_addresses)]
