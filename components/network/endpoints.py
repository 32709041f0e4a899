"""Endpoints: how what is inside reaches services of AWS without a way to the internet."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components.network.endpoint_policies import endpoint_policy
from components.network.frame import Frame
from components.network.subnets import Zone

GATEWAY_SERVICES = ("s3", "dynamodb")
"""Free of charge, so they are always there."""
INTERFACE_SERVICES = ("events", "kms", "logs", "secretsmanager", "sns", "sqs", "states", "sts")
"""Paid for by zone and hour."""


def make_gateways(frame: Frame, zones: Sequence[Zone], *, operators: bool) -> Mapping[str, aws.ec2.VpcEndpoint]:
    """Routes of the private subnets to buckets and tables."""
    return {
        service: aws.ec2.VpcEndpoint(
            frame.label(service),
            vpc_id=frame.vpc_id,
            service_name=_name(frame, service),
            vpc_endpoint_type="Gateway",
            route_table_ids=[zone.private_routes.id for zone in zones],
            policy=endpoint_policy(service, names=frame.names, place=frame.place, operators=operators),
            tags=frame.tags(service),
            opts=frame.child,
        )
        for service in GATEWAY_SERVICES
    }


def make_interfaces(
    frame: Frame, zones: Sequence[Zone], group: aws.ec2.SecurityGroup, *, operators: bool
) -> list[pulumi.Resource]:
    """An address in each private subnet for each service, under the service's usual name."""
    return [
        aws.ec2.VpcEndpoint(
            frame.label(service),
            vpc_id=frame.vpc_id,
            service_name=_name(frame, service),
            vpc_endpoint_type="Interface",
            private_dns_enabled=True,
            subnet_ids=[zone.private.id for zone in zones],
            security_group_ids=[group.id],
            policy=endpoint_policy(service, names=frame.names, place=frame.place, operators=operators),
            tags=frame.tags(service),
            opts=frame.child,
        )
        for service in INTERFACE_SERVICES
    ]


def _name(frame: Frame, service: str) -> str:
    return f"com.amazonaws.{frame.place.region}.{service}"
