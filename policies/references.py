"""What a resource names is of its own stack, and of its own account."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from pulumi_policy import PolicyResource
from pulumi_policy.proxy import UnknownValueError

from policies import kinds as k
from policies.rules import Props, Resources, given, identities, kind, named, top, values, whole_stack

REFERENCES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (k.ALARM, "alarmActions[]", (k.TOPIC,)),
    (k.ALARM, "okActions[]", (k.TOPIC,)),
    *((kind, "restApi", (k.API,)) for kind in (k.API_DEPLOYMENT, k.API_METHOD_SETTINGS, k.API_STAGE)),
    (k.API_METHOD_SETTINGS, "stageName", (k.API_STAGE,)),
    (k.API_PLAN, "apiStages[].apiId", (k.API,)),
    (k.API_PLAN, "apiStages[].stage", (k.API_STAGE,)),
    (k.API_PLAN_KEY, "keyId", (k.API_KEY,)),
    (k.API_PLAN_KEY, "usagePlanId", (k.API_PLAN,)),
    (k.API_STAGE, "accessLogSettings.destinationArn", (k.LOG_GROUP,)),
    (k.API_STAGE, "deployment", (k.API_DEPLOYMENT,)),
    *(
        (kind, "userPoolId", (k.USER_POOL,))
        for kind in (k.USER_GROUP, k.USER_POOL_CLIENT, k.USER_POOL_DOMAIN, k.USER_POOL_PAGES)
    ),
    (k.USER_POOL_PAGES, "clientId", (k.USER_POOL_CLIENT,)),
    *(
        (kind, "bucket", (k.BUCKET,))
        for kind in (
            k.BUCKET_BLOCK,
            k.BUCKET_CORS,
            k.BUCKET_ENCRYPTION,
            k.BUCKET_LIFECYCLE,
            k.BUCKET_LOCK,
            k.BUCKET_LOGGING,
            k.BUCKET_NOTIFICATION,
            k.BUCKET_OBJECT,
            k.BUCKET_OWNERSHIP,
            k.BUCKET_POLICY,
            k.BUCKET_VERSIONING,
        )
    ),
    (k.BUCKET_ENCRYPTION, "rules[].applyServerSideEncryptionByDefault.kmsMasterKeyId", (k.KEY,)),
    (k.BUCKET_LOGGING, "targetBucket", (k.BUCKET,)),
    (k.BUS, "deadLetterConfig.arn", (k.QUEUE,)),
    (k.BUS, "kmsKeyIdentifier", (k.KEY,)),
    *(
        (kind, path, (k.PRIVATE_KEY,))
        for kind, path in (
            (k.CERTIFICATE, "privateKey"),
            (k.CERTIFICATE_REQUEST, "privateKeyPem"),
            (k.CERTIFICATE_SELF_SIGNED, "privateKeyPem"),
            (k.CERTIFICATE_SIGNED, "caPrivateKeyPem"),
        )
    ),
    (k.CERTIFICATE, "certificateBody", (k.CERTIFICATE_SIGNED,)),
    (k.CERTIFICATE, "certificateChain", (k.CERTIFICATE_SELF_SIGNED,)),
    (k.CERTIFICATE_SIGNED, "caCertPem", (k.CERTIFICATE_SELF_SIGNED,)),
    (k.CERTIFICATE_SIGNED, "certRequestPem", (k.CERTIFICATE_REQUEST,)),
    (k.DATABASE, "dbSubnetGroupName", (k.DATABASE_SUBNETS,)),
    (k.DATABASE, "kmsKeyId", (k.KEY,)),
    (k.DATABASE, "masterUserSecretKmsKeyId", (k.KEY,)),
    (k.DATABASE, "monitoringRoleArn", (k.ROLE,)),
    (k.DATABASE, "parameterGroupName", (k.DATABASE_PARAMETERS,)),
    (k.DATABASE, "performanceInsightsKmsKeyId", (k.KEY,)),
    (k.DATABASE, "vpcSecurityGroupIds[]", (k.GROUP,)),
    (k.DATABASE_PROXY, "roleArn", (k.ROLE,)),
    (k.DATABASE_PROXY, "vpcSecurityGroupIds[]", (k.GROUP,)),
    (k.DATABASE_PROXY, "vpcSubnetIds[]", (k.SUBNET,)),
    (k.DATABASE_PROXY_GROUP, "dbProxyName", (k.DATABASE_PROXY,)),
    (k.DATABASE_PROXY_TARGET, "dbInstanceIdentifier", (k.DATABASE,)),
    (k.DATABASE_PROXY_TARGET, "dbProxyName", (k.DATABASE_PROXY,)),
    (k.DATABASE_PROXY_TARGET, "targetGroupName", (k.DATABASE_PROXY_GROUP,)),
    (k.DATABASE_SUBNETS, "subnetIds[]", (k.SUBNET,)),
    (k.DISTRIBUTION, "defaultCacheBehavior.cachePolicyId", (k.CACHE_POLICY,)),
    (k.DISTRIBUTION, "defaultCacheBehavior.responseHeadersPolicyId", (k.HEADERS_POLICY,)),
    (k.DISTRIBUTION, "defaultCacheBehavior.trustedKeyGroups[]", (k.KEY_GROUP,)),
    (k.DISTRIBUTION, "origins[].domainName", (k.API, k.BUCKET)),
    (k.DISTRIBUTION, "webAclId", (k.WEB_ACL,)),
    (k.DISTRIBUTION, "origins[].originAccessControlId", (k.ORIGIN_ACCESS,)),
    (k.EGRESS, "prefixListId", (k.ENDPOINT,)),
    (k.EGRESS, "referencedSecurityGroupId", (k.GROUP,)),
    (k.EGRESS, "securityGroupId", (k.GROUP,)),
    (k.ENDPOINT, "routeTableIds[]", (k.ROUTE_TABLE,)),
    (k.ENDPOINT, "securityGroupIds[]", (k.GROUP,)),
    (k.ENDPOINT, "subnetIds[]", (k.SUBNET,)),
    (k.FLOW_LOG, "iamRoleArn", (k.ROLE,)),
    (k.FLOW_LOG, "logDestination", (k.LOG_GROUP,)),
    (k.FUNCTION, "deadLetterConfig.targetArn", (k.QUEUE,)),
    (k.FUNCTION, "loggingConfig.logGroup", (k.LOG_GROUP,)),
    (k.FUNCTION, "role", (k.ROLE,)),
    (k.FUNCTION, "vpcConfig.securityGroupIds[]", (k.GROUP,)),
    (k.FUNCTION, "vpcConfig.subnetIds[]", (k.SUBNET,)),
    (k.INGRESS, "referencedSecurityGroupId", (k.GROUP,)),
    (k.INGRESS, "securityGroupId", (k.GROUP,)),
    (k.INVOCATION, "functionName", (k.FUNCTION,)),
    (k.KEY_ALIAS, "targetKeyId", (k.KEY,)),
    (k.KEY_GROUP, "items[]", (k.PUBLIC_KEY, k.INVOCATION)),
    (k.KEY_POLICY, "keyId", (k.KEY,)),
    (k.LOG_GROUP, "kmsKeyId", (k.KEY,)),
    (k.LOG_DELIVERY, "deliveryDestinationArn", (k.LOG_DELIVERY_DESTINATION,)),
    (k.LOG_DELIVERY, "deliverySourceName", (k.LOG_DELIVERY_SOURCE,)),
    (k.LOG_DELIVERY_DESTINATION, "deliveryDestinationConfiguration.destinationResourceArn", (k.BUCKET,)),
    (k.LOG_DELIVERY_SOURCE, "resourceArn", (k.DISTRIBUTION,)),
    (k.MACHINE, "loggingConfiguration.logDestination", (k.LOG_GROUP,)),
    (k.MACHINE, "roleArn", (k.ROLE,)),
    (k.MALWARE_PLAN, "protectedResource.s3Bucket.bucketName", (k.BUCKET,)),
    (k.MALWARE_PLAN, "role", (k.ROLE,)),
    (k.MAPPING, "destinationConfig.onFailure.destinationArn", (k.QUEUE,)),
    (k.MAPPING, "eventSourceArn", (k.QUEUE, k.TABLE)),
    (k.MAPPING, "functionName", (k.FUNCTION,)),
    (k.PERMISSION, "function", (k.FUNCTION,)),
    (k.PEERING, "peerVpcId", (k.VPC,)),
    (k.PEERING, "vpcId", (k.VPC,)),
    (k.QUEUE, "kmsMasterKeyId", (k.KEY,)),
    (k.QUEUE, "redrivePolicy{}.deadLetterTargetArn", (k.QUEUE,)),
    (k.QUEUE_POLICY, "queueUrl", (k.QUEUE,)),
    (k.NAT, "allocationId", (k.ADDRESS,)),
    (k.NAT, "subnetId", (k.SUBNET,)),
    (k.REDRIVE_ALLOW, "queueUrl", (k.QUEUE,)),
    (k.REDRIVE_ALLOW, "redriveAllowPolicy{}.sourceQueueArns[]", (k.QUEUE,)),
    (k.ROLE_POLICY, "role", (k.ROLE,)),
    (k.ROUTE, "gatewayId", (k.GATEWAY,)),
    (k.ROUTE, "natGatewayId", (k.NAT,)),
    (k.ROUTE, "vpcPeeringConnectionId", (k.PEERING,)),
    (k.ROUTE, "routeTableId", (k.ROUTE_TABLE,)),
    (k.ROUTE_ASSOCIATION, "routeTableId", (k.ROUTE_TABLE,)),
    (k.ROUTE_ASSOCIATION, "subnetId", (k.SUBNET,)),
    (k.SECRET, "kmsKeyId", (k.KEY,)),
    (k.SECRET_ROTATION, "rotationLambdaArn", (k.FUNCTION,)),
    (k.SECRET_ROTATION, "secretId", (k.SECRET,)),
    (k.SECRET_VERSION, "secretId", (k.SECRET,)),
    (k.SUBSCRIPTION, "topic", (k.TOPIC,)),
    (k.TABLE, "serverSideEncryption.kmsKeyArn", (k.KEY,)),
    (k.TARGET, "arn", (k.QUEUE, k.FUNCTION)),
    (k.TARGET, "deadLetterConfig.arn", (k.QUEUE,)),
    (k.TARGET, "rule", (k.RULE,)),
    (k.TOPIC, "kmsMasterKeyId", (k.KEY,)),
    (k.TOPIC_POLICY, "arn", (k.TOPIC,)),
    (k.VPN, "connectionLogOptions.cloudwatchLogGroup", (k.LOG_GROUP,)),
    (k.VPN, "securityGroupIds[]", (k.GROUP,)),
    (k.VPN, "vpcId", (k.VPC,)),
    (k.VPN_ASSOCIATION, "clientVpnEndpointId", (k.VPN,)),
    (k.VPN_ASSOCIATION, "subnetId", (k.SUBNET,)),
    (k.VPN_AUTHORIZATION, "clientVpnEndpointId", (k.VPN,)),
    (k.WEB_ACL_LOGGING, "logDestinationConfigs[]", (k.LOG_GROUP,)),
    (k.WEB_ACL_LOGGING, "resourceArn", (k.WEB_ACL,)),
    *(
        (kind, "vpcId", (k.VPC,))
        for kind in (
            k.DEFAULT_GROUP,
            k.ENDPOINT,
            k.FLOW_LOG,
            k.GATEWAY,
            k.GROUP,
            k.ROUTE_TABLE,
            k.SUBNET,
        )
    ),
)
"""Kind, property (`rules.values`) and the kinds of which it names one of this stack, when it is set at all."""
NEEDED = frozenset(
    {
        (k.CERTIFICATE, "certificateBody"),
        (k.CERTIFICATE, "certificateChain"),
        (k.CERTIFICATE, "privateKey"),
        (k.CERTIFICATE_REQUEST, "privateKeyPem"),
        (k.CERTIFICATE_SELF_SIGNED, "privateKeyPem"),
        (k.CERTIFICATE_SIGNED, "caPrivateKeyPem"),
        (k.NAT, "allocationId"),
        (k.NAT, "subnetId"),
        (k.DATABASE, "dbSubnetGroupName"),
        (k.DATABASE, "parameterGroupName"),
        (k.DATABASE, "vpcSecurityGroupIds[]"),
        (k.DATABASE_PROXY, "vpcSecurityGroupIds[]"),
        (k.DATABASE_PROXY_TARGET, "dbInstanceIdentifier"),
        (k.DISTRIBUTION, "defaultCacheBehavior.cachePolicyId"),
        (k.FUNCTION, "loggingConfig.logGroup"),
        (k.GATEWAY, "vpcId"),
        (k.GROUP, "vpcId"),
        (k.KEY_GROUP, "items[]"),
        (k.VPN, "connectionLogOptions.cloudwatchLogGroup"),
        (k.VPN, "securityGroupIds[]"),
        (k.VPN, "vpcId"),
    }
)
"""Of those the ones without which there would be nothing, or something of AWS's own."""
# What AWS says of an endpoint that has no such thing is no reference.
NOT_OF = {"Gateway": ("securityGroupIds[]", "subnetIds[]"), "Interface": ("routeTableIds[]",)}
ACCOUNT = re.compile(r'arn:[\w-]+:[\w-]+:[\w-]*:(\d{12}):|"aws:(?:Source|Principal)Account": ?"(\d{12})"')


