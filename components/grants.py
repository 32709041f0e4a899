"""Grants are data: what a role may do, said by the store that knows its own key, rendered by the role that gets it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from components.place import Place

ANY_RESOURCE = "AnyResource"
"""Beginning of the Sid of every statement on `*`; what follows is the reason, in words. A policy checks it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """One statement that allows `actions` on `resources`, under all of `conditions` (operator, key, value).

    `reason` is required when the resources are not named; it ends up in the statement's Sid.
    """

    actions: tuple[str, ...]
    resources: tuple[pulumi.Input[str], ...]
    conditions: Mapping[str, Mapping[str, pulumi.Input[Any]]] = field(default_factory=dict)
    reason: str = ""

    def __post_init__(self) -> None:
        if "*" in self.resources and not self.reason:
            raise ValueError(f"{', '.join(self.actions)} on any resource needs a reason")

    def document(self) -> dict[str, Any]:
        """The statement as IAM writes it."""
        body: dict[str, Any] = {"Effect": "Allow", "Action": list(self.actions), "Resource": list(self.resources)}
        if self.reason:
            words = re.findall(r"[A-Za-z0-9]+", self.reason)
            body["Sid"] = ANY_RESOURCE + "".join(word[:1].upper() + word[1:] for word in words)
        if self.conditions:
            body["Condition"] = {operator: dict(keys) for operator, keys in self.conditions.items()}
        return body


Grants = Iterable[Statement]


def policy(statements: Sequence[Mapping[str, Any]]) -> pulumi.Output[str]:
    """A policy document of statements that may hold outputs, as JSON text."""
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)}, sort_keys=True)


def render(statements: Grants) -> pulumi.Output[str]:
    """The policy of one role. Equal statements are written once."""
    documents: list[dict[str, Any]] = []
    seen: list[Statement] = []
    for statement in statements:
        if not any(statement is other for other in seen):
            seen.append(statement)
            documents.append(statement.document())
    return policy(documents)


def trust(service: str, account: pulumi.Input[str], *, source: pulumi.Input[str] | None = None) -> pulumi.Output[str]:
    """The trust policy of a role that `service` assumes for `account`, and for `source` (an ARN) if it is known."""
    condition: dict[str, Any] = {"StringEquals": {"aws:SourceAccount": account}}
    if source is not None:
        condition["ArnLike"] = {"aws:SourceArn": source}
    return policy(
        [
            {
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": "sts:AssumeRole",
                "Condition": condition,
            }
        ]
    )


def service_statement(
    service: pulumi.Input[str],
    actions: Sequence[str],
    resource: str | pulumi.Output[str] | Sequence[pulumi.Output[str]],
    conditions: Mapping[str, Mapping[str, pulumi.Input[Any]]],
) -> dict[str, Any]:
    """A statement of a resource's own policy that lets a service in, under conditions that bind it to this account."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": list(actions),
        "Resource": resource if isinstance(resource, str | pulumi.Output) else list(resource),
        "Condition": {operator: dict(keys) for operator, keys in conditions.items()},
    }


def acting_for(place: Place, source: pulumi.Input[str]) -> dict[str, dict[str, pulumi.Input[Any]]]:
    """Conditions that bind a service to this account, and to the resource (an ARN, maybe with `*`) that it acts for."""
    return {"StringEquals": {"aws:SourceAccount": place.account}, "ArnLike": {"aws:SourceArn": source}}


def only_encrypted_transport(action: str, *resources: pulumi.Input[str]) -> dict[str, Any]:
    """A statement of a resource's own policy that refuses everyone who does not use TLS."""
    return {
        "Sid": "OnlyEncryptedTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": list(resources),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def only_encrypted_with(key_arn: pulumi.Input[str], objects: pulumi.Input[str]) -> list[dict[str, Any]]:
    """Statements of a bucket's own policy that refuse what asks for any other encryption than with `key_arn`.

    A request that says nothing about encryption gets the bucket's default, which is that key; a negated condition is
    true of what is not there, hence `Null`. A request that says `aws:kms` and no key would get S3's own.
    Source: S3 User Guide, "Protecting data with server-side encryption".
    """
    sse, kms_key = "s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id"
    refused: dict[str, dict[str, dict[str, pulumi.Input[str]]]] = {
        "OnlyKmsEncryption": {"StringNotEquals": {sse: "aws:kms"}, "Null": {sse: "false"}},
        "OnlyOwnKey": {"ArnNotEquals": {kms_key: key_arn}, "Null": {kms_key: "false"}},
        "NoOtherDefaultKey": {"StringEquals": {sse: "aws:kms"}, "Null": {kms_key: "true"}},
        "NoKeyOfTheCaller": {"Null": {"s3:x-amz-server-side-encryption-customer-algorithm": "false"}},
    }
    return [
        {
            "Sid": sid,
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": objects,
            "Condition": condition,
        }
        for sid, condition in refused.items()
    ]
