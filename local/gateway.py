"""API Gateway as it is: whose requests are counted, which are too large, what comes another way, what fails behind it.

ministack takes keys from the header `x-api-key` only, judges an API's own policy only where there is no authorizer,
takes bodies of any size, and shows a failed function's own words.

Sources: API Gateway Developer Guide, "Choose an API key source", "How API Gateway resource policies affect
authorization workflow", "Quotas", "Gateway response types".
"""

import contextvars
import importlib
import json
from collections.abc import Mapping
from typing import Any

from local.hooks import Function, Hooks
from local.iam.policy import applies, parse

LARGEST_BODY = 10 * 1024 * 1024
# A name under which the authorizer's word travels with what ministack keeps of its answer.
_KEY = "penstock-usage-identifier-key"
_INVOKE = "execute-api:Invoke"
# The key that the authorizer named for this request; None where keys come from the header.
_named: contextvars.ContextVar[str | None] = contextvars.ContextVar("penstock_api_key", default=None)

Headers = Mapping[str, Any]


def mend(hooks: Hooks) -> None:
    """Puts all of it in force."""
    module = "services.apigateway_v1"
    hooks.replace(module, "_invoke_authorizer_lambda", "authorizer event account_id region", _keeping_key)
    hooks.replace(
        module,
        "_authorize_request_v1",
        "api_id stage_name method_obj method request_path resource headers body query_params path_params stage "
        "owner_account_id owner_region",
        _with_policy_and_key,
    )
    hooks.replace(module, "_api_key_from_request", "headers", _named_by_authorizer)
    hooks.replace(
        module,
        "_build_lambda_event_v1",
        "api_id stage_name stage resource request_path method headers body query_params path_params "
        "binary_media_types authorizer_context caller_identity",
        _with_identity,
    )
    hooks.replace(
        module,
        "_execute_in_scope",
        "request api_id stage_name method path headers body query_params owner_account_id owner_region",
        _of_bounded_size,
    )
    hooks.replace(module, "_lambda_proxy_response", "result", _well_formed)
    hooks.replace(
        module,
        "_invoke_lambda_proxy_v1",
        "integration api_id stage_name stage resource request_path method headers body query_params path_params "
        "owner_account_id owner_region binary_media_types authorizer_context caller_identity",
        _failing_quietly,
    )


def _well_formed(shape: Function) -> Function:
    """What is no answer in the form that the gateway asks for is none at all."""

    def proxy_response(result: Any) -> Any:
        answer = result.get("body")
        if isinstance(answer, str | bytes):
            try:
                answer = json.loads(answer)
            except ValueError:
                answer = None
        if not result.get("error") and not (isinstance(answer, dict) and "statusCode" in answer):
            return None, "Malformed Lambda proxy response"
        return shape(result)

    return proxy_response


def service() -> Any:
    """ministack's REST APIs."""
    return importlib.import_module("ministack.services.apigateway_v1")


def _keeping_key(invoke: Function) -> Function:
    """What is kept of an authorizer's answer is its policy and its context: so the key goes along in the context."""

    async def invoke_authorizer(*args: Any) -> Any:
        result = await invoke(*args)
        answer = result.get("body") if result and not result.get("error") else None
        if isinstance(answer, str | bytes):
            try:
                answer = json.loads(answer)
            except ValueError:
                return result
        if isinstance(answer, dict) and (key := answer.get("usageIdentifierKey")):
            answer = {**answer, "context": {**(answer.get("context") or {}), _KEY: key}}
            return {**result, "body": answer}
        return result

    return invoke_authorizer


def _with_policy_and_key(authorize: Function) -> Function:
    async def authorize_request(
        api_id: str,
        stage_name: str,
        method_obj: Any,
        method: str,
        path: str,
        resource: Any,
        headers: Headers,
        *rest: Any,
    ) -> Any:
        gateway = service()
        api = gateway._rest_apis.get(api_id) or {}
        account, region = rest[-2:]
        method_arn = f"arn:aws:execute-api:{region}:{account}:{api_id}/{stage_name}/{method}{path}"
        if _denied(api.get("policy"), method_arn, headers):
            # Before the authorizer is called: what is denied here costs nothing.
            return gateway._deny_error(True), None
        refusal, context = await authorize(api_id, stage_name, method_obj, method, path, resource, headers, *rest)
        own = dict(context) if context is not None else None
        key = own.pop(_KEY, "") if own else ""
        _named.set(key if api.get("apiKeySource") == "AUTHORIZER" else None)
        return refusal, own

    return authorize_request


def _denied(policy: str | None, method_arn: str, headers: Headers) -> bool:
    if not policy:
        return False
    asked = {"aws:referer": _first(headers, "referer"), "aws:useragent": _first(headers, "user-agent")}
    context = {name: value for name, value in asked.items() if value}
    return any(not one.allows and applies(one, _INVOKE, method_arn, context) for one in parse(policy))


def _first(headers: Headers, name: str) -> str:
    value = headers.get(name, "")
    return value if isinstance(value, str) else value[-1]


def _named_by_authorizer(from_header: Function) -> Function:
    def api_key(headers: Headers) -> Any:
        named = _named.get()
        return from_header(headers) if named is None else named

    return api_key


def _with_identity(build: Function) -> Function:
    """Functions are told which key a request counts under."""

    def build_event(*args: Any, **kwargs: Any) -> Any:
        event = build(*args, **kwargs)
        gateway = service()
        if key := gateway._resolve_api_key(gateway._api_key_from_request(args[6])):
            event["requestContext"]["identity"] |= {"apiKey": key["value"], "apiKeyId": key["id"]}
        return event

    return build_event


def _of_bounded_size(execute: Function) -> Function:
    async def execute_in_scope(
        request: Any, api_id: str, stage_name: str, method: str, path: str, headers: Headers, body: bytes, *rest: Any
    ) -> Any:
        gateway = service()
        stage = gateway._stages_v1.get(api_id, {}).get(stage_name)
        if stage and len(body or b"") > LARGEST_BODY:
            request["stage"] = stage
            return gateway._gw_error("REQUEST_TOO_LARGE", "Request Too Long")
        return await execute(request, api_id, stage_name, method, path, headers, body, *rest)

    return execute_in_scope


def _failing_quietly(invoke: Function) -> Function:
    """A function that fails, or answers nonsense, is a failure of the gateway's own; its words are for its log."""

    async def invoke_proxy(*args: Any, **kwargs: Any) -> Any:
        answer = await invoke(*args, **kwargs)
        if isinstance(answer, tuple) and answer[0] == 502 and answer[1] == {"Content-Type": "application/json"}:
            return service()._gw_error("DEFAULT_5XX", "Internal server error")
        return answer

    return invoke_proxy
