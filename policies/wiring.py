"""What belongs together is together: things name things of their own stack, and whoever has to get in is let in."""

import re
from collections.abc import Collection, Iterator, Sequence

from pulumi_policy import PolicyResource

from local.iam.policy import like
from policies import kinds as k
from policies.documents import Statement, documents
from policies.rules import (
    Resources,
    companions,
    computed,
    given,
    identities,
    named,
    values,
    whole_stack,
)

EVENTS = "events.amazonaws.com"
CONTEXT = "kms:encryptioncontext:"
BUS_CONTEXT = "kms:EncryptionContext:aws:events:event-bus:arn"
DECRYPT, DATA_KEY = "kms:Decrypt", "kms:GenerateDataKey"
# Stores with a key and a policy, and what whoever the policy lets in has to do with the key.
OF_BUCKET = f"{CONTEXT}aws:s3:arn"
STORES = (
    (k.BUCKET, k.BUCKET_POLICY, "bucket", {DECRYPT}),
    (k.QUEUE, k.QUEUE_POLICY, "queueUrl", {DECRYPT, DATA_KEY}),
    (k.TOPIC, k.TOPIC_POLICY, "arn", {DECRYPT, DATA_KEY}),
)


@whole_stack
def key_has_one_policy(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Every key has one policy, by which the account can still administer it."""
    for key, policies in companions(resources, k.KEY, k.KEY_POLICY, "keyId"):
        if len(policies) != 1:
            yield key, f"it has {len(policies)} policies, so AWS's own or another's counts; make one KeyPolicy"
        elif not any(_administers(one) for one in _allowing(policies[0])):
            yield key, "nobody could ever change it again; let the account administer it (keys.make_key_policy)"


@whole_stack
def keys_let_logs_in(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """The key of a log group lets CloudWatch Logs in, or nothing is ever written."""
    for group in resources.of(k.LOG_GROUP):
        for key in named(group, "kmsKeyId", resources, k.KEY):
            if not _lets_in(key, resources, "logs.", {DECRYPT, DATA_KEY}):
                yield group, f"its key {key.name} does not let CloudWatch Logs in; add keys.logging_service"


@whole_stack
def keys_let_senders_in(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Services that a queue, topic or bucket lets in are let in by its key too, or nothing ever arrives."""
    for store, policy, through, needed in STORES:
        for owner, policies in companions(resources, store, policy, through):
            senders = [
                (service, statement.bound_to)
                for one in policies
                for statement in _allowing(one)
                for service in statement.services
            ]
            for key in _keys(owner, resources):
                for service, sources in senders:
                    # Objects are encrypted for their bucket.
                    contexts = ("", OF_BUCKET) if store == k.BUCKET else ("",)
                    if not any(_lets_in(key, resources, service, needed, sources, one) for one in contexts):
                        yield owner, f"its key {key.name} does not let {service} in; add it to the key's policy"


@whole_stack
def keys_let_buses_keep_events(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """The key of an event bus lets EventBridge keep events with it, for this bus only, and look at it."""
    for bus in resources.of(k.BUS):
        for key in named(bus, "kmsKeyIdentifier", resources, k.KEY):
            source = (computed(bus, "arn"),)
            keeps = _lets_in(key, resources, EVENTS, {DECRYPT, DATA_KEY}, source, BUS_CONTEXT)
            if not keeps or not _lets_in(key, resources, EVENTS, {"kms:DescribeKey"}):
                yield bus, f"its key {key.name} does not let EventBridge keep its events; add keys.event_bus_service"


@whole_stack
def buses_may_send_dead_letters(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """The dead-letter queue of an event bus lets EventBridge in for it."""
    for bus in resources.of(k.BUS):
        for queue in named(bus, "deadLetterConfig.arn", resources, k.QUEUE):
            policies = _policies(queue, resources, k.QUEUE, k.QUEUE_POLICY, "queueUrl")
            if not _service_may(policies, EVENTS, "sqs:SendMessage", identities(bus)):
                yield bus, f"EventBridge may not send to {queue.name} for it; add it to the queue's policy"


@whole_stack
def targets_may_be_reached(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """What an event rule sends to lets EventBridge in for this very rule, and so does its dead-letter queue."""
    for target in resources.of(k.TARGET):
        rules = {text for rule in named(target, "rule", resources, k.RULE) for text in identities(rule)}
        for path in ("arn", "deadLetterConfig.arn"):
            for queue in named(target, path, resources, k.QUEUE):
                policies = _policies(queue, resources, k.QUEUE, k.QUEUE_POLICY, "queueUrl")
                if not _service_may(policies, EVENTS, "sqs:SendMessage", rules):
                    yield target, f"EventBridge may not send to {queue.name} for it; add it to the queue's policy"
        for function in named(target, "arn", resources, k.FUNCTION):
            if not _may_call(resources, EVENTS, function, rules):
                yield target, f"EventBridge may not call {function.name} for it; make a Permission for its rule"


@whole_stack
def rotations_may_be_called(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """The function that changes a secret lets Secrets Manager in for this very secret."""
    for rotation in resources.of(k.SECRET_ROTATION):
        secrets = {text for one in named(rotation, "secretId", resources, k.SECRET) for text in identities(one)}
        for function in named(rotation, "rotationLambdaArn", resources, k.FUNCTION):
            if not _may_call(resources, "secretsmanager.amazonaws.com", function, secrets):
                yield rotation, f"Secrets Manager may not call {function.name} for it; make a Permission for its secret"


@whole_stack
def alarms_may_publish(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Topics that alarms tell let CloudWatch publish."""
    told = {
        topic.urn for alarm in resources.of(k.ALARM) for topic in named(alarm, "alarmActions[]", resources, k.TOPIC)
    }
    for topic, policies in companions(resources, k.TOPIC, k.TOPIC_POLICY, "arn"):
        if topic.urn in told and not _service_may(policies, "cloudwatch.amazonaws.com", "sns:Publish"):
            yield topic, "no alarm ever arrives; let cloudwatch.amazonaws.com publish in its policy"


@whole_stack
def access_logs_may_be_written(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """The bucket of access logs lets S3 write for each bucket that logs to it."""
    for log in resources.of(k.BUCKET_LOGGING):
        sources = {text for one in named(log, "bucket", resources, k.BUCKET) for text in identities(one)}
        for bucket in named(log, "targetBucket", resources, k.BUCKET):
            policies = _policies(bucket, resources, k.BUCKET, k.BUCKET_POLICY, "bucket")
            if not _service_may(policies, "logging.s3.amazonaws.com", "s3:PutObject", sources):
                yield log, f"S3 may not write to {bucket.name} for it; add it to that bucket's policy"


@whole_stack
def delivered_logs_may_be_written(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """A bucket that logs are delivered to lets them in for their source."""
    for delivery in resources.of(k.LOG_DELIVERY):
        sources = [
            text
            for one in named(delivery, "deliverySourceName", resources, k.LOG_DELIVERY_SOURCE)
            for text in identities(one)
        ]
        for place in named(delivery, "deliveryDestinationArn", resources, k.LOG_DELIVERY_DESTINATION):
            path = "deliveryDestinationConfiguration.destinationResourceArn"
            for bucket in named(place, path, resources, k.BUCKET):
                policies = _policies(bucket, resources, k.BUCKET, k.BUCKET_POLICY, "bucket")
                if not any(
                    "s3:PutObject" in statement.actions
                    and "delivery.logs.amazonaws.com" in statement.services
                    and statement.strictly("s3:x-amz-acl") == ("bucket-owner-full-control",)
                    for policy in policies
                    for statement in _allowing(policy)
                    if any(source.endswith(f":{text}") for source in statement.bound_to for text in sources)
                ):
                    yield delivery, f"it may not write to {bucket.name}; see access_log.log_delivery"


@whole_stack
def distribution_may_read_its_bucket(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """The bucket behind a distribution lets it read."""
    for front in resources.of(k.DISTRIBUTION):
        for bucket in named(front, "origins[].domainName", resources, k.BUCKET):
            policies = _policies(bucket, resources, k.BUCKET, k.BUCKET_POLICY, "bucket")
            if not _service_may(policies, "cloudfront.amazonaws.com", "s3:GetObject", identities(front)):
                yield front, f"it may not read {bucket.name}; let cloudfront.amazonaws.com in for its ARN"


@whole_stack
def policy_is_about_its_own(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """A bucket's, queue's or topic's policy is about all of it: what it refuses leaves nothing of it out."""
    for store, kind, through, _ in STORES:
        for owner, policies in companions(resources, store, kind, through):
            for policy in policies:
                arn = computed(owner, "arn")
                whole = {arn, f"{arn}/*"} if store == k.BUCKET else {arn}
                for one in (one for document in documents(policy.props, "policy") for one in document):
                    wide = not one.allows and set(one.resources) != whole and one.everyone
                    if wide and not one.conditions.keys().isdisjoint({"Bool"}):
                        yield policy, f"what it refuses is not all of {owner.name}; name {', '.join(sorted(whole))}"
                    if any(named_ != arn and not named_.startswith(f"{arn}/") for named_ in one.resources):
                        yield policy, f"it is about more than {owner.name}; name {arn}"


@whole_stack
def uploads_make_events(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """A bucket that an event rule waits for tells EventBridge what happens in it."""
    telling = {
        bucket.urn
        for one in resources.of(k.BUCKET_NOTIFICATION)
        if one.props.get("eventbridge") is True
        for bucket in named(one, "bucket", resources, k.BUCKET)
    }
    for rule in resources.of(k.RULE):
        if "aws.s3" not in values(rule.props, "eventPattern{}.source[]"):
            continue
        buckets = values(rule.props, "eventPattern{}.detail.bucket.name[]")
        found = [one for one in resources.of(k.BUCKET) if not identities(one).isdisjoint(buckets)]
        if len(found) < max(1, len(buckets)) or any(one.urn not in telling for one in found):
            yield rule, "what it waits for never comes; make a BucketNotification with eventbridge for its bucket"


def _allowing(policy: PolicyResource) -> list[Statement]:
    return [one for document in documents(policy.props, "policy") for one in document if one.allows]


def _administers(statement: Statement) -> bool:
    root = any(sort == "AWS" and who.endswith(":root") for sort, who in statement.principals)
    return root and statement.actions == ("kms:*",) and not statement.conditions and statement.resources == ("*",)


def _policies(owner: PolicyResource, resources: Resources, store: str, kind: str, through: str) -> list[PolicyResource]:
    return [one for found, its in companions(resources, store, kind, through) if found.urn == owner.urn for one in its]


def _keys(store: PolicyResource, resources: Resources) -> list[PolicyResource]:
    encryptions = [
        its for found, its in companions(resources, k.BUCKET, k.BUCKET_ENCRYPTION, "bucket") if found is store
    ]
    path = "rules[].applyServerSideEncryptionByDefault.kmsMasterKeyId"
    return named(store, "kmsMasterKeyId", resources, k.KEY) + [
        key for its in encryptions for one in its for key in named(one, path, resources, k.KEY)
    ]


def _lets_in(
    key: PolicyResource,
    resources: Resources,
    service: str,
    needed: set[str],
    sources: Sequence[str] = (),
    context: str = "",
) -> bool:
    """Whether the key's policy lets a service do what is needed for one of `sources`, and only with the context."""
    return any(
        needed <= set(statement.actions)
        and statement.resources == ("*",)
        # What is for a context is not for what is sent.
        and (not sources or bool(context) or not any(CONTEXT in key for key in statement.condition_keys))
        and (not sources or any(like(_tail(one), _tail(pattern)) for one in sources for pattern in statement.bound_to))
        and (not context or bool(statement.strictly(context)))
        for policy in _policies(key, resources, k.KEY, k.KEY_POLICY, "keyId")
        for statement in _allowing(policy)
        if any(name.startswith(service) for name in statement.services)
    )


def _may_call(resources: Resources, service: str, function: PolicyResource, sources: Collection[str]) -> bool:
    """Whether some permission lets the service call the function for one of `sources`, in this account."""
    return any(
        function in named(one, "function", resources, k.FUNCTION)
        and one.props["action"] == "lambda:InvokeFunction"
        and one.props["principal"] == service
        and one.props.get("sourceArn") in sources
        and given(one.props, "sourceAccount")
        for one in resources.of(k.PERMISSION)
    )


def _tail(arn: str) -> str:
    """The name at the end of an ARN, or a pattern of it."""
    return re.split("[:/]", arn)[-1]


def _service_may(
    policies: Sequence[PolicyResource], service: str, action: str, sources: Collection[str] | None = None
) -> bool:
    """Whether some policy lets the service do this, for one of `sources` unless it is None."""
    return any(
        service in statement.services
        and action in statement.actions
        and (sources is None or not set(sources).isdisjoint(statement.bound_to))
        for policy in policies
        for statement in _allowing(policy)
    )
