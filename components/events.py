"""Rules of EventBridge, and queues that they send to."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from components.grants import acting_for, service_statement
from components.messaging import make_queue_policy
from components.naming import Names
from components.place import Place
from components.stores import Queue


def make_rule(
    purpose: str,
    description: str,
    pattern: Mapping[str, Any],
    *,
    names: Names,
    parent: pulumi.Resource,
    bus: pulumi.Input[str] | None = None,
) -> aws.cloudwatch.EventRule:
    """A rule of the bus of that name, or of AWS's own; `pattern` may hold outputs."""
    return aws.cloudwatch.EventRule(
        names.of("rule", purpose),
        description=description,
        event_bus_name=bus,
        event_pattern=pulumi.Output.json_dumps(pattern, sort_keys=True),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def may_send(queue: Queue, source: pulumi.Input[str], place: Place) -> dict[str, Any]:
    """Statement of a queue's policy that lets EventBridge send to it for `source`, the ARN of a rule or a bus."""
    return service_statement("events.amazonaws.com", ["sqs:SendMessage"], queue.arn, acting_for(place, source))


def send_to_queue(
    purpose: str,
    rule: aws.cloudwatch.EventRule,
    queue: Queue,
    dead_letters: Queue,
    *,
    names: Names,
    place: Place,
    parent: pulumi.Resource,
    bus: pulumi.Input[str] | None = None,
) -> None:
    """Target of a rule, of that bus; both queues' only policies. What cannot be sent lies among the dead letters."""
    policies = [
        make_queue_policy(name, one, names=names, parent=parent, senders=[may_send(one, rule.arn, place)])
        for name, one in ((purpose, queue), (f"{purpose}-dead-letters", dead_letters))
    ]
    aws.cloudwatch.EventTarget(
        names.of("rule", purpose),
        rule=rule.name,
        event_bus_name=bus,
        arn=queue.arn,
        dead_letter_config=aws.cloudwatch.EventTargetDeadLetterConfigArgs(arn=dead_letters.arn),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=policies),
    )
