"""What breaks a rule about references is noticed, and what is not known yet is not judged."""

import pytest

from policies import references
from tests.policies.breaks import DROPPED, Break

BREAKS = [
    Break(
        rule=references.names_are_of_this_stack,
        kind="sqs.Queue",
        path="kmsMasterKeyId",
        value="arn:aws:kms:eu-central-1:123456789012:key/other",
    ),
    Break(
        rule=references.names_are_of_this_stack, kind="lambda.Function", path="loggingConfig.logGroup", value=DROPPED
    ),
    Break(
        rule=references.nothing_is_another_accounts,
        kind="lambda.Permission",
        path="sourceAccount",
        value="999999999999",
    ),
]


@pytest.mark.parametrize("row", BREAKS, ids=str)
def test_what_breaks_a_rule_is_noticed(row: Break) -> None:
    row.check()
