"""The account after the bootstrap: what its program asks for, and what its roles may therefore do."""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from bootstrap.needs import TYPES
from bootstrap.uses import Scope
from local.deploy import ROOT, read_config, run
from local.iam.judge import Decision, Request, judge
from tests.recorder import ACCOUNT, REGION, Recorded, Recorder, Recording, record, settings_of

FOLDER = ROOT / "bootstrap"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/penstock-bootstrap-boundary-"
DELEGATED = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
)


def run_bootstrap(changes: Mapping[str, str] | None = None) -> Recording:
    """What the bootstrap program asks for with the committed settings, changed by `changes` (full key to JSON)."""
    project, settings = read_config(FOLDER, "main")
    recorder = Recorder()
    settings.update(changes or {})
    exports = run(recorder, project=project, settings=settings, stack="main", root=FOLDER)
    return Recording(resources=recorder.resources, exports=exports, settings=settings)


@cache
def recording() -> Recording:
    """What the bootstrap program asks for with the committed settings."""
    return run_bootstrap()


@cache
def platform(stack: str) -> Recording:
    """What the platform asks for with every setting on, when it uses the boundary that the bootstrap made."""
    _, everything = settings_of("all-on")
    changes = {name: text for name, text in everything.items() if name.startswith("penstock:")}
    return record(stack, {**changes, "penstock:iam": json.dumps({"boundary_arn": f"{BOUNDARY}{stack}"})})


def role(purpose: str) -> str:
    """ARN of one of the workflows' roles: "deploy-prod"."""
    return f"arn:aws:iam::{ACCOUNT}:role/penstock-bootstrap-{purpose}"


class Policies:
    """Policies of the workflows' roles and of what the bootstrap made; `more` are attached to every role."""

    def __init__(self, more: Iterable[str] = ()) -> None:
        self._more = list(more)
        self._managed = {one.outputs["arn"]: one.inputs["policy"] for one in recording().of("iam.Policy")}

    def identity(self, role: str) -> list[str]:
        name = role.rpartition("/")[2]
        inline = [one.inputs["policy"] for one in recording().of("iam.RolePolicy") if one.inputs["role"] == name]
        attached = [
            self._managed[one.inputs["policyArn"]]
            for one in recording().of("iam.RolePolicyAttachment")
            if one.inputs["role"] == name
        ]
        return [*inline, *attached, *self._more]

    def boundary(self, role: str) -> str | None:
        (found,) = [one for one in recording().of("iam.Role") if one.outputs["arn"] == role]
        return str(self._managed[found.inputs["permissionsBoundary"]])

    def resource(self, action: str, resource: str) -> str | None:
        if action.startswith("s3:"):
            buckets = {one.inputs["bucket"]: one.inputs["policy"] for one in recording().of("s3.BucketPolicy")}
            return buckets.get(resource.removeprefix("arn:aws:s3:::").partition("/")[0])
        if action.startswith("kms:"):
            keys = {one.inputs["keyId"]: one.inputs["policy"] for one in recording().of("kms.KeyPolicy")}
            # Keys of the platform leave it to IAM.
            return keys.get(f"{resource.rpartition('/')[2]}-id", DELEGATED)
        return None


def ask(who: str, action: str, resource: str, *, more: Iterable[str] = (), **context: str) -> Decision:
    """Whether a role (`role`'s argument) may do it; `more` are policies that somebody attached to it by mistake."""
    request = Request(principal=role(who), action=action, resource=resource, context=context)
    return judge(Policies(more), request)


def tags(stack: str, when: str = "ResourceTag") -> dict[str, str]:
    """Condition keys of a thing, or with "RequestTag" of a request, that bears the tags of a stack's file."""
    return {f"aws:{when}/{tag}": value for tag, value in _written(stack).items()}


@cache
def _written(stack: str) -> Mapping[str, str]:
    """Tags by the stack's file, which takes longer to read than a call to judge."""
    folder, name = (FOLDER, "main") if stack == "bootstrap" else (ROOT, stack)
    tags: Mapping[str, str] = json.loads(read_config(folder, name)[1]["aws:defaultTags"])["tags"]
    return tags


def calls(one: Recorded, stack: str, *, write: bool) -> Iterator[tuple[Scope, str, str, dict[str, str]]]:
    """Each call that Pulumi makes for a resource: scope, action, resource, context."""
    for use in TYPES[one.token]:
        for name in (*use.read.split(), *(use.write.split() if write else ())):
            resource, context = "*", {}
            if use.scope.arns != ("*",) or use.scope.when:
                resource = arn_of(one, use.scope.service)
            for keys in use.scope.when.values():
                context |= _context(keys, one, stack)
            yield use.scope, f"{use.scope.service}:{name}", resource, context


