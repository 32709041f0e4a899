"""Where a stack is deployed to."""

from dataclasses import dataclass

import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Account number, region and partition ("aws", "aws-cn", …), as plain strings: ARNs are made of them."""

    account: str
    region: str
    partition: str

    def arn(self, service: str, resource: str) -> str:
        """ARN of a regional resource of this account."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"


def current() -> Place:
    """The place that the AWS provider is configured for."""
    return Place(
        account=aws.get_caller_identity().account_id,
        region=aws.get_region().region,
        partition=aws.get_partition().partition,
    )
