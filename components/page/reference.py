"""The API's reference, made from its document: a page of `docs/`, and one that is served beside the page.

The second needs no script, so the page's strict policy holds for it as well.
"""

import html
import json
from collections.abc import Iterator, Mapping
from typing import Any

from components.api.document import Document, Operation, inlined, operations, referred

Json = Any
STYLE = """:root { color-scheme: light dark; font: 1rem/1.6 system-ui, sans-serif; }
body { max-width: 56rem; margin: 0 auto; padding: 2rem 1.25rem 6rem; }
h1 { font-size: 2rem; line-height: 1.2; }
h2 { margin-top: 3.5rem; }
h3 { margin-top: 2.5rem; font-size: 1.1rem; }
code { font-family: ui-monospace, monospace; font-size: 0.92em; overflow-wrap: anywhere; }
h3 code { font-weight: 600; }
table { width: 100%; border-collapse: collapse; margin: 0.75rem 0 1.25rem; }
th, td { padding: 0.4rem 0.75rem 0.4rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 18%, transparent); }
th, td { text-align: left; vertical-align: top; }
th { font-size: 0.85rem; font-weight: 600; }
nav ul { columns: 18rem; padding-left: 1.1rem; }
"""


def as_json(document: Document) -> str:
    """The document for programs."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def as_markdown(document: Document) -> str:
    """The page of `docs/`."""
    return "\n".join(_markdown(document)).rstrip() + "\n"


def as_html(document: Document) -> str:
    """The page that is served."""
    title = f"{document['info']['title']} API"
    head = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="/icon.svg" type="image/svg+xml"><link rel="stylesheet" href="/reference.css"></head>'
    )
    return f"{head}<body><main>{''.join(_html(document, title))}</main></body></html>\n"


def _markdown(document: Document) -> Iterator[str]:
    for tag, routes in _by_tag(document):
        yield f"## {tag['name'].capitalize()}"
        yield ""
        yield f"{tag['description']}\n"
        for route in routes:
            told = _told(document, route)
            yield f"### `{route.method.upper()} {route.path}`: {told['summary']}"
            yield ""
            if "description" in told:
                yield f"{told['description']}\n"
            yield from _table("Takes", _taken(route))
            yield from _table("Body", _members(document, route.body or {}))
            yield from _table("Answers", _answers(told))
    yield "## Schemas\n"
    for name, schema in document["components"]["schemas"].items():
        yield f"### {name}"
        yield ""
        yield from _table("", _members(document, schema) or [("", _kind(schema), "")])


def _html(document: Document, title: str) -> Iterator[str]:
    yield f"<h1>{html.escape(title)}</h1><p>{_inline(document['info']['description'])}</p>"
    yield '<p>The same as a document for programs: <a href="/openapi.json">openapi.json</a>.</p>'
    routes = list(operations(document))
    links = "".join(
        f'<li><a href="#{route.id}">{html.escape(_told(document, route)["summary"])}</a></li>' for route in routes
    )
    yield f'<nav aria-label="Routes"><ul>{links}</ul></nav>'
    for tag, of_tag in _by_tag(document):
        yield f"<h2>{html.escape(tag['name'].capitalize())}</h2><p>{_inline(tag['description'])}</p>"
        for route in of_tag:
            told = _told(document, route)
            yield f'<h3 id="{route.id}"><code>{route.method.upper()} {html.escape(route.path)}</code></h3>'
            yield f"<p>{_inline(told['summary'])}. {_inline(told.get('description', ''))}</p>"
            yield _rows("Takes", _taken(route))
            yield _rows("Body", _members(document, route.body or {}))
            yield _rows("Answers", _answers(told))
    yield "<h2>Schemas</h2>"
    for name, schema in document["components"]["schemas"].items():
        yield f'<h3 id="schema-{name}">{name}</h3>'
        yield _rows("Members", _members(document, schema) or [("", _kind(schema), "")])


def _by_tag(document: Document) -> Iterator[tuple[Mapping[str, str], list[Operation]]]:
    routes = list(operations(document))
    for tag in document["tags"]:
        yield tag, [route for route in routes if route.tag == tag["name"]]


def _told(document: Document, route: Operation) -> Mapping[str, Json]:
    told: Mapping[str, Json] = document["paths"][route.path][route.method]
    return told


def _taken(route: Operation) -> list[tuple[str, str, str]]:
    return [
        (
            f"`{one['name']}`",
            f"{_kind(one['schema'])}, in the {one['in']}{', required' if one.get('required') else ''}",
            one.get("description", ""),
        )
        for one in route.parameters
    ]


def _answers(told: Mapping[str, Json]) -> list[tuple[str, str, str]]:
    found = []
    for status, answer in told["responses"].items():
        if "$ref" in answer:
            found.append((f"`{status}`", answer["$ref"].rpartition("/")[2], ""))
            continue
        content = answer.get("content", {})
        shown = ", ".join(_kind(one["schema"]) for one in content.values()) or "no body"
        found.append((f"`{status}`", shown, answer["description"]))
    return found


def _members(document: Document, schema: Mapping[str, Json], before: str = "") -> list[tuple[str, str, str]]:
    """With those of objects inside that have no name of their own, as `parts[].number`."""
    if "$ref" in schema:
        schema = referred(document, schema["$ref"])
    required = schema.get("required", [])
    rows = []
    for name, about in schema.get("properties", {}).items():
        optional = "" if name in required else ", optional"
        described = inlined(document, about).get("description", "")
        rows.append((f"`{before}{name}`", f"{_kind(about)}{optional}", described))
        inner = about.get("items", about)
        if "properties" in inner:
            rows += _members(document, inner, f"{before}{name}{'[]' if 'items' in about else ''}.")
    return rows


def _kind(schema: Mapping[str, Json]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        most = f"at most {schema['maxItems']} " if "maxItems" in schema else ""
        return f"list of {most}{_kind(schema['items'])}"
    kind = str(schema.get("format") or schema.get("type", "anything"))
    bounds = [
        f"{words} {schema[key]}"
        for key, words in (
            ("minimum", "at least"),
            ("maximum", "at most"),
            ("minLength", "at least"),
            ("maxLength", "at most"),
        )
        if key in schema
    ]
    return ", ".join([kind, *bounds])


def _table(title: str, rows: list[tuple[str, str, str]]) -> Iterator[str]:
    if not rows:
        return
    yield f"| {title.lower() or 'member'} | type | |"
    yield "|---|---|---|"
    yield from (f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows)
    yield ""


def _rows(title: str, rows: list[tuple[str, str, str]]) -> str:
    if not rows:
        return ""
    head = f'<thead><tr><th scope="col">{title}</th><th scope="col">Type</th><th scope="col">About</th></tr></thead>'
    body = "".join("<tr>" + "".join(f"<td>{_inline(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>{head}<tbody>{body}</tbody></table>"


def _inline(text: str) -> str:
    """Code between backticks; the document has no other markup."""
    pieces = html.escape(text).split("`")
    return "".join(f"<code>{piece}</code>" if number % 2 else piece for number, piece in enumerate(pieces))
