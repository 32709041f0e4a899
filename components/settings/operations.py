"""Settings of where the platform runs, what it keeps, and who hears of it."""

from typing import Annotated, Literal

from pydantic import Field

from components.settings.base import Address, Section

Origin = Annotated[str, Field(pattern=r"^https?://[^/\s]+$")]
# CloudWatch Logs keeps logs for these numbers of days and no others.
Retention = Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288]


class Functions(Section):
    """Where the functions run."""

    platform: Literal["aws", "host"] = Field(
        "aws", description="What their wheels are built for: arm64 Lambda, or the machine that runs this program."
    )
    in_vpc: bool = Field(False, description="Whether they run in the VPC's private subnets.")


class Storage(Section):
    """What the buckets keep, and for how long."""

    work_days: int = Field(3, ge=2, le=30, description="Days after which parts of files are deleted.")
    noncurrent_days: int = Field(30, ge=1, le=3650, description="Days for which overwritten versions are kept.")
    tier_days: int = Field(30, ge=30, le=3650, description="Days after which what is kept moves to cheaper storage.")
    lock_days: int | None = Field(
        None,
        ge=1,
        le=36500,
        description="Days for which backups and the ledger's archive cannot be deleted.",
    )
    lock_mode: Literal["GOVERNANCE", "COMPLIANCE"] = Field(
        "GOVERNANCE", description="Whether a privileged person may lift that lock, or nobody at all."
    )
    account_closed: bool = Field(
        False, description="Whether the whole account's buckets are kept from becoming public, not only the stack's."
    )
    deletable: bool = Field(False, description="Whether `pulumi destroy` may empty the buckets.")
    upload_origins: list[Origin] = Field([], description="Web origins whose pages may upload (CORS).")


class Logs(Section):
    """The log groups."""

    retention_days: Retention = Field(30, description="Days for which logs are kept.")


class Notifications(Section):
    """Who hears how files ended."""

    emails: list[Address] = Field([], description="Addresses that get a mail for every file.")


class Alarms(Section):
    """Who hears that something is wrong."""

    emails: list[Address] = Field([], description="Addresses that get a mail for every alarm.")


class Iam(Section):
    """Who may do what."""

    boundary_arn: str | None = Field(
        None,
        pattern=r"^arn:[\w-]+:iam::\d{12}:policy/[\w+=,.@/-]+$",
        description="Permissions boundary for all roles; by default the stack makes its own.",
    )


class Protection(Section):
    """What must not be lost by accident."""

    deletion: bool = Field(True, description="Whether buckets, tables and keys are protected against deletion.")
