"""What all parts of the network are made with."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.naming import Names
from components.place import Place

HTTPS = 443
POSTGRES = 5432
ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """The VPC, and how things in it are named; `parent` is the component that they belong to."""

    names: Names
    place: Place
    vpc_id: pulumi.Output[str]
    parent: pulumi.Resource

    @property
    def child(self) -> pulumi.ResourceOptions:
        """Options of whatever is made in the VPC."""
        return pulumi.ResourceOptions(parent=self.parent)

    def label(self, purpose: str) -> str:
        """Logical name."""
        return self.names.of("network", purpose)

    def tags(self, purpose: str) -> dict[str, str]:
        """The console shows networks by this tag only."""
        return {"Name": self.label(purpose)}


def after(value: pulumi.Output[str], first: Sequence[pulumi.Resource]) -> pulumi.Output[str]:
    """`value`, known to its users only once all of `first` exist."""
    return pulumi.Output.all(value, *(one.urn for one in first)).apply(lambda values: str(values[0]))
