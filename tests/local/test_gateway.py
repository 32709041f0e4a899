"""The API's own body in the local cloud's gateway: what a caller meets before any function of the platform is there."""

import importlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import urllib3

from components.api.body import body
from components.api.document import load, operations
from components.place import Place
from local.cloud import LocalCloud
from local.gateway import LARGEST_BODY
from local.resources import create
from tests.local.conftest import Kit

SECRET = "so-it-came-through-the-distribution"  # noqa: S105
# "key NAME" is a program that counts under the key of that name; everything else is refused in its own way.
AUTHORIZER = """
import os
calls = 0
def handler(event, context):
    global calls
    calls += 1
    word, _, name = event["headers"]["authorization"].removeprefix("Bearer ").partition(" ")
    if word == "crash":
        raise ValueError("secret words")
    if word != "key":
        raise Exception("Unauthorized")
    effect = "Deny" if name == "denied" else "Allow"
    resource = "/".join(event["methodArn"].split("/")[:2]) + "/*"
    return {
        "principalId": name,
        "policyDocument": {"Version": "2012-10-17", "Statement": [
            {"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource}]},
        "context": {"caller": name, "calls": calls, "operator": name == "boss"},
        "usageIdentifierKey": event["headers"].get("x-key-value") or name,
    }
"""
ECHO = """
import json
def handler(event, context):
    if event["httpMethod"] == "DELETE":
        raise ValueError("secret words")
    if event["resource"] == "/me" and (event["queryStringParameters"] or {}).get("odd"):
        return "nonsense"
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(event)}
"""
PLAN = {"rateLimit": 2.0, "burstLimit": 3}


@dataclass
class Api:
    """An API behind a distribution."""

    base: str
    id: str
    keys: dict[str, str]
    key_ids: dict[str, str]
    http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False))

    def call(self, method: str, path: str, who: str | None = "key roomy", **more: Any) -> urllib3.BaseHTTPResponse:
        headers = {"Authorization": f"Bearer {self.who(who)}"} if who is not None else {}
        return self.http.request(method, f"{self.base}/api{path}", headers=headers | more.pop("headers", {}), **more)

    def who(self, text: str) -> str:
        """Names of keys by their values."""
        word, _, name = text.partition(" ")
        return f"{word} {self.keys.get(name, name)}" if name else word


@pytest.fixture(scope="module")
def api(cloud: LocalCloud) -> Iterator[Api]:
    kit = Kit(cloud)
    authorizer, echo = kit.function(AUTHORIZER), kit.function(ECHO)
    arn = kit.function_arn(echo)
    place = Place(account=cloud.account, region=cloud.region, partition="aws")
    content = body(
        load(), name="small", place=place, authorizer_arn=kit.function_arn(authorizer),
        functions={"caller": arn, "files": arn, "uploads": arn},
    )  # fmt: skip
    everything = {"Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", **everything},
            {"Effect": "Deny", **everything, "Condition": {"StringNotEquals": {"aws:Referer": SECRET}}},
        ],
    }

    def make(kind: str, name: str, **inputs: Any) -> tuple[str, dict[str, Any]]:
        token = f"aws:apigateway/{kind[0].lower()}{kind[1:]}:{kind}"
        return create(cloud, token, name, inputs, {})

    api_id, state = make(
        "RestApi", "small", body=content, policy=json.dumps(policy), endpointConfiguration={"types": "REGIONAL"},
        securityPolicy="SecurityPolicy_TLS13_1_2_2021_06", apiKeySource="AUTHORIZER", failOnWarnings=True,
    )  # fmt: skip
    deployment, _ = make("Deployment", "small", restApi=api_id, triggers={"definition": "1"})
    make("Stage", "small", restApi=api_id, deployment=deployment, stageName="api", xrayTracingEnabled=False)
    limits = {"throttlingRateLimit": 1000.0, "throttlingBurstLimit": 500, "metricsEnabled": True}
    make("MethodSettings", "small", restApi=api_id, stageName="api", methodPath="*/*", settings=limits)
    keys, key_ids = {}, {}
    for name, throttle in (("narrow", PLAN), ("other", PLAN), ("roomy", {"rateLimit": 500.0, "burstLimit": 500})):
        key_ids[name], made = make("ApiKey", name, enabled=True)
        keys[name] = made["value"]
        plan, _ = make("UsagePlan", name, apiStages=[{"apiId": api_id, "stage": "api"}], throttleSettings=throttle)
        make("UsagePlanKey", name, usagePlanId=plan, keyId=key_ids[name], keyType="API_KEY")
    for function, source in ((authorizer, "/authorizers/*"), (echo, "/api/*")):
        cloud.client("lambda").add_permission(
            FunctionName=function, StatementId="gateway", Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com", SourceArn=state["executionArn"] + source,
        )  # fmt: skip
    origin = {
        "originId": "api",
        "domainName": f"{api_id}.execute-api.{cloud.region}.amazonaws.com",
        "customHeaders": [{"name": "Referer", "value": SECRET}],
        "customOriginConfig": {
            "httpPort": 80, "httpsPort": 443, "originProtocolPolicy": "https-only", "originSslProtocols": ["TLSv1.2"],
        },
    }  # fmt: skip
    everywhere = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    behaviour = {
        "targetOriginId": "api", "viewerProtocolPolicy": "redirect-to-https", "allowedMethods": everywhere,
        "cachedMethods": ["GET", "HEAD"],
        # CachingDisabled and AllViewerExceptHostHeader, as AWS keeps them.
        "cachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
        "originRequestPolicyId": "b689b0a8-53d0-40ab-baf2-68738e2966ac",
    }  # fmt: skip
    _, distribution = create(
        cloud, "aws:cloudfront/distribution:Distribution", "small",
        {"enabled": True, "origins": [origin], "defaultCacheBehavior": behaviour,
         "restrictions": {"geoRestriction": {"restrictionType": "none"}},
         "viewerCertificate": {"cloudfrontDefaultCertificate": True}}, {},
    )  # fmt: skip
    made_api = Api(base=f"http://{distribution['domainName']}", id=api_id, keys=keys, key_ids=key_ids)
    yield made_api
    made_api.http.clear()


