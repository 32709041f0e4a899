"""How rules are written: a function of a resource's properties, or of all resources, that yields what is wrong.

A rule that looks at a value which is not known yet (in a preview of what does not exist) raises `UnknownValueError`;
the engine then says that the rule could not be judged, and `pulumi up` judges it. Where it is enough that a property
is set at all, `given` answers without looking at the value.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
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
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

Props = Mapping[str, Any]
# By which a resource is referred to, when it is not by an output.
IDENTITIES = (
    "arn",
    "bucket",
    "bucketRegionalDomainName",
    "certPem",
    "certRequestPem",
    "id",
    "identifier",
    "keyId",
    "name",
    "prefixListId",
    "privateKeyPem",
    "result",
    "stageName",
    "streamArn",
    "url",
)


class Resources:
    """All resources of a stack, by their kind."""

    def __init__(self, resources: Sequence[PolicyResource]) -> None:
        self._all = resources
        self._by_kind: dict[str, list[PolicyResource]] = {}
        for one in resources:
            self._by_kind.setdefault(kind(one.resource_type), []).append(one)

    def __iter__(self) -> Iterator[PolicyResource]:
        return iter(self._all)

    def of(self, *kinds: str) -> list[PolicyResource]:
        """Those of some kinds."""
        return [one for wanted in kinds for one in self._by_kind.get(wanted, [])]


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
        for resource, problem in rule(Resources(args.resources)):
            report(f"{resource.name}: {problem}", resource.urn)

    return StackValidationPolicy(name=_name(rule), description=_sentence(rule), validate=validate)


def of_module(module: ModuleType) -> list[Policy]:
    """The rules of a theme, in the order in which they are written."""
    return [value for value in vars(module).values() if isinstance(value, Policy)]


@lru_cache
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


def computed(resource: PolicyResource, name: str) -> Any:
    """A property that AWS chooses. In a preview of what does not exist it is not there, and so not known."""
    if name not in list(resource.props):
        raise UnknownValueError(UNKNOWN_STRING_VALUE, [name])
    return resource.props[name]


def companions(
    resources: Resources, owners: str, others: str, through: str
) -> Iterator[tuple[PolicyResource, list[PolicyResource]]]:
    """Each resource of kind `owners` with those of kind `others` whose property `through` refers to it."""
    for owner in resources.of(owners):
        yield owner, [one for one in resources.of(others) if _refers(one, through, owner)]


def named(resource: PolicyResource, path: str, resources: Resources, *kinds: str) -> list[PolicyResource]:
    """The resources of these kinds that a property refers to; `path` as in `values`."""
    candidates = resources.of(*kinds)
    if depends := resource.property_dependencies.get(top(path)):
        urns = {one.urn for one in depends}
        return [one for one in candidates if one.urn in urns]
    wanted = {str(value).removesuffix(":*") for value in values(resource.props, path)}
    return [one for one in candidates if wanted and not wanted.isdisjoint(identities(one))]


def top(path: str) -> str:
    """The property in which a path of `values` begins."""
    return re.split(r"[.\[{]", path, maxsplit=1)[0]


@lru_cache(maxsize=4096)
def identities(resource: PolicyResource) -> frozenset[str]:
    """What other resources may call this one."""
    # What a function answers is JSON text.
    return frozenset(str(resource.props[name]).strip('"') for name in IDENTITIES if given(resource.props, name))


def values(props: Any, path: str) -> list[Any]:
    """What is set under "a.b" (nested), "a[].b" (of each in a list), "a{}.b" (within JSON text)."""
    found = [props]
    for step in path.split("."):
        name = step.rstrip("[]{}")
        found = [one[name] for one in found if given(one, name)]
        if step.endswith("{}"):
            # Where nothing is given a provider may put text of its own.
            found = [json.loads(one) for one in found if one.startswith("{")]
        if step.endswith("[]"):
            found = [inner for one in found for inner in one]
    return found


def _refers(resource: PolicyResource, through: str, owner: PolicyResource) -> bool:
    if depends := resource.property_dependencies.get(through):
        return any(one.urn == owner.urn for one in depends)
    return resource.props.get(through) in identities(owner)


def _name(rule: Callable[..., Any]) -> str:
    return rule.__name__.replace("_", "-")


def _sentence(rule: Callable[..., Any]) -> str:
    return (rule.__doc__ or "").strip().splitlines()[0]
