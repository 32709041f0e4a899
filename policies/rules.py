"""How rules are written: a function of a resource's properties, or of all resources, that yields what is wrong.

A rule that looks at a value which is not known yet (in a preview of what does not exist) raises `UnknownValueError`;
the engine then says that the rule could not be judged, and `pulumi up` judges it. Where it is enough that a property
is set at all, `given` answers without looking at the value.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any

from pulumi_policy import (
    Policy,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

Props = Mapping[str, Any]
Resources = Sequence[PolicyResource]
# By which a resource is referred to, when it is not by an output.
IDENTITIES = ("bucket", "url", "arn", "name", "id")


def each(*kinds: str) -> Callable[[Callable[[Props], Iterator[str]]], ResourceValidationPolicy]:
    """Makes a function a rule about every resource of these kinds; it yields a message for each thing that is wrong."""

    def decorate(rule: Callable[[Props], Iterator[str]]) -> ResourceValidationPolicy:
        def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
            if kind(args.resource_type) in kinds:
                for problem in rule(args.props):
                    report(f"{args.name}: {problem}", None)

        return ResourceValidationPolicy(name=_name(rule), description=_sentence(rule), validate=validate)

    return decorate


def whole_stack(rule: Callable[[Resources], Iterator[tuple[PolicyResource, str]]]) -> StackValidationPolicy:
    """Makes a function a rule about how resources belong together; it yields resource and message."""

    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        for resource, problem in rule(args.resources):
            report(f"{resource.name}: {problem}", resource.urn)

    return StackValidationPolicy(name=_name(rule), description=_sentence(rule), validate=validate)


def of_module(module: ModuleType) -> list[Policy]:
    """The rules of a theme, in the order in which they are written."""
    return [value for value in vars(module).values() if isinstance(value, Policy)]


def kind(token: str) -> str:
    """A resource's type. The provider has some types twice; those called V2 are the same."""
    return token.replace("V2", "")


def given(props: Props, name: str) -> bool:
    """Whether a property is set, be it to a value that is not known yet."""
    # `name in props` would look at the value.
    if name not in list(props):
        return False
    try:
        return props[name] is not None
    except UnknownValueError:
        return True


def companions(
    resources: Resources, owners: str, others: str, through: str
) -> Iterator[tuple[PolicyResource, Resources]]:
    """Each resource of kind `owners` with those of kind `others` whose property `through` refers to it."""
    candidates = [one for one in resources if kind(one.resource_type) == others]
    for owner in resources:
        if kind(owner.resource_type) == owners:
            yield owner, [one for one in candidates if _refers(one, through, owner)]


def _refers(resource: PolicyResource, through: str, owner: PolicyResource) -> bool:
    if depends := resource.property_dependencies.get(through):
        return any(one.urn == owner.urn for one in depends)
    return resource.props.get(through) in [owner.props[name] for name in IDENTITIES if given(owner.props, name)]


def _name(rule: Callable[..., Any]) -> str:
    return rule.__name__.replace("_", "-")


def _sentence(rule: Callable[..., Any]) -> str:
    return (rule.__doc__ or "").strip().splitlines()[0]
