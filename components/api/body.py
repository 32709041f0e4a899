"""The gateway's body, derived from the document: what API Gateway's importer takes, and nothing else.

Source: API Gateway Developer Guide, "Amazon API Gateway important notes" (what of OpenAPI 3.0 the importer knows) and
"OpenAPI extensions for API Gateway".
"""

import json
from collections.abc import Mapping
from typing import Any

from components.api.document import Document, Operation, model_of, operations
from components.api.refusals import responses
from components.place import Place

AUTHORIZER_SECONDS = 300
"""How long the authorizer's answer about one `Authorization` header is kept. ADR 14 says what follows from it."""

SCHEMA_WORDS = frozenset(
    {"type", "properties", "required", "items", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum"}
)
"""What is left of a schema: the words of JSON Schema draft 4 that validation by the gateway surely knows.

`minItems`, `maxItems` and `additionalProperties` are not among them, so the functions look at those themselves.
"""

PARAMETER_WORDS = ("name", "in", "required")
VALIDATOR, CALLER, PLAN_KEY = "all", "caller", "plan"


def body(document: Document, *, name: str, place: Place, authorizer_arn: str, functions: Mapping[str, str]) -> str:
    """The body as JSON text; equal for equal arguments. `functions` are the ARNs of functions by the operations' tags.

    Raises `ValueError` for a schema whose words the gateway would not understand.
    """
    routes = list(operations(document))
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method] = _operation(
            document, route, invocation(place, functions[route.tag])
        )
    content = {
        "openapi": "3.0.1",
        "info": {"title": name, "version": document["info"]["version"]},
        "paths": paths,
        "components": {
            "schemas": {
                model: _schema(route.body, model)
                for route in routes
                if (model := model_of(document, route)) and route.body
            },
            "securitySchemes": _schemes(invocation(place, authorizer_arn)),
        },
        "x-amazon-apigateway-api-key-source": "AUTHORIZER",
        "x-amazon-apigateway-request-validators": {
            VALIDATOR: {"validateRequestBody": True, "validateRequestParameters": True}
        },
        "x-amazon-apigateway-gateway-responses": responses(),
    }
    return json.dumps(content, sort_keys=True)


def invocation(place: Place, function_arn: str) -> str:
    """The address by which the gateway calls a function."""
    return (
        f"arn:{place.partition}:apigateway:{place.region}:lambda:path/2015-03-31/functions/{function_arn}/invocations"
    )


def _operation(document: Document, route: Operation, uri: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": route.id,
        "parameters": [
            {**{word: one[word] for word in PARAMETER_WORDS if word in one}, "schema": {"type": "string"}}
            for one in route.parameters
        ],
        # The functions' answers pass as they are; OpenAPI wants at least one to be named.
        "responses": {"200": {"description": "As the API's document says."}},
        # Both at once: the authorizer lets in, and the key that it names is what the request counts under.
        "security": [{CALLER: [], PLAN_KEY: []}],
        "x-amazon-apigateway-request-validator": VALIDATOR,
        "x-amazon-apigateway-integration": {
            "type": "aws_proxy",
            "httpMethod": "POST",
            "uri": uri,
            "passthroughBehavior": "when_no_match",
        },
    }
    if model := model_of(document, route):
        schema = {"$ref": f"#/components/schemas/{model}"}
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return made


def _schema(schema: Mapping[str, Any], where: str) -> dict[str, Any]:
    """`schema` without what the gateway does not know; what would change its meaning is refused."""
    if strange := schema.keys() & {"oneOf", "anyOf", "allOf", "not", "nullable", "exclusiveMinimum", "discriminator"}:
        raise ValueError(f"{where}: the gateway does not know {', '.join(sorted(strange))}")
    kept = {word: value for word, value in schema.items() if word in SCHEMA_WORDS}
    if "properties" in kept:
        kept["properties"] = {name: _schema(one, f"{where}.{name}") for name, one in kept["properties"].items()}
    if "items" in kept:
        kept["items"] = _schema(kept["items"], f"{where}[]")
    return kept


def _schemes(authorizer_uri: str) -> dict[str, Any]:
    return {
        CALLER: {
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            "x-amazon-apigateway-authtype": "custom",
            "x-amazon-apigateway-authorizer": {
                "type": "request",
                "identitySource": "method.request.header.Authorization",
                "authorizerUri": authorizer_uri,
                "authorizerResultTtlInSeconds": AUTHORIZER_SECONDS,
            },
        },
        # The gateway knows it by this name; with the key's source above, no request has to bring the header.
        PLAN_KEY: {"type": "apiKey", "name": "x-api-key", "in": "header"},
    }
