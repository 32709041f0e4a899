"""What must not be lost by accident cannot be. (In stacks whose `protection.deletion` is off this only advises.)"""

from collections.abc import Iterator

from pulumi_policy import PolicyResource

from policies.kinds import BUCKET, BUCKET_LOCK, DATABASE, KEY, LOG_GROUP, SECRET, TABLE, USER_POOL
from policies.rules import Props, Resources, companions, each, given, values, whole_stack

WEEK_DAYS, MONTH_DAYS = 7, 30
LONGEST_BACKUP_DAYS = 35
SHORTEST_LOGS_DAYS = 90


@each(TABLE)
def table_cannot_be_deleted(props: Props) -> Iterator[str]:
    """Tables refuse to be deleted."""
    if props.get("deletionProtectionEnabled") is not True:
        yield "one call deletes it; set deletion_protection_enabled"


@each(DATABASE)
def database_cannot_be_deleted(props: Props) -> Iterator[str]:
    """Databases refuse to be deleted, and leave a snapshot and their backups behind."""
    if props.get("deletionProtection") is not True:
        yield "one call deletes it; set deletion_protection"
    if props.get("skipFinalSnapshot") is not False or not given(props, "finalSnapshotIdentifier"):
        yield "nothing is left of it; set skip_final_snapshot to false and final_snapshot_identifier"
    if props.get("deleteAutomatedBackups") is not False or props.get("copyTagsToSnapshot") is not True:
        yield "its backups go with it; set copy_tags_to_snapshot, and delete_automated_backups to false"


@each(DATABASE)
def database_is_backed_up(props: Props) -> Iterator[str]:
    """Databases can be restored to any second of a week at least."""
    if not WEEK_DAYS <= (props.get("backupRetentionPeriod") or 0) <= LONGEST_BACKUP_DAYS:
        yield f"what was lost before yesterday is lost; set backup_retention_period to {WEEK_DAYS} at least"


@each(DATABASE)
def database_has_standby(props: Props) -> Iterator[str]:
    """When a database's zone is gone, another takes over."""
    if props.get("multiAz") is not True:
        yield "it is gone with its zone; set multi_az"


@each(USER_POOL)
def accounts_are_not_deleted(props: Props) -> Iterator[str]:
    """People's accounts are not deleted by one call."""
    if props.get("deletionProtection") != "ACTIVE":
        yield "one call deletes all accounts; set deletion_protection to ACTIVE"


@each(BUCKET)
def bucket_is_not_emptied(props: Props) -> Iterator[str]:
    """Buckets that hold something are not deleted with it."""
    if props.get("forceDestroy") is True:
        yield "`pulumi destroy` empties it; set force_destroy to false"


@each(KEY)
def key_is_kept_a_month(props: Props) -> Iterator[str]:
    """Deleting a key takes a month, in which somebody may notice: all that it encrypted is lost with it."""
    days = props.get("deletionWindowInDays")
    if days is None or days < MONTH_DAYS:
        yield f"it is gone soon after somebody deletes it; set deletion_window_in_days to {MONTH_DAYS}"


@each(BUCKET_LOCK)
def lock_lasts(props: Props) -> Iterator[str]:
    """Where objects are locked, they are so by themselves, for a month at least."""
    days = sum(values(props, "rule.defaultRetention.days")) + 365 * sum(values(props, "rule.defaultRetention.years"))
    modes = values(props, "rule.defaultRetention.mode")
    if days < MONTH_DAYS or not modes or modes[0] not in ("GOVERNANCE", "COMPLIANCE"):
        yield f"what is put into the bucket is locked for {days:g} days; set storage.lock_days to {MONTH_DAYS} at least"


@whole_stack
def lock_is_on(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """A bucket that is made with object lock says how long, and one that says so is made with it."""
    for bucket, locks in companions(resources, BUCKET, BUCKET_LOCK, "bucket"):
        if bool(locks) != (bucket.props.get("objectLockEnabled") is True):
            yield bucket, "its objects are not locked; set object_lock_enabled and give it an object lock configuration"


@each(SECRET)
def secret_is_kept_a_month(props: Props) -> Iterator[str]:
    """Deleting a secret takes a month, in which somebody may notice."""
    days = props.get("recoveryWindowInDays")
    if days is None or days < MONTH_DAYS:
        yield f"it is gone soon after somebody deletes it; set recovery_window_in_days to {MONTH_DAYS}"


@each(LOG_GROUP)
def logs_are_kept_a_quarter(props: Props) -> Iterator[str]:
    """Logs are kept for a quarter of a year: what was broken into is often seen late."""
    days = props.get("retentionInDays")
    if days and days < SHORTEST_LOGS_DAYS:
        yield f"its logs are kept for {days:g} days; set retention_in_days to {SHORTEST_LOGS_DAYS} at least"
