"""VPCs and what stands in them. The local cloud keeps these as records: no packet is ever filtered by them."""

from typing import Any

from local.resources.base import Cloud, Create, Inputs, Made, arn
from local.resources.shaping import shape


def _specification(kind: str, tags: dict[str, str]) -> dict[str, Any]:
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": pairs}]} if pairs else {}


def record(
    operation: str, kind: str, answer: str, made_id: str, *, attributes: tuple[str, ...] = (), noun: str = ""
) -> Create:
    """A creator for one call of EC2.

    `kind` is the resource's name in tags and ARNs, `answer` the member of the response that holds it and `made_id`
    the member of that with its id; `attributes` are settings that a second call turns on, on `modify_<noun>_attribute`.
    """

    def create(cloud: Cloud, name: str, inputs: Inputs) -> Made:
        ec2 = cloud.client("ec2")
        later = {one: inputs.pop(one) for one in attributes if one in inputs}
        tags = inputs.pop("tags", {})
        params = shape(ec2, operation, inputs, {"policy": "PolicyDocument"})
        made = getattr(ec2, operation)(**params, **_specification(kind, tags))
        made = made[answer] if answer else made
        for attribute, value in later.items():
            member = attribute[0].upper() + attribute[1:]
            getattr(ec2, f"modify_{noun}_attribute")(
                **{f"{noun.capitalize()}Id": made[made_id], member: {"Value": value}}
            )
        return made[made_id], {"arn": arn(cloud, "ec2", f"{kind}/{made[made_id]}"), "ownerId": cloud.account}

    return create


_vpc = record("create_vpc", "vpc", "Vpc", "VpcId", attributes=("enableDnsSupport", "enableDnsHostnames"), noun="vpc")
_subnet = record("create_subnet", "subnet", "Subnet", "SubnetId", attributes=("mapPublicIpOnLaunch",), noun="subnet")


