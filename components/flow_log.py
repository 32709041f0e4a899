"""The log of what passed through a VPC, and what was refused."""

import pulumi
import pulumi_aws as aws

from components.grants import Statement
from components.naming import Names
from components.place import Place
from components.roles import Roles
from components.stores import Key

GROUP_SECONDS = 600


def make_flow_log(
    vpc_id: pulumi.Output[str],
    *,
    names: Names,
    place: Place,
    roles: Roles,
    logs_key: Key,
    retention_days: int,
    parent: pulumi.Resource,
    purpose: str = "flow-log",
) -> None:
    """A log group, the role that writes it, and the flow log."""
    child = pulumi.ResourceOptions(parent=parent)
    exact = names.exact("network", purpose)
    group = aws.cloudwatch.LogGroup(
        exact, name=f"/aws/vpc/{exact}", retention_in_days=retention_days, kms_key_id=logs_key.arn, opts=child
    )
    writes = Statement(
        actions=("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
        resources=(pulumi.Output.concat(group.arn, ":*"),),
    )
    finds = Statement(
        actions=("logs:DescribeLogGroups",),
        resources=("*",),
        reason="the service looks for its group among all of them",
    )
    role = roles.make(
        purpose,
        description="Writes the network's flow log",
        service="vpc-flow-logs.amazonaws.com",
        source=place.arn("ec2", "vpc-flow-log/*"),
        statements=[writes, finds],
        parent=parent,
    )
    aws.ec2.FlowLog(
        names.of("network", purpose),
        vpc_id=vpc_id,
        traffic_type="ALL",
        log_destination=group.arn,
        iam_role_arn=role.arn,
        max_aggregation_interval=GROUP_SECONDS,
        tags={"Name": names.of("network", purpose)},
        # The role is tried out when the flow log is made.
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[role.allowed]),
    )
