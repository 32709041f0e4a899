"""An API asks everybody who calls, takes no more than it should, has one way in; accounts are hard to take."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_policy import PolicyResource

from policies.documents import Statement, documents
from policies.kinds import (
    API,
    API_DEPLOYMENT,
    API_METHOD_SETTINGS,
    API_PLAN,
    API_PLAN_KEY,
    API_STAGE,
    DISTRIBUTION,
    PERMISSION,
    USER_POOL,
    USER_POOL_CLIENT,
    USER_POOL_DOMAIN,
    USER_POOL_PAGES,
)
from policies.rules import Props, Resources, companions, each, named, values, whole_stack

TLS = ("TLS_1_2", "SecurityPolicy_TLS13_1_2_2021_06", "SecurityPolicy_TLS13_1_3_2025_09")
VALIDATES = {"validateRequestBody": True, "validateRequestParameters": True}
LONGEST_ANSWER_SECONDS = 300
BEARER = "method.request.header.Authorization"
REFERRER = "aws:referer"
CALLED = re.compile(r":function:([\w-]+)/invocations")
"""Names of functions in an API's body."""
SECRETS = ("authorization", "authorizer.claims", '$context.identity.apikey"', "requestoverride", "$input")
SHORTEST_PASSWORD = 12
LONGEST_TOKEN_MINUTES, LONGEST_SESSION_MINUTES = 60, 24 * 60
MINUTES = {"seconds": 1 / 60, "minutes": 1, "hours": 60, "days": 24 * 60}
PAST_THE_PAGES = ("PASSWORD", "SRP", "CUSTOM", "USER_AUTH")
METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "x-amazon-apigateway-any-method")


@each(API)
def api_is_spoken_to_by_current_tls(props: Props) -> Iterator[str]:
    """An API takes TLS 1.2 or later, at its own name, from its own region."""
    if props.get("securityPolicy") not in TLS or props.get("endpointAccessMode") != "STRICT":
        yield f"it takes old TLS, or another's name; set security_policy to {TLS[1]} and endpoint_access_mode to STRICT"
    if values(props, "endpointConfiguration.types") != ["REGIONAL"]:
        yield "it has a distribution that nobody sees; set endpoint_configuration to REGIONAL"


@each(API)
def api_asks_who_calls(props: Props) -> Iterator[str]:
    """Every route of an API has an authorizer, and counts under the key that the authorizer names."""
    body = json.loads(props["body"])
    schemes = body["components"]["securitySchemes"]
    asking = {name for name, one in schemes.items() if "x-amazon-apigateway-authorizer" in one}
    counting = schemes.keys() - asking
    for path, method, operation in _routes(body):
        ways = operation.get("security") or [{}]
        if not all(asking & way.keys() and counting & way.keys() for way in ways):
            yield f"{method} {path} answers whoever comes; see components/api/body.py"
    source = body.get("x-amazon-apigateway-api-key-source")
    if {source, props.get("apiKeySource")} != {"AUTHORIZER"}:
        yield "callers choose the key that they count under; set api_key_source to AUTHORIZER"
    for name in sorted(asking):
        authorizer = schemes[name]["x-amazon-apigateway-authorizer"]
        if (authorizer["type"], authorizer["identitySource"]) != ("request", BEARER):
            yield f"what {name} said of one caller is kept for others; set identitySource to {BEARER} alone"
        if not 0 < authorizer["authorizerResultTtlInSeconds"] <= LONGEST_ANSWER_SECONDS:
            yield f"what {name} said holds too long, or for nobody else; keep it {LONGEST_ANSWER_SECONDS} s at most"


@each(API)
def api_looks_at_requests(props: Props) -> Iterator[str]:
    """Every route of an API has its requests validated before a function sees them."""
    body = json.loads(props["body"])
    validators = body.get("x-amazon-apigateway-request-validators") or {}
    for path, method, operation in _routes(body):
        if validators.get(operation.get("x-amazon-apigateway-request-validator")) != VALIDATES:
            yield f"{method} {path} takes anything; see components/api/body.py"


@each(API)
def api_import_is_whole(props: Props) -> Iterator[str]:
    """What API Gateway warns of in an API's body stops the deployment."""
    if props.get("failOnWarnings") is not True:
        yield "parts of its body may be left out; set fail_on_warnings"


