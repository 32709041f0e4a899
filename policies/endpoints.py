"""What passes through an endpoint is of this stack, and everything that can goes through one."""

from collections.abc import Iterator

from pulumi_policy import PolicyResource

from policies.documents import documents, unnamed
from policies.identities import UNNAMEABLE
from policies.kinds import ENDPOINT, FUNCTION, ROUTE_ASSOCIATION, ROUTE_TABLE, SUBNET
from policies.least_privilege import REASON
from policies.network import subnets_of, unreached
from policies.rules import Props, Resources, each, given, named, whole_stack

OWN_IDENTITIES = ("aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:PrincipalArn")


@each(ENDPOINT)
def endpoint_is_for_own_identities(props: Props) -> Iterator[str]:
    """Endpoints let identities of this account through: with a foreign key nothing is carried out through them."""
    if not given(props, "policy"):
        yield "everybody's credentials work through it; set a policy with a condition on aws:PrincipalAccount"
    for document in documents(props, "policy"):
        for statement in document:
            if statement.allows and statement.everyone and not any(map(statement.strictly, OWN_IDENTITIES)):
                yield "everybody's credentials work through it; add a condition on aws:PrincipalAccount"
        if not any(statement.allows for statement in document):
            yield "it lets nothing through; let this account's identities through"


@each(ENDPOINT)
def endpoint_lets_named_things_through(props: Props) -> Iterator[str]:
    """Endpoints let named actions on named things of this account through, or the Sid says why it cannot be so."""
    bucket = props["serviceName"].endswith(".s3")
    for statement in (one for document in documents(props, "policy") for one in document if one.allows):
        if wild := [action for action in statement.actions if "*" in action]:
            yield f"it lets {', '.join(wild)} through; name each action"
        wide = [one for one in statement.resources if unnamed(one)]
        without_reason = not statement.sid.startswith(REASON) or (
            "*" in wide and not UNNAMEABLE.issuperset(statement.actions)
        )
        if wide and without_reason:
            yield f"it lets {', '.join(statement.actions)} on {', '.join(wide)} through; name the resources"
        # The ARN of a bucket does not say whose it is.
        if bucket and not statement.strictly("aws:ResourceAccount"):
            yield "files can be carried into a bucket of others; add a condition on aws:ResourceAccount"


@each(ENDPOINT)
def interface_endpoint_is_found(props: Props) -> Iterator[str]:
    """Interface endpoints answer to the service's own name, in two zones, behind a security group."""
    if props.get("vpcEndpointType") != "Interface":
        return
    if props.get("privateDnsEnabled") is not True:
        yield "calls go past it; set private_dns_enabled"
    if not given(props, "subnetIds") or len(props["subnetIds"]) < 2:
        yield "it is gone with one zone; set subnet_ids in two zones"
    if not given(props, "securityGroupIds") or len(props["securityGroupIds"]) == 0:
        yield "it has the default group; set security_group_ids"


@each(ENDPOINT)
def endpoint_kind_is_given(props: Props) -> Iterator[str]:
    """S3 and DynamoDB are reached by gateway endpoints, which are free, all else by interface endpoints."""
    free = props["serviceName"].endswith((".s3", ".dynamodb"))
    if props.get("vpcEndpointType") != ("Gateway" if free else "Interface"):
        yield f"it is no {'gateway' if free else 'interface'} endpoint; set vpc_endpoint_type"


@whole_stack
def private_subnets_reach_stores(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """The route tables of subnets that functions are in have the gateway endpoints."""
    subnets = {one.urn for function in resources.of(FUNCTION) for one in subnets_of(function, resources)}
    tables = [
        table
        for association in resources.of(ROUTE_ASSOCIATION)
        if any(one.urn in subnets for one in named(association, "subnetId", resources, SUBNET))
        for table in named(association, "routeTableId", resources, ROUTE_TABLE)
    ]
    for endpoint in resources.of(ENDPOINT):
        if endpoint.props.get("vpcEndpointType") != "Gateway":
            continue
        has = named(endpoint, "routeTableIds[]", resources, ROUTE_TABLE)
        if missing := [table.name for table in tables if table not in has]:
            yield endpoint, f"{', '.join(missing)} have no way to it; add them to route_table_ids"


@whole_stack
def functions_reach_services(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Functions inside of the network have an endpoint for each service that their roles name, NAT or not."""
    inside = [one for one in resources.of(FUNCTION) if given(one.props, "vpcConfig")]
    for function, missing in unreached(inside, resources):
        if missing:
            yield function, f"it cannot reach {', '.join(missing)}; make an endpoint"
