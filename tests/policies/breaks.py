"""Breaks a rule in the stack with every setting on: one input of a resource, about which it is silent before."""

import copy
import json
from dataclasses import dataclass
from typing import Any

from pulumi_policy import Policy, PolicyResource, StackValidationPolicy

from tests.policies.cases import NOT_JUDGED, PROVIDER, UNKNOWN, judge, of, whole
from tests.recorder import Recorded, recording

DROPPED, GONE = object(), object()
"""Stand for an input that is not given any more, and for a resource that is not made any more."""


@dataclass(frozen=True, kw_only=True)
class Break:
    """The resource is the first of its short kind whose name ends with `name`, in `stack`.

    `path` leads to the input, through lists by index and into JSON text: "policy.Statement.0.Condition". `unknown` is
    what is said when it is not known yet, None where it is wrong to give it at all; a resource that is `GONE` is there
    in that case, and its input not known.
    """

    rule: Policy
    kind: str
    path: str
    value: Any
    name: str = ""
    stack: str = "all-on"
    unknown: tuple[str, ...] | None = tuple(NOT_JUDGED)

    def __str__(self) -> str:
        return f"{self.rule.name}: {self.path}"

    def check(self) -> None:
        """Nothing is said as it is; when it is broken, which resource, and how to mend it."""
        assert self._said(self._one().inputs) == []
        said = self._said(None if self.value is GONE else changed(self._one().inputs, self.path, self.value))
        assert said, "nobody notices"
        for message in said:
            about, _, what = message.partition(": ")
            assert about in {one.name for one in self._resources()}, "it says which resource"
            assert what.count("; ") == 1 or "; see " in what, f"it says what is wrong, and how to mend it: {what}"
        later = self._said(changed(self._one().inputs, self.path, UNKNOWN))
        assert later == (said if self.unknown is None else list(self.unknown))

    def _resources(self) -> list[PolicyResource]:
        return whole(recording(self.stack))

    def _one(self) -> Recorded:
        made = recording(self.stack)
        if self.kind == "provider":
            settings = dict(whole(made)[0].props)
            return Recorded(token=PROVIDER, name="default", inputs=settings, outputs={})
        return next(one for one in made.of(self.kind) if one.name.endswith(self.name))

    def _said(self, inputs: dict[str, Any] | None) -> list[str]:
        one = self._one()
        instead = []
        if inputs is not None:
            outputs = {name: value for name, value in one.outputs.items() if name not in one.inputs}
            instead = [of(Recorded(token=one.token, name=one.name, inputs=inputs, outputs=outputs))]
        if not isinstance(self.rule, StackValidationPolicy):
            return judge(self.rule, *instead)
        others = [it for it in self._resources() if (it.resource_type, it.name) != (one.token, one.name)]
        return judge(self.rule, *others, *instead)


def changed(inputs: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The inputs with another value under `path`. What is in JSON text is unknown as a whole."""
    return _put(copy.deepcopy(inputs), path.split("."), value)


def _put(within: Any, steps: list[str], value: Any) -> Any:
    if isinstance(within, str):
        return value if value is UNKNOWN else json.dumps(_put(json.loads(within), steps, value))
    key = int(steps[0]) if isinstance(within, list) else steps[0]
    if len(steps) > 1:
        within[key] = _put(within.get(key, {}) if isinstance(within, dict) else within[key], steps[1:], value)
    elif value is DROPPED:
        del within[key]
    else:
        within[key] = value
    return within
