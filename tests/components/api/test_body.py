"""The gateway's body has every route of the document, guards each, and says nothing that the importer does not know."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from botocore.session import Session

from components.api.body import SCHEMA_WORDS, body
from components.api.document import Document, load, operations
from components.api.refusals import REFUSALS
from components.place import Place

PLACE = Place(account="123456789012", region="eu-central-1", partition="aws")
FUNCTIONS = {"caller": "arn:files", "files": "arn:files", "uploads": "arn:uploads"}


def made(document: Document | None = None) -> dict[str, Any]:
    text = body(document or load(), name="api", place=PLACE, authorizer_arn="arn:authorize", functions=FUNCTIONS)
    content: dict[str, Any] = json.loads(text)
    return content


def routes(content: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in content["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def schemas(part: Any) -> Iterator[dict[str, Any]]:
    yield part
    for inner in [*part.get("properties", {}).values(), *([part["items"]] if "items" in part else [])]:
        yield from schemas(inner)


def test_each_operation_of_the_document_is_a_route_and_nothing_else_is() -> None:
    wanted = {(one.path, one.method, one.id) for one in operations(load())}
    assert {(path, method, operation["operationId"]) for path, method, operation in routes(made())} == wanted
    assert len(wanted) >= 15


def test_no_route_is_open() -> None:
    for _, _, operation in routes(made()):
        assert operation["security"] == [{"caller": [], "plan": []}]
        assert operation["x-amazon-apigateway-request-validator"] == "all"


def test_each_route_leads_to_the_function_of_its_tag() -> None:
    uris = {one["operationId"]: one["x-amazon-apigateway-integration"]["uri"] for _, _, one in routes(made())}
    assert uris["createUpload"].endswith(":lambda:path/2015-03-31/functions/arn:uploads/invocations")
    assert {name for name, uri in uris.items() if "arn:files/" in uri} == {
        one.id for one in operations(load()) if one.tag != "uploads"
    }


def test_the_key_that_counts_comes_from_the_authorizer_and_its_answer_is_kept_by_the_one_header() -> None:
    content = made()
    assert content["x-amazon-apigateway-api-key-source"] == "AUTHORIZER"
    authorizer = content["components"]["securitySchemes"]["caller"]["x-amazon-apigateway-authorizer"]
    assert authorizer["identitySource"] == "method.request.header.Authorization"
    assert authorizer["authorizerResultTtlInSeconds"] == 300


def test_parameters_in_paths_are_named_and_required() -> None:
    for path, _, operation in routes(made()):
        named = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
        assert named == {piece[1:-1] for piece in path.split("/") if piece.startswith("{")}
        assert all(one["required"] for one in operation["parameters"] if one["in"] == "path")


def test_models_have_only_words_that_the_gateway_knows_and_names_that_it_takes() -> None:
    models = made()["components"]["schemas"]
    assert set(models) == {"NewUpload", "PartsToSign"}
    for name, model in models.items():
        assert name.isalnum()
        jsonschema.Draft4Validator.check_schema(model)
        assert all(set(one) <= SCHEMA_WORDS for one in schemas(model))


def test_models_still_refuse_what_the_document_refuses() -> None:
    model = jsonschema.Draft4Validator(made()["components"]["schemas"]["NewUpload"])
    assert model.is_valid({"name": "orders.csv", "size": 0, "sha256": "0" * 64})
    wrong: list[Any] = [
        [], {}, {"name": "", "size": 1}, {"name": "a", "size": -1}, {"name": "a", "size": "1"},
        {"name": "a", "size": 1, "sha256": "0" * 63}, {"name": "a" * 513, "size": 1},
    ]  # fmt: skip
    assert not any(model.is_valid(one) for one in wrong)


@pytest.mark.parametrize("word", ["oneOf", "nullable", "exclusiveMinimum"])
def test_a_word_that_would_be_lost_is_refused(word: str) -> None:
    document = json.loads(json.dumps(load()))
    document["components"]["schemas"]["NewUpload"]["properties"]["name"][word] = True
    with pytest.raises(ValueError, match=rf"NewUpload\.name: the gateway does not know {word}"):
        made(document)


def test_every_refusal_is_a_problem_with_a_correlation_id() -> None:
    document = load()
    schema = {**document["components"]["schemas"]["Problem"], "components": document["components"]}
    answers = made()["x-amazon-apigateway-gateway-responses"]
    kinds: Any = Session().get_service_model("apigateway").shape_for("GatewayResponseType")
    assert answers.keys() == REFUSALS.keys() == set(kinds.enum)
    for kind, answer in answers.items():
        problem = json.loads(answer["responseTemplates"]["application/json"].replace("$context.requestId", "id-1"))
        jsonschema.Draft4Validator(schema).validate(problem)
        assert str(problem["status"]) == answer["statusCode"]
        assert problem["instance"] == "urn:correlation:id-1"
        headers = answer["responseParameters"]
        assert headers["gatewayresponse.header.X-Correlation-Id"] == "context.requestId"
        assert headers["gatewayresponse.header.Content-Type"] == "'application/problem+json'"
        assert ("gatewayresponse.header.Retry-After" in headers) == (problem["status"] in (429, 504)), kind
        assert ("gatewayresponse.header.WWW-Authenticate" in headers) == (problem["status"] == 401), kind


def test_what_does_not_exist_is_not_found_and_who_is_unknown_is_unauthorized() -> None:
    statuses = {kind: refusal.status.value for kind, refusal in REFUSALS.items()}
    assert statuses["MISSING_AUTHENTICATION_TOKEN"] == 404
    assert statuses["UNAUTHORIZED"] == statuses["INVALID_API_KEY"] == 401
    assert statuses["REQUEST_TOO_LARGE"] == 413


def test_equal_arguments_make_equal_bodies() -> None:
    assert json.dumps(made()) == json.dumps(made())
