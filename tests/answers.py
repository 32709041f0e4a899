"""Requests to the functions behind the API as the gateway passes them on, and answers held to the document."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import jsonschema

from components.api import document
from components.api.functions import SERVES
from runtime.domain.access import Caller
from runtime.domain.callers import NEVER

DOCUMENT = document.load()
ROUTES = {operation.id: operation for operation in document.operations(DOCUMENT)}
ACME = Caller(name="acme-import", folder="acme", operator=False)
OTHER = Caller(name="other", folder="other", operator=False)
OPERATOR = Caller(name="ops", folder="ops", operator=True)

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Answered:
    """Status, headers with small letters, and the JSON that came; None where there was no body."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def detail(self) -> str:
        """Of a problem."""
        return str(self.body["detail"])


def event(
    operation: str,
    caller: Caller | None,
    *,
    path: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    body: Any = None,
    expires: str = NEVER,
) -> dict[str, Any]:
    """What API Gateway sends (Lambda proxy). A `body` that is text goes as it is."""
    route = ROUTES[operation]
    known = {"folder": caller.folder, "caller": caller.name, "expires": expires} if caller else {}
    operator = {"operator": "true" if caller.operator else "false"} if caller else {}
    return {
        "httpMethod": route.method.upper(),
        "resource": route.path,
        "pathParameters": dict(path) if path else None,
        "queryStringParameters": dict(query) if query else None,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} if query else None,
        "headers": dict(headers or {}),
        "body": body if isinstance(body, str) or body is None else json.dumps(body),
        "isBase64Encoded": False,
        "requestContext": {"requestId": "from-the-gateway", "authorizer": {**known, **operator}},
    }


class Api:
    """Calls operations by the handlers that serve them."""

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self._handlers = handlers

    def __call__(self, operation: str, caller: Caller | None, **request: Any) -> Answered:
        """The answer, after it has been compared with the document."""
        handler = self._handlers[SERVES[ROUTES[operation].tag]]
        return checked(operation, handler(event(operation, caller, **request), CONTEXT))


CONTEXT = SimpleNamespace(
    function_name="f",
    memory_limit_in_mb=128,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:f",
    aws_request_id="from-lambda",
)


def checked(operation: str, answer: Mapping[str, Any]) -> Answered:
    """The answer, if the document has one like it."""
    route = ROUTES[operation]
    responses = DOCUMENT["paths"][route.path][route.method]["responses"]
    response = document.inlined(DOCUMENT, responses.get(str(answer["statusCode"]), responses["default"]))
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    assert re.fullmatch(r"[A-Za-z0-9_.:-]{1,64}", headers["x-correlation-id"])
    if str(answer["statusCode"]) in responses:
        assert {name.lower() for name in response["headers"]} <= headers.keys()
    else:
        assert answer["statusCode"] >= 400
    content = response.get("content")
    if content is None:
        assert answer["body"] == ""
        return Answered(status=answer["statusCode"], headers=headers, body=None)
    ((kind, described),) = content.items()
    assert headers["content-type"] == kind
    body = json.loads(answer["body"])
    jsonschema.validate(body, closed(described["schema"]), format_checker=jsonschema.FormatChecker())
    return Answered(status=answer["statusCode"], headers=headers, body=body)


def closed(schema: Any) -> Any:
    """The schema with objects that have no other members than are named: what is not described is not sent."""
    if isinstance(schema, dict):
        inside = {name: closed(value) for name, value in schema.items()}
        return {"additionalProperties": False, **inside} if "properties" in schema else inside
    return [closed(one) for one in schema] if isinstance(schema, list) else schema
