"""Security groups by purpose. Their rules speak of other groups and of AWS's prefix lists, not of addresses."""

import pulumi
import pulumi_aws as aws

from components.network.frame import HTTPS, POSTGRES, Frame

PROTOCOLS = {HTTPS: "HTTPS", POSTGRES: "PostgreSQL"}


def make_group(frame: Frame, purpose: str, description: str) -> aws.ec2.SecurityGroup:
    """A group that lets nothing pass."""
    return aws.ec2.SecurityGroup(
        frame.label(purpose),
        vpc_id=frame.vpc_id,
        description=description,
        tags=frame.tags(purpose),
        opts=frame.child,
    )


def let_out(
    frame: Frame,
    purpose: str,
    group: pulumi.Output[str],
    *,
    where: str,
    to_group: pulumi.Output[str] | None = None,
    to_prefix_list: pulumi.Output[str] | None = None,
    to_addresses: str | None = None,
    port: int = HTTPS,
) -> aws.vpc.SecurityGroupEgressRule:
    """One port out of `group`, to exactly one of the three."""
    return aws.vpc.SecurityGroupEgressRule(
        frame.label(purpose),
        security_group_id=group,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        description=f"{PROTOCOLS[port]} to {where}",
        referenced_security_group_id=to_group,
        prefix_list_id=to_prefix_list,
        cidr_ipv4=to_addresses,
        opts=frame.child,
    )


def let_in(
    frame: Frame,
    purpose: str,
    group: pulumi.Output[str],
    *,
    who: str,
    from_group: pulumi.Output[str],
    port: int = HTTPS,
) -> aws.vpc.SecurityGroupIngressRule:
    """One port into `group` from another."""
    return aws.vpc.SecurityGroupIngressRule(
        frame.label(purpose),
        security_group_id=group,
        referenced_security_group_id=from_group,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        description=f"{PROTOCOLS[port]} from {who}",
        opts=frame.child,
    )
