"""What each function and the state machine may do: nothing more than its code does, on named stores and prefixes."""

from dataclasses import dataclass
from typing import Protocol

import pulumi

from components.grants import Statement
from components.stores import Bucket, Secret, Table
from runtime.domain import journal

GET, GET_VERSION, PUT, ABORT = "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:AbortMultipartUpload"
WORK, RESULTS, ARCHIVES, IMAGES, BACKUP = "work/", "results/", "archives/", "images/", "backup/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stores:
    """All stores that functions of the flow touch."""

    upload: Bucket
    work: Bucket
    output: Bucket
    delivery: Bucket
    backup: Bucket
    ledger: Bucket
    files: Table
    transactions: Table
    signing_secret: Secret


class Tables(Protocol):
    """Where the state of files is kept."""

    @property
    def files(self) -> Table: ...

    @property
    def transactions(self) -> Table: ...


def ledger(stores: Tables) -> list[Statement]:
    """Taking a step: an entry in the ledger and what `Files` shows of it."""
    return [*stores.transactions.allow("dynamodb:PutItem", "dynamodb:ConditionCheckItem"), *stage(stores)]


def stage(stores: Tables) -> list[Statement]:
    """Showing in `Files` how far a run is."""
    return stores.files.allow("dynamodb:UpdateItem")


def process(stores: Stores) -> list[Statement]:
    # Reading what it writes is for a second try, which finds the first one's results and compares.
    return [
        *stores.upload.allow("", GET_VERSION),
        *stores.output.allow(RESULTS, PUT, GET),
        *stores.delivery.allow(ARCHIVES, PUT, GET, ABORT),
        *stores.backup.allow(BACKUP, PUT, GET),
        *ledger(stores),
        *stores.signing_secret.allow_read(),
    ]


def image(stores: Stores) -> list[Statement]:
    # Few documents are large enough for an upload in parts; the lifecycle removes one that was given up.
    return [
        *stores.upload.allow("", GET_VERSION),
        *stores.output.allow(RESULTS, PUT, GET),
        *stores.delivery.allow(ARCHIVES, PUT, GET),
        *stores.delivery.allow(IMAGES, PUT, GET),
        *stores.backup.allow(BACKUP, PUT, GET),
        *ledger(stores),
        *stores.signing_secret.allow_read(),
    ]


def plan(stores: Stores) -> list[Statement]:
    # Reading and aborting are for what a packed file holds, which is written like any large object.
    return [*stores.upload.allow("", GET_VERSION), *stores.work.allow(WORK, PUT, GET, ABORT), *ledger(stores)]


def part(stores: Stores) -> list[Statement]:
    return [*stores.upload.allow("", GET_VERSION), *stores.work.allow(WORK, PUT, GET)]


def unpack(stores: Stores) -> list[Statement]:
    """It makes objects in the upload bucket, and never in the place of one that is there."""
    creates, unless_there = "s3:ObjectCreationOperation", "s3:if-none-match"
    return [
        *stores.upload.allow("", GET_VERSION, ABORT),
        *stores.upload.allow("", PUT, conditions={"Null": {unless_there: "false"}}),
        *stores.upload.allow("", PUT, conditions={"Bool": {creates: "false"}}),
        *stores.work.allow(WORK, PUT, GET),
    ]


def merge(stores: Stores) -> list[Statement]:
    # Groups whose types are too narrow for the whole table are read again.
    return [
        *stores.upload.allow("", GET_VERSION),
        *stores.work.allow(WORK, PUT, GET),
        *stores.output.allow(RESULTS, PUT, GET, ABORT),
        *stage(stores),
    ]


def archive(stores: Stores) -> list[Statement]:
    return [
        *stores.upload.allow("", GET_VERSION),
        *stores.work.allow(WORK, PUT, GET),
        *stores.output.allow(RESULTS, GET),
        *stores.delivery.allow(ARCHIVES, PUT, GET, ABORT),
        *stage(stores),
    ]


def publish(stores: Stores) -> list[Statement]:
    return [
        *stores.upload.allow("", GET_VERSION),
        *stores.work.allow(WORK, GET),
        *stores.output.allow(RESULTS, PUT, GET),
        *stores.delivery.allow(ARCHIVES, GET),
        *stores.backup.allow(BACKUP, PUT, GET, ABORT),
        *stage(stores),
        *stores.signing_secret.allow_read(),
    ]


def fail(stores: Stores, publishing: list[Statement]) -> list[Statement]:
    return [
        *publishing,
        *stores.transactions.allow("dynamodb:PutItem"),
        *stage(stores),
        *mark(stores),
    ]


def mark(stores: Stores) -> list[Statement]:
    """Changing the tag on an upload that says how it ended; all others are written back with it."""
    return stores.upload.allow("", "s3:GetObjectVersionTagging", "s3:PutObjectVersionTagging")


def redrive(stores: Stores, machine_arn: pulumi.Input[str]) -> list[Statement]:
    return [
        *stores.files.allow("dynamodb:GetItem"),
        *stores.transactions.allow("dynamodb:Query", "dynamodb:PutItem", "dynamodb:ConditionCheckItem"),
        *mark(stores),
        *ingest(machine_arn),
    ]


def link(stores: Stores) -> list[Statement]:
    return [
        *stores.files.allow("dynamodb:GetItem"),
        *stores.transactions.allow("dynamodb:GetItem"),
        *stores.signing_secret.allow_read(),
    ]


def announce(stores: Stores, bus_arn: pulumi.Output[str]) -> list[Statement]:
    return [
        *stores.transactions.allow_stream(),
        *stores.ledger.allow(journal.PREFIX, PUT),
        Statement(actions=("events:PutEvents",), resources=(bus_arn,)),
    ]


def ingest(machine_arn: pulumi.Input[str]) -> list[Statement]:
    return [Statement(actions=("states:StartExecution",), resources=(machine_arn,))]


def machine(
    stores: Stores, *, machine_arn: str, functions: list[pulumi.Output[str]], publishing: list[Statement]
) -> list[Statement]:
    """The state machine: its own writes, its functions, and the child executions of its Distributed Map."""
    log_delivery = (
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
    )
    children = machine_arn.replace(":stateMachine:", ":execution:") + "/*"
    return [
        Statement(actions=("lambda:InvokeFunction",), resources=tuple(functions)),
        *ledger(stores),
        *publishing,
        *stores.work.allow(WORK, GET),
        Statement(actions=("states:StartExecution",), resources=(machine_arn,)),
        Statement(actions=("states:DescribeExecution", "states:StopExecution"), resources=(children,)),
        Statement(actions=log_delivery, resources=("*",), reason="log delivery takes no resource in IAM"),
    ]
