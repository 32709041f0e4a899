"""What a rule says of one resource or of a whole stack, in this process and without the engine."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pulumi_policy import (
    Policy,
    PolicyCustomTimeouts,
    PolicyResource,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError, unknown_checking_proxy

from components import settings
from tests.recorder import Recorded, Recording

UNKNOWN = UNKNOWN_STRING_VALUE
"""As the engine writes a value that is not known yet."""
NOT_JUDGED = ["not judged"]
OPTIONS = PolicyResourceOptions(False, [], None, [], PolicyCustomTimeouts(0, 0, 0), [])
Props = Mapping[str, Any]
PROVIDER = "pulumi:providers:aws"
CHOSEN = ("arn", "certPem", "certRequestPem", "keyId", "prefixListId", "privateKeyPem", "result", "streamArn", "url")
"""What AWS, or whoever makes a thing, chooses."""


def resource(kind: str, props: Props, name: str = "one", **through: PolicyResource) -> PolicyResource:
    """A resource of a stack; `through` says on which resources its properties depend."""
    depends = {key: [other] for key, other in through.items()}
    wrapped = unknown_checking_proxy(dict(props))
    return PolicyResource(kind, wrapped, f"urn:{kind}::{name}", name, OPTIONS, None, None, [], depends)


def whole(recording: Recording) -> list[PolicyResource]:
    """All resources of a run, and the default provider, which only the engine makes, with the stack's settings."""
    of_provider = {name.removeprefix("aws:"): text for name, text in recording.settings.items() if name[:4] == "aws:"}
    return [resource(PROVIDER, of_provider, "default"), *map(of, recording.resources)]


def of(one: Recorded) -> PolicyResource:
    """A recorded resource, as a rule sees it."""
    return resource(one.token, {"id": one.id, **one.outputs, **one.inputs}, one.name)


def preview(recording: Recording) -> list[PolicyResource]:
    """All resources of a run as in a preview of what does not exist: what AWS chooses is not there, or not known.

    Names are known, because Pulumi chooses them.
    """
    provider, *stubs = whole(recording)
    made = list(zip(recording.resources, stubs, strict=True))
    chosen = [
        (text, stub)
        for one, stub in made
        for text in {one.id, *(str(one.outputs[name]).strip('"') for name in CHOSEN if name in one.outputs)}
    ]
    names = [(one.outputs.get(name), stub) for one, stub in made for name in ("name", "bucket")]
    planned = [provider]
    for one, stub in made:
        depends: dict[str, list[PolicyResource]] = {}
        for name, value in one.inputs.items():
            leaves = list(_leaves(value))
            owners = [it for text, it in chosen if it is not stub and any(_says(leaf, text) for leaf in leaves)]
            owners += [it for text, it in names if it is not stub and text in leaves]
            if owners:
                depends[name] = owners
        others = [text for text, it in chosen if it is not stub]
        known = {name: one.outputs[name] for name in ("name", "bucket") if name in one.outputs}
        props = unknown_checking_proxy({**known, **_forget(one.inputs, others)})
        planned.append(PolicyResource(one.token, props, stub.urn, one.name, OPTIONS, None, None, [], depends))
    return planned


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _leaves(one)
    elif isinstance(value, str):
        yield value


def _says(leaf: str, text: str) -> bool:
    """Whether a text holds a name, and not only the beginning of another."""
    return text in leaf and re.search(rf"{re.escape(text)}(?![\w-])", leaf) is not None


def _forget(value: Any, chosen: Sequence[str]) -> Any:
    if isinstance(value, dict):
        return {key: _forget(one, chosen) for key, one in value.items()}
    if isinstance(value, list):
        return [_forget(one, chosen) for one in value]
    return UNKNOWN if isinstance(value, str) and any(_says(value, text) for text in chosen) else value


def is_protected(recording: Recording) -> bool:
    """Whether the pack takes the stack for one that is protected, by what the engine tells it of the settings."""
    return settings.is_protected({"PULUMI_PROJECT": "penstock", "PULUMI_CONFIG": json.dumps(recording.settings)})


def judge(rule: Policy, *resources: PolicyResource) -> list[str]:
    """What the rule reports, or `NOT_JUDGED` where the engine would say that a value is not known yet."""
    said: list[str] = []

    def report(message: str, urn: str | None = None) -> None:
        said.append(message)

    try:
        if isinstance(rule, StackValidationPolicy):
            rule.validate(StackValidationArgs(list(resources)), report)
        else:
            assert isinstance(rule, ResourceValidationPolicy)
            for one in resources:
                args = ResourceValidationArgs(one.resource_type, one.props, one.urn, one.name, OPTIONS, None)
                rule.validate(args, report)
    except UnknownValueError:
        return NOT_JUDGED
    return said


def examine(
    rule: Policy, kind: str, good: Props, bad: Props, unknown: Props, then: Sequence[str] = tuple(NOT_JUDGED)
) -> None:
    """What keeps a rule about one resource, what breaks it, and what it says `then`, of what is not known yet."""
    kept = judge(rule, resource(kind, good))
    assert not kept, kept
    (said,) = judge(rule, resource(kind, bad, "bad"))
    assert said.startswith("bad: ") and "; " in said, f"it names the resource and says how to mend it: {said}"
    undecided = judge(rule, resource(kind, unknown))
    assert undecided == list(then), undecided
