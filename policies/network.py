"""Nothing reaches the network that need not, and what leaves it is named and written down."""

from collections.abc import Iterator

from pulumi_policy import PolicyResource

from policies.documents import documents
from policies.kinds import (
    API,
    DEFAULT_GROUP,
    EGRESS,
    ENDPOINT,
    FLOW_LOG,
    FUNCTION,
    GATEWAY,
    GROUP,
    INGRESS,
    NAT,
    PEERING,
    ROLE,
    ROLE_POLICY,
    ROUTE,
    ROUTE_ASSOCIATION,
    ROUTE_TABLE,
    SUBNET,
    VPC,
)
from policies.public_access import WORLD
from policies.rules import Props, Resources, companions, each, given, named, values, whole_stack

# Lambda makes the interfaces, and S3 and DynamoDB have endpoints of the network itself. A token for a database is shown
# to the database, not to a service.
REACHED_BY_LAMBDA = frozenset({"ec2", "rds-db"})
LONGEST_WINDOW_SECONDS = 600


@each(VPC)
def network_resolves_names(props: Props) -> Iterator[str]:
    """Networks resolve names: without it an endpoint's private name leads out of the network."""
    if props.get("enableDnsSupport") is not True or props.get("enableDnsHostnames") is not True:
        yield "names of endpoints lead to the internet; set enable_dns_support and enable_dns_hostnames"


@each(SUBNET)
def subnet_gives_no_public_address(props: Props) -> Iterator[str]:
    """What is put into a subnet gets no public address by itself."""
    if props.get("mapPublicIpOnLaunch") is not False:
        yield "what is put into it gets a public address; set map_public_ip_on_launch to false"


@each(DEFAULT_GROUP)
def default_group_is_empty(props: Props) -> Iterator[str]:
    """The default security group lets nothing pass, for whoever forgets to choose one."""
    if len(props.get("ingress") or []) or len(props.get("egress") or []):
        yield "what has no group of its own may talk; take its ingress and egress rules away"


@each(GROUP)
def group_has_rules_of_its_own(props: Props) -> Iterator[str]:
    """Security groups have rules as resources, each judged by itself, and none inside."""
    if len(props.get("ingress") or []) or len(props.get("egress") or []):
        yield "it has rules inside, which undo those beside it; use SecurityGroupIngressRule and …EgressRule"


@each(INGRESS, EGRESS)
def group_rule_names_port(props: Props) -> Iterator[str]:
    """A security group's rule lets one port of one protocol pass."""
    port = props.get("fromPort")
    if props["ipProtocol"] not in ("tcp", "udp") or port is None or port != props.get("toPort"):
        yield "it lets more pass than one port; set ip_protocol, and from_port and to_port to the same number"


@each(INGRESS)
def ingress_comes_from_group(props: Props) -> Iterator[str]:
    """What may come in is a security group, not a range of addresses that anybody may get one of."""
    if not given(props, "referencedSecurityGroupId"):
        yield "it lets addresses in, whoever has them; set referenced_security_group_id"


@each(EGRESS)
def egress_goes_somewhere(props: Props) -> Iterator[str]:
    """What may go out goes to a group, a service's addresses, or, by NAT, to the internet."""
    names = ("referencedSecurityGroupId", "prefixListId", "cidrIpv4", "cidrIpv6")
    if sum(given(props, name) for name in names) != 1:
        yield f"it does not say where to; set one of {', '.join(names)}"


