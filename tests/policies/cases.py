"""What a rule says of one resource or of a whole stack, in this process and without the engine."""

import json
from collections.abc import Mapping
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
