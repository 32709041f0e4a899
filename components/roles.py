"""Roles of functions and services: each has one policy of its own, and all end at the stack's boundary."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.grants import Grants, render, trust
from components.naming import Names
from components.place import Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Role:
    """A role; whoever uses it waits for `allowed`, because most services try a role out when they are given it."""

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    allowed: pulumi.Resource


@dataclass(frozen=True, kw_only=True, slots=True)
class Roles:
    """Makes the roles of one stack. `boundary_arn` is the policy that none of them reaches over."""

    names: Names
    place: Place
    boundary_arn: pulumi.Input[str]

    def make(
        self,
        purpose: str,
        *,
        description: str,
        service: str,
        statements: Grants,
        parent: pulumi.Resource,
        source: pulumi.Input[str] | None = None,
    ) -> Role:
        """A role that `service` takes up for this account, and for `source` (an ARN) only if it is known before."""
        logical = self.names.of("role", purpose)
        child = pulumi.ResourceOptions(parent=parent)
        role = aws.iam.Role(
            logical,
            description=description,
            assume_role_policy=trust(service, self.place.account, source=source),
            permissions_boundary=self.boundary_arn,
            opts=child,
        )
        allowed = aws.iam.RolePolicy(logical, role=role.name, policy=render(statements), opts=child)
        return Role(name=role.name, arn=role.arn, allowed=allowed)
