"""What may pass through the endpoint of a service: what the stack's roles may do there, on this stack's things only.

It is made of the permissions boundary, so that the two never drift; and a key that was stolen elsewhere, or a bucket of
somebody else's with a fitting name, is of no use in here.
"""

from typing import Any

import pulumi

from components.boundary import LOG_DELIVERY, statements
from components.grants import Statement, policy
from components.naming import Names
from components.place import Place

# AWS's own services do this with a role of the stack, from their own network.
_NOT_FROM_INSIDE = frozenset(LOG_DELIVERY)


def endpoint_policy(service: str, *, names: Names, place: Place, operators: bool) -> pulumi.Output[str]:
    """The policy of a service's endpoint; with `operators` people may look at things there, and set them going again.

    Raises `ValueError` when nobody has anything to do with the service: an endpoint would be paid for in vain.
    """
    wanted = [one for one in statements(names.prefix, place) if not _NOT_FROM_INSIDE.issuperset(one.actions)]
    wanted.append(_WHO_AM_I)
    if operators:
        wanted += _operators(names.prefix, place)
    found = [one for one in wanted if one.actions[0].startswith(f"{service}:")]
    if not found:
        raise ValueError(f"no role of the stack does anything with {service}")
    return policy([_only_ours(one, service, place) for one in found])


_WHO_AM_I = Statement(
    actions=("sts:GetCallerIdentity",), resources=("*",), reason="who am I takes no resource and needs no grant"
)


def _only_ours(statement: Statement, service: str, place: Place) -> dict[str, Any]:
    document = statement.document()
    ours = {"aws:PrincipalAccount": place.account}
    if service == "s3":
        # The only service whose ARNs do not say whose a thing is.
        ours["aws:ResourceAccount"] = place.account
    conditions = document.get("Condition", {})
    equal = {**conditions.get("StringEquals", {}), **ours}
    return {**document, "Principal": "*", "Condition": {**conditions, "StringEquals": equal}}


def _operators(prefix: str, place: Place) -> list[Statement]:
    """What an operator does who comes through the VPN, where these services' names lead to the endpoints.

    Their own permissions say which of it each of them may do.
    """

    def on(actions: tuple[str, ...], *resources: str) -> Statement:
        return Statement(actions=actions, resources=resources)

    here = place.arn
    return [
        on(
            (
                "states:DescribeExecution",
                "states:GetExecutionHistory",
                "states:RedriveExecution",
                "states:StopExecution",
            ),
            here("states", f"execution:{prefix}*"),
        ),
        on(("states:DescribeStateMachine", "states:ListExecutions"), here("states", f"stateMachine:{prefix}*")),
        on(
            (
                "sqs:CancelMessageMoveTask",
                "sqs:GetQueueAttributes",
                "sqs:GetQueueUrl",
                "sqs:ListMessageMoveTasks",
                "sqs:StartMessageMoveTask",
            ),
            here("sqs", f"{prefix}*"),
        ),
        on(
            ("logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents", "logs:StartQuery"),
            here("logs", f"log-group:/aws/*{prefix}*"),
        ),
        Statement(
            actions=("logs:GetQueryResults", "logs:StopQuery"),
            resources=("*",),
            reason="a query's id names no log group",
        ),
        Statement(
            actions=("sts:AssumeRole",),
            resources=(f"arn:{place.partition}:iam::{place.account}:role/*",),
            reason="the account names its operators' roles",
        ),
    ]
