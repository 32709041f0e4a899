"""An API's body put into API Gateway piece by piece: ministack's own import leaves out what guards the routes.

It knows what `components/api/body.py` writes, and refuses anything else: a part that were left out here would be
missing from every test.
"""

import json
from collections.abc import Mapping
from typing import Any

from local.resources.base import NotPlaced

_ROOT = {
    "openapi", "info", "paths", "components", "x-amazon-apigateway-api-key-source",
    "x-amazon-apigateway-request-validators", "x-amazon-apigateway-gateway-responses",
}  # fmt: skip
_OPERATION = {
    "operationId", "parameters", "responses", "security", "requestBody", "x-amazon-apigateway-request-validator",
    "x-amazon-apigateway-integration",
}  # fmt: skip
_PLACES = {"path": "path", "query": "querystring", "header": "header"}

Body = Mapping[str, Any]


class Importer:
    """One API, to be filled from its body."""

    def __init__(self, client: Any, api_id: str, body: Body) -> None:
        self._client, self._id, self._body = client, api_id, body
        _only(body, _ROOT, "the body")

    def run(self, root_id: str) -> None:
        """Makes all of it; raises `NotPlaced` for what has no place."""
        schemes = self._body["components"]["securitySchemes"]
        self._schemes = {name: self._authorizer(name, scheme) for name, scheme in schemes.items()}
        self._validators = {
            name: self._client.create_request_validator(restApiId=self._id, name=name, **validator)["id"]
            for name, validator in self._body["x-amazon-apigateway-request-validators"].items()
        }
        for name, schema in self._body["components"].get("schemas", {}).items():
            self._client.create_model(
                restApiId=self._id, name=name, contentType="application/json", schema=json.dumps(schema)
            )
        resources = {"": root_id}
        for path, item in self._body["paths"].items():
            resource = self._resource(path, resources)
            for method, operation in item.items():
                self._method(resource, method.upper(), operation)
        for kind, answer in self._body["x-amazon-apigateway-gateway-responses"].items():
            self._client.put_gateway_response(restApiId=self._id, responseType=kind, **answer)

    def _authorizer(self, name: str, scheme: Body) -> str | None:
        """The authorizer's id; None for the scheme that stands for the usage plan's key."""
        if "x-amazon-apigateway-authorizer" not in scheme:
            _only(scheme, {"type", "name", "in"}, f"securitySchemes.{name}")
            return None
        settings = dict(scheme["x-amazon-apigateway-authorizer"])
        made = self._client.create_authorizer(
            restApiId=self._id,
            name=name,
            type=settings.pop("type").upper(),
            authType=scheme["x-amazon-apigateway-authtype"],
            **settings,
        )
        made_id: str = made["id"]
        return made_id

    def _resource(self, path: str, made: dict[str, str]) -> str:
        here = ""
        for part in path.strip("/").split("/"):
            parent, here = made[here], f"{here}/{part}"
            if here not in made:
                made[here] = self._client.create_resource(restApiId=self._id, parentId=parent, pathPart=part)["id"]
        return made[here]

    def _method(self, resource: str, method: str, operation: Body) -> None:
        _only(operation, _OPERATION, operation["operationId"])
        where = {"restApiId": self._id, "resourceId": resource, "httpMethod": method}
        (wanted,) = operation["security"]
        authorizers = [made for name in wanted if (made := self._schemes[name])]
        models = {
            kind: content["schema"]["$ref"].rpartition("/")[2]
            for kind, content in operation.get("requestBody", {}).get("content", {}).items()
        }
        self._client.put_method(
            **where,
            operationName=operation["operationId"],
            authorizationType="CUSTOM" if authorizers else "NONE",
            **({"authorizerId": authorizers[0]} if authorizers else {}),
            apiKeyRequired=len(authorizers) < len(wanted),
            requestValidatorId=self._validators[operation["x-amazon-apigateway-request-validator"]],
            requestParameters={
                f"method.request.{_PLACES[one['in']]}.{one['name']}": one.get("required", False)
                for one in operation["parameters"]
            },
            requestModels=models,
        )
        integration = dict(operation["x-amazon-apigateway-integration"])
        self._client.put_integration(
            **where,
            type=integration.pop("type").upper(),
            integrationHttpMethod=integration.pop("httpMethod"),
            passthroughBehavior=integration.pop("passthroughBehavior").upper(),
            **integration,
        )


def _only(part: Body, known: set[str], where: str) -> None:
    if strange := part.keys() - known:
        raise NotPlaced(f"{where} has {', '.join(sorted(strange))}, which this import does not know")
