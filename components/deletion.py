"""Deletion: what takes away all that there is of a file that somebody has deleted through the API (ADR 15)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pulumi
import pulumi_aws as aws

from components.distribution import Distribution
from components.events import make_rule, send_to_queue
from components.function import Function, FunctionArgs, FunctionSpec, Home
from components.grants import Statement
from components.ledger import Ledger
from components.messaging import make_worked_queue
from components.pipeline import ProcessingPipeline
from components.pipeline.roles import RESULTS
from components.settings import Settings
from components.signals import QueueSignal, Signal
from components.storage import SecureStorage
from components.stores import Queue
from runtime import environment as env
from runtime.domain import announcements
from runtime.domain.deletions import DELETING

PURPOSE = "deletions"
BATCH = 5
# A dozen minutes apart: two hours in all, before somebody has to look.
RECEIVES = 10
DELETE = FunctionSpec(
    name="delete",
    environment=env.Delete,
    locks=("core",),
    timeout_seconds=120,
    memory_mb=512,
    runbook="deletions",
)
REMOVE = "s3:DeleteObjectVersion"


@dataclass(frozen=True, kw_only=True, slots=True)
class DeletionArgs:
    """`bus_name` is where the platform tells that a file is to be gone; the distribution keeps copies of it."""

    home: Home
    storage: SecureStorage
    ledger: Ledger
    distribution_id: pulumi.Output[str]
    distribution_arn: pulumi.Output[str]
    bus_name: pulumi.Output[str]


class Deletion(pulumi.ComponentResource):
    """A queue of wishes, and the function that fulfils them. A wish is safe in the ledger before it is in the queue."""

    queue: Queue
    dead_letters: Queue
    signals: Sequence[Signal]

    def __init__(self, name: str, args: DeletionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("penstock:deletion:Deletion", name, None, opts)
        names, storage = args.home.names, args.storage
        self.queue, self.dead_letters = make_worked_queue(
            PURPOSE,
            names=names,
            key=storage.messaging_key,
            parent=self,
            function_seconds=DELETE.timeout_seconds,
            receives=RECEIVES,
        )
        function = Function(
            DELETE.name,
            FunctionArgs(
                # A VPC does not lead to CloudFront's API, and nothing that it touches lies inside of one.
                home=replace(args.home, placement=None),
                spec=DELETE,
                values={
                    "files_table": args.ledger.files.name,
                    "transactions_table": args.ledger.transactions.name,
                    "upload_bucket": storage.upload.name,
                    "output_bucket": storage.output.name,
                    "delivery_bucket": storage.delivery.name,
                    "backup_bucket": storage.backup.name,
                    "distribution": args.distribution_id,
                },
                grants=_grants(args, self.queue),
            ),
            pulumi.ResourceOptions(parent=self),
        )
        aws.lambda_.EventSourceMapping(
            names.of("function", DELETE.name),
            event_source_arn=self.queue.arn,
            function_name=function.name,
            batch_size=BATCH,
            maximum_batching_window_in_seconds=0,
            function_response_types=["ReportBatchItemFailures"],
            # CloudFront works on fifteen wildcards at a time, and a file has three.
            scaling_config=aws.lambda_.EventSourceMappingScalingConfigArgs(maximum_concurrency=2),
            opts=pulumi.ResourceOptions(parent=self, depends_on=function.ready),
        )
        rule = make_rule(
            PURPOSE,
            "Somebody has deleted a file",
            {"source": [announcements.SOURCE], "detail-type": [announcements.TYPES[DELETING]]},
            names=names,
            parent=self,
            bus=args.bus_name,
        )
        send_to_queue(
            PURPOSE,
            rule,
            self.queue,
            self.dead_letters,
            names=names,
            place=args.home.place,
            parent=self,
            bus=args.bus_name,
        )
        self.signals = [
            function.signal,
            QueueSignal(purpose=PURPOSE, name=self.queue.name, dead_letters=False),
            QueueSignal(purpose=PURPOSE, name=self.dead_letters.name, dead_letters=True),
        ]
        self.register_outputs({"queue_url": self.queue.url})


def make_deletion(
    home: Home,
    storage: SecureStorage,
    ledger: Ledger,
    distribution: Distribution,
    pipeline: ProcessingPipeline,
    wanted: Settings,
) -> Deletion | None:
    """What deletes files, if the stack's settings allow that."""
    if not wanted.api.deletes:
        return None
    return Deletion(
        "deletion",
        DeletionArgs(
            home=home,
            storage=storage,
            ledger=ledger,
            distribution_id=distribution.distribution_id,
            distribution_arn=distribution.distribution_arn,
            bus_name=pipeline.bus_name,
        ),
    )


def _grants(args: DeletionArgs, queue: Queue) -> list[Statement]:
    """It removes for ever what links lead to and what was uploaded; a backup it can only hide, for its time to run."""
    storage = args.storage
    return [
        *queue.allow_consume(),
        *args.ledger.transactions.allow("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"),
        *args.ledger.files.allow("dynamodb:PutItem"),
        *storage.upload.allow("", REMOVE),
        *storage.output.allow(RESULTS, REMOVE),
        *(one for prefix in ("archives/", "images/") for one in storage.delivery.allow(prefix, REMOVE)),
        *(bucket.allow_versions() for bucket in (storage.upload, storage.output, storage.delivery)),
        *storage.backup.allow("backup/", "s3:DeleteObject"),
        Statement(actions=("cloudfront:CreateInvalidation",), resources=(args.distribution_arn,)),
    ]
