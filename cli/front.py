"""The page and the API of a stack on this machine: how it gets them, and the address that opens the page."""

import json
from collections.abc import Callable, Mapping
from typing import Any

PERSON, OPERATOR = "demo", "operator"
"""Programs that the settings of the stack `local` name: one who sees a folder, and one who sees all."""


def settings(say: Callable[[str], None]) -> dict[str, str]:
    """What is changed in the settings of the stack `local`: nothing, unless its page cannot be built."""
    # It imports the AWS provider, which takes seconds that no other command needs.
    from components.page.build import PageError, build  # noqa: PLC0415

    say("building the page (once for each state of web/)")
    try:
        build()
    except PageError as error:
        say(f"there is no page, because it cannot be built: {error}")
        return dict(NO_PAGE)
    return {}


NO_PAGE = {"penstock:page": json.dumps({"enabled": False})}


def address(outputs: Mapping[str, Any], client: str = PERSON) -> str:
    """Opens the page ready to use: the page takes the key out of the address, and keeps it for this tab."""
    return f"{outputs['page_url']}#key={outputs['api_keys'][client]}"


def addresses(outputs: Mapping[str, Any]) -> dict[str, str]:
    """What there is to open, with words for it."""
    if "page_url" not in outputs:
        return {"API": str(outputs["api_url"])}
    return {
        "the page": address(outputs),
        "as operator": address(outputs, OPERATOR),
        "API reference": f"{outputs['page_url']}reference.html",
    }
