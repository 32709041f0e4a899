"""How statements about AWS's actions are written down: which things of a stack an action may be about.

A stack's things are told by name where their ARNs carry one, and else by the tags that Pulumi gives to everything
(`aws:defaultTags` in the stack's file).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from components.grants import Statement

TAGGED = {"StringEquals": {"aws:ResourceTag/project": "{project}", "aws:ResourceTag/stack": "{stack}"}}
TO_BE_TAGGED = {"StringEquals": {"aws:RequestTag/project": "{project}", "aws:RequestTag/stack": "{stack}"}}


@dataclass(frozen=True, kw_only=True, slots=True)
class Whose:
    """The stack, and where it is. `prefix` begins the names of its things."""

    project: str
    stack: str
    prefix: str
    account: str
    partition: str
    boundary_arn: str


@dataclass(frozen=True, slots=True)
class Scope:
    """Things of one service; `{…}` in `arns` (without "arn:PARTITION:") and in the values of `when` are of `Whose`."""

    service: str
    arns: tuple[str, ...]
    when: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    reason: str = ""

    def statement(self, names: frozenset[str], whose: Whose) -> Statement:
        """Allows the actions of these names, in alphabetical order."""
        values = {name: getattr(whose, name) for name in Whose.__dataclass_fields__}
        return Statement(
            actions=tuple(sorted(f"{self.service}:{name}" for name in names)),
            resources=tuple(
                arn if arn == "*" else f"arn:{whose.partition}:{arn.format(**values)}" for arn in self.arns
            ),
            conditions={
                operator: {key: value.format(**values) for key, value in keys.items()}
                for operator, keys in self.when.items()
            },
            reason=self.reason,
        )


@dataclass(frozen=True, slots=True)
class Use:
    """Actions on a scope, by name and with blanks between: to look at things, and to make, change and remove them."""

    scope: Scope
    read: str = ""
    write: str = ""


def named(service: str, *arns: str) -> Scope:
    """Things whose ARN has the name in it."""
    return Scope(service, arns)


def tagged(service: str, *arns: str) -> Scope:
    """Things that bear the stack's tags, because their ARNs hold a number that AWS makes up."""
    return Scope(service, arns, TAGGED, f"{service} numbers its things and the stack's tags tell whose they are")


def made(service: str) -> Scope:
    """Things that get the stack's tags when they are made."""
    return Scope(service, ("*",), TO_BE_TAGGED, "what is not there yet is told by the tags that it gets")


def anything(service: str, reason: str) -> Scope:
    """All there is."""
    return Scope(service, ("*",), {}, reason)
