"""The one place that reaches into ministack's private names.

Every name that the local cloud replaces is checked first: the version of ministack, that the function is there, and
that it takes the parameters that its replacement was written for. All is put back at the end.
"""

import importlib
import inspect
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

MINISTACK = "1.5.33"

Function = Callable[..., Any]
_first_seen: dict[tuple[str, str], Any] = {}


class HookError(RuntimeError):
    """ministack is not the version that the mends were written for, or a private name has changed."""


def check_version() -> None:
    """Raises `HookError` unless exactly the pinned version of ministack is installed."""
    try:
        found = version("ministack")
    except PackageNotFoundError:
        raise HookError(f"ministack is not installed; the local cloud needs version {MINISTACK}") from None
    if found != MINISTACK:
        raise HookError(f"ministack {found} is installed; the mends of the local cloud are written for {MINISTACK}")


class Hooks:
    """Replacements that are in force, and how to undo them."""

    def __init__(self) -> None:
        self._undo: list[tuple[Any, str, Any]] = []
        self._replaced: set[tuple[str, str]] = set()

    def replace(
        self,
        module: str,
        name: str,
        parameters: str,
        make: Callable[[Function], Function],
        *,
        afterwards: Function | None = None,
    ) -> None:
        """Puts `make(original)` in the place of `ministack.<module>.<name>`.

        `parameters` are the names that the original takes, separated by blanks; anything else is a `HookError`.
        `afterwards` is what stands there once the cloud is stopped, instead of the original, for functions that a
        thread of ministack may still call then.
        """
        place = importlib.import_module(f"ministack.{module}")
        standing: Any = getattr(place, name, None)
        # After a first stop an `afterwards` stands in the place; the original is the one that was seen first.
        original = _first_seen.setdefault((module, name), standing)
        if not callable(original):
            raise HookError(f"ministack.{module} has no function {name}")
        found = " ".join(inspect.signature(original).parameters)
        if found != parameters:
            raise HookError(f"ministack.{module}.{name} takes ({found}), expected ({parameters})")
        # A second replacement of the same function goes around the first.
        inner = standing if (module, name) in self._replaced else original
        self._replaced.add((module, name))
        self._undo.append((place, name, afterwards or inner))
        setattr(place, name, make(inner))

    def value(self, module: str, name: str, value: Any) -> None:
        """Sets a constant that ministack reads from its environment at import only; of the same type as before."""
        place = importlib.import_module(f"ministack.{module}")
        if not hasattr(place, name):
            raise HookError(f"ministack.{module} has no {name}")
        before = getattr(place, name)
        if type(before) is not type(value):
            raise HookError(f"ministack.{module}.{name} is a {type(before).__name__}, not a {type(value).__name__}")
        self._undo.append((place, name, before))
        setattr(place, name, value)

    def restore(self) -> None:
        """Puts everything back, last replacement first."""
        while self._undo:
            place, name, before = self._undo.pop()
            setattr(place, name, before)
        self._replaced.clear()
