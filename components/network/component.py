"""The component: a VPC, its subnets, endpoints and security groups, and the log of what passes."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.flow_log import make_flow_log
from components.function import Placement
from components.naming import Names
from components.network.endpoints import make_gateways, make_interfaces
from components.network.frame import ANYWHERE, Frame, after
from components.network.groups import let_in, let_out, make_group
from components.network.layout import quarter, resolver
from components.network.subnets import make_subnets
from components.place import Place
from components.roles import Roles
from components.settings import Network as NetworkSettings
from components.stores import Key


@dataclass(frozen=True, kw_only=True, slots=True)
class NetworkArgs:
    """`functions_inside` makes the interface endpoints, which cost money for each zone and hour.

    `operators_inside` lets people use those endpoints as well, for what functions never do.
    """

    names: Names
    place: Place
    roles: Roles
    network: NetworkSettings
    functions_inside: bool
    operators_inside: bool
    logs_key: Key
    retention_days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Inside:
    """What whoever else moves in has to know. `endpoints_group_id` is None when there are no interface endpoints."""

    frame: Frame
    cidr: str
    zone_names: Sequence[str]
    private_subnet_ids: Sequence[pulumi.Output[str]]
    private_route_table_ids: Sequence[pulumi.Output[str]]
    isolated_subnet_ids: Sequence[pulumi.Output[str]]
    private_addresses: str
    isolated_addresses: str
    resolver: str
    functions_group_id: pulumi.Output[str]
    endpoints_group_id: pulumi.Output[str] | None


class Network(pulumi.ComponentResource):
    """Public, private and isolated subnets in each zone; what is private reaches AWS through endpoints, or NAT.

    `placement` is where functions go, known only once all is there that they reach something by: one of them is called
    as soon as it is made. `inside` is for whoever else moves in.
    """

    vpc_id: pulumi.Output[str]
    placement: Placement
    inside: Inside

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("penstock:network:Network", name, None, opts)
        frame = self._make_vpc(args)
        subnets = make_subnets(frame, args.network)
        functions = make_group(frame, "functions", "Functions of the platform")
        gateways = make_gateways(frame, subnets.zones, operators=args.operators_inside)
        ways = [*subnets.ways, *gateways.values()]
        ways += [
            let_out(frame, f"to-{service}", functions.id, where=service, to_prefix_list=endpoint.prefix_list_id)
            for service, endpoint in gateways.items()
        ]
        if args.network.nat != "none":
            # The one range: who sends what to the internet, by setting, cannot say where that is.
            ways.append(let_out(frame, "to-internet", functions.id, where="internet", to_addresses=ANYWHERE))
        endpoints = None
        if args.functions_inside:
            endpoints = make_group(frame, "endpoints", "Endpoints of AWS services")
            ways += [
                let_in(frame, "from-functions", endpoints.id, who="functions", from_group=functions.id),
                let_out(frame, "to-endpoints", functions.id, where="endpoints", to_group=endpoints.id),
                *make_interfaces(frame, subnets.zones, endpoints, operators=args.operators_inside),
            ]
        make_flow_log(
            frame.vpc_id,
            names=args.names,
            place=args.place,
            roles=args.roles,
            logs_key=args.logs_key,
            retention_days=args.retention_days,
            parent=self,
        )
        self.vpc_id = frame.vpc_id
        self.placement = Placement(
            subnet_ids=[after(zone.private.id, ways) for zone in subnets.zones],
            security_group_ids=[after(functions.id, ways)],
        )
        self.inside = Inside(
            frame=frame,
            cidr=args.network.cidr,
            zone_names=[zone.name for zone in subnets.zones],
            private_subnet_ids=[zone.private.id for zone in subnets.zones],
            private_route_table_ids=[zone.private_routes.id for zone in subnets.zones],
            isolated_subnet_ids=[zone.isolated.id for zone in subnets.zones],
            private_addresses=quarter(args.network.cidr, "private"),
            isolated_addresses=quarter(args.network.cidr, "isolated"),
            resolver=resolver(args.network.cidr),
            functions_group_id=functions.id,
            endpoints_group_id=endpoints.id if endpoints else None,
        )
        self.register_outputs({"vpc_id": self.vpc_id})

    def _make_vpc(self, args: NetworkArgs) -> Frame:
        label, child = args.names.of("network", "vpc"), pulumi.ResourceOptions(parent=self)
        vpc = aws.ec2.Vpc(
            label,
            cidr_block=args.network.cidr,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags={"Name": label},
            opts=child,
        )
        # Everything has a security group of its own; whoever forgets gets one that lets nothing pass.
        # (No rules given means that AWS's own are taken away.)
        aws.ec2.DefaultSecurityGroup(args.names.of("network", "default"), vpc_id=vpc.id, opts=child)
        return Frame(names=args.names, place=args.place, vpc_id=vpc.id, parent=self)
