"""KMS keys, one for each purpose, and their policies."""

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.grants import acting_for, policy, service_statement
from components.naming import Names
from components.place import Place
from components.stores import DATA_KEY, DECRYPT, Key

ADMINISTRATION = "AccountAdministersThroughIam"
"""Sid of the statement without which no role's own policy counts, and a key could never be administered again."""


def make_key(purpose: str, *, names: Names, place: Place, protected: bool, parent: pulumi.Resource) -> Key:
    """A key in `place` that rotates every year, and its alias. Its policy is made by `make_key_policy`, once."""
    logical = names.of("key", purpose)
    key = aws.kms.Key(
        logical,
        description=f"{names.project} {names.stack}: {purpose}",
        enable_key_rotation=True,
        deletion_window_in_days=30 if protected else 7,
        region=place.region,
        opts=pulumi.ResourceOptions(parent=parent, protect=protected),
    )
    aws.kms.Alias(
        logical,
        name=f"alias/{names.exact('alias', purpose)}",
        target_key_id=key.key_id,
        region=place.region,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return Key(id=key.key_id, arn=key.arn, place=place)


def make_key_policy(
    purpose: str, key: Key, statements: Sequence[dict[str, Any]], *, names: Names, parent: pulumi.Resource
) -> aws.kms.KeyPolicy:
    """The key's only policy: the account administers it through IAM, and `statements` let services in."""
    administration = {
        "Sid": ADMINISTRATION,
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{key.place.partition}:iam::{key.place.account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    return aws.kms.KeyPolicy(
        names.of("key", purpose),
        key_id=key.id,
        region=key.place.region,
        policy=policy([administration, *statements]),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def alarm_service(names: Names, place: Place) -> list[dict[str, Any]]:
    """Key policy statement for CloudWatch, whose alarms are published; it says which alarm it acts for.

    Without it no alarm ever arrives, and nothing says so.
    """
    alarms = acting_for(place, place.arn("cloudwatch", f"alarm:{names.prefix}*"))
    return [service_statement("cloudwatch.amazonaws.com", [DECRYPT, DATA_KEY], "*", alarms)]


def rule_service(names: Names, place: Place) -> list[dict[str, Any]]:
    """Key policy statement for EventBridge, whose rules send to queues; it says which rule it acts for."""
    rules = acting_for(place, place.arn("events", f"rule/{names.prefix}*"))
    return [service_statement("events.amazonaws.com", [DECRYPT, DATA_KEY], "*", rules)]


def event_bus_service(names: Names, place: Place) -> list[dict[str, Any]]:
    """Key policy statements for EventBridge as the keeper of the events on the stack's own bus."""
    events, bus = "events.amazonaws.com", place.arn("events", f"event-bus/{names.prefix}*")
    bound = acting_for(place, bus)
    bound["StringLike"] = {"kms:EncryptionContext:aws:events:event-bus:arn": bus}
    return [
        service_statement(events, [DECRYPT, DATA_KEY], "*", bound),
        # It looks at the key when the bus is made, which has no encryption context yet.
        service_statement(events, ["kms:DescribeKey"], "*", {"StringEquals": {"aws:SourceAccount": place.account}}),
    ]


def logging_service(names: Names, place: Place) -> list[dict[str, Any]]:
    """Key policy statement for CloudWatch Logs, for the log groups of this account and region."""
    actions = ["kms:Encrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKeyWithoutPlaintext"]
    return [
        service_statement(
            f"logs.{place.region}.amazonaws.com",
            [DECRYPT, DATA_KEY, "kms:DescribeKey", *actions],
            "*",
            {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": place.arn("logs", f"log-group:*{names.prefix}*")}},
        )
    ]


def after(value: pulumi.Output[str], first: pulumi.CustomResource) -> pulumi.Output[str]:
    """`value`, known to its users only once `first` exists."""
    return pulumi.Output.all(value, first.id).apply(lambda both: str(both[0]))