def is_problem(answer: urllib3.BaseHTTPResponse, status: int) -> bool:
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-correlation-id"] in problem["instance"]
    assert "secret words" not in answer.data.decode()
    return answer.status == problem["status"] == status


@pytest.mark.parametrize("operation", list(operations(load())), ids=lambda one: one.id)
def test_no_route_answers_who_brings_nothing(api: Api, operation: Any) -> None:
    path = operation.path.replace("{upload}", "u" * 16).replace("{file}", "YQ")
    for who in (None, "strange"):
        answer = api.call(operation.method.upper(), path, who)
        assert is_problem(answer, 401)
        assert answer.headers["www-authenticate"] == "Bearer"


def test_a_function_is_told_who_calls_and_under_which_key(api: Api) -> None:
    answer = api.call("GET", "/files?limit=2&state=failed")
    event = answer.json()
    assert event["requestContext"]["authorizer"] == {
        "caller": api.keys["roomy"], "calls": event["requestContext"]["authorizer"]["calls"],
        "operator": "false", "principalId": api.keys["roomy"],
    }  # fmt: skip
    assert event["requestContext"]["identity"]["apiKeyId"] == api.key_ids["roomy"]
    assert event["queryStringParameters"] == {"limit": "2", "state": "failed"}
    assert (event["resource"], event["path"]) == ("/files", "/files")


def test_the_authorizers_answer_is_kept_for_all_routes_with_its_key(api: Api) -> None:
    calls = {api.call("GET", path).json()["requestContext"]["authorizer"]["calls"] for path in ("/files", "/me")}
    assert len(calls) == 1


def test_who_names_a_key_that_is_in_no_plan_or_switched_off_is_unknown(api: Api, cloud: LocalCloud) -> None:
    assert is_problem(api.call("GET", "/me", "key nobody"), 401)
    gateway = cloud.client("apigateway")
    made = gateway.create_api_key(name="off", enabled=False)
    plan = gateway.create_usage_plan(name="off", apiStages=[{"apiId": api.id, "stage": "api"}])["id"]
    gateway.create_usage_plan_key(usagePlanId=plan, keyId=made["id"], keyType="API_KEY")
    assert is_problem(api.call("GET", "/me", f"key {made['value']}"), 401)


