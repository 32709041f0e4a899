"""What a rule says of one resource or of a whole stack, in this process and without the engine."""

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

UNKNOWN = UNKNOWN_STRING_VALUE
"""As the engine writes a value that is not known yet."""
NOT_JUDGED = ["not judged"]
OPTIONS = PolicyResourceOptions(False, [], None, [], PolicyCustomTimeouts(0, 0, 0), [])
Props = Mapping[str, Any]


def resource(kind: str, props: Props, name: str = "one", **through: PolicyResource) -> PolicyResource:
    """A resource of a stack; `through` says on which resources its properties depend."""
    depends = {key: [other] for key, other in through.items()}
    wrapped = unknown_checking_proxy(dict(props))
    return PolicyResource(kind, wrapped, f"urn:{kind}::{name}", name, OPTIONS, None, None, [], depends)


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
