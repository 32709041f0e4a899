"""Everything says whose it is."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_policy import PolicyResource

from policies.kinds import PROVIDER
from policies.rules import Props, Resources, each, given, whole_stack

REQUIRED = ("managed-by", "project", "stack")


@whole_stack
def resources_are_tagged(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """The provider tags all that it makes with project, stack and what manages it."""
    for provider in resources.of(PROVIDER):
        tags = default_tags(provider.props)
        if missing := [name for name in REQUIRED if not tags.get(name)]:
            yield provider, f"what it makes has no tag {', '.join(missing)}; set aws:defaultTags in the stack's file"


@whole_stack
def regions_are_tagged_alike(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Providers of several regions write the same tags."""
    providers = resources.of(PROVIDER)
    for provider in providers[1:]:
        if default_tags(provider.props) != default_tags(providers[0].props):
            yield provider, f"its tags are not those of {providers[0].name}; give both the same default_tags"


@each(PROVIDER)
def tags_are_not_ignored(props: Props) -> Iterator[str]:
    """No tag is left out of what is compared, or drift in it would never be seen."""
    if given(props, "ignoreTags"):
        yield "changes of some tags are not seen; take ignore_tags away"


def default_tags(props: Props) -> Mapping[str, Any]:
    """The provider's default tags. The engine hands nested settings of a provider on as JSON text."""
    block = props.get("defaultTags") or {}
    read = json.loads(block) if isinstance(block, str) else block
    return read.get("tags") or {}
