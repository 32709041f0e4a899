"""What breaks a rule about deletion is noticed, and what is not known yet is not judged."""

import pytest

from policies import protection
from tests.policies.breaks import GONE, Break

BREAKS = [
    Break(
        rule=protection.accounts_are_not_deleted, kind="cognito.UserPool", path="deletionProtection", value="INACTIVE"
    ),
    Break(
        rule=protection.table_cannot_be_deleted, kind="dynamodb.Table", path="deletionProtectionEnabled", value=False
    ),
    Break(rule=protection.database_cannot_be_deleted, kind="rds.Instance", path="deletionProtection", value=False),
    Break(rule=protection.database_cannot_be_deleted, kind="rds.Instance", path="skipFinalSnapshot", value=True),
    Break(rule=protection.database_cannot_be_deleted, kind="rds.Instance", path="deleteAutomatedBackups", value=True),
    Break(rule=protection.database_is_backed_up, kind="rds.Instance", path="backupRetentionPeriod", value=1),
    Break(rule=protection.bucket_is_not_emptied, kind="s3.Bucket", path="forceDestroy", value=True),
    Break(rule=protection.key_is_kept_a_month, kind="kms.Key", path="deletionWindowInDays", value=7),
    Break(
        rule=protection.lock_lasts, kind="s3.BucketObjectLockConfiguration", path="rule.defaultRetention.days", value=1
    ),
    Break(rule=protection.lock_is_on, kind="s3.BucketObjectLockConfiguration", path="bucket", value=GONE),
    Break(rule=protection.secret_is_kept_a_month, kind="secretsmanager.Secret", path="recoveryWindowInDays", value=7),
    Break(rule=protection.logs_are_kept_a_quarter, kind="cloudwatch.LogGroup", path="retentionInDays", value=7),
    Break(rule=protection.database_has_standby, kind="rds.Instance", path="multiAz", value=False),
]


@pytest.mark.parametrize("row", BREAKS, ids=str)
def test_what_breaks_a_rule_is_noticed(row: Break) -> None:
    row.check()