@whole_stack
def names_are_of_this_stack(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """What a resource refers to is a resource of this stack: keys, roles, queues, topics, networks."""
    for sort, path, wanted in REFERENCES:
        for one in resources.of(sort):
            if sort == k.ENDPOINT and path in NOT_OF.get(str(one.props.get("vpcEndpointType")), ()):
                continue
            yield from ((one, text) for text in _strangers(one, path, resources, wanted))


@whole_stack
def nothing_is_another_accounts(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Every ARN and account that is named is this account's."""
    found = [(one, account) for one in resources for account in _accounts_of(one)]
    usual = Counter(account for _, account in found).most_common(1)
    for one, account in dict.fromkeys((one.urn, account) for one, account in found if account != usual[0][0]):
        (resource,) = [other for other in resources if other.urn == one]
        yield resource, f"it names account {account}, the others {usual[0][0]}; name what is this account's"


def _is_set(props: Props, path: str) -> bool:
    """Whether something stands under the path, be it not known yet."""
    name, _, rest = path.partition(".")
    if not given(props, name.rstrip("[]{}")):
        return False
    if not rest or name.endswith(("[]", "{}")):
        return True
    try:
        return _is_set(props[name], rest)
    except UnknownValueError:
        return True


def _strangers(one: PolicyResource, path: str, resources: Resources, wanted: tuple[str, ...]) -> Iterator[str]:
    what = " or ".join(one_kind.rpartition(":")[2] for one_kind in wanted)
    if one.property_dependencies.get(top(path)):
        if _is_set(one.props, path) and not named(one, path, resources, *wanted):
            yield f"{path} names no {what} of this stack; give it one"
        return
    known = frozenset().union(*map(identities, resources.of(*wanted)))
    found = values(one.props, path)
    if not found and (kind(one.resource_type), path) in NEEDED:
        yield f"{path} names no {what}, so it has none or AWS takes its own; give it one of this stack"
    for value in found:
        # The host name of an API begins with its id.
        if str(value).removesuffix(":*").partition(".execute-api.")[0] not in known:
            yield f"{path} names no {what} of this stack but {value}; give it one"


@lru_cache(maxsize=4096)
def _accounts_of(resource: PolicyResource) -> tuple[str, ...]:
    return tuple(_accounts(resource.props))


def _accounts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from ("".join(found) for found in ACCOUNT.findall(value))
    elif hasattr(value, "keys"):
        if "sourceAccount" in list(value):
            yield value["sourceAccount"]
        for name in value:
            yield from _accounts(value[name])
    elif hasattr(value, "__getitem__"):
        for one in value:
            yield from _accounts(one)
