"""The VPC's flow logs: who spoke to whom, and what was refused."""

import pulumi
import pulumi_aws as aws

from components.grants import Statement, render, trust
from components.naming import Names
from components.place import Place
from components.stores import Key

# The longer of the two waits that AWS offers before it writes down a flow; the shorter one costs more.
AGGREGATION_SECONDS = 600


def log_flows(
    vpc: pulumi.Output[str],
    *,
    names: Names,
    place: Place,
    logs_key: Key,
    retention_days: int,
    parent: pulumi.Resource,
) -> None:
    """Logs all flows of the VPC into an encrypted log group, by a role that can write to nothing else."""
    exact, child = names.exact("network", "flows"), pulumi.ResourceOptions(parent=parent)
    logs = aws.cloudwatch.LogGroup(
        exact,
        name=f"/aws/vpc/{exact}",
        retention_in_days=retention_days,
        kms_key_id=logs_key.arn,
        opts=child,
    )
    source = place.arn("ec2", "vpc-flow-log/*")
    role = aws.iam.Role(
        names.of("role", "flows"),
        description="Writes the VPC's flow logs",
        assume_role_policy=trust("vpc-flow-logs.amazonaws.com", place.account, source=source),
        opts=child,
    )
    write = ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")
    statements = [
        Statement(actions=write, resources=(pulumi.Output.concat(logs.arn, ":*"),)),
        # The service looks for its group among all of them.
        Statement(actions=("logs:DescribeLogGroups",), resources=(place.arn("logs", "log-group:*"),)),
    ]
    allowed = aws.iam.RolePolicy(names.of("role", "flows"), role=role.name, policy=render(statements), opts=child)
    aws.ec2.FlowLog(
        names.of("network", "flows"),
        vpc_id=vpc,
        traffic_type="ALL",
        log_destination_type="cloud-watch-logs",
        log_destination=logs.arn,
        iam_role_arn=role.arn,
        max_aggregation_interval=AGGREGATION_SECONDS,
        tags={"Name": exact},
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[allowed]),
    )
