"""Calls that AWS makes behind the scenes, where the local cloud has nothing that could make them.

Each with the page that says so, below https://docs.aws.amazon.com/. They are made for what a stack has.
"""

from collections.abc import Iterator
from typing import Any

from components.boundary import MANAGED_RULE
from components.malware import SERVICE, VALIDATION_OBJECT
from local.iam.keys import DATA_KEY, DECRYPT
from tests.privilege.needs import Need
from tests.privilege.program import Program, without_stack
from tests.recorder import Recorded

VPC = "lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions"
STREAM = "lambda/latest/dg/services-dynamodb-eventsourcemapping.html"
DESTINATION = "lambda/latest/dg/kinesis-on-failure-destination.html"
MACHINE_LOGS = "step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy"
CHILDREN = "step-functions/latest/dg/iam-policies-eg-dist-map.html"
FLOW_LOGS = "vpc/latest/userguide/flow-logs-iam-role.html"
LOG_KEYS = "AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"
ORIGIN = "AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html"
ALARMS = "AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html"
ACCESS_LOGS = "AmazonS3/latest/userguide/enable-server-access-logging.html"
DELETING = "AmazonS3/latest/API/API_DeleteObject.html"
BEGINNING = "AmazonS3/latest/API/API_CreateMultipartUpload.html"
LARGE_COPY = "AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions"
SCANNER = "guardduty/latest/ug/malware-protection-s3-iam-policy-prerequisite.html"
MONITORING = "AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html"
PROXY = "AmazonRDS/latest/UserGuide/rds-proxy-iam-setup.html"
MASTER = "AmazonRDS/latest/UserGuide/rds-secrets-manager.html"
TOKENS = "AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html"
EVENT_DEAD_LETTERS = "eventbridge/latest/userguide/eb-rule-dlq.html"


_FOLDERS = {"output": "results"}
"""Where an origin has more than the archives that links are for."""


def documented(program: Program) -> list[Need]:
    """All of them for one stack, by names of no stack."""
    made = [*_lambda(program), *_machines(program), *_logs(program), *_events(program), *_delivery(program),
            *_scanner(program), *_catalogue(program)]  # fmt: skip
    aliases = program.aliases
    named = [
        Need(
            principal=without_stack(one.principal, aliases),
            action=one.action,
            resource=without_stack(one.resource, aliases),
            context=tuple((key, without_stack(str(value), aliases)) for key, value in one.context),
            source=one.source,
        )
        for one in made
    ]
    return sorted(set(named))


def _lambda(program: Program) -> Iterator[Need]:
    functions = {one.outputs["name"]: one for one in _all(program, "lambda.Function")}
    for one in functions.values():
        if one.inputs.get("vpcConfig"):
            for action in ("AssignPrivateIpAddresses", "CreateNetworkInterface", "DeleteNetworkInterface",
                           "DescribeNetworkInterfaces", "DescribeSubnets", "UnassignPrivateIpAddresses"):  # fmt: skip
                yield Need(principal=one.inputs["role"], action=f"ec2:{action}", resource="*", source=VPC)
    for mapping in _all(program, "lambda.EventSourceMapping"):
        role = functions[mapping.inputs["functionName"]].inputs["role"]
        if "/stream/" in mapping.inputs["eventSourceArn"]:
            yield Need(principal=role, action="dynamodb:ListStreams", resource="*", source=STREAM)
        failed = (mapping.inputs.get("destinationConfig") or {}).get("onFailure", {}).get("destinationArn")
        if failed:
            yield from _sends(program, role, failed, DESTINATION)
    # Only a file of more than 5 GiB is backed up in parts, and only a copy that fails half way is called off.
    for one in functions.values():
        if one.name.endswith("-publish"):
            (backup,) = [bucket for bucket in _all(program, "s3.Bucket") if bucket.name.endswith("-backup")]
            where = f"{backup.outputs['arn']}/backup/x"
            yield Need(
                principal=one.inputs["role"], action="s3:AbortMultipartUpload", resource=where, source=LARGE_COPY
            )
        # The file that is deleted in the flow is no image; one has its sizes under keys of their own.
        if one.name.endswith("-delete"):
            (delivery,) = [bucket for bucket in _all(program, "s3.Bucket") if bucket.name.endswith("-delivery")]
            where = f"{delivery.outputs['arn']}/images/x"
            yield Need(principal=one.inputs["role"], action="s3:DeleteObjectVersion", resource=where, source=DELETING)
        # An upload that is begun with tags is judged by them too.
        if one.name.endswith("-uploads"):
            (upload,) = [bucket for bucket in _all(program, "s3.Bucket") if bucket.name.endswith("-upload")]
            where = f"{upload.outputs['arn']}/x"
            yield Need(principal=one.inputs["role"], action="s3:PutObjectTagging", resource=where, source=BEGINNING)


