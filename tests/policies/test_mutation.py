"""Policy mutation: a sample of it is clean, and what it says is true."""

import json
import random

import pytest

from policies.themes import rules
from tests.policies.accepted import ACCEPTED
from tests.policies.mutation import STACKS, Campaign
from tests.policies.operators import mutations, paths
from tests.recorder import recording

SAMPLE, SEED = 150, 4


@pytest.mark.parametrize("stack", STACKS)
def test_a_sample_of_what_may_be_weakened_is_noticed(stack: str) -> None:
    campaign = Campaign(recording(stack))
    mutants = random.Random(SEED).sample(campaign.mutants(), SAMPLE)
    outcome = campaign.run(mutants)
    assert [str(mutant) for mutant in outcome.unnoticed] == []
    assert outcome.noticed.keys() <= {rule.name for rule in rules()}
    assert outcome.tried == SAMPLE == outcome.noticed.total() + outcome.refused.total() + outcome.allowed.total()


def test_every_input_is_changed_or_within_one_that_is() -> None:
    found, mutated = Campaign(recording("all-on")).count_inputs()
    assert found == mutated > 5000


def test_what_nobody_notices_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the list of what is accepted a name that changes is one of them."""
    monkeypatch.setattr("tests.policies.accepted.ACCEPTED", ())
    campaign = Campaign(recording("prod"))
    mutant = next(
        one for one in campaign.mutants() if (one.one.kind, one.path, one.what) == ("ec2.Vpc", "cidrBlock", "other")
    )
    assert campaign.run([mutant]).unnoticed == [mutant]
    assert str(mutant).startswith("ec2.Vpc penstock-prod")


def test_every_reason_is_given() -> None:
    assert all(len(one.reason) > 10 for one in ACCEPTED)


def test_documents_are_weakened_statement_by_statement() -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": ["sqs:SendMessage"],
        "Resource": ["arn:aws:sqs:eu-central-1:123456789012:q"],
        "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
    }
    text = json.dumps({"Statement": [statement]})
    done = {(one.path.removeprefix("policy.Statement.0"), one.what) for one in mutations({"policy": text})}
    assert done >= {
        ("policy", "dropped"),
        ("", "dropped Allow"),
        (".Action", "*"),
        (".Action", "every one of the service"),
        (".Resource", "*"),
        (".Principal", "*"),
        (".Principal", "another account"),
        (".Condition", "dropped"),
        (".Condition.StringEquals.aws:SourceAccount", "dropped"),
        (".Condition.StringEquals.aws:SourceAccount", "anything"),
        (".Effect", "flipped to Deny"),
    }
    assert "policy.Statement.0.Condition.StringEquals" in set(paths({"policy": text}))
