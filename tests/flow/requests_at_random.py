"""Requests at random over the API's document, right and wrong ones, the same for the same seed."""

import random
import string
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from components.api.document import Document, Operation, operations

ODD = (
    "",
    " ",
    "..",
    "%",
    "\u00e4\u2603",
    "'\"",
    "<script>",
    "-1",
    "9" * 30,
    "null",
    "\\",
    "a" * 2000,
    "0x1F",
    "\u202e",
)
ALPHABET = string.ascii_letters + string.digits + "-_"


@dataclass(frozen=True, kw_only=True)
class Shot:
    """One request; `path` has its parameters and query in it, `body` is what the JSON text says."""

    operation: Operation
    path: str
    headers: dict[str, str]
    body: Any


class Generator:
    """`known` are values of path parameters that exist."""

    def __init__(self, document: Document, seed: int, known: dict[str, list[str]]) -> None:
        self._routes, self._random, self._known = list(operations(document)), random.Random(seed), known

    def shots(self, count: int) -> Iterator[Shot]:
        """Each operation in turn."""
        for number in range(count):
            yield self._shot(self._routes[number % len(self._routes)])

    def _shot(self, operation: Operation) -> Shot:
        path, query, headers = operation.path, {}, {}
        for one in operation.parameters:
            name, schema = one["name"], one["schema"]
            if one["in"] == "path":
                path = path.replace(f"{{{name}}}", quote(self._segment(name), safe=""))
            elif self._random.random() < 0.4:
                value = self._text(schema)
                if one["in"] == "query":
                    query[name] = value
                else:
                    # What a client's own library refuses to send never arrives.
                    headers[name] = "".join(letter for letter in value if " " < letter < "\x7f")
        body = self._value(operation.body) if operation.body else None
        return Shot(
            operation=operation, path=path + (f"?{urlencode(query)}" if query else ""), headers=headers, body=body
        )

    def _segment(self, name: str) -> str:
        if self._random.random() < 0.6 and self._known.get(name):
            return self._random.choice(self._known[name])
        if self._random.random() < 0.3:
            return self._random.choice(ODD) or "-"
        return "".join(self._random.choices(ALPHABET, k=self._random.choice((1, 16, 32, 64, 300))))

    def _text(self, schema: dict[str, Any]) -> str:
        if self._random.random() < 0.4:
            return self._random.choice(ODD)
        return str(self._right(schema))

    def _value(self, schema: dict[str, Any]) -> Any:
        """A value that fits the schema; now and then one that does not, anywhere in it."""
        if self._random.random() < 0.08:
            return self._random.choice(
                (None, True, -1, 1.5, 10**20, "", "\x00", "..", [], {}, [[]], {"a": {}}, "a" * 5000)
            )
        kind = schema.get("type")
        if kind == "object":
            wanted = set(schema.get("required", []))
            properties = schema.get("properties", {})
            made = {
                name: self._value(one) for name, one in properties.items()
                if name in wanted or self._random.random() < 0.5
            }  # fmt: skip
            if self._random.random() < 0.05:
                made["more"] = 1
            if made and self._random.random() < 0.05:
                made.pop(self._random.choice(list(made)))
            return made
        if kind == "array":
            return [self._value(schema["items"]) for _ in range(self._random.choice((0, 1, 2, 5, 101)))]
        return self._right(schema)

    def _right(self, schema: dict[str, Any]) -> Any:
        if "enum" in schema:
            return self._random.choice(schema["enum"])
        if schema.get("type") == "integer":
            least = schema.get("minimum", 0)
            return self._random.randint(least, min(schema.get("maximum", least + 10**6), least + 10**6))
        if schema.get("format") == "date-time":
            year, month = self._random.randint(2010, 2040), self._random.randint(1, 9)
            return f"{year}-0{month}-11T00:00:00Z"
        if "{64}" in schema.get("pattern", ""):
            return "".join(self._random.choices("0123456789abcdef", k=64))
        if "/" in schema.get("pattern", ""):
            return "text/csv"
        return "".join(self._random.choices(ALPHABET, k=self._random.choice((8, 16, 40))))