def _machines(program: Program) -> Iterator[Need]:
    delivery = ("CreateLogDelivery", "DeleteLogDelivery", "DescribeLogGroups", "DescribeResourcePolicies",
                "GetLogDelivery", "ListLogDeliveries", "PutResourcePolicy", "UpdateLogDelivery")  # fmt: skip
    for one in _all(program, "sfn.StateMachine"):
        role, machine = one.inputs["roleArn"], one.outputs["arn"]
        for action in delivery:
            yield Need(principal=role, action=f"logs:{action}", resource="*", source=MACHINE_LOGS)
        child = machine.replace(":stateMachine:", ":execution:") + "/label:x"
        for action in ("DescribeExecution", "StopExecution"):
            yield Need(principal=role, action=f"states:{action}", resource=child, source=CHILDREN)


def _logs(program: Program) -> Iterator[Need]:
    for one in _all(program, "ec2.FlowLog"):
        role, group = one.inputs["iamRoleArn"], one.inputs["logDestination"]
        source = (("aws:SourceAccount", "{account}"),
                  ("aws:SourceArn", "arn:aws:ec2:{region}:{account}:vpc-flow-log/fl-1"))  # fmt: skip
        trusted = "vpc-flow-logs.amazonaws.com"
        yield Need(principal=trusted, action="sts:AssumeRole", resource=role, context=source, source=FLOW_LOGS)
        for action in ("CreateLogStream", "DescribeLogStreams", "PutLogEvents"):
            yield Need(principal=role, action=f"logs:{action}", resource=f"{group}:log-stream:x", source=FLOW_LOGS)
        yield Need(principal=role, action="logs:DescribeLogGroups", resource="*", source=FLOW_LOGS)
    for one in _all(program, "cloudwatch.LogGroup"):
        key, context = one.inputs.get("kmsKeyId"), (("kms:EncryptionContext:aws:logs:arn", one.outputs["arn"]),)
        for action in (DECRYPT, DATA_KEY, "kms:DescribeKey", "kms:Encrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo",
                       "kms:GenerateDataKeyWithoutPlaintext"):  # fmt: skip
            if key:
                logs = f"logs.{one.inputs.get('region') or '{region}'}.amazonaws.com"
                yield Need(principal=logs, action=action, resource=key, context=context, source=LOG_KEYS)


def _events(program: Program) -> Iterator[Need]:
    rules = {one.outputs["name"]: one.outputs["arn"] for one in _all(program, "cloudwatch.EventRule")}
    for one in _all(program, "cloudwatch.EventTarget"):
        dead = (one.inputs.get("deadLetterConfig") or {}).get("arn")
        if dead:
            source = {"aws:SourceAccount": "{account}", "aws:SourceArn": rules[one.inputs["rule"]]}
            yield from _sends(program, "events.amazonaws.com", dead, EVENT_DEAD_LETTERS, **source)
    for one in _all(program, "cloudwatch.MetricAlarm"):
        source = {"aws:SourceAccount": "{account}", "aws:SourceArn": one.outputs["arn"]}
        for topic in one.inputs.get("alarmActions") or ():
            yield from _sends(program, "cloudwatch.amazonaws.com", topic, ALARMS, **source)


def _delivery(program: Program) -> Iterator[Need]:
    buckets = {one.outputs["bucket"]: one for one in _all(program, "s3.Bucket")}
    by_domain = {one.outputs["bucketRegionalDomainName"]: one for one in buckets.values()}
    for one in _all(program, "cloudfront.Distribution"):
        source = (("aws:SourceArn", one.outputs["arn"]), ("aws:SourceAccount", "{account}"))
        for origin in one.inputs["origins"]:
            bucket = by_domain.get(origin["domainName"])
            if bucket:
                # The page lies in a folder of its own, results in theirs; everything else is published by links.
                folder = origin.get("originPath", "").strip("/") or _FOLDERS.get(origin["originId"], "archives")
                yield Need(principal="cloudfront.amazonaws.com", action="s3:GetObject", context=source,
                           resource=f"{bucket.outputs['arn']}/{folder}/x", source=ORIGIN)  # fmt: skip
                key = _key(program, "s3.BucketServerSideEncryptionConfiguration", "bucket", bucket.outputs["bucket"])
                sealed = (*source, ("kms:EncryptionContext:aws:s3:arn", bucket.outputs["arn"]))
                if key:
                    yield Need(principal="cloudfront.amazonaws.com", action=DECRYPT, context=sealed, resource=key,
                               source=ORIGIN)  # fmt: skip
    for one in _all(program, "s3.BucketLogging"):
        source = (("aws:SourceArn", buckets[one.inputs["bucket"]].outputs["arn"]), ("aws:SourceAccount", "{account}"))
        target = buckets[one.inputs["targetBucket"]].outputs["arn"]
        yield Need(principal="logging.s3.amazonaws.com", action="s3:PutObject", context=source,
                   resource=f"{target}/{one.inputs['targetPrefix']}x", source=ACCESS_LOGS)  # fmt: skip


