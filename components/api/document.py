"""The API's one document, `openapi.yaml`, and what its parts say once references are followed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PATH = Path(__file__).with_name("openapi.yaml")
METHODS = ("get", "post", "put", "patch", "delete")

Json = Any
Document = Mapping[str, Json]


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One route: `path` with parameters in braces, and what the document says of it, the path's parameters included."""

    id: str
    tag: str
    path: str
    method: str
    parameters: tuple[Mapping[str, Json], ...]
    body: Mapping[str, Json] | None


def load() -> Document:
    """The document as it was written."""
    document: Document = yaml.safe_load(PATH.read_text())
    return document


def operations(document: Document) -> Iterator[Operation]:
    """All routes, in the document's order."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method not in item:
                continue
            operation = item[method]
            parameters = [*item.get("parameters", []), *operation.get("parameters", [])]
            body = operation.get("requestBody")
            yield Operation(
                id=operation["operationId"],
                tag=operation["tags"][0],
                path=path,
                method=method,
                parameters=tuple(inlined(document, one) for one in parameters),
                body=inlined(document, body["content"]["application/json"]["schema"]) if body else None,
            )


def inlined(document: Document, part: Json) -> Json:
    """`part` with what its references (`#/…`) stand for. Schemas that contain themselves are not supported."""
    if isinstance(part, Mapping):
        if "$ref" in part:
            return inlined(document, referred(document, part["$ref"]))
        return {key: inlined(document, value) for key, value in part.items()}
    return [inlined(document, value) for value in part] if isinstance(part, list) else part


def referred(document: Document, reference: str) -> Json:
    """What a reference within the document stands for."""
    found: Json = document
    for name in reference.removeprefix("#/").split("/"):
        found = found[name]
    return found


def model_of(document: Document, operation: Operation) -> str | None:
    """The name of the schema of an operation's body, None without a body."""
    body = document["paths"][operation.path][operation.method].get("requestBody")
    reference: str | None = body["content"]["application/json"]["schema"]["$ref"] if body else None
    return reference.rpartition("/")[2] if reference else None
