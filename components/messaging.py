"""Queues and topics: encrypted, closed to whoever does not use TLS, each with one policy."""

from collections.abc import Callable, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.grants import only_encrypted_transport, policy
from components.naming import Names
from components.stores import Key, Queue, Topic

KEEP_SECONDS = 14 * 24 * 3600
MAX_RECEIVES = 5
DATA_KEY_SECONDS = 300
# AWS asks for six times the function's timeout, so that a message is not seen again while it is being worked on.
VISIBILITY_FACTOR = 6

Statements = Callable[[pulumi.Output[str]], Sequence[dict[str, Any]]]
"""Statements of a resource's own policy, given its ARN."""


def make_queue(
    purpose: str,
    *,
    names: Names,
    key: Key,
    parent: pulumi.Resource,
    visibility_seconds: int = 30,
    dead_letters: Queue | None = None,
    receives: int = MAX_RECEIVES,
) -> Queue:
    """A queue; with `dead_letters` a message goes there once it was received so often in vain."""
    redrive = (
        pulumi.Output.json_dumps({"deadLetterTargetArn": dead_letters.arn, "maxReceiveCount": receives})
        if dead_letters
        else None
    )
    queue = aws.sqs.Queue(
        names.of("queue", purpose),
        kms_master_key_id=key.arn,
        kms_data_key_reuse_period_seconds=DATA_KEY_SECONDS,
        message_retention_seconds=KEEP_SECONDS,
        visibility_timeout_seconds=visibility_seconds,
        redrive_policy=redrive,
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return Queue(name=queue.name, arn=queue.arn, url=queue.url, key=key)


def make_worked_queue(
    purpose: str,
    *,
    names: Names,
    key: Key,
    parent: pulumi.Resource,
    function_seconds: int,
    receives: int = MAX_RECEIVES,
) -> tuple[Queue, Queue]:
    """A queue for a function with that timeout, and the queue of its dead letters, which takes from no other."""
    dead_purpose = f"{purpose}-dead-letters"
    dead = make_queue(dead_purpose, names=names, key=key, parent=parent)
    queue = make_queue(
        purpose,
        names=names,
        key=key,
        parent=parent,
        visibility_seconds=VISIBILITY_FACTOR * function_seconds,
        dead_letters=dead,
        receives=receives,
    )
    aws.sqs.RedriveAllowPolicy(
        names.of("queue", dead_purpose),
        queue_url=dead.url,
        redrive_allow_policy=pulumi.Output.json_dumps({"redrivePermission": "byQueue", "sourceQueueArns": [queue.arn]}),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return queue, dead


def make_queue_policy(
    purpose: str, queue: Queue, *, names: Names, parent: pulumi.Resource, senders: Sequence[dict[str, Any]] = ()
) -> aws.sqs.QueuePolicy:
    """The queue's only policy."""
    return aws.sqs.QueuePolicy(
        names.of("queue", purpose),
        queue_url=queue.url,
        policy=policy([only_encrypted_transport("sqs:*", queue.arn), *senders]),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def make_topic(
    purpose: str,
    *,
    names: Names,
    key: Key,
    parent: pulumi.Resource,
    emails: Sequence[str],
    publishers: Statements = lambda _: [],
) -> Topic:
    """A topic in its key's region, its only policy, and a subscription for each address, which its owner confirms."""
    logical, region = names.of("topic", purpose), key.place.region
    child = pulumi.ResourceOptions(parent=parent)
    topic = aws.sns.Topic(logical, kms_master_key_id=key.arn, region=region, opts=child)
    aws.sns.TopicPolicy(
        logical,
        arn=topic.arn,
        # SNS knows no `sns:*` in a topic's policy.
        policy=policy([only_encrypted_transport("sns:Publish", topic.arn), *publishers(topic.arn)]),
        region=region,
        opts=child,
    )
    for email in emails:
        aws.sns.TopicSubscription(
            f"{logical}-{email}", topic=topic.arn, protocol="email", endpoint=email, region=region, opts=child
        )
    return Topic(name=topic.name, arn=topic.arn, key=key)