def test_the_header_that_names_keys_elsewhere_names_none_here(api: Api) -> None:
    answer = api.call("GET", "/me", "key nobody", headers={"x-api-key": api.keys["roomy"]})
    assert is_problem(answer, 401)


def test_a_key_has_its_rate_and_others_go_on(api: Api) -> None:
    answers = [api.call("GET", "/me", "key narrow") for _ in range(5)]
    assert [one.status for one in answers[:3]] == [200, 200, 200]
    assert is_problem(answers[4], 429)
    assert answers[4].headers["retry-after"] == "1"
    assert api.call("GET", "/me", "key other").status == 200
    time.sleep(1)
    assert api.call("GET", "/me", "key narrow").status == 200


def test_what_does_not_exist_is_not_found(api: Api) -> None:
    assert is_problem(api.call("GET", "/nothing"), 404)
    assert is_problem(api.call("PUT", "/files"), 404)
    assert is_problem(api.call("GET", "/nothing", None), 404)


def test_a_line_end_in_a_path_does_not_lead_past_the_api(api: Api) -> None:
    """To the page's bucket, which would answer in XML."""
    for path in ("/files/a%0Ab", "/files/a%0A", "/nothing%0A"):
        assert api.call("GET", path).headers["content-type"] in ("application/json", "application/problem+json"), path


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"name": "a"}',
        '{"name": "", "size": 1}',
        '{"name": "a", "size": -1}',
        '{"name": "a", "size": 1.5}',
    ],
)
def test_a_wrong_body_does_not_reach_the_function(api: Api, content: str) -> None:
    answer = api.call("POST", "/uploads", body=content, headers={"Content-Type": "application/json"})
    assert is_problem(answer, 400)


def test_a_right_body_reaches_it(api: Api) -> None:
    answer = api.call("POST", "/uploads", json={"name": "ä.csv", "size": 1})
    assert json.loads(answer.json()["body"]) == {"name": "ä.csv", "size": 1}


def test_a_body_of_more_than_ten_megabytes_is_too_large(api: Api) -> None:
    assert is_problem(api.call("POST", "/uploads", body=b" " * (LARGEST_BODY + 1)), 413)


def test_a_function_that_fails_or_talks_nonsense_is_our_fault_and_says_nothing(api: Api) -> None:
    assert is_problem(api.call("DELETE", "/files/YQ"), 500)
    assert is_problem(api.call("GET", "/me?odd=1"), 500)
    assert is_problem(api.call("GET", "/me", "crash"), 500)


def test_who_is_denied_is_forbidden(api: Api) -> None:
    assert is_problem(api.call("GET", "/me", "key denied"), 403)


def test_nobody_gets_past_the_distribution(api: Api, cloud: LocalCloud) -> None:
    direct = f"{cloud.endpoint}/_aws/execute-api/{api.id}/api/me"
    headers = {"Authorization": f"Bearer {api.who('key roomy')}"}
    assert is_problem(api.http.request("GET", direct, headers=headers), 403)
    assert is_problem(api.http.request("GET", direct, headers={**headers, "Referer": "a guess"}), 403)
    assert api.http.request("GET", direct, headers={**headers, "Referer": SECRET}).status == 200


def test_a_viewer_cannot_bring_the_distributions_own_header(api: Api) -> None:
    event = api.call("GET", "/me", headers={"Referer": "a guess"}).json()
    assert event["headers"]["referer"] == SECRET


def test_a_function_that_does_not_let_the_gateway_in_is_not_called(api: Api, cloud: LocalCloud) -> None:
    gateway = importlib.import_module("ministack.services.apigateway_v1")
    (uri,) = {
        one["methodIntegration"]["uri"]
        for resource in gateway._resources[api.id].values()
        for one in resource["resourceMethods"].values()
    }
    name = uri.rpartition(":function:")[2].partition("/")[0]
    functions = cloud.client("lambda")
    policy = json.loads(functions.get_policy(FunctionName=name)["Policy"])["Statement"][0]
    functions.remove_permission(FunctionName=name, StatementId="gateway")
    try:
        assert is_problem(api.call("GET", "/me"), 500)
    finally:
        functions.add_permission(
            FunctionName=name, StatementId="gateway", Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com", SourceArn=policy["Condition"]["ArnLike"]["AWS:SourceArn"],
        )  # fmt: skip
    assert api.call("GET", "/me").status == 200
