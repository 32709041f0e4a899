"""Every policy names what it allows, on what, and to whom."""

from collections.abc import Iterator

from policies.documents import Statement, documents, unnamed
from policies.public_access import RESOURCE_POLICIES
from policies.rules import Props, each, given

ROLE = "aws:iam/role:Role"
ROLE_POLICIES = (
    "aws:iam/groupPolicy:GroupPolicy",
    "aws:iam/policy:Policy",
    ROLE,
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/userPolicy:UserPolicy",
)
"""Kinds whose property `policy` or `inlinePolicies` says what a role may do."""
BINDING = ("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "kms:encryptioncontext:")
REASON = "AnyResource"
"""Beginning of the Sid of a statement on any resource; what follows is the reason (`components/grants.py`)."""
ACTIONS_REASON = f"AnyActionAnd{REASON}"
"""Beginning of the Sid of a statement that allows all actions of services, on any resource."""


@each(*ROLE_POLICIES)
def role_policy_names_actions(props: Props) -> Iterator[str]:
    """No role may do all that begins with something, or the statement's Sid says why (a boundary that only limits)."""
    for statement in _allowing(props, "policy", "inlinePolicies"):
        if not _reasoned(statement, ACTIONS_REASON):
            yield from _wild_actions(statement)


@each(*ROLE_POLICIES)
def role_policy_names_resources(props: Props) -> Iterator[str]:
    """A role may do things to resources that are named, or the statement's Sid says why it cannot be so."""
    for statement in _allowing(props, "policy", "inlinePolicies"):
        wild = [one for one in statement.resources if unnamed(one)] or statement.but_resources
        if wild and not _reasoned(statement, REASON) and not _reasoned(statement, ACTIONS_REASON):
            yield (
                f"it allows {', '.join(statement.actions)} on {', '.join(wild)}; name the resources, or give the "
                "Statement a reason"
            )


@each(*RESOURCE_POLICIES)
def resource_policy_names_actions(props: Props) -> Iterator[str]:
    """No resource's own policy allows all that begins with something, but for the account that administers a key."""
    for statement in _allowing(props, "policy", "policyDocument"):
        if not _administers_key(statement):
            yield from _wild_actions(statement)


@each(ROLE)
def role_is_assumed_by_few(props: Props) -> Iterator[str]:
    """A role is assumed by services on behalf of this account, or by whom it names."""
    for statement in _allowing(props, "assumeRolePolicy"):
        if statement.everyone:
            yield "everyone may assume it; name the service in its trust policy"
        yield from _unbound_services(statement)


@each(*RESOURCE_POLICIES)
def services_act_for_this_account(props: Props) -> Iterator[str]:
    """Services that a resource's own policy lets in are bound to an account or a resource."""
    for statement in _allowing(props, "policy", "policyDocument"):
        yield from _unbound_services(statement)


@each("aws:lambda/permission:Permission")
def callers_of_functions_are_bound(props: Props) -> Iterator[str]:
    """Services that may call a function are bound to an account or a resource."""
    service = props["principal"].endswith(".amazonaws.com")
    if service and not given(props, "sourceArn") and not given(props, "sourceAccount"):
        yield f"{props['principal']} may call the function for anybody; set source_arn or source_account"


def _allowing(props: Props, *names: str) -> Iterator[Statement]:
    for document in documents(props, *names):
        yield from (statement for statement in document if statement.allows)


def _reasoned(statement: Statement, beginning: str) -> bool:
    return statement.sid.startswith(beginning) and statement.sid != beginning


def _wild_actions(statement: Statement) -> Iterator[str]:
    if wild := [action for action in statement.actions if "*" in action]:
        yield f"it allows {', '.join(wild)}; name each action"
    if statement.but_actions:
        yield f"it allows all but {', '.join(statement.but_actions)}; name what it allows"


def _unbound_services(statement: Statement) -> Iterator[str]:
    if statement.services and not any(key.startswith(BINDING) for key in statement.condition_keys):
        yield f"it lets {', '.join(statement.services)} act for anybody; add a condition on aws:SourceAccount"


def _administers_key(statement: Statement) -> bool:
    """Without this statement no role's own policy counts for the key, and it could never be administered again."""
    return (
        statement.actions == ("kms:*",)
        and not statement.everyone
        and {sort for sort, _ in statement.principals} == {"AWS"}
        and all(who.endswith(":root") for _, who in statement.principals)
    )
