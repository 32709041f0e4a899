"""Whether a call is allowed, by the policies of one account; a pure function of policies and request.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from local.iam.policy import Context, Statement, UnknownPolicy, Values, applies, parse

_ROLE = re.compile(r"arn:[a-z-]+:iam::\d{12}:role/.+")
_ACCOUNT = re.compile(r"arn:[a-z-]+:iam::(\d{12}):root|(\d{12})")
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com")
# Their own policy has to let even the account's own roles in.
_OWN_POLICY_DECIDES = ("kms:", "sts:AssumeRole")


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A call: `principal` is a role's ARN or a service ("events.amazonaws.com"), `action` "s3:GetObject" and so on.

    `context` has the condition keys besides those that follow from principal and resource.
    """

    principal: str
    action: str
    resource: str
    context: Mapping[str, str | Values] = field(default_factory=dict)


class Policies(Protocol):
    """Where the policies are; texts as they were written."""

    def identity(self, role: str) -> Iterable[str]:
        """All policies of a role."""

    def boundary(self, role: str) -> str | None:
        """The permissions boundary of a role."""

    def resource(self, action: str, resource: str) -> str | None:
        """The policy of the resource that `action` is for: bucket, queue, topic, key, function, secret, role."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """`by` are the statements that allowed it, or the ones that denied it; `why` is for people."""

    allowed: bool
    why: str
    by: tuple[Statement, ...] = ()

    def __bool__(self) -> bool:
        return self.allowed


def judge(policies: Policies, request: Request) -> Decision:
    """The decision. Raises `UnknownPolicy` when a policy that counts says something unknown."""
    context = context_of(request)

    def speaking(statements: Iterable[Statement]) -> list[Statement]:
        return [one for one in statements if applies(one, request.action, request.resource, context)]

    identity_texts, boundary, own = documents(policies, request)
    resource = [one for one in speaking(parse(own)) if _names(one, request.principal)] if own else []
    identity = speaking(one for text in identity_texts for one in parse(text))
    limit = speaking(parse(boundary)) if boundary is not None else None

    denying = tuple(one for one in (*identity, *resource, *(limit or ())) if not one.allows)
    if denying:
        return Decision(allowed=False, why=f"an explicit deny ({denying[0].sid or 'no Sid'})", by=denying)
    direct = tuple(one for one in resource if _names(one, request.principal, itself=True))
    if request.action.startswith(_OWN_POLICY_DECIDES):
        delegated = any(one not in direct for one in resource)
        allowing = (*direct, *(identity if delegated else ()))
        if not resource:
            return Decision(allowed=False, why=f"the policy of {request.resource} does not let it in")
    else:
        allowing = (*identity, *direct)
    if not allowing:
        return Decision(allowed=False, why="no statement allows it")
    if limit is not None and not any(one.allows for one in limit):
        return Decision(allowed=False, why="the permissions boundary ends before it")
    return Decision(allowed=True, why="allowed", by=allowing)


def documents(policies: Policies, request: Request) -> tuple[tuple[str, ...], str | None, str | None]:
    """All texts that count for a request: of its role, of the role's boundary, of the resource."""
    own = policies.resource(request.action, request.resource)
    if _SERVICE.fullmatch(request.principal):
        return (), None, own
    if _ROLE.fullmatch(request.principal):
        return tuple(policies.identity(request.principal)), policies.boundary(request.principal), own
    raise UnknownPolicy(f"the principal {request.principal}")


def _names(statement: Statement, principal: str, *, itself: bool = False) -> bool:
    """Whether a resource's statement is for a principal: for all, for it, or (not with `itself`) for its account."""
    if statement.principals is None:
        raise UnknownPolicy(f"a statement without principal in a resource's policy ({statement.sid})")
    for kind, name in statement.principals:
        if name == "*" and kind in ("*", "AWS"):
            return True
        if kind == "Service" and name == principal:
            return True
        if kind == "AWS":
            account = _ACCOUNT.fullmatch(name)
            if account is None and not _ROLE.fullmatch(name):
                raise UnknownPolicy(f"the principal {name}")
            if name == principal:
                return True
            if account and not itself and f":iam::{account[1] or account[2]}:role/" in principal:
                return True
    return False


def context_of(request: Request) -> Context:
    """The request's keys with those that every request has. All calls of the platform use TLS."""
    service = not request.principal.startswith("arn:")
    common: dict[str, str | Values] = {
        "aws:principalisawsservice": str(service).lower(),
        "aws:securetransport": "true",
        "aws:viaawsservice": "false",
    }
    if service:
        common["aws:principalservicename"] = request.principal
    else:
        account = request.principal.split(":")[4]
        common |= {
            "aws:principalarn": request.principal,
            "aws:principalaccount": account,
            "aws:principaltype": "AssumedRole",
            "aws:resourceaccount": account,
        }
    return common | {key.lower(): value for key, value in request.context.items()}
