"""Queues (SQS) and topics (SNS). Both keep their settings as a flat map of strings."""

from typing import Any

from local.resources.base import Cloud, Create, Inputs, Made, NotPlaced, physical, text

_QUEUE = {
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deduplicationScope": "DeduplicationScope",
    "delaySeconds": "DelaySeconds",
    "fifoQueue": "FifoQueue",
    "fifoThroughputLimit": "FifoThroughputLimit",
    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "policy": "Policy",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "redriveAllowPolicy": "RedriveAllowPolicy",
    "redrivePolicy": "RedrivePolicy",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
}
_TOPIC = {
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deliveryPolicy": "DeliveryPolicy",
    "displayName": "DisplayName",
    "fifoTopic": "FifoTopic",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "policy": "Policy",
    "signatureVersion": "SignatureVersion",
    "tracingConfig": "TracingConfig",
}
_SUBSCRIPTION = {
    "deliveryPolicy": "DeliveryPolicy",
    "filterPolicy": "FilterPolicy",
    "filterPolicyScope": "FilterPolicyScope",
    "rawMessageDelivery": "RawMessageDelivery",
    "redrivePolicy": "RedrivePolicy",
}


def _attributes(inputs: Inputs, names: dict[str, str]) -> dict[str, str]:
    """Takes everything out of `inputs`; a switch that is off by default and given as off is sent all the same."""
    made = {}
    for name, value in inputs.items():
        if name not in names:
            raise NotPlaced(f"no attribute for {name!r}")
        made[names[name]] = _string(value)
    inputs.clear()
    return made


def _string(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return text(value)


def queue(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """The id is the URL, as in the provider."""
    sqs = cloud.client("sqs")
    chosen, tags = physical(name, inputs, limit=80), inputs.pop("tags", {})
    url = sqs.create_queue(QueueName=chosen, Attributes=_attributes(inputs, _QUEUE), tags=tags)["QueueUrl"]
    return url, {"name": chosen, "url": url, "arn": arn_of_queue(cloud, url)}


def arn_of_queue(cloud: Cloud, url: str) -> str:
    """A queue's ARN from its URL, whose last part is the name."""
    return f"arn:aws:sqs:{cloud.region}:{cloud.account}:{url.rsplit('/', 1)[1]}"


def queue_setting(attribute: str) -> Create:
    """A creator for one attribute of a queue that the provider keeps as a resource of its own."""

    def create(cloud: Cloud, name: str, inputs: Inputs) -> Made:
        url = inputs.pop("queueUrl")
        cloud.client("sqs").set_queue_attributes(
            QueueUrl=url, Attributes=_attributes(inputs, {attribute: _QUEUE[attribute]})
        )
        return url, {}

    return create


def topic(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """The id is the ARN, as in the provider."""
    sns = cloud.client("sns")
    chosen, tags = physical(name, inputs, limit=256), inputs.pop("tags", {})
    made = sns.create_topic(
        Name=chosen,
        Attributes=_attributes(inputs, _TOPIC),
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )
    return made["TopicArn"], {"name": chosen, "arn": made["TopicArn"], "owner": cloud.account}


def topic_policy(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """The topic's one policy."""
    arn = inputs.pop("arn")
    cloud.client("sns").set_topic_attributes(
        TopicArn=arn, AttributeName="Policy", AttributeValue=text(inputs.pop("policy"))
    )
    return arn, {"owner": cloud.account}


def subscription(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """E-mail subscriptions are kept, and shown by the API; nothing is sent to anyone."""
    sns = cloud.client("sns")
    topic_arn, protocol = inputs.pop("topic"), inputs.pop("protocol")
    endpoint = inputs.pop("endpoint")
    made = sns.subscribe(
        TopicArn=topic_arn,
        Protocol=protocol,
        Endpoint=endpoint,
        Attributes=_attributes(inputs, _SUBSCRIPTION),
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    return made, {
        "arn": made,
        "ownerId": cloud.account,
        "pendingConfirmation": protocol.startswith("email"),
        "confirmationWasAuthenticated": False,
    }


CREATORS: dict[str, Create] = {
    "aws:sqs/queue:Queue": queue,
    "aws:sqs/queuePolicy:QueuePolicy": queue_setting("policy"),
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": queue_setting("redriveAllowPolicy"),
    "aws:sqs/redrivePolicy:RedrivePolicy": queue_setting("redrivePolicy"),
    "aws:sns/topic:Topic": topic,
    "aws:sns/topicPolicy:TopicPolicy": topic_policy,
    "aws:sns/topicSubscription:TopicSubscription": subscription,
}
