"""How each type of resource is made in the local cloud, and which are not."""

from collections.abc import Mapping
from typing import Any

from local.resources import (
    apigateway,
    certificates,
    cloudfront,
    cognito,
    databases,
    dynamodb,
    events,
    functions,
    guardduty,
    iam,
    kms,
    messaging,
    monitoring,
    network,
    s3,
    secrets,
    tls,
)
from local.resources.base import Cloud, Create, Made, NotPlaced
from local.resources.skipped import NOT_EMULATED

CREATORS: Mapping[str, Create] = {
    **apigateway.CREATORS,
    **certificates.CREATORS,
    **cloudfront.CREATORS,
    **cognito.CREATORS,
    **databases.CREATORS,
    **dynamodb.CREATORS,
    **events.CREATORS,
    **functions.CREATORS,
    **guardduty.CREATORS,
    **iam.CREATORS,
    **kms.CREATORS,
    **messaging.CREATORS,
    **monitoring.CREATORS,
    **network.CREATORS,
    **s3.CREATORS,
    **secrets.CREATORS,
    **tls.CREATORS,
}

TAGGED = frozenset(
    {
        "aws:acm/certificate:Certificate",
        "aws:apigateway/apiKey:ApiKey",
        "aws:apigateway/restApi:RestApi",
        "aws:apigateway/stage:Stage",
        "aws:apigateway/usagePlan:UsagePlan",
        "aws:cloudfront/distribution:Distribution",
        "aws:cloudwatch/eventBus:EventBus",
        "aws:cloudwatch/eventRule:EventRule",
        "aws:cloudwatch/logDelivery:LogDelivery",
        "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination",
        "aws:cloudwatch/logDeliverySource:LogDeliverySource",
        "aws:cloudwatch/logGroup:LogGroup",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "aws:cognito/userPool:UserPool",
        "aws:dynamodb/table:Table",
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        "aws:ec2/eip:Eip",
        "aws:ec2/flowLog:FlowLog",
        "aws:ec2/internetGateway:InternetGateway",
        "aws:ec2/natGateway:NatGateway",
        "aws:ec2/routeTable:RouteTable",
        "aws:ec2/securityGroup:SecurityGroup",
        "aws:ec2/subnet:Subnet",
        "aws:ec2/vpc:Vpc",
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
        "aws:ec2clientvpn/endpoint:Endpoint",
        "aws:guardduty/malwareProtectionPlan:MalwareProtectionPlan",
        "aws:iam/policy:Policy",
        "aws:iam/role:Role",
        "aws:kms/key:Key",
        "aws:lambda/eventSourceMapping:EventSourceMapping",
        "aws:lambda/function:Function",
        "aws:rds/instance:Instance",
        "aws:rds/parameterGroup:ParameterGroup",
        "aws:rds/proxy:Proxy",
        "aws:rds/subnetGroup:SubnetGroup",
        "aws:s3/bucket:Bucket",
        "aws:s3/bucketObjectv2:BucketObjectv2",
        "aws:secretsmanager/secret:Secret",
        "aws:sfn/stateMachine:StateMachine",
        "aws:sns/topic:Topic",
        "aws:sqs/queue:Queue",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "aws:wafv2/webAcl:WebAcl",
    }
)
"""The types that the provider's default tags are put on."""

_HOW_TO_DESTROY = {
    "bypassPolicyLockoutSafetyCheck",
    "deletionWindowInDays",
    "forceDelete",
    "forceDestroy",
    "forceDetachPolicies",
    "recoveryWindowInDays",
    "retainOnDelete",
    "revokeRulesOnDelete",
    "skipDestroy",
    "waitForDeployment",
}
"""Inputs that speak to the provider about waiting and deleting. The local cloud is thrown away whole."""


class UnknownType(Exception):
    """The program uses a type that the local cloud neither makes nor lists as not emulated."""


def create(cloud: Cloud, token: str, name: str, inputs: Mapping[str, Any], tags: Mapping[str, str]) -> Made:
    """Makes one resource; gives its id and its whole state, the inputs included.

    `tags` are the provider's default tags. Raises `UnknownType`, `NotPlaced` for an input that has nowhere to go, or
    whatever the SDK raised.
    """
    given = {key: value for key, value in inputs.items() if key not in _HOW_TO_DESTROY and key != "region"}
    if token in TAGGED:
        given["tags"] = {**tags, **inputs.get("tags", {})}
    state = {**inputs, "region": cloud.region, **({"tagsAll": given["tags"]} if token in TAGGED else {})}
    if skipped := NOT_EMULATED.get(token):
        made_id, outputs = skipped.outputs(cloud, name, inputs)
    elif creator := CREATORS.get(token):
        made_id, outputs = creator(cloud, name, given)
        if given:
            raise NotPlaced(f"nothing passes on {', '.join(map(repr, sorted(given)))}")
    else:
        raise UnknownType("make it in local/resources/, or list it in local/resources/skipped.py with the reason")
    return made_id, {**state, **outputs}
