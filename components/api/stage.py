"""The stage that serves the API: its deployment, how much it takes, and its log."""

import json
from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.function import Home
from components.settings import Api as ApiSettings

STAGE = "api"
"""Part of every path, so the distribution sends `/api/…` on as it is."""
EVERY_METHOD = "*/*"
# What a page asks for at once when it opens, or a program that signs many parts.
BURST_SECONDS = 6

LOG_FIELDS: Mapping[str, str] = {
    "request_id": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "method": "$context.httpMethod",
    # Without what stands in the path's parameters: names of files are nobody's business here.
    "route": "$context.resourcePath",
    "status": "$context.status",
    "caller": "$context.authorizer.caller",
    "key_id": "$context.identity.apiKeyId",
    "refused": "$context.error.responseType",
    "authorizer_status": "$context.authorizer.status",
    "authorizer_ms": "$context.authorizer.integrationLatency",
    "function_ms": "$context.integration.latency",
    "answer_ms": "$context.responseLatency",
    "answer_bytes": "$context.responseLength",
    "tls": "$context.tlsVersion",
}
"""What is written of each request. `request_id` is the correlation id unless the caller brought one; functions log
both."""


def make_stage(
    home: Home, api: aws.apigateway.RestApi, definition: pulumi.Input[str], wanted: ApiSettings, parent: pulumi.Resource
) -> aws.apigateway.Stage:
    """The stage of `api`; a new `definition` (a digest of all there is to deploy) is deployed.

    API Gateway writes the log by a role of the whole account in this region (docs/edge.md). No stack makes that: it
    would take the logs of every other API with it when it goes.
    """
    child = pulumi.ResourceOptions(parent=parent)
    exact = home.names.exact("api", STAGE)
    deployment = aws.apigateway.Deployment(exact, rest_api=api.id, triggers={"definition": definition}, opts=child)
    logs = aws.cloudwatch.LogGroup(
        f"{exact}-access",
        name=f"/aws/apigateway/{exact}",
        retention_in_days=home.retention_days,
        kms_key_id=home.logs_key.arn,
        opts=child,
    )
    stage = aws.apigateway.Stage(
        exact,
        rest_api=api.id,
        deployment=deployment.id,
        stage_name=STAGE,
        access_log_settings={"destination_arn": logs.arn, "format": json.dumps(LOG_FIELDS)},
        # The functions have no tracer, so a trace would end here.
        xray_tracing_enabled=False,
        opts=child,
    )
    people = wanted.people_per_minute if wanted.sign_in != "none" else 0
    together = people + wanted.requests_per_minute * len(wanted.clients)
    aws.apigateway.MethodSettings(
        exact,
        rest_api=api.id,
        stage_name=stage.stage_name,
        method_path=EVERY_METHOD,
        settings={
            "metrics_enabled": True,
            # What it would log besides are whole requests, tokens included, in a group that it makes itself.
            "logging_level": "OFF",
            "data_trace_enabled": False,
            "throttling_rate_limit": rate(together),
            "throttling_burst_limit": burst(together),
        },
        opts=child,
    )
    return stage


def make_plan(
    home: Home,
    purpose: str,
    *,
    api: aws.apigateway.RestApi,
    stage: aws.apigateway.Stage,
    per_minute: int,
    keys: Mapping[str, aws.apigateway.ApiKey],
    parent: pulumi.Resource,
) -> None:
    """A usage plan that gives each of `keys` so many requests."""
    child = pulumi.ResourceOptions(parent=parent)
    plan = aws.apigateway.UsagePlan(
        home.names.of("usage plan", f"{STAGE}-{purpose}"),
        name=home.names.exact("usage plan", f"{STAGE}-{purpose}"),
        description=f"{per_minute} requests a minute for each key",
        api_stages=[{"api_id": api.id, "stage": stage.stage_name}],
        throttle_settings={"rate_limit": rate(per_minute), "burst_limit": burst(per_minute)},
        opts=child,
    )
    for name, key in keys.items():
        aws.apigateway.UsagePlanKey(
            home.names.of("usage plan", f"{STAGE}-{name}"),
            usage_plan_id=plan.id,
            key_id=key.id,
            key_type="API_KEY",
            opts=child,
        )


def rate(per_minute: int) -> float:
    """Requests a second, as API Gateway counts."""
    return round(per_minute / 60, 3)


def burst(per_minute: int) -> int:
    """Requests that are taken at once, after a while without any."""
    return max(1, per_minute * BURST_SECONDS // 60)
