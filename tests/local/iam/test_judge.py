"""How policies of identity, boundary and resource come together."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from local.iam.judge import Decision, Request, judge
from local.iam.policy import UnknownPolicy

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/reader"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
OBJECT = "arn:aws:s3:::bucket/key"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:queue"
RULE = f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/uploads"


def statement(action: str = "*", effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": "*", **more}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@dataclass(frozen=True, kw_only=True)
class Fixed:
    """The same policies whoever asks."""

    own: list[dict[str, Any]] = field(default_factory=list)
    limit: list[dict[str, Any]] | None = None
    of_resource: list[dict[str, Any]] | None = None

    def identity(self, role: str) -> list[str]:
        return [document(*self.own)]

    def boundary(self, role: str) -> str | None:
        return None if self.limit is None else document(*self.limit)

    def resource(self, action: str, resource: str) -> str | None:
        return None if self.of_resource is None else document(*self.of_resource)


def ask(
    policies: Fixed, action: str = "s3:GetObject", resource: str = OBJECT, principal: str = ROLE, **context: str
) -> Decision:
    return judge(policies, Request(principal=principal, action=action, resource=resource, context=context))


GET = statement("s3:GetObject")


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        (Fixed(), False),
        (Fixed(own=[GET]), True),
        (Fixed(own=[GET, statement("s3:*", "Deny")]), False),
        (Fixed(own=[GET], limit=[]), False),
        (Fixed(own=[GET], limit=[statement("s3:Put*")]), False),
        (Fixed(own=[GET], limit=[statement("s3:*")]), True),
        (Fixed(own=[GET], limit=[statement(), statement("s3:Get*", "Deny")]), False),
        (Fixed(own=[], limit=[statement()]), False),
        (Fixed(own=[GET], of_resource=[statement("s3:*", "Deny", Principal="*")]), False),
        (Fixed(own=[GET], of_resource=[statement("s3:*", "Deny", Principal={"AWS": ROLE})]), False),
        (Fixed(own=[GET], of_resource=[statement("s3:*", "Deny", Principal={"AWS": f"{ROLE}2"})]), True),
        (Fixed(of_resource=[statement(Principal={"AWS": ROLE})]), True),
        (Fixed(of_resource=[statement(Principal={"AWS": ROLE})], limit=[]), False),
        (Fixed(of_resource=[statement(Principal="*")]), True),
        (Fixed(of_resource=[statement(Principal={"AWS": ROOT})]), False),
        (Fixed(of_resource=[statement(Principal={"AWS": ACCOUNT})]), False),
        (Fixed(of_resource=[statement(Principal={"Service": "events.amazonaws.com"})]), False),
    ],
)
def test_a_role_reads_an_object(policies: Fixed, expected: bool) -> None:
    assert ask(policies).allowed is expected


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        (Fixed(own=[statement("kms:Decrypt")]), False),
        (Fixed(own=[statement("kms:Decrypt")], of_resource=[]), False),
        (Fixed(own=[statement("kms:Decrypt")], of_resource=[statement(Principal={"AWS": ROOT})]), True),
        (Fixed(own=[], of_resource=[statement(Principal={"AWS": ROOT})]), False),
        (Fixed(own=[], of_resource=[statement(Principal={"AWS": ROLE})]), True),
        (Fixed(own=[statement("kms:Decrypt")], of_resource=[statement("kms:Encrypt", Principal={"AWS": ROOT})]), False),
    ],
)
def test_a_key_has_the_last_word_on_who_uses_it(policies: Fixed, expected: bool) -> None:
    assert ask(policies, "kms:Decrypt", KEY).allowed is expected


def test_a_service_needs_the_resources_word_and_its_conditions() -> None:
    condition = {"ArnEquals": {"aws:SourceArn": RULE}, "StringEquals": {"aws:SourceAccount": ACCOUNT}}
    lets_in = statement("sqs:SendMessage", Principal={"Service": "events.amazonaws.com"}, Condition=condition)
    policies = Fixed(own=[statement()], of_resource=[lets_in])
    ours = {"aws:SourceArn": RULE, "aws:SourceAccount": ACCOUNT}

    def send(service: str = "events.amazonaws.com", **context: str) -> bool:
        return ask(policies, "sqs:SendMessage", QUEUE, service, **context).allowed

    assert send(**ours)
    assert not send("sns.amazonaws.com", **ours)
    assert not send(**ours | {"aws:SourceArn": f"{RULE}2"})
    assert not send(**ours | {"aws:SourceAccount": "210987654321"})
    assert not send()


def test_a_role_is_taken_up_only_by_whom_it_trusts() -> None:
    trusting = Fixed(of_resource=[statement("sts:AssumeRole", Principal={"Service": "lambda.amazonaws.com"})])
    assert ask(trusting, "sts:AssumeRole", ROLE, "lambda.amazonaws.com")
    assert not ask(trusting, "sts:AssumeRole", ROLE, "states.amazonaws.com")
    assert not ask(Fixed(own=[statement()]), "sts:AssumeRole", ROLE)


def test_statements_that_ask_for_tls_or_services_hear_the_truth() -> None:
    no_tls = statement("*", "Deny", Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}})
    not_service = statement("*", "Deny", Principal="*", Condition={"Bool": {"aws:PrincipalIsAWSService": "false"}})
    assert ask(Fixed(own=[GET], of_resource=[no_tls]))
    assert not ask(Fixed(own=[GET], of_resource=[not_service]))
    lets_in = statement(Principal={"Service": "events.amazonaws.com"})
    assert ask(Fixed(of_resource=[lets_in, not_service]), principal="events.amazonaws.com")


def test_the_decision_says_which_statements_made_it() -> None:
    allowing = statement("s3:Get*", Sid="Reads")
    denying = statement("s3:GetObject", "Deny", Sid="Never")
    assert [one.sid for one in ask(Fixed(own=[statement("s3:Put*"), allowing])).by] == ["Reads"]
    refused = ask(Fixed(own=[allowing, denying]))
    assert ([one.sid for one in refused.by], refused.why) == (["Never"], "an explicit deny (Never)")


@pytest.mark.parametrize("principal", ["someone", "arn:aws:iam::123456789012:user/x", ROOT])
def test_principals_of_other_kinds_are_refused(principal: str) -> None:
    with pytest.raises(UnknownPolicy):
        ask(Fixed(own=[GET]), principal=principal)


def test_a_resource_that_names_a_session_is_refused() -> None:
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/x"
    with pytest.raises(UnknownPolicy):
        ask(Fixed(of_resource=[statement(Principal={"AWS": session})]))
