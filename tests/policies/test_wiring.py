"""What breaks a rule about wiring is noticed, and what is not known yet is not judged."""

import pytest

from policies import wiring
from tests.policies.breaks import GONE, Break

BREAKS = [
    Break(rule=wiring.key_has_one_policy, kind="kms.KeyPolicy", path="keyId", value=GONE),
    Break(
        rule=wiring.key_has_one_policy,
        kind="kms.KeyPolicy",
        path="policy.Statement.0.Principal",
        value={"AWS": "arn:aws:iam::123456789012:role/one"},
    ),
    Break(
        rule=wiring.keys_let_logs_in,
        kind="kms.KeyPolicy",
        path="policy.Statement.1.Action",
        value=["kms:Decrypt"],
        name="-logs",
    ),
    Break(
        rule=wiring.keys_let_senders_in,
        kind="kms.KeyPolicy",
        path="policy.Statement.1.Action",
        value=["kms:Decrypt"],
        name="-global-alarms",
    ),
    Break(
        rule=wiring.keys_let_buses_keep_events,
        kind="kms.KeyPolicy",
        path="policy.Statement.3.Action",
        value=["kms:Decrypt"],
        name="-messaging",
    ),
    Break(
        rule=wiring.buses_may_send_dead_letters,
        kind="sqs.QueuePolicy",
        path="policy.Statement.1.Action",
        value=["sqs:ReceiveMessage"],
        name="-events-dead-letters",
    ),
    Break(
        rule=wiring.targets_may_be_reached,
        kind="sqs.QueuePolicy",
        path="policy.Statement.1.Action",
        value=["sqs:ReceiveMessage"],
        name="-uploads",
    ),
    Break(
        rule=wiring.targets_may_be_reached,
        kind="lambda.Permission",
        path="principal",
        value="s3.amazonaws.com",
        name="-fail",
    ),
    Break(
        rule=wiring.rotations_may_be_called, kind="lambda.Permission", path="sourceArn", value=GONE, name="-rotate-key"
    ),
    Break(
        rule=wiring.alarms_may_publish,
        kind="sns.TopicPolicy",
        path="policy.Statement.1.Action",
        value=["sns:Subscribe"],
        name="-alarms",
    ),
    Break(
        rule=wiring.access_logs_may_be_written,
        kind="s3.BucketPolicy",
        path="policy.Statement.1.Action",
        value=["s3:GetObject"],
        name="-logs",
    ),
    Break(
        rule=wiring.distribution_may_read_its_bucket,
        kind="s3.BucketPolicy",
        path="policy.Statement.-1.Action",
        value=["s3:ListBucket"],
        name="-delivery",
    ),
    Break(
        rule=wiring.policy_is_about_its_own,
        kind="s3.BucketPolicy",
        path="policy.Statement.0.Resource",
        value=["arn:aws:s3:::other"],
    ),
    Break(rule=wiring.uploads_make_events, kind="s3.BucketNotification", path="eventbridge", value=False),
    Break(
        rule=wiring.delivered_logs_may_be_written,
        kind="s3.BucketPolicy",
        name="-logs",
        path="policy.Statement.2.Action",
        value=["s3:GetObject"],
    ),
]


@pytest.mark.parametrize("row", BREAKS, ids=str)
def test_what_breaks_a_rule_is_noticed(row: Break) -> None:
    row.check()
