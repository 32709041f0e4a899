"""Network: a VPC whose private subnets functions can be put into. By itself it costs next to nothing.

What costs money is switched by intent: NAT gateways by the setting, interface endpoints by `private_services`.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import settings
from components.function import Placement
from components.naming import Names
from components.network.flows import log_flows
from components.place import Place
from components.stores import Key

HTTPS = 443
ANYWHERE = "0.0.0.0/0"
GATEWAY_SERVICES = ("s3", "dynamodb")
# What functions talk to, besides the gateways' services, and what those services are encrypted and logged by.
PRIVATE_SERVICES = ("secretsmanager", "states", "events", "logs", "kms", "sqs", "sns")


@dataclass(frozen=True, kw_only=True, slots=True)
class NetworkArgs:
    """`private_services` makes interface endpoints, which functions in the VPC need and which are paid by the hour."""

    names: Names
    place: Place
    wanted: settings.Network
    logs_key: Key
    retention_days: int
    private_services: bool


class Network(pulumi.ComponentResource):
    """A public and a private subnet in each zone; nothing comes in, and only HTTPS goes out.

    `placement` is known only once routes, endpoints and rules are there: a function may be called as soon as it is
    made.
    """

    vpc_id: pulumi.Output[str]
    placement: Placement

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("penstock:network:Network", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        vpc = aws.ec2.Vpc(
            self._logical("vpc"),
            cidr_block=args.wanted.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=self._named("vpc"),
            opts=self._child,
        )
        self.vpc_id = vpc.id
        # Adopted without rules: what nobody gave a group reaches nothing.
        aws.ec2.DefaultSecurityGroup(
            self._logical("default"), vpc_id=vpc.id, tags=self._named("default"), opts=self._child
        )
        zones = _zones(args.wanted.zones)
        public = self._public_subnets(zones)
        private, tables, routes = self._private_subnets(zones, public)
        gateways = self._gateway_endpoints(tables)
        functions = self._group("functions", "Functions")
        rules = self._let_out(functions, gateways)
        if args.private_services:
            rules += self._private_services(functions, private)
        log_flows(
            vpc.id,
            names=args.names,
            place=args.place,
            logs_key=args.logs_key,
            retention_days=args.retention_days,
            parent=self,
        )
        ready = [*routes, *gateways.values(), *rules]
        self.placement = Placement(
            subnet_ids=[_after(subnet.id, ready) for subnet in private],
            security_group_ids=[_after(functions.id, ready)],
        )
        self.register_outputs({"vpc_id": self.vpc_id})

    def _logical(self, purpose: str) -> str:
        return self._args.names.of("network", purpose)

    def _named(self, purpose: str) -> dict[str, str]:
        """What these things have instead of a name."""
        return {"Name": self._args.names.exact("network", purpose)}

    def _public_subnets(self, zones: Sequence[str]) -> list[aws.ec2.Subnet]:
        gateway = aws.ec2.InternetGateway(
            self._logical("internet"), vpc_id=self.vpc_id, tags=self._named("internet"), opts=self._child
        )
        table = self._route_table("public")
        self._internet = aws.ec2.Route(
            self._logical("public"),
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=gateway.id,
            opts=self._child,
        )
        subnets = []
        for number, (zone, block) in enumerate(zip(zones, public_blocks(self._args.wanted.cidr), strict=False), 1):
            subnet = self._subnet(f"public-{number}", zone, block)
            self._associate(f"public-{number}", subnet, table)
            subnets.append(subnet)
        return subnets

    def _private_subnets(
        self, zones: Sequence[str], public: Sequence[aws.ec2.Subnet]
    ) -> tuple[list[aws.ec2.Subnet], list[aws.ec2.RouteTable], list[pulumi.Resource]]:
        """Subnets, a route table for each, and the resources that make the routes."""
        count = {"none": 0, "one": 1, "per_zone": len(zones)}[self._args.wanted.nat]
        nats = [self._nat(f"nat-{number}", subnet) for number, subnet in enumerate(public[:count], 1)]
        subnets, tables, routes = [], [], list[pulumi.Resource]()
        for number, (zone, block) in enumerate(zip(zones, private_blocks(self._args.wanted.cidr), strict=False), 1):
            purpose = f"private-{number}"
            subnet, table = self._subnet(purpose, zone, block), self._route_table(purpose)
            routes.append(self._associate(purpose, subnet, table))
            if nats:
                routes.append(
                    aws.ec2.Route(
                        self._logical(purpose),
                        route_table_id=table.id,
                        destination_cidr_block=ANYWHERE,
                        nat_gateway_id=nats[(number - 1) % len(nats)].id,
                        opts=self._child,
                    )
                )
            subnets.append(subnet)
            tables.append(table)
        return subnets, tables, routes

    def _subnet(self, purpose: str, zone: str, block: str) -> aws.ec2.Subnet:
        return aws.ec2.Subnet(
            self._logical(purpose),
            vpc_id=self.vpc_id,
            availability_zone=zone,
            cidr_block=block,
            map_public_ip_on_launch=False,
            tags=self._named(purpose),
            opts=self._child,
        )

    def _route_table(self, purpose: str) -> aws.ec2.RouteTable:
        return aws.ec2.RouteTable(
            self._logical(purpose), vpc_id=self.vpc_id, tags=self._named(purpose), opts=self._child
        )

    def _associate(
        self, purpose: str, subnet: aws.ec2.Subnet, table: aws.ec2.RouteTable
    ) -> aws.ec2.RouteTableAssociation:
        return aws.ec2.RouteTableAssociation(
            self._logical(purpose), subnet_id=subnet.id, route_table_id=table.id, opts=self._child
        )

    def _nat(self, purpose: str, subnet: aws.ec2.Subnet) -> aws.ec2.NatGateway:
        address = aws.ec2.Eip(self._logical(purpose), domain="vpc", tags=self._named(purpose), opts=self._child)
        return aws.ec2.NatGateway(
            self._logical(purpose),
            subnet_id=subnet.id,
            allocation_id=address.id,
            tags=self._named(purpose),
            # AWS refuses one in a VPC without a way to the internet.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self._internet]),
        )

    def _gateway_endpoints(self, tables: Sequence[aws.ec2.RouteTable]) -> dict[str, aws.ec2.VpcEndpoint]:
        """By service. They are free, and keep what goes to buckets and tables out of the NAT gateways."""
        return {
            service: aws.ec2.VpcEndpoint(
                self._logical(service),
                vpc_id=self.vpc_id,
                vpc_endpoint_type="Gateway",
                service_name=f"com.amazonaws.{self._args.place.region}.{service}",
                route_table_ids=[table.id for table in tables],
                tags=self._named(service),
                opts=self._child,
            )
            for service in GATEWAY_SERVICES
        }

    def _group(self, purpose: str, description: str) -> aws.ec2.SecurityGroup:
        return aws.ec2.SecurityGroup(
            self._logical(purpose),
            vpc_id=self.vpc_id,
            description=description,
            tags=self._named(purpose),
            opts=self._child,
        )

    def _let_out(
        self, functions: aws.ec2.SecurityGroup, gateways: Mapping[str, aws.ec2.VpcEndpoint]
    ) -> list[pulumi.Resource]:
        rules = [
            self._rule_out(functions, service, prefix_list=gateway.prefix_list_id)
            for service, gateway in gateways.items()
        ]
        if self._args.wanted.nat != "none":
            rules.append(self._rule_out(functions, "internet", addresses=ANYWHERE))
        return rules

    def _rule_out(
        self,
        functions: aws.ec2.SecurityGroup,
        whither: str,
        *,
        prefix_list: pulumi.Output[str] | None = None,
        group: pulumi.Output[str] | None = None,
        addresses: str | None = None,
    ) -> pulumi.Resource:
        """HTTPS to one of the three."""
        return aws.vpc.SecurityGroupEgressRule(
            self._logical(f"functions-{whither}"),
            description=f"Functions reach {whither}",
            security_group_id=functions.id,
            prefix_list_id=prefix_list,
            referenced_security_group_id=group,
            cidr_ipv4=addresses,
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            opts=self._child,
        )

    def _private_services(
        self, functions: aws.ec2.SecurityGroup, subnets: Sequence[aws.ec2.Subnet]
    ) -> list[pulumi.Resource]:
        """Interface endpoints with a group that only functions get into; answers what makes them reachable."""
        group = self._group("endpoints", "Interface endpoints")
        way_in = aws.vpc.SecurityGroupIngressRule(
            self._logical("endpoints-functions"),
            description="Functions come in",
            security_group_id=group.id,
            referenced_security_group_id=functions.id,
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            opts=self._child,
        )
        endpoints = [
            aws.ec2.VpcEndpoint(
                self._logical(service),
                vpc_id=self.vpc_id,
                vpc_endpoint_type="Interface",
                service_name=f"com.amazonaws.{self._args.place.region}.{service}",
                subnet_ids=[subnet.id for subnet in subnets],
                security_group_ids=[group.id],
                private_dns_enabled=True,
                tags=self._named(service),
                opts=self._child,
            )
            for service in PRIVATE_SERVICES
        ]
        return [way_in, self._rule_out(functions, "endpoints", group=group.id), *endpoints]


def public_blocks(cidr: str) -> list[str]:
    """Blocks of 256 addresses for public subnets, from the first sixteenth of a /16."""
    first = next(ipaddress.IPv4Network(cidr).subnets(new_prefix=20))
    return [str(block) for block in first.subnets(new_prefix=24)]


def private_blocks(cidr: str) -> list[str]:
    """Blocks of 4,096 addresses for private subnets: the other fifteen sixteenths of a /16."""
    return [str(block) for block in ipaddress.IPv4Network(cidr).subnets(new_prefix=20)][1:]


def _zones(count: int) -> list[str]:
    """The region's first `count` ordinary zones by name, local zones left out. Raises `ValueError` if it has fewer."""
    ordinary = aws.GetAvailabilityZonesFilterArgs(name="opt-in-status", values=["opt-in-not-required"])
    names = sorted(aws.get_availability_zones(state="available", filters=[ordinary]).names)
    if len(names) < count:
        raise ValueError(f"network.zones is {count}, but this region has only {', '.join(names)}")
    return names[:count]


def _after(value: pulumi.Output[str], first: Sequence[pulumi.Resource]) -> pulumi.Output[str]:
    """`value`, known to its users only once all of `first` exist."""
    return pulumi.Output.all(value, *(one.urn for one in first)).apply(lambda values: str(values[0]))
