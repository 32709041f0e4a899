"""Writes all pages and schemas that are made from code: `python -m docs.generate`. A test keeps them fresh."""

import json
from collections.abc import Callable
from inspect import cleandoc
from pathlib import Path
from typing import Any

import bootstrap.settings
import cli.reference
import components.api.document
import components.page.reference
import components.settings_reference
import local.reference
from policies import themes
from policies.rules import of_module
from runtime.domain import announcements, results
from runtime.processors import recipe_schema

DOCS = Path(__file__).resolve().parent
MADE = "*Made from code by `python -m docs.generate`.*"
EVENTS = f"""# Events

{MADE}

Other programs build on Penstock by listening to its event bus (output `event_bus`). Events have the source
`{announcements.SOURCE}`; the ledger's stream is where they come from ([ADR 2](adr/0002-ledger.md)), so there is one
for every change that did happen and none for a change that did not. Like all events of AWS they come at least once and
in any order: `name`, `version`, `attempt` and `state` together tell whether one has been seen before.

```json
{{"source": ["{announcements.SOURCE}"], "detail-type": ["FileSucceeded"]}}
```
"""
EVENTS_AFTER = """Members of the detail ([schema](schemas/event-1.json)); a new member may appear at any time, a change
of what is here gets a new version of the schema:
"""
BOOTSTRAP = f"""# Settings of the bootstrap

{MADE}

They are in `bootstrap/Pulumi.main.yaml`; what it is all about is in [bootstrap.md](bootstrap.md). Below
`penstock-bootstrap:stacks` is a list with a map for each stack.
"""
API = f"""# The API

{MADE}

It is made from `components/api/openapi.yaml`. A stack serves that document at `/openapi.json` and what is below at
`/reference.html`.

"""
PROTECTION = themes.BY_SETTING.__name__.rpartition(".")[2]
POLICIES = f"""# Policies

{MADE}

`policies/` is a Pulumi policy pack of {len(themes.rules())} rules. They are tested against the program in `make test`
(each against what keeps it, what breaks it and what is not known yet), and run by the engine with
`pulumi preview --policy-pack policies` and `pulumi up --policy-pack policies`, where breaking one stops the deployment.
A message says which resource it is about, what is wrong, and how to mend it. In a preview of what does not exist yet a
rule may say that a value is not known; `pulumi up` judges it.

**Levels.** Every rule is mandatory in every stack, but for those of the theme `{PROTECTION}`: in a stack whose setting
`protection.deletion` is off, like dev, they only advise, because such a stack is meant to be thrown away. The engine
tells the pack the stack's settings; a stack that it cannot tell of is judged by all of them.

**What they are worth** is measured: `make mutate` weakens every input of every resource of prod and of
`tests/stacks/all-on.yaml`, one at a time (`tests/policies/operators.py` says how). It fails when a weakening is neither
noticed by a rule, nor refused by the provider, nor accepted with a reason in `tests/policies/accepted.py`, and prints
how many were tried and which rule noticed how many. `make test` tries a sample.
"""


def events_page() -> str:
    """The page about the platform's own events."""
    schema = announcements.schema()
    needed = {state: rule["then"]["required"] for rule, state in _rules(schema)}
    types = [f"| `{name}` | `{state}` |" for state, name in announcements.TYPES.items()]
    members = [
        f"| `{member}` | {about['description']} | {_present(member, schema['required'], needed)} |"
        for member, about in schema["properties"].items()
    ]
    return "\n".join(
        [
            EVENTS,
            *("| detail type | `state` |", "|---|---|", *types, ""),
            EVENTS_AFTER,
            *("| member | what | in events of |", "|---|---|---|", *members, ""),
        ]
    )


def bootstrap_settings_page() -> str:
    """The page about the bootstrap program's settings."""
    tables = [
        components.settings_reference.section(f"penstock-bootstrap:{name}", cls)
        for name, cls in bootstrap.settings.sections()
    ]
    return "\n".join([BOOTSTRAP, *tables])


def api_page() -> str:
    """The page about the API's routes."""
    document = components.api.document.load()
    about = f"{document['info']['description']}\n\n"
    return API + about + components.page.reference.as_markdown(document)


def policies_page() -> str:
    """The page about the policy pack's rules."""
    parts = [POLICIES]
    for theme in themes.THEMES:
        rows = [f"| `{rule.name}` | {rule.description} |" for rule in of_module(theme)]
        parts += [f"## {(theme.__doc__ or '').rstrip('.')}", "", "| rule | |", "|---|---|", *rows, ""]
    return "\n".join(parts)


def local_cloud_page() -> str:
    """The page about the local cloud, of which some sections are made."""
    return local.reference.render(local.reference.PAGE.read_text())


def _rules(schema: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    return [(rule, rule["if"]["properties"]["state"]["const"]) for rule in schema["allOf"]]


def _present(member: str, always: list[str], needed: dict[str, list[str]]) -> str:
    if member in always:
        return "all"
    states = [f"`{state}`" for state, members in needed.items() if member in members]
    return ", ".join(states) or "`rejected` and `failed`, where known"


def _json(schema: dict[str, Any]) -> str:
    return json.dumps(_outdented(schema), indent=2, sort_keys=True) + "\n"


def _outdented(node: Any) -> Any:
    """With descriptions as Python 3.13 has docstrings; earlier versions keep their indentation."""
    if isinstance(node, list):
        return [_outdented(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        name: cleandoc(each) if name == "description" and isinstance(each, str) else _outdented(each)
        for name, each in node.items()
    }


PAGES: dict[Path, Callable[[], str]] = {
    cli.reference.PAGE: cli.reference.render,
    components.settings_reference.PAGE: components.settings_reference.render,
    local.reference.PAGE: local_cloud_page,
    DOCS / "api.md": api_page,
    DOCS / "bootstrap-settings.md": bootstrap_settings_page,
    DOCS / "events.md": events_page,
    DOCS / "policies.md": policies_page,
    DOCS / "schemas/event-1.json": lambda: _json(announcements.schema()),
    DOCS / "schemas/recipe-1.json": lambda: recipe_schema.published_schema().decode(),
    DOCS / "schemas/result-1.json": lambda: _json(results.schema()),
}


if __name__ == "__main__":
    for page, render in PAGES.items():
        page.write_text(render())