@whole_stack
def only_gateways_lead_out(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Security groups let something out to the internet where there is a NAT gateway, and nowhere else."""
    out = [one for one in resources.of(EGRESS) if one.props.get("cidrIpv4") in WORLD or given(one.props, "cidrIpv6")]
    gateways = resources.of(NAT)
    for rule in out if not gateways else ():
        yield rule, "it lets out to everywhere, and the network has no way out; take it away"
    for gateway in gateways if not out else ():
        yield gateway, "nothing may go out by it, and it costs money; set network.nat to none"


@whole_stack
def subnets_have_routes(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Every subnet has a route table of its own choice, not the network's."""
    for subnet, chosen in companions(resources, SUBNET, ROUTE_ASSOCIATION, "subnetId"):
        if len(chosen) != 1:
            yield subnet, f"it is associated with {len(chosen)} route tables; make one RouteTableAssociation"


@each(ROUTE)
def route_leads_somewhere(props: Props) -> Iterator[str]:
    """A route leads to one gateway."""
    ways = ("gatewayId", "natGatewayId", "vpcEndpointId", "transitGatewayId", "vpcPeeringConnectionId")
    if sum(given(props, name) for name in ways) != 1:
        yield "what it is for is lost; set gateway_id or nat_gateway_id"


@whole_stack
def functions_are_in_private_subnets(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Where some functions are inside of the network, all that it has a way for are, in two private subnets."""
    functions = resources.of(FUNCTION)
    inside = [one for one in functions if given(one.props, "vpcConfig")]
    beyond = {function.urn for function, missing in unreached(functions, resources) if missing}
    public = {
        subnet.urn
        for association in resources.of(ROUTE_ASSOCIATION)
        if any(
            table in _public_tables(resources) for table in named(association, "routeTableId", resources, ROUTE_TABLE)
        )
        for subnet in named(association, "subnetId", resources, SUBNET)
    }
    for function in functions if inside else ():
        if function not in inside and (function.urn in beyond or _authorizes(function, resources)):
            continue
        subnets = subnets_of(function, resources)
        if len(subnets) < 2 or any(subnet.urn in public for subnet in subnets):
            yield function, "it is not in two private subnets; give vpc_config the subnets of the network's placement"
        if not named(function, "vpcConfig.securityGroupIds[]", resources, GROUP):
            yield function, "it has the default group; give vpc_config a group of the network's placement"


@each(PEERING)
def peering_is_accepted(props: Props) -> Iterator[str]:
    """Networks of this account are joined at once, and not until somebody accepts it."""
    if props.get("autoAccept") is not True:
        yield "nothing passes until somebody accepts it; set auto_accept"


@whole_stack
def network_is_watched(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Every network has a flow log, and a default security group that the stack has emptied."""
    for kind_, what in ((FLOW_LOG, "FlowLog"), (DEFAULT_GROUP, "DefaultSecurityGroup")):
        for vpc, found in companions(resources, VPC, kind_, "vpcId"):
            if not found:
                yield vpc, f"it has none; make a {what}"


@each(FLOW_LOG)
def flow_log_sees_everything(props: Props) -> Iterator[str]:
    """Flow logs write what was let through and what was not, within ten minutes, to a group of the stack."""
    if props.get("trafficType") != "ALL":
        yield f"it leaves out all but {props.get('trafficType')}; set traffic_type to ALL"
    if not 0 < (props.get("maxAggregationInterval") or 0) <= LONGEST_WINDOW_SECONDS:
        yield f"what happens is seen late; set max_aggregation_interval to {LONGEST_WINDOW_SECONDS} at most"
    if not given(props, "logDestination") or not given(props, "iamRoleArn"):
        yield "it writes nowhere; set log_destination and iam_role_arn"


@whole_stack
def zones_are_used_alike(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Functions are in the same subnets, and interface endpoints have an address in each of them."""
    functions = [one for one in resources.of(FUNCTION) if given(one.props, "vpcConfig")]
    wanted = {one.urn for function in functions for one in subnets_of(function, resources)}
    for function in functions:
        if {one.urn for one in subnets_of(function, resources)} != wanted:
            yield function, "it is not in all subnets of the others; give vpc_config those of the network's placement"
    for endpoint in resources.of(ENDPOINT):
        has = {one.urn for one in named(endpoint, "subnetIds[]", resources, SUBNET)}
        if endpoint.props.get("vpcEndpointType") == "Interface" and not wanted <= has:
            yield endpoint, "functions of a zone have to leave it to reach this; set subnet_ids to all of theirs"


@whole_stack
def groups_talk_to_each_other(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """A rule out to a group has one in from that group and the other way round, and functions reach every endpoint."""
    out, into = _pairs(resources, EGRESS), _pairs(resources, INGRESS)
    for (source, target), rule in out.items():
        if (target, source) not in into:
            yield rule, "what it lets out is not let in; add a SecurityGroupIngressRule"
    for (target, source), rule in into.items():
        if (source, target) not in out:
            yield rule, "what it lets in is not let out; add a SecurityGroupEgressRule"
    groups = "securityGroupIds[]"
    callers = {
        frozenset(one.urn for one in named(it, f"vpcConfig.{groups}", resources, GROUP))
        for it in resources.of(FUNCTION)
        if given(it.props, "vpcConfig")
    }
    for endpoint in resources.of(ENDPOINT):
        targets = [one.urn for one in named(endpoint, groups, resources, GROUP)]
        lists = {
            group.urn
            for rule in resources.of(EGRESS)
            if endpoint in named(rule, "prefixListId", resources, ENDPOINT)
            for group in named(rule, "securityGroupId", resources, GROUP)
        }
        for caller in callers:
            if not caller & lists and not any((one, target) in out for one in caller for target in targets):
                yield endpoint, "functions may not go out to it; add a SecurityGroupEgressRule"


def _pairs(resources: Resources, kind: str) -> dict[tuple[str, str], PolicyResource]:
    """Rules by whose they are and which group they refer to."""
    return {
        (own.urn, other.urn): rule
        for rule in resources.of(kind)
        for own in named(rule, "securityGroupId", resources, GROUP)
        for other in named(rule, "referencedSecurityGroupId", resources, GROUP)
    }


def unreached(functions: list[PolicyResource], resources: Resources) -> Iterator[tuple[PolicyResource, list[str]]]:
    """Each function with the services that its role names and the network has no endpoint for."""
    reached = {one.props["serviceName"].rpartition(".")[2] for one in resources.of(ENDPOINT)}
    roles = {role.urn: one for one in functions for role in named(one, "role", resources, ROLE)}
    for policy in resources.of(ROLE_POLICY):
        used = {
            action.partition(":")[0]
            for document in documents(policy.props, "policy")
            for statement in document
            for action in statement.actions
        }
        for role in named(policy, "role", resources, ROLE):
            if role.urn in roles:
                yield roles[role.urn], sorted(used - reached - REACHED_BY_LAMBDA)


def _authorizes(function: PolicyResource, resources: Resources) -> bool:
    """Whether a function says who calls an API. It asks Cognito for the keys of tokens, which has no endpoint."""
    uris = [
        str(scheme["x-amazon-apigateway-authorizer"]["authorizerUri"])
        for api in resources.of(API)
        for schemes in values(api.props, "body{}.components.securitySchemes")
        for scheme in schemes.values()
        if "x-amazon-apigateway-authorizer" in scheme
    ]
    return any(uri.endswith(f":function:{function.props.get('name')}/invocations") for uri in uris)


def subnets_of(function: PolicyResource, resources: Resources) -> list[PolicyResource]:
    """The subnets that a function is in."""
    return named(function, "vpcConfig.subnetIds[]", resources, SUBNET)


def _public_tables(resources: Resources) -> list[PolicyResource]:
    """Route tables that lead to an internet gateway."""
    ways = [route for route in resources.of(ROUTE) if named(route, "gatewayId", resources, GATEWAY)]
    return [table for way in ways for table in named(way, "routeTableId", resources, ROUTE_TABLE)]