def vpc(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """With a VPC come a main route table, a default security group and a default network ACL."""
    made_id, outputs = _vpc(cloud, name, inputs)
    ec2 = cloud.client("ec2")
    mine = [{"Name": "vpc-id", "Values": [made_id]}]
    table = ec2.describe_route_tables(Filters=mine)["RouteTables"][0]["RouteTableId"]
    group = ec2.describe_security_groups(Filters=[*mine, {"Name": "group-name", "Values": ["default"]}])
    acl = ec2.describe_network_acls(Filters=mine)["NetworkAcls"][0]["NetworkAclId"]
    return made_id, {
        **outputs,
        "mainRouteTableId": table,
        "defaultRouteTableId": table,
        "defaultSecurityGroupId": group["SecurityGroups"][0]["GroupId"],
        "defaultNetworkAclId": acl,
    }


def internet_gateway(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """Made, then attached."""
    network = inputs.pop("vpcId", None)
    made_id, outputs = _internet_gateway(cloud, name, inputs)
    if network:
        cloud.client("ec2").attach_internet_gateway(InternetGatewayId=made_id, VpcId=network)
    return made_id, outputs


_internet_gateway = record("create_internet_gateway", "internet-gateway", "InternetGateway", "InternetGatewayId")


def _ipv4(route: dict[str, Any]) -> dict[str, Any]:
    return {("destinationCidrBlock" if key == "cidrBlock" else key): value for key, value in route.items() if value}


def route_table(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """Routes may stand in the table's own inputs."""
    routes = inputs.pop("routes", [])
    made_id, outputs = _route_table(cloud, name, inputs)
    for one in routes:
        route(cloud, name, {"routeTableId": made_id, **_ipv4(one)})
    return made_id, outputs


_route_table = record("create_route_table", "route-table", "RouteTable", "RouteTableId")


def route(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """The id only has to tell routes apart."""
    ec2 = cloud.client("ec2")
    made_id = f"r-{inputs['routeTableId']}-{inputs.get('destinationCidrBlock', '')}"
    ec2.create_route(**shape(ec2, "create_route", inputs))
    return made_id, {"state": "active", "origin": "CreateRoute"}


def association(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """A subnet's (or gateway's) route table."""
    ec2 = cloud.client("ec2")
    return ec2.associate_route_table(**shape(ec2, "associate_route_table", inputs))["AssociationId"], {}


def eip(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """A public address."""
    ec2 = cloud.client("ec2")
    tags = inputs.pop("tags", {})
    made = ec2.allocate_address(**shape(ec2, "allocate_address", inputs), **_specification("elastic-ip", tags))
    made_id = made["AllocationId"]
    return made_id, {
        "allocationId": made_id,
        "publicIp": made["PublicIp"],
        "arn": arn(cloud, "ec2", f"elastic-ip/{made_id}"),
    }


def nat_gateway(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """The public address is that of its allocation."""
    allocation = inputs.get("allocationId")
    made_id, outputs = _nat_gateway(cloud, name, inputs)
    if allocation:
        found = cloud.client("ec2").describe_addresses(AllocationIds=[allocation])["Addresses"][0]
        outputs["publicIp"] = found["PublicIp"]
    return made_id, outputs


_nat_gateway = record("create_nat_gateway", "natgateway", "NatGateway", "NatGatewayId")


def security_group(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """Rules are resources of their own; a group that lists them here is refused as not passed on."""
    inputs["groupName"] = chosen = str(inputs.pop("name", name))
    inputs.setdefault("description", "Managed by Pulumi")
    made_id, outputs = _security_group(cloud, name, inputs)
    # AWS adds a rule that lets everything out; the provider takes it away again, so that rules are what was declared.
    everywhere = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    cloud.client("ec2").revoke_security_group_egress(GroupId=made_id, IpPermissions=[everywhere])
    return made_id, {**outputs, "name": chosen, "description": "Managed by Pulumi"}


_security_group = record("create_security_group", "security-group", "", "GroupId")


def default_security_group(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """Adopts the VPC's own default group and empties it."""
    ec2 = cloud.client("ec2")
    mine = [{"Name": "vpc-id", "Values": [inputs.pop("vpcId")]}, {"Name": "group-name", "Values": ["default"]}]
    group = ec2.describe_security_groups(Filters=mine)["SecurityGroups"][0]
    made_id = group["GroupId"]
    if tags := inputs.pop("tags", {}):
        ec2.create_tags(Resources=[made_id], Tags=[{"Key": key, "Value": value} for key, value in tags.items()])
    for rules, revoke in (
        (group["IpPermissions"], ec2.revoke_security_group_ingress),
        (group["IpPermissionsEgress"], ec2.revoke_security_group_egress),
    ):
        if rules:
            revoke(GroupId=made_id, IpPermissions=rules)
    return made_id, {
        "arn": arn(cloud, "ec2", f"security-group/{made_id}"),
        "ownerId": cloud.account,
        "name": "default",
        "description": group["Description"],
    }


def rule(direction: str) -> Create:
    """A creator for rules of one direction, `ingress` or `egress`."""

    def create(cloud: Cloud, name: str, inputs: Inputs) -> Made:
        ec2 = cloud.client("ec2")
        group, description = inputs.pop("securityGroupId"), inputs.pop("description", "")
        described = {"Description": description} if description else {}
        permission: dict[str, Any] = {"IpProtocol": inputs.pop("ipProtocol")}
        for given, member in (("fromPort", "FromPort"), ("toPort", "ToPort")):
            if given in inputs:
                permission[member] = inputs.pop(given)
        for given, member, key in (
            ("cidrIpv4", "IpRanges", "CidrIp"),
            ("cidrIpv6", "Ipv6Ranges", "CidrIpv6"),
            ("prefixListId", "PrefixListIds", "PrefixListId"),
            ("referencedSecurityGroupId", "UserIdGroupPairs", "GroupId"),
        ):
            if given in inputs:
                permission[member] = [{key: inputs.pop(given), **described}]
        authorize = getattr(ec2, f"authorize_security_group_{direction}")
        tags = _specification("security-group-rule", inputs.pop("tags", {}))
        made = authorize(GroupId=group, IpPermissions=[permission], **tags)["SecurityGroupRules"][0]
        made_id = made["SecurityGroupRuleId"]
        return made_id, {"securityGroupRuleId": made_id, "arn": arn(cloud, "ec2", f"security-group-rule/{made_id}")}

    return create


def endpoint(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """A gateway or interface endpoint. Functions reach the local cloud without it."""
    service = inputs["serviceName"]
    made_id, outputs = _endpoint(cloud, name, inputs)
    named = [{"Name": "prefix-list-name", "Values": [service]}]
    lists = cloud.client("ec2").describe_prefix_lists(Filters=named)["PrefixLists"]
    return made_id, {
        **outputs,
        "state": "available",
        "requesterManaged": False,
        "networkInterfaceIds": [],
        "dnsEntries": [],
        "cidrBlocks": lists[0]["Cidrs"] if lists else [],
        "prefixListId": lists[0]["PrefixListId"] if lists else "",
    }


def peering(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """Made, then accepted, if the program says so."""
    accept = inputs.pop("autoAccept", False)
    made_id, outputs = _peering(cloud, name, inputs)
    if accept:
        cloud.client("ec2").accept_vpc_peering_connection(VpcPeeringConnectionId=made_id)
    return made_id, {**outputs, "acceptStatus": "active" if accept else "pending-acceptance"}


_peering = record(
    "create_vpc_peering_connection", "vpc-peering-connection", "VpcPeeringConnection", "VpcPeeringConnectionId"
)
_endpoint = record("create_vpc_endpoint", "vpc-endpoint", "VpcEndpoint", "VpcEndpointId")

CREATORS: dict[str, Create] = {
    "aws:ec2/vpc:Vpc": vpc,
    "aws:ec2/subnet:Subnet": _subnet,
    "aws:ec2/internetGateway:InternetGateway": internet_gateway,
    "aws:ec2/routeTable:RouteTable": route_table,
    "aws:ec2/route:Route": route,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": association,
    "aws:ec2/eip:Eip": eip,
    "aws:ec2/natGateway:NatGateway": nat_gateway,
    "aws:ec2/securityGroup:SecurityGroup": security_group,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": default_security_group,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": rule("ingress"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": rule("egress"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": endpoint,
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": peering,
}
