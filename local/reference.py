"""Writes the generated parts of `docs/local-cloud.md`: `python -m local.reference`."""

import re
from pathlib import Path

from local.limits import LIMITS
from local.resources import CREATORS
from local.resources.skipped import NOT_EMULATED

PAGE = Path(__file__).resolve().parent.parent / "docs" / "local-cloud.md"


def _types() -> str:
    by_service: dict[str, list[str]] = {}
    for token in sorted(CREATORS):
        service, name = token.split(":")[1].split("/")[0], token.split(":")[2]
        by_service.setdefault(service, []).append(name)
    rows = [f"| {service} | {', '.join(names)} |" for service, names in sorted(by_service.items())]
    return "\n".join(["| service | types |", "|---|---|", *rows])


def _skipped() -> str:
    rows = [f"| `{token}` | {NOT_EMULATED[token].reason} |" for token in sorted(NOT_EMULATED)]
    return "\n".join(["| type | why |", "|---|---|", *rows])


def _limits() -> str:
    return "\n".join(f"- {line}" for line in LIMITS)


def render(page: str) -> str:
    """`page` with what stands between each `<!-- NAME -->` and `<!-- /NAME -->` made anew."""
    for name, text in (("types", _types()), ("skipped", _skipped()), ("limits", _limits())):
        pattern = re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.DOTALL)
        if len(pattern.findall(page)) != 1:
            raise ValueError(f"the page must have one section {name!r}")
        page = pattern.sub((text + "\n").replace("\\", r"\\"), page)
    return page


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text()))
