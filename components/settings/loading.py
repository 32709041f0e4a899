"""Reads settings from Pulumi's configuration. Only this module touches it."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

import pulumi
from pulumi.runtime import config as runtime_config
from pydantic import BaseModel, ValidationError

from components.settings.operations import Protection
from components.settings.problems import worded
from components.settings.stack import Settings

Model = TypeVar("Model", bound=BaseModel)


class SettingsError(pulumi.RunError):
    """What is wrong with a stack's settings, one line each. Pulumi prints it without a stack trace."""


def load() -> Settings:
    """The settings of the stack that runs. Raises `SettingsError`."""
    raw = {**runtime_config.get_config_env(), **runtime_config.CONFIG.get()}
    return parse(raw, project=pulumi.get_project(), stack=pulumi.get_stack())


def parse(raw: Mapping[str, Any], *, project: str, stack: str) -> Settings:
    """`raw` is Pulumi's own map, `project:section` to JSON text, with others' namespaces. Raises `SettingsError`."""
    return read(Settings, raw, project=project, stack=stack)


def read(model: type[Model], raw: Mapping[str, Any], *, project: str, stack: str) -> Model:
    """As `parse`, for another program's settings."""
    values: dict[str, Any] = {}
    for full, text in sorted(raw.items()):
        namespace, _, key = full.partition(":")
        if namespace != project:
            continue
        try:
            values[key] = json.loads(text) if isinstance(text, str) else text
        except json.JSONDecodeError:
            values[key] = text
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problems = [worded(detail, project, model) for detail in error.errors()]
    raise SettingsError("\n".join(f"Pulumi.{stack}.yaml: {problem}" for problem in problems))


def is_protected(environment: Mapping[str, str]) -> bool:
    """Whether the stack's setting protects it, of what the engine tells a policy pack in its environment.

    A stack of which nothing is known is protected: another program's, for one.
    """
    raw = json.loads(environment.get("PULUMI_CONFIG", "{}"))
    section = raw.get(f"{environment.get('PULUMI_PROJECT')}:protection", {})
    return Protection.model_validate(json.loads(section) if isinstance(section, str) else section).deletion