def _scanner(program: Program) -> Iterator[Need]:
    for one in _all(program, "guardduty.MalwareProtectionPlan"):
        role = one.inputs["role"]
        bucket = f"arn:aws:s3:::{one.inputs['protectedResource']['s3Bucket']['bucketName']}"
        rule = f"arn:aws:events:{{region}}:{{account}}:{MANAGED_RULE.replace('*', 'x')}"
        managed = (("events:ManagedBy", SERVICE),)
        for action in ("DeleteRule", "PutRule", "PutTargets", "RemoveTargets"):
            yield Need(principal=role, action=f"events:{action}", resource=rule, context=managed, source=SCANNER)
        for action in ("DescribeRule", "ListTargetsByRule"):
            yield Need(principal=role, action=f"events:{action}", resource=rule, source=SCANNER)
        for action in ("GetBucketNotification", "ListBucket", "PutBucketNotification"):
            yield Need(principal=role, action=f"s3:{action}", resource=bucket, source=SCANNER)
        for action in ("GetObject", "GetObjectTagging", "PutObjectTagging"):
            yield Need(principal=role, action=f"s3:{action}", resource=f"{bucket}/x", source=SCANNER)
        validation = f"{bucket}/{VALIDATION_OBJECT}"
        yield Need(principal=role, action="s3:PutObject", resource=validation, source=SCANNER)
        key = _key(program, "s3.BucketServerSideEncryptionConfiguration", "bucket", bucket.rpartition(":")[2])
        if key:
            through = (("kms:EncryptionContext:aws:s3:arn", bucket), ("kms:ViaService", "s3.{region}.amazonaws.com"))
            yield Need(principal=role, action=DATA_KEY, resource=key, context=through, source=SCANNER)


def _catalogue(program: Program) -> Iterator[Need]:
    """Also how its two functions get in: who is a database's user is not judged in the local cloud."""
    functions = {one.inputs["name"]: one.inputs["role"] for one in _all(program, "lambda.Function")}
    for one in _all(program, "rds.Instance"):
        identifier, user = one.inputs["identifier"], "catalogue_writer"
        for action in ("CreateLogGroup", "CreateLogStream", "DescribeLogStreams", "GetLogEvents", "PutLogEvents",
                       "PutRetentionPolicy"):  # fmt: skip
            group = "arn:aws:logs:{region}:{account}:log-group:RDSOSMetrics:*"
            role = one.inputs["monitoringRoleArn"]
            yield Need(principal=role, action=f"logs:{action}", resource=group, source=MONITORING)
        resource = one.outputs["resourceId"]
        for proxy in _all(program, "rds.Proxy"):
            own = f"arn:aws:rds-db:{{region}}:{{account}}:dbuser:{resource}/{user}"
            yield Need(principal=proxy.inputs["roleArn"], action="rds-db:connect", resource=own, source=PROXY)
            resource = proxy.outputs["arn"].rpartition(":")[2]
        migrate, writer = (functions[identifier.replace("-catalogue", f"-{name}")] for name in ("migrate", "catalogue"))
        secret = one.outputs["masterUserSecrets"][0]["secretArn"]
        yield Need(principal=migrate, action="secretsmanager:GetSecretValue", resource=secret, source=MASTER)
        front = f"arn:aws:rds-db:{{region}}:{{account}}:dbuser:{resource}/{user}"
        yield Need(principal=writer, action="rds-db:connect", resource=front, source=TOKENS)


def _sends(program: Program, principal: str, target: str, source: str, **context: str) -> Iterator[Need]:
    """A message to a queue or topic, with its key."""
    service = target.split(":")[2]
    action = {"sqs": "sqs:SendMessage", "sns": "sns:Publish"}[service]
    keys = tuple(context.items())
    yield Need(principal=principal, action=action, resource=target, context=keys, source=source)
    name = target.rpartition(":")[2]
    found = [one for one in _all(program, "sqs.Queue" if service == "sqs" else "sns.Topic")
             if one.outputs["arn"] == target]  # fmt: skip
    key = found[0].inputs.get("kmsMasterKeyId") if found else None
    if not key:
        raise ValueError(f"{name} has no key")
    arn = _key_arn(program, key)
    via = (("kms:ViaService", f"{service}.{arn.split(':')[3]}.amazonaws.com"),)
    for use in (DECRYPT, DATA_KEY):
        yield Need(principal=principal, action=use, resource=arn, context=(*keys, *via), source=source)


def _key(program: Program, kind: str, by: str, name: str) -> str | None:
    for one in _all(program, kind):
        if one.inputs[by] == name:
            for rule in one.inputs["rules"]:
                found: Any = rule["applyServerSideEncryptionByDefault"].get("kmsMasterKeyId")
                return _key_arn(program, found) if found else None
    return None


def _key_arn(program: Program, key: str) -> str:
    """Of an ARN or an id."""
    (found,) = [one.outputs["arn"] for one in _all(program, "kms.Key")
                if key in (one.outputs["arn"], one.outputs["keyId"], f"{one.name}-id")]  # fmt: skip
    return str(found)


def _all(program: Program, kind: str) -> list[Recorded]:
    return [one for one in program.recording.resources if one.kind == kind]