def arn_of(one: Recorded, service: str) -> str:
    """ARN of what a resource is, or is a part of; `service` is the one that the call goes to."""
    given = one.inputs
    region = given.get("region", REGION)
    here = f"{service}:{region}:{ACCOUNT}"
    name = str(given.get("name", one.name))
    rest: Mapping[str, str] = {
        "acm.Certificate": f"{here}:certificate/1",
        **{
            f"apigateway.{kind}": f"apigateway:{region}::/{part}"
            for kind, part in (
                ("ApiKey", "apikeys/1"),
                ("Deployment", "restapis/1/deployments/1"),
                ("MethodSettings", "restapis/1/stages/api"),
                ("RestApi", "tags/1" if service == "tags" else "restapis/1"),
                ("Stage", "restapis/1/stages/api"),
                ("UsagePlan", "usageplans/1"),
                ("UsagePlanKey", "usageplans/1/keys/1"),
            )
        },
        **{
            f"cognito.{kind}": f"{here}:userpool/1"
            for kind in ("ManagedLoginBranding", "UserGroup", "UserPool", "UserPoolClient", "UserPoolDomain")
        },
        "cloudfront.Distribution": f"cloudfront::{ACCOUNT}:distribution/1",
        "cloudwatch.Dashboard": f"cloudwatch::{ACCOUNT}:dashboard/{given.get('dashboardName')}",
        "cloudwatch.EventBus": f"{here}:event-bus/{name}",
        "cloudwatch.EventRule": f"{here}:rule/{name}",
        "cloudwatch.EventTarget": f"{here}:rule/{given.get('rule')}",
        "cloudwatch.LogDelivery": f"{here}:delivery:1",
        "cloudwatch.LogDeliveryDestination": f"{here}:delivery-destination:{name}",
        "cloudwatch.LogDeliverySource": f"cloudfront::{ACCOUNT}:distribution/1"
        if service == "cloudfront"
        else f"{here}:delivery-source:{name}",
        "cloudwatch.LogGroup": f"{here}:log-group:{name}",
        "cloudwatch.LogStream": f"{here}:log-group:{given.get('logGroupName')}:log-stream:{name}",
        "cloudwatch.MetricAlarm": f"{here}:alarm:{name}",
        "dynamodb.Table": f"{here}:key/1" if service == "kms" else f"{here}:table/{name}",
        "guardduty.MalwareProtectionPlan": f"{here}:malware-protection-plan/1",
        "iam.Role": f"iam::{ACCOUNT}:role/{name}",
        "iam.RolePolicy": f"iam::{ACCOUNT}:role/{given.get('role')}",
        "kms.Alias": f"{here}:{name}",
        "lambda.EventSourceMapping": f"{here}:event-source-mapping:1",
        "lambda.Function": f"{here}:function:{name}",
        "lambda.Invocation": f"{here}:function:{given.get('functionName')}",
        "lambda.Permission": f"{here}:function:{given.get('function')}",
        "rds.Instance": {
            "kms": f"{here}:key/1",
            "secretsmanager": f"{here}:secret:rds!db-1",
        }.get(service, f"{here}:db:{given.get('identifier')}"),
        "rds.ParameterGroup": f"{here}:pg:{name}",
        "rds.Proxy": f"{here}:db-proxy:prx-1",
        "rds.ProxyDefaultTargetGroup": f"{here}:target-group:prx-tg-1",
        "rds.ProxyTarget": f"{here}:target-group:prx-tg-1",
        "rds.SubnetGroup": f"{here}:subgrp:{name}",
        "secretsmanager.Secret": f"{here}:secret:{name}-AbCdEf",
        "secretsmanager.SecretRotation": str(given.get("secretId", "")).removeprefix("arn:aws:"),
        "secretsmanager.SecretVersion": f"{here}:key/1"
        if service == "kms"
        else f"{here}:secret:{str(given.get('secretId')).rpartition(':')[2]}-AbCdEf",
        "sfn.StateMachine": f"{here}:stateMachine:{name}",
        "sns.Topic": f"{here}:{name}",
        "sns.TopicPolicy": f"{here}:{str(given.get('arn')).rpartition(':')[2]}",
        "sns.TopicSubscription": f"{here}:{str(given.get('topic')).rpartition(':')[2]}",
        "sqs.Queue": f"{here}:{name}",
        "wafv2.WebAcl": f"{here}:{'global' if given.get('scope') == 'CLOUDFRONT' else 'regional'}/webacl/{name}/1",
        "wafv2.WebAclLoggingConfiguration": f"{here}:global/webacl/{name}/1",
    }
    if one.kind == "s3.BucketObjectv2" and service == "kms":
        return f"arn:aws:{here}:key/1"
    if one.kind == "s3.BucketObjectv2":
        return f"arn:aws:s3:::{given['bucket']}/{given['key']}"
    if one.kind.startswith("s3."):
        return f"arn:aws:s3:::{given.get('bucket', one.name)}"
    if one.kind.startswith("sqs.") and "queueUrl" in given:
        return f"arn:aws:{here}:{given['queueUrl'].rpartition('/')[2]}"
    if one.kind in rest:
        return f"arn:aws:{rest[one.kind]}"
    # Things with a number, known by their tags.
    return f"arn:aws:{here}:key/1" if one.kind.startswith("kms.") else f"arn:aws:ec2:{region}:{ACCOUNT}:thing/1"


def _context(keys: Mapping[str, str], one: Recorded, stack: str) -> dict[str, str]:
    found: dict[str, Any] = {**tags(stack), **tags(stack, "RequestTag")}
    found["iam:PermissionsBoundary"] = one.inputs.get("permissionsBoundary", f"{BOUNDARY}{stack}")
    found["kms:ViaService"] = f"{one.kind.partition('.')[0]}.{REGION}.amazonaws.com"
    function = one.inputs.get("functionName", "")
    found["lambda:FunctionArn"] = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function.rpartition(':')[2]}"
    # What is not there yet has no tags.
    absent = ("aws:ResourceTag/stack",) if "aws:RequestTag/stack" in keys or "aws:ResourceTag/stack" in keys else ()
    return {key: found[key] for key in keys if key not in absent or keys[key] != "true"}
