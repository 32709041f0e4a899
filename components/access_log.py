"""The log of who asked a distribution for what, without what would open the file: CloudFront's standard logging (v2).

Source: Amazon CloudFront Developer Guide, "Configure standard logging (v2)".
"""

from dataclasses import replace
from typing import Any

import pulumi
import pulumi_aws as aws

from components.grants import acting_for, service_statement
from components.metrics import GLOBAL_REGION
from components.naming import Names
from components.place import Place

PURPOSE = "delivery-access"
FIELDS = (
    "date",
    "time",
    "x-edge-location",
    "c-ip",
    "c-port",
    "cs-method",
    "x-host-header",
    "cs-uri-stem",
    "sc-status",
    "x-edge-result-type",
    "x-edge-detailed-result-type",
    "x-edge-request-id",
    "cs(User-Agent)",
    "cs-protocol",
    "cs-protocol-version",
    "ssl-protocol",
    "ssl-cipher",
    "cs-bytes",
    "sc-bytes",
    "time-taken",
    "sc-range-start",
    "sc-range-end",
)
"""Neither the query string nor the referring page, in which signatures stand, nor cookies."""


def log_delivery(bucket_arn: pulumi.Input[str], names: Names, place: Place) -> dict[str, Any]:
    """Statement of a bucket's own policy that lets logs of this stack's distribution in."""
    far = replace(place, region=GLOBAL_REGION)
    conditions = acting_for(far, far.arn("logs", f"delivery-source:{names.exact('log delivery', PURPOSE)}"))
    conditions["StringEquals"] |= {"s3:x-amz-acl": "bucket-owner-full-control"}
    return service_statement(
        "delivery.logs.amazonaws.com",
        ["s3:PutObject"],
        # The whole folder: that is what AWS looks for before it would write a statement of its own.
        pulumi.Output.concat(bucket_arn, f"/AWSLogs/{place.account}/*"),
        conditions,
    )


def make_access_log(
    distribution: aws.cloudfront.Distribution,
    *,
    bucket_arn: pulumi.Output[str],
    names: Names,
    parent: pulumi.Resource,
) -> None:
    """Has requests to the distribution written down in the bucket, as JSON. It is known when it lets them in."""
    exact, child = names.exact("log delivery", PURPOSE), pulumi.ResourceOptions(parent=parent)
    source = aws.cloudwatch.LogDeliverySource(
        exact,
        name=exact,
        log_type="ACCESS_LOGS",
        resource_arn=distribution.arn,
        region=GLOBAL_REGION,
        opts=child,
    )
    destination = aws.cloudwatch.LogDeliveryDestination(
        exact,
        name=exact,
        delivery_destination_configuration={"destination_resource_arn": bucket_arn},
        output_format="json",
        region=GLOBAL_REGION,
        opts=child,
    )
    aws.cloudwatch.LogDelivery(
        exact,
        delivery_source_name=source.name,
        delivery_destination_arn=destination.arn,
        record_fields=list(FIELDS),
        region=GLOBAL_REGION,
        opts=child,
    )
