"""What breaks a rule about APIs and accounts is noticed, and what is not known yet is not judged."""

import json
from typing import Any

import pytest

from policies import apis, network
from tests.policies.breaks import DROPPED, GONE, Break
from tests.recorder import recording

ROUTE = "body.paths./files.get"
AUTHORIZER = "body.components.securitySchemes.caller.x-amazon-apigateway-authorizer"
PERMISSION = "lambda.Permission"
STAGE, PAGE = "apigateway.Stage", "cognito.UserPoolClient"
SETTINGS, PLAN, POOL = "apigateway.MethodSettings", "apigateway.UsagePlan", "cognito.UserPool"


def api(rule: Any, path: str, value: Any) -> Break:
    return Break(rule=rule, kind="apigateway.RestApi", path=path, value=value)


def page(rule: Any, path: str, value: Any) -> Break:
    return Break(rule=rule, kind=PAGE, path=path, value=value)


def pool(path: str, value: Any) -> Break:
    return Break(rule=apis.accounts_are_hard_to_take, kind=POOL, path=path, value=value)


BREAKS = [
    api(apis.api_is_spoken_to_by_current_tls, "securityPolicy", "TLS_1_0"),
    api(apis.api_is_spoken_to_by_current_tls, "endpointAccessMode", "BASIC"),
    api(apis.api_is_spoken_to_by_current_tls, "endpointConfiguration.types", "EDGE"),
    api(apis.api_asks_who_calls, f"{ROUTE}.security", []),
    api(apis.api_asks_who_calls, f"{ROUTE}.security", [{"caller": []}]),
    api(apis.api_asks_who_calls, f"{ROUTE}.security", [{"plan": []}]),
    api(apis.api_asks_who_calls, "apiKeySource", "HEADER"),
    api(apis.api_asks_who_calls, f"{AUTHORIZER}.identitySource", "method.request.header.Accept"),
    api(apis.api_asks_who_calls, f"{AUTHORIZER}.type", "token"),
    api(apis.api_looks_at_requests, f"{ROUTE}.x-amazon-apigateway-request-validator", "none"),
    api(apis.api_import_is_whole, "failOnWarnings", False),
    api(apis.api_has_one_way, "policy", DROPPED),
    api(apis.api_has_one_way, "policy.Statement.1.Effect", "Allow"),
    api(apis.api_has_one_way, "policy.Statement.1.Condition.StringNotEquals.aws:Referer", "another"),
    api(apis.api_has_one_way, "policy.Statement.0.Condition", DROPPED),
    api(apis.api_has_one_way, "policy.Statement.0.Condition.StringEquals.aws:Referer", "another"),
    api(apis.api_has_one_way, "policy.Statement.0.Effect", "Deny"),
    Break(
        rule=apis.api_may_call_its_functions, kind=PERMISSION, name="-files", path="principal", value="s3.amazonaws.com"
    ),
    Break(rule=apis.api_may_call_its_functions, kind=PERMISSION, name="-authorize", path="function", value=GONE),
    Break(rule=apis.api_calls_are_logged, kind=STAGE, path="accessLogSettings", value=DROPPED),
    Break(rule=apis.api_calls_are_logged, kind=STAGE, path="accessLogSettings.format", value="$context.requestId"),
    Break(rule=apis.api_has_limits, kind=SETTINGS, path="settings.throttlingRateLimit", value=-1),
    Break(rule=apis.api_has_limits, kind=SETTINGS, path="settings.metricsEnabled", value=False),
    Break(rule=apis.api_has_limits, kind=SETTINGS, path="settings.dataTraceEnabled", value=True),
    Break(rule=apis.api_keys_have_limits, kind=PLAN, path="throttleSettings", value=DROPPED),
    Break(rule=apis.api_deploys_what_changed, kind="apigateway.Deployment", path="triggers", value=DROPPED),
    pool("mfaConfiguration", "OPTIONAL"),
    pool("softwareTokenMfaConfiguration.enabled", False),
    pool("adminCreateUserConfig", DROPPED),
    pool("passwordPolicy.minimumLength", 8),
    pool("passwordPolicy.requireSymbols", False),
    pool("passwordPolicy.temporaryPasswordValidityDays", 90),
    pool("accountRecoverySetting", DROPPED),
    pool("userAttributeUpdateSettings", DROPPED),
    pool("usernameConfiguration", DROPPED),
    page(apis.sign_in_is_by_code, "allowedOauthFlows", ["code", "implicit"]),
    page(apis.sign_in_is_by_code, "supportedIdentityProviders", ["COGNITO", "Elsewhere"]),
    page(apis.sign_in_is_by_code, "generateSecret", True),
    page(apis.sign_in_is_by_code, "explicitAuthFlows", ["ALLOW_USER_PASSWORD_AUTH"]),
    page(apis.sign_in_is_by_code, "callbackUrls.0", "http://files.example.com/"),
    page(apis.sign_in_is_by_code, "preventUserExistenceErrors", "LEGACY"),
    page(apis.sign_in_is_by_code, "allowedOauthScopes", ["aws.cognito.signin.user.admin"]),
    page(apis.tokens_are_short, "accessTokenValidity", 61),
    page(apis.tokens_are_short, "refreshTokenValidity", 24 * 60 + 1),
    page(apis.tokens_are_short, "enableTokenRevocation", False),
    Break(rule=apis.sign_in_has_pages, kind="cognito.UserPoolDomain", path="managedLoginVersion", value=1),
    Break(
        rule=apis.sign_in_has_pages,
        kind="cognito.ManagedLoginBranding",
        path="useCognitoProvidedValues",
        value=False,
    ),
    Break(
        rule=network.functions_are_in_private_subnets,
        kind="lambda.Function",
        name="-files",
        path="vpcConfig",
        value=DROPPED,
    ),
]


@pytest.mark.parametrize("case", BREAKS, ids=str)
def test_a_break_is_noticed(case: Break) -> None:
    case.check()


def test_the_authorizers_answer_is_short() -> None:
    (made,) = recording("all-on").of("apigateway.RestApi")
    assert json.loads(made.inputs["body"])["components"]["securitySchemes"].keys() == {"caller", "plan"}
    api(apis.api_asks_who_calls, f"{AUTHORIZER}.authorizerResultTtlInSeconds", 3600).check()


def test_a_plan_without_keys_is_noticed() -> None:
    made = recording("all-on").of("apigateway.UsagePlanKey")
    assert len(made) == 3
    Break(
        rule=apis.api_keys_have_limits, kind="apigateway.UsagePlanKey", name="-people", path="usagePlanId", value=GONE
    ).check()
