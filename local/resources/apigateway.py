"""API Gateway: a REST API from its body, the stage that serves it, and the keys and plans of its callers."""

import json
from typing import Any

from local.resources.base import Cloud, Create, Inputs, Made, arn, physical, text
from local.resources.openapi import Importer
from local.resources.shaping import shape

_METHOD_SETTINGS = {
    "metricsEnabled": "metrics/enabled",
    "loggingLevel": "logging/loglevel",
    "dataTraceEnabled": "logging/dataTrace",
    "throttlingRateLimit": "throttling/rateLimit",
    "throttlingBurstLimit": "throttling/burstLimit",
}


def rest_api(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """The body is read here; the API's own policy means this API wherever it says `execute-api:`."""
    client = cloud.client("apigateway")
    chosen = physical(name, inputs, limit=255)
    body, policy = json.loads(inputs.pop("body")), inputs.pop("policy", None)
    # Import warnings are errors here always.
    inputs.pop("failOnWarnings", None)
    endpoint = inputs.pop("endpointConfiguration", {})
    made = client.create_rest_api(
        name=chosen,
        endpointConfiguration={"types": [endpoint["types"]]} if endpoint else {"types": ["REGIONAL"]},
        **shape(client, "create_rest_api", inputs),
    )
    api_id: str = made["id"]
    execution = f"arn:aws:execute-api:{cloud.region}:{cloud.account}:{api_id}"
    if policy:
        own = text(policy).replace('"execute-api:/', f'"{execution}/')
        client.update_rest_api(restApiId=api_id, patchOperations=[{"op": "replace", "path": "/policy", "value": own}])
    Importer(client, api_id, body).run(_root(client, api_id))
    return api_id, {
        "name": chosen,
        "arn": _arn(cloud, f"/restapis/{api_id}"),
        "executionArn": execution,
        "rootResourceId": _root(client, api_id),
        "createdDate": str(made["createdDate"]),
    }


def _root(client: Any, api_id: str) -> str:
    (root,) = [one["id"] for one in client.get_resources(restApiId=api_id, limit=500)["items"] if one["path"] == "/"]
    return str(root)


def _arn(cloud: Cloud, resource: str) -> str:
    return arn(cloud, "apigateway", resource, account=False)


def deployment(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    client = cloud.client("apigateway")
    inputs.pop("triggers", None)
    made = client.create_deployment(**shape(client, "create_deployment", inputs, {"restApi": "restApiId"}))
    return made["id"], {"createdDate": str(made["createdDate"])}


def stage(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """The API sets the log of a stage by a change, not when the stage is made."""
    client = cloud.client("apigateway")
    log = inputs.pop("accessLogSettings", None)
    renames = {"restApi": "restApiId", "deployment": "deploymentId", "xrayTracingEnabled": "tracingEnabled"}
    params = shape(client, "create_stage", inputs, renames)
    made = client.create_stage(**params)
    where = {"restApiId": params["restApiId"], "stageName": made["stageName"]}
    if log:
        changes = [
            {"op": "replace", "path": f"/accessLogSettings/{key}", "value": log.pop(key)}
            for key in ("destinationArn", "format")
        ]
        client.update_stage(**where, patchOperations=changes)
    api_id = params["restApiId"]
    invoke = f"execute-api:{cloud.region}:{cloud.account}:{api_id}/{made['stageName']}"
    return f"ags-{api_id}-{made['stageName']}", {
        "arn": _arn(cloud, f"/restapis/{api_id}/stages/{made['stageName']}"),
        "executionArn": f"arn:aws:{invoke}",
        "invokeUrl": f"https://{api_id}.execute-api.{cloud.region}.amazonaws.com/{made['stageName']}",
        "webAclArn": "",
    }


def method_settings(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    client = cloud.client("apigateway")
    api_id, chosen, path = inputs.pop("restApi"), inputs.pop("stageName"), inputs.pop("methodPath")
    wanted = inputs.pop("settings")
    changes = [
        {"op": "replace", "path": f"/{path}/{_METHOD_SETTINGS[key]}", "value": _word(value)}
        for key, value in wanted.items()
    ]
    client.update_stage(restApiId=api_id, stageName=chosen, patchOperations=changes)
    return f"{api_id}-{chosen}-{path}", {}


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def api_key(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """Without a value of the program's own, one is chosen."""
    client = cloud.client("apigateway")
    chosen = physical(name, inputs, limit=255)
    made = client.create_api_key(name=chosen, **shape(client, "create_api_key", inputs))
    dates = {key: str(made[key]) for key in ("createdDate", "lastUpdatedDate")}
    return made["id"], {
        "name": chosen,
        "arn": _arn(cloud, f"/apikeys/{made['id']}"),
        "value": made["value"],
        **dates,
    }


def usage_plan(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    client = cloud.client("apigateway")
    chosen = physical(name, inputs, limit=255)
    renames = {"throttleSettings": "throttle", "quotaSettings": "quota"}
    made = client.create_usage_plan(name=chosen, **shape(client, "create_usage_plan", inputs, renames))
    return made["id"], {"name": chosen, "arn": _arn(cloud, f"/usageplans/{made['id']}")}


def usage_plan_key(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    client = cloud.client("apigateway")
    made = client.create_usage_plan_key(**shape(client, "create_usage_plan_key", inputs))
    return made["id"], {"name": made.get("name", ""), "value": made.get("value", "")}


CREATORS: dict[str, Create] = {
    "aws:apigateway/apiKey:ApiKey": api_key,
    "aws:apigateway/deployment:Deployment": deployment,
    "aws:apigateway/methodSettings:MethodSettings": method_settings,
    "aws:apigateway/restApi:RestApi": rest_api,
    "aws:apigateway/stage:Stage": stage,
    "aws:apigateway/usagePlan:UsagePlan": usage_plan,
    "aws:apigateway/usagePlanKey:UsagePlanKey": usage_plan_key,
}
