"""Types that are accepted and not made, each with the reason that the program prints."""

from collections.abc import Mapping
from typing import Any

from local.resources.base import Cloud, Made, NotEmulated, arn
from local.server import HOST


def _named(service: str, kind: str, key: str = "name") -> Any:
    def outputs(cloud: Cloud, name: str, inputs: Mapping[str, Any]) -> Made:
        chosen = str(inputs.get(key, name))
        return chosen, {key: chosen, "arn": arn(cloud, service, f"{kind}/{chosen}")}

    return outputs


def _query_definition(cloud: Cloud, name: str, inputs: Mapping[str, Any]) -> Made:
    return name, {"queryDefinitionId": name, "arn": arn(cloud, "logs", f"query-definition:{name}")}


def _vpn(cloud: Cloud, name: str, inputs: Mapping[str, Any]) -> Made:
    made_id = f"cvpn-endpoint-{name}"
    return made_id, {
        "arn": arn(cloud, "ec2", f"client-vpn-endpoint/{made_id}"),
        "dnsName": f"*.{made_id}.prod.clientvpn.{cloud.region}.invalid",
        "selfServicePortalUrl": "",
    }


def _association(cloud: Cloud, name: str, inputs: Mapping[str, Any]) -> Made:
    return name, {"associationId": name, "vpcId": ""}


def _rule(cloud: Cloud, name: str, inputs: Mapping[str, Any]) -> Made:
    return f"{inputs['clientVpnEndpointId']},{inputs['targetNetworkCidr']}", {}


def _web_acl(cloud: Cloud, name: str, inputs: Mapping[str, Any]) -> Made:
    scope = "global" if inputs["scope"] == "CLOUDFRONT" else "regional"
    return name, {
        "arn": arn(cloud, "wafv2", f"{scope}/webacl/{inputs.get('name', name)}/{name}"),
        "capacity": 0,
        "lockToken": "",
        "applicationIntegrationUrl": "",
    }


def _proxy(cloud: Cloud, name: str, inputs: Mapping[str, Any]) -> Made:
    chosen = str(inputs.get("name", name))
    # The port is the database's, so whoever connects to both is at the database.
    return chosen, {"name": chosen, "arn": arn(cloud, "rds", f"db-proxy:prx-{chosen}"), "endpoint": HOST}


def _target_group(cloud: Cloud, name: str, inputs: Mapping[str, Any]) -> Made:
    return str(inputs["dbProxyName"]), {
        "name": "default",
        "arn": arn(cloud, "rds", f"target-group:prx-tg-{inputs['dbProxyName']}"),
    }


def _target(cloud: Cloud, name: str, inputs: Mapping[str, Any]) -> Made:
    made_id = f"{inputs['dbProxyName']}/default/RDS_INSTANCE/{inputs['dbInstanceIdentifier']}"
    return made_id, {"type": "RDS_INSTANCE", "rdsResourceId": inputs["dbInstanceIdentifier"]}


_NO_FIREWALL = "no request passes through a firewall, so what it would refuse is let in"
_NO_PROXY = "functions connect to the database itself"
_NO_VPN = "there is no network, so no VPN leads into it; its certificates and profiles are made"

NOT_EMULATED: dict[str, NotEmulated] = {
    "aws:cloudwatch/queryDefinition:QueryDefinition": NotEmulated(
        "saved log queries are not kept: there is no Logs Insights", _query_definition
    ),
    "aws:cognito/managedLoginBranding:ManagedLoginBranding": NotEmulated(
        "Cognito's pages look as the emulator makes them",
        lambda cloud, name, inputs: (
            f"{inputs['userPoolId']},{name}",
            {"managedLoginBrandingId": name, "settingsAll": "{}"},
        ),
    ),
    "aws:ec2/flowLog:FlowLog": NotEmulated(
        "there is no network, so no flow is logged", _named("ec2", "vpc-flow-log", "id")
    ),
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": NotEmulated(
        "the account holds this stack's buckets only, and each has a block of its own",
        lambda cloud, name, inputs: (cloud.account, {"accountId": cloud.account}),
    ),
    "aws:ec2clientvpn/authorizationRule:AuthorizationRule": NotEmulated(_NO_VPN, _rule),
    "aws:ec2clientvpn/endpoint:Endpoint": NotEmulated(_NO_VPN, _vpn),
    "aws:ec2clientvpn/networkAssociation:NetworkAssociation": NotEmulated(_NO_VPN, _association),
    "aws:rds/proxy:Proxy": NotEmulated(_NO_PROXY, _proxy),
    "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": NotEmulated(_NO_PROXY, _target_group),
    "aws:rds/proxyTarget:ProxyTarget": NotEmulated(_NO_PROXY, _target),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": NotEmulated(
        "services write logs without asking a policy", _named("logs", "resource-policy", "policyName")
    ),
    "aws:wafv2/webAcl:WebAcl": NotEmulated(_NO_FIREWALL, _web_acl),
    "aws:wafv2/webAclAssociation:WebAclAssociation": NotEmulated(
        _NO_FIREWALL, lambda cloud, name, inputs: (f"{inputs['webAclArn']},{inputs['resourceArn']}", {})
    ),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": NotEmulated(
        _NO_FIREWALL, lambda cloud, name, inputs: (str(inputs["resourceArn"]), {})
    ),
}
