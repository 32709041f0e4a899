"""Network: a VPC that the functions can be put into, with endpoints instead of ways out where that is possible."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.flow_log import make_flow_log
from components.function import Placement
from components.grants import policy
from components.naming import Names
from components.place import Place
from components.roles import Roles
from components.settings import Network as NetworkSettings
from components.stores import Key

GATEWAY_SERVICES = ("s3", "dynamodb")
INTERFACE_SERVICES = ("events", "kms", "logs", "secretsmanager", "sns", "sqs", "states")
HTTPS = 443
ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, kw_only=True, slots=True)
class NetworkArgs:
    """`functions_inside` makes the interface endpoints, which cost money for each zone and hour."""

    names: Names
    place: Place
    roles: Roles
    network: NetworkSettings
    functions_inside: bool
    logs_key: Key
    retention_days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Zone:
    name: str
    public: aws.ec2.Subnet
    private: aws.ec2.Subnet
    private_routes: aws.ec2.RouteTable


class Network(pulumi.ComponentResource):
    """Public and private subnets in each zone; what is private reaches AWS through endpoints, or NAT if there is one.

    `placement` is where functions go, known only once all is there that they reach something by: one of them is called
    as soon as it is made. `vpc_id` is for whoever else moves in.
    """

    vpc_id: pulumi.Output[str]
    placement: Placement

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("penstock:network:Network", name, None, opts)
        self._args = args
        # Whatever functions reach something by.
        self._ways: list[pulumi.Resource] = []
        self._child = pulumi.ResourceOptions(parent=self)
        vpc = aws.ec2.Vpc(
            self._label("vpc"),
            cidr_block=args.network.cidr,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags=self._tags("vpc"),
            opts=self._child,
        )
        self.vpc_id = vpc.id
        # Everything has a security group of its own; whoever forgets gets one that lets nothing pass.
        # (No rules given means that AWS's own are taken away.)
        aws.ec2.DefaultSecurityGroup(self._label("default"), vpc_id=vpc.id, opts=self._child)
        zones = self._make_zones()
        self._make_nat(zones)
        functions = self._group("functions", "Functions of the platform")
        gateways = self._make_gateway_endpoints(zones)
        self._ways += gateways.values()
        self._let_out(functions, gateways)
        if args.functions_inside:
            self._make_interface_endpoints(zones, functions)
        make_flow_log(
            vpc.id,
            names=args.names,
            place=args.place,
            roles=args.roles,
            logs_key=args.logs_key,
            retention_days=args.retention_days,
            parent=self,
        )
        self.placement = Placement(
            subnet_ids=[_after(zone.private.id, self._ways) for zone in zones],
            security_group_ids=[_after(functions.id, self._ways)],
        )
        self.register_outputs({"vpc_id": self.vpc_id})

    def _label(self, purpose: str) -> str:
        return self._args.names.of("network", purpose)

    def _tags(self, purpose: str) -> dict[str, str]:
        # The console shows networks by this tag only.
        return {"Name": self._label(purpose)}

    def _make_zones(self) -> list[_Zone]:
        network = self._args.network
        names = aws.get_availability_zones(
            state="available",
            filters=[aws.GetAvailabilityZonesFilterArgs(name="opt-in-status", values=["opt-in-not-required"])],
        ).names
        if len(names) < network.zones:
            raise pulumi.RunError(f"{self._args.place.region} has {len(names)} zones, network.zones asks for more")
        gateway = aws.ec2.InternetGateway(
            self._label("internet"), vpc_id=self.vpc_id, tags=self._tags("internet"), opts=self._child
        )
        public_routes = self._routes("public")
        self._internet = aws.ec2.Route(
            self._label("public"),
            route_table_id=public_routes.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=gateway.id,
            opts=self._child,
        )
        # Sixteen blocks: the private ones are the first, the public ones begin in the middle.
        blocks = [str(block) for block in ipaddress.ip_network(network.cidr).subnets(prefixlen_diff=4)]
        return [
            self._make_zone(zone, public_routes, private=blocks[index], public=blocks[8 + index])
            for index, zone in enumerate(names[: network.zones])
        ]

    def _make_zone(self, zone: str, public_routes: aws.ec2.RouteTable, *, private: str, public: str) -> _Zone:
        letter = zone[-1]
        private_routes = self._routes(f"private-{letter}")
        return _Zone(
            name=letter,
            public=self._subnet(f"public-{letter}", zone, public, public_routes),
            private=self._subnet(f"private-{letter}", zone, private, private_routes),
            private_routes=private_routes,
        )

    def _routes(self, purpose: str) -> aws.ec2.RouteTable:
        return aws.ec2.RouteTable(self._label(purpose), vpc_id=self.vpc_id, tags=self._tags(purpose), opts=self._child)

    def _subnet(self, purpose: str, zone: str, block: str, routes: aws.ec2.RouteTable) -> aws.ec2.Subnet:
        subnet = aws.ec2.Subnet(
            self._label(purpose),
            vpc_id=self.vpc_id,
            availability_zone=zone,
            cidr_block=block,
            map_public_ip_on_launch=False,
            tags=self._tags(purpose),
            opts=self._child,
        )
        association = aws.ec2.RouteTableAssociation(
            self._label(purpose), subnet_id=subnet.id, route_table_id=routes.id, opts=self._child
        )
        self._ways.append(association)
        return subnet

    def _make_nat(self, zones: Sequence[_Zone]) -> None:
        wanted = {"none": 0, "one": 1, "per_zone": len(zones)}[self._args.network.nat]
        gateways = []
        for zone in zones[:wanted]:
            purpose = f"nat-{zone.name}"
            address = aws.ec2.Eip(self._label(purpose), domain="vpc", tags=self._tags(purpose), opts=self._child)
            gateways.append(
                aws.ec2.NatGateway(
                    self._label(purpose),
                    allocation_id=address.id,
                    subnet_id=zone.public.id,
                    tags=self._tags(purpose),
                    # AWS refuses one in a VPC that has no way to the internet.
                    opts=pulumi.ResourceOptions(parent=self, depends_on=[self._internet]),
                )
            )
        if not gateways:
            return
        for index, zone in enumerate(zones):
            route = aws.ec2.Route(
                self._label(f"private-{zone.name}"),
                route_table_id=zone.private_routes.id,
                destination_cidr_block=ANYWHERE,
                nat_gateway_id=gateways[index % len(gateways)].id,
                opts=self._child,
            )
            self._ways.append(route)

    def _group(self, purpose: str, description: str) -> aws.ec2.SecurityGroup:
        return aws.ec2.SecurityGroup(
            self._label(purpose),
            vpc_id=self.vpc_id,
            description=description,
            tags=self._tags(purpose),
            opts=self._child,
        )

    def _service(self, service: str) -> str:
        return f"com.amazonaws.{self._args.place.region}.{service}"

    def _endpoint_policy(self) -> pulumi.Output[str]:
        """Only identities of this account may go through: a stolen key of another account is of no use in here."""
        return policy(
            [
                {
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": "*",
                    "Resource": "*",
                    "Condition": {"StringEquals": {"aws:PrincipalAccount": self._args.place.account}},
                }
            ]
        )

    def _make_gateway_endpoints(self, zones: Sequence[_Zone]) -> Mapping[str, aws.ec2.VpcEndpoint]:
        return {
            service: aws.ec2.VpcEndpoint(
                self._label(service),
                vpc_id=self.vpc_id,
                service_name=self._service(service),
                vpc_endpoint_type="Gateway",
                route_table_ids=[zone.private_routes.id for zone in zones],
                policy=self._endpoint_policy(),
                tags=self._tags(service),
                opts=self._child,
            )
            for service in GATEWAY_SERVICES
        }

    def _make_interface_endpoints(self, zones: Sequence[_Zone], functions: aws.ec2.SecurityGroup) -> None:
        endpoints = self._group("endpoints", "Endpoints of AWS services")
        way_in = aws.vpc.SecurityGroupIngressRule(
            self._label("from-functions"),
            security_group_id=endpoints.id,
            referenced_security_group_id=functions.id,
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            description="HTTPS from functions",
            opts=self._child,
        )
        self._let_out_to("endpoints", functions, group=endpoints.id)
        made = [
            aws.ec2.VpcEndpoint(
                self._label(service),
                vpc_id=self.vpc_id,
                service_name=self._service(service),
                vpc_endpoint_type="Interface",
                private_dns_enabled=True,
                subnet_ids=[zone.private.id for zone in zones],
                security_group_ids=[endpoints.id],
                policy=self._endpoint_policy(),
                tags=self._tags(service),
                opts=self._child,
            )
            for service in INTERFACE_SERVICES
        ]
        self._ways += [way_in, *made]

    def _let_out(self, functions: aws.ec2.SecurityGroup, gateways: Mapping[str, aws.ec2.VpcEndpoint]) -> None:
        for service, endpoint in gateways.items():
            self._let_out_to(service, functions, prefix_list=endpoint.prefix_list_id)
        if self._args.network.nat != "none":
            self._let_out_to("internet", functions, addresses=ANYWHERE)

    def _let_out_to(
        self,
        where: str,
        functions: aws.ec2.SecurityGroup,
        *,
        group: pulumi.Output[str] | None = None,
        prefix_list: pulumi.Output[str] | None = None,
        addresses: str | None = None,
    ) -> None:
        rule = aws.vpc.SecurityGroupEgressRule(
            self._label(f"to-{where}"),
            security_group_id=functions.id,
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            description=f"HTTPS to {where}",
            referenced_security_group_id=group,
            prefix_list_id=prefix_list,
            cidr_ipv4=addresses,
            opts=self._child,
        )
        self._ways.append(rule)


def _after(value: pulumi.Output[str], first: Sequence[pulumi.Resource]) -> pulumi.Output[str]:
    """`value`, known to its users only once all of `first` exist."""
    return pulumi.Output.all(value, *(one.urn for one in first)).apply(lambda values: str(values[0]))