@whole_stack
def api_has_one_way(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """An API refuses what does not come through a distribution of the stack, which alone knows what to say."""
    for api in resources.of(API):
        said = [statement for document in documents(api.props, "policy") for statement in document]
        words = {word for one in said if not one.allows for word in _referrers(one, "StringNotEquals")}
        let_in = [_referrers(one, "StringEquals") for one in said if one.allows]
        told = {
            str(header["value"])
            for front in resources.of(DISTRIBUTION)
            for header in values(front.props, "origins[].customHeaders[]")
            if header["name"] == "Referer"
        }
        if len(words) != 1 or not words <= told or not let_in or any(set(one) != words for one in let_in):
            yield api, "it is reached past the distribution and its firewall; deny all but the distribution's Referer"


@each(API_STAGE)
def api_calls_are_logged(props: Props) -> Iterator[str]:
    """Who called which route of an API, with what end, is written down, and what would let others call is not."""
    log = props.get("accessLogSettings") or {}
    text = str(log.get("format") or "").lower()
    if not log.get("destinationArn") or any(
        f"$context.{one}" not in text for one in ("requestid", "status", "resourcepath", "authorizer.caller")
    ):
        yield "nobody can say who called; set access_log_settings to a log group and LOG_FIELDS"
    if any(one in text for one in SECRETS):
        yield "keys or tokens stand in its log; take them out of the format of access_log_settings"


@whole_stack
def api_has_limits(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """A stage takes so many requests a second, is measured, and logs no whole requests."""
    for stage in resources.of(API_STAGE):
        found = [
            one["settings"]
            for one in (
                other.props for other in resources.of(API_METHOD_SETTINGS) if _of_stage(other, stage, resources)
            )
            if one["methodPath"] == "*/*"
        ]
        if not any(_bounded(one, "throttlingRateLimit", "throttlingBurstLimit") for one in found):
            yield stage, "it takes requests without end; give its MethodSettings for */* throttling limits"
        if not any(one.get("metricsEnabled") is True for one in found):
            yield stage, "nobody sees what it does; set metrics_enabled in its MethodSettings"
        for one in found:
            if one.get("dataTraceEnabled") is not False or one.get("loggingLevel") != "OFF":
                yield stage, "tokens stand in its log of executions; set logging_level OFF and data_trace_enabled False"


@whole_stack
def api_keys_have_limits(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Every usage plan limits its keys, and has some."""
    for plan, keys in companions(resources, API_PLAN, API_PLAN_KEY, "usagePlanId"):
        if not _bounded(plan.props.get("throttleSettings") or {}, "rateLimit", "burstLimit"):
            yield plan, "its keys may ask without end; set throttle_settings"
        if not keys or not values(plan.props, "apiStages[]"):
            yield plan, "it limits nobody; give it keys and the stage"


@whole_stack
def api_deploys_what_changed(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """A change of an API is deployed."""
    for one in resources.of(API_DEPLOYMENT):
        if not any(one.props.get("triggers") or {}):
            yield one, "changes of the API stay undeployed; set triggers to a digest of its body"


@each(USER_POOL)
def accounts_are_hard_to_take(props: Props) -> Iterator[str]:
    """Accounts are made by operators, have strong passwords, and a second factor."""
    # Where it is optional, Cognito's pages do not let people set one up.
    if props.get("mfaConfiguration") != "ON" or values(props, "softwareTokenMfaConfiguration.enabled") != [True]:
        yield "a password alone is enough; set mfa_configuration to ON and enable software_token_mfa_configuration"
    if values(props, "adminCreateUserConfig.allowAdminCreateUserOnly") != [True]:
        yield "anybody may make an account; set allow_admin_create_user_only"
    password = props.get("passwordPolicy") or {}
    kinds = ("requireLowercase", "requireNumbers", "requireSymbols", "requireUppercase")
    if (password.get("minimumLength") or 0) < SHORTEST_PASSWORD or not all(password.get(one) is True for one in kinds):
        yield f"its passwords are weak; set password_policy to {SHORTEST_PASSWORD} characters of all kinds"
    if not 0 < (password.get("temporaryPasswordValidityDays") or 0) <= 7:
        yield "invitations stay good; set temporary_password_validity_days to 7 at most"
    if values(props, "accountRecoverySetting.recoveryMechanisms[].name") != ["verified_email"]:
        yield "accounts are given back on a word; set account_recovery_setting to verified_email"
    if values(props, "userAttributeUpdateSettings.attributesRequireVerificationBeforeUpdates[]") != ["email"]:
        yield "an account moves to an address that nobody has seen; set user_attribute_update_settings to email"
    if values(props, "usernameConfiguration.caseSensitive") != [False]:
        yield "two accounts may look the same; set case_sensitive to false"


@each(USER_POOL_CLIENT)
def sign_in_is_by_code(props: Props) -> Iterator[str]:
    """A page signs people in by Cognito's own pages and a code, has no secret, and is at known addresses."""
    if (
        list(props.get("allowedOauthFlows") or []) != ["code"]
        or props.get("allowedOauthFlowsUserPoolClient") is not True
    ):
        yield "tokens stand in addresses, or nobody can sign in; set allowed_oauth_flows to code"
    if list(props.get("supportedIdentityProviders") or []) != ["COGNITO"]:
        yield "others say who somebody is, or nobody does; set supported_identity_providers to COGNITO"
    if props.get("generateSecret") is not False:
        yield "a page cannot keep a secret; set generate_secret to false"
    if any(word in flow for flow in props.get("explicitAuthFlows") or [*PAST_THE_PAGES] for word in PAST_THE_PAGES):
        yield "passwords are taken past Cognito's pages; set explicit_auth_flows to ALLOW_REFRESH_TOKEN_AUTH"
    pages = [*(props.get("callbackUrls") or []), *(props.get("logoutUrls") or [])]
    if not pages or not all(one.startswith(("https://", "http://localhost")) for one in pages):
        yield "tokens go to whoever listens; set callback_urls and logout_urls to https"
    if props.get("preventUserExistenceErrors") != "ENABLED":
        yield "it tells who has an account; set prevent_user_existence_errors to ENABLED"
    if set(props.get("allowedOauthScopes") or ["all"]) - {"openid"} or list(props.get("writeAttributes") or []) != [
        "email"
    ]:
        yield "its tokens may change the account; set allowed_oauth_scopes to openid, write_attributes to email"


@each(USER_POOL_CLIENT)
def tokens_are_short(props: Props) -> Iterator[str]:
    """Tokens end within an hour, and can be taken back."""
    units = props.get("tokenValidityUnits") or {}
    for kind, longest in (("access", LONGEST_TOKEN_MINUTES), ("id", LONGEST_TOKEN_MINUTES),
                          ("refresh", LONGEST_SESSION_MINUTES)):  # fmt: skip
        lasts = (props.get(f"{kind}TokenValidity") or 0) * MINUTES.get(units.get(f"{kind}Token") or "days", 24 * 60)
        if not 0 < lasts <= longest:
            yield f"its {kind} tokens last too long; set {kind}_token_validity to {longest} minutes at most"
    if props.get("enableTokenRevocation") is not True:
        yield "nobody can take its tokens back; set enable_token_revocation"


@whole_stack
def sign_in_has_pages(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """A pool has an address for its pages, and each client a look: without one Cognito shows nothing."""
    for pool, domains in companions(resources, USER_POOL, USER_POOL_DOMAIN, "userPoolId"):
        if [one.props.get("managedLoginVersion") for one in domains] != [2]:
            yield pool, "there is nowhere to sign in; give it a UserPoolDomain of managed_login_version 2"
    for client, looks in companions(resources, USER_POOL_CLIENT, USER_POOL_PAGES, "clientId"):
        if [one.props.get("useCognitoProvidedValues") for one in looks] != [True]:
            yield client, "its pages are not shown; give it ManagedLoginBranding with use_cognito_provided_values"


@whole_stack
def api_may_call_its_functions(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """API Gateway may call the functions that an API names, for this account."""
    callable_ = {
        one.props["function"]
        for one in resources.of(PERMISSION)
        if one.props["action"] == "lambda:InvokeFunction" and one.props["principal"] == "apigateway.amazonaws.com"
    }
    for api in resources.of(API):
        for name in sorted(set(CALLED.findall(api.props["body"])) - callable_):
            yield api, f"it calls {name} and may not; give that a Permission for apigateway.amazonaws.com"


def _referrers(statement: Statement, operator: str) -> list[str]:
    """The referrers that a statement about all requests of everybody is about, and about nothing else."""
    about_all = (
        statement.everyone
        and statement.actions == ("execute-api:Invoke",)
        and statement.resources == ("execute-api:/*",)
        and list(statement.conditions) == [operator]
    )
    conditions = list(statement.conditions.get(operator, {}).items()) if about_all else []
    return [str(wanted) for key, wanted in conditions if key.lower() == REFERRER and len(conditions) == 1]


def _routes(body: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, item in body["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def _bounded(limits: Mapping[str, Any], rate: str, burst: str) -> bool:
    return 0 < (limits.get(rate) or 0) <= 10_000 and 0 < (limits.get(burst) or 0) <= 10_000


def _of_stage(settings: PolicyResource, stage: PolicyResource, resources: Resources) -> bool:
    return any(one.urn == stage.urn for one in named(settings, "stageName", resources, API_STAGE))
