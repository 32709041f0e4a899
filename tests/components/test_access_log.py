"""The distribution's access log: where it goes, who may write it, and that nobody who reads it can open a file."""

import json

import pytest

from components.access_log import FIELDS
from tests.recorder import ACCOUNT, PARTITION, STACKS, recording

# Fields of CloudFront's standard log in which a link's signature, a session or the page one came from may stand.
TELLING = {"cs-uri-query", "cs(Cookie)", "cs(Referer)", "cs-headers", "cs-header-names"}
KNOWN = {
    *("date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs(Host)", "cs-uri-stem", "sc-status"),
    *("cs(Referer)", "cs(User-Agent)", "cs-uri-query", "cs(Cookie)", "x-edge-result-type", "x-edge-request-id"),
    *("x-host-header", "cs-protocol", "cs-bytes", "time-taken", "x-forwarded-for", "ssl-protocol", "ssl-cipher"),
    *("x-edge-response-result-type", "cs-protocol-version", "fle-status", "fle-encrypted-fields", "c-port"),
    *("time-to-first-byte", "x-edge-detailed-result-type", "sc-content-type", "sc-content-len"),
    *("sc-range-start", "sc-range-end"),
}


@pytest.mark.parametrize("stack", STACKS)
def test_requests_are_delivered_to_the_logs_bucket_from_cloudfronts_region(stack: str) -> None:
    made = recording(stack)
    (source,), (end,) = made.of("cloudwatch.LogDeliverySource"), made.of("cloudwatch.LogDeliveryDestination")
    (delivery,) = made.of("cloudwatch.LogDelivery")
    assert {one.inputs["region"] for one in (source, end, delivery)} == {"us-east-1"}
    assert source.inputs["logType"] == "ACCESS_LOGS"
    assert source.inputs["resourceArn"] == made.one("cloudfront.Distribution", "delivery").outputs["arn"]
    bucket = made.one("s3.Bucket", "logs").outputs["arn"]
    assert end.inputs["deliveryDestinationConfiguration"] == {"destinationResourceArn": bucket}
    assert delivery.inputs["deliverySourceName"] == source.inputs["name"]
    assert delivery.inputs["deliveryDestinationArn"] == end.outputs["arn"]


def test_who_reads_it_cannot_open_a_file() -> None:
    assert len(set(FIELDS)) == len(FIELDS)
    assert set(FIELDS) <= KNOWN - TELLING
    (delivery,) = recording("prod").of("cloudwatch.LogDelivery")
    assert delivery.inputs["recordFields"] == list(FIELDS)


@pytest.mark.parametrize("stack", STACKS)
def test_only_deliveries_of_this_distribution_write_it(stack: str) -> None:
    made = recording(stack)
    statements = json.loads(made.one("s3.BucketPolicy", "logs").inputs["policy"])["Statement"]
    (allowed,) = [one for one in statements if one["Principal"] == {"Service": "delivery.logs.amazonaws.com"}]
    (source,) = made.of("cloudwatch.LogDeliverySource")
    assert allowed["Action"] == ["s3:PutObject"]
    assert allowed["Resource"] == f"{made.one('s3.Bucket', 'logs').outputs['arn']}/AWSLogs/{ACCOUNT}/*"
    assert allowed["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT, "s3:x-amz-acl": "bucket-owner-full-control"},
        "ArnLike": {
            "aws:SourceArn": f"arn:{PARTITION}:logs:us-east-1:{ACCOUNT}:delivery-source:{source.inputs['name']}"
        },
    }
