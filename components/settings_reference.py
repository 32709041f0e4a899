"""Writes `docs/settings.md` from the settings' classes: `python -m components.settings_reference`."""

from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from components.settings import Section, sections

PAGE = Path(__file__).resolve().parent.parent / "docs" / "settings.md"
INTRODUCTION = """# Settings

Made from `components/settings/` by `python -m components.settings_reference`; a test keeps it fresh.

Each stack has its own in `Pulumi.<stack>.yaml`, one map for each section. All have defaults, which are safe for a
stack that matters. An unknown key or a value out of its range stops the program with the key, the file, and what is
allowed.

```yaml
config:
  aws:region: eu-central-1
  penstock:processing:
    part_bytes: 2097152
```

Tags are the AWS provider's: `aws:defaultTags` puts them on everything.
"""
WORDS = {dict: "map", str: "text", int: "whole number", bool: "true or false"}


def render() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *(section(f"penstock:{name}", cls) for name, cls in sections())])


def section(key: str, cls: type[Section]) -> str:
    """One section's heading and table."""
    rows = [
        f"| `{field}` | {_kind(info.annotation)}{_range(info)} | {_default(info.default)} | {info.description} |"
        for field, info in cls.model_fields.items()
    ]
    head = [f"## `{key}`", "", str(cls.__doc__), "", "| key | value | default | |", "|---|---|---|---|"]
    inner = [
        section(f"{key}.{field}", each) for field, info in cls.model_fields.items() for each in _maps(info.annotation)
    ]
    return "\n".join([*head, *rows, "", *inner])


def _maps(annotation: Any) -> list[type[Section]]:
    """The class of the maps that a list is of, if it is one of maps."""
    return [each for each in get_args(annotation) if _is_map(each)]


def _is_map(annotation: Any) -> bool:
    return isinstance(annotation, type) and get_origin(annotation) is None and issubclass(annotation, Section)


def _kind(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kind(arguments[0])
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin is list:
        return f"list of {_kind(arguments[0])}"
    if origin in (Union, UnionType):
        return " or ".join(_kind(argument) for argument in arguments if argument is not NoneType)
    return "maps, as below" if annotation not in WORDS and _is_map(annotation) else WORDS[origin or annotation]


def _range(info: FieldInfo) -> str:
    limits = {type(limit).__name__: limit for limit in info.metadata}
    words = [
        f"{word} {getattr(limits[kind], attribute):,}"
        for kind, word, attribute in (("Ge", "from", "ge"), ("Le", "to", "le"))
        if kind in limits
    ]
    return f", {' '.join(words)}" if words else ""


def _default(value: Any) -> str:
    if value is PydanticUndefined:
        return "has to be given"
    if value is None or value in ([], {}):
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(f"`{one}`" for one in value)
    return f"{value:,}" if isinstance(value, int) else f"`{value}`"


if __name__ == "__main__":
    PAGE.write_text(render())
