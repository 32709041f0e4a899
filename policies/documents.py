"""Policy documents of IAM as rules see them: statements, and what is in them, whichever of its spellings was used."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policies.rules import Props

EVERYONE = "*"
STRICT = ("ArnEquals", "ArnLike", "StringEquals", "StringLike")
"""Operators that are not fulfilled by a key that is missing, and that name what they want."""
# What follows the account in an ARN begins with a star, or does so after the type of resource, which S3's have not.
UNNAMED = re.compile(r"(arn:[^:]*:(s3:::|(?!s3:)[^:]*:[^:]*:[^:]*:([a-z-]+[:/])?))?\*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """One statement. `principals` are pairs of kind ("AWS", "Service", …) and who; "*" is the pair ("*", "*")."""

    sid: str
    allows: bool
    actions: tuple[str, ...]
    but_actions: tuple[str, ...]
    resources: tuple[str, ...]
    but_resources: tuple[str, ...]
    principals: tuple[tuple[str, str], ...]
    but_principals: bool
    conditions: Mapping[str, Mapping[str, Any]]

    @property
    def condition_keys(self) -> frozenset[str]:
        """Keys of all conditions, in small letters: IAM does not tell them apart."""
        return frozenset(key.lower() for keys in self.conditions.values() for key in keys)

    def strictly(self, key: str) -> tuple[str, ...]:
        """What `key` has to be: no values when nothing of it is named, or it may be missing (`…IfExists`)."""
        return tuple(
            value
            for operator, keys in self.conditions.items()
            if operator in STRICT
            for name, wanted in keys.items()
            if name.lower() == key.lower()
            for value in _many(wanted)
            if not anything(value)
        )

    @property
    def bound_to(self) -> tuple[str, ...]:
        """The ARNs of what a service acts for."""
        return self.strictly("aws:SourceArn")

    @property
    def everyone(self) -> bool:
        """Whether the statement is about anybody at all."""
        return self.but_principals or any(who == EVERYONE for _, who in self.principals)

    @property
    def services(self) -> tuple[str, ...]:
        """AWS services that the statement is about."""
        return tuple(who for sort, who in self.principals if sort == "Service")


def documents(props: Props, *names: str) -> Iterator[list[Statement]]:
    """The documents in those of the properties that are set; in `inlinePolicies` each policy is one."""
    for name in names:
        value = props.get(name)
        if name == "inlinePolicies":
            for inline in value or []:
                yield from documents(inline, "policy")
        elif value:
            yield statements(value)


def statements(document: Any) -> list[Statement]:
    """The statements of a document: JSON text, or what was read from it."""
    read = json.loads(document) if isinstance(document, str) else document
    listed = read.get("Statement", [])
    return [_statement(one) for one in ([listed] if isinstance(listed, Mapping) else listed)]


def unnamed(resource: str) -> bool:
    """Whether a statement's resource names none: "*", "arn:aws:s3:::*", "arn:aws:lambda:eu-west-1:1:function:*"."""
    return UNNAMED.match(resource) is not None


def anything(value: str) -> bool:
    """Whether a condition is fulfilled by whatever account: "*", "arn:aws:s3:::*", "arn:aws:sqs:*:*:*"."""
    if not value.startswith("arn:"):
        return "*" in value or "?" in value
    account, name = [*value.split(":", maxsplit=5), "", ""][4:6]
    return not account.isdigit() if account or ":s3:" not in value else name.startswith("*")


def _statement(raw: Mapping[str, Any]) -> Statement:
    principal = raw.get("Principal", raw.get("NotPrincipal", {}))
    by_sort = {EVERYONE: principal} if isinstance(principal, str) else principal
    return Statement(
        sid=raw.get("Sid", ""),
        allows=raw.get("Effect") == "Allow",
        actions=_many(raw.get("Action")),
        but_actions=_many(raw.get("NotAction")),
        resources=_many(raw.get("Resource")),
        but_resources=_many(raw.get("NotResource")),
        principals=tuple((sort, who) for sort, named in by_sort.items() for who in _many(named)),
        but_principals="NotPrincipal" in raw,
        conditions=raw.get("Condition", {}),
    )


def _many(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)
