"""ProcessingPipeline: upload event, queue, functions, state machine, announcements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import declared
from components.distribution import Links
from components.events import make_rule, may_send, send_to_queue
from components.function import Function, FunctionArgs, Home
from components.grants import Statement
from components.ledger import Ledger
from components.messaging import make_queue, make_queue_policy, make_topic, make_worked_queue
from components.pipeline import roles
from components.pipeline.kinds import Kinds
from components.pipeline.machine import definition, machine_arn, make_machine
from components.pipeline.specs import PLANNERS, SPECS, STEPS, UNPACK
from components.pipeline.waiting import ScanStep
from components.settings import Processing
from components.signals import MachineSignal, QueueSignal, Signal, TopicSignal
from components.storage import SecureStorage
from components.stores import Queue, Topic

ENDED_UNSEEN = ["ABORTED", "FAILED", "TIMED_OUT"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessingPipelineArgs:
    """`links` says how download links are signed, `emails` who hears how files ended, `scan` what runs wait for."""

    home: Home
    storage: SecureStorage
    ledger: Ledger
    links: Links
    processing: Processing
    kinds: Kinds
    emails: Sequence[str]
    scan: ScanStep | None


class ProcessingPipeline(pulumi.ComponentResource):
    """One run for each version of each object in the upload bucket."""

    machine_arn: pulumi.Output[str]
    queue: Queue
    dead_letters: Queue
    notifications: Topic
    bus_name: pulumi.Output[str]
    functions: Mapping[str, Function]
    signals: Sequence[Signal]

    def __init__(self, name: str, args: ProcessingPipelineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("penstock:pipeline:ProcessingPipeline", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self._names, self._key = args.home.names, args.storage.messaging_key
        self._make_queues()
        self.notifications = make_topic(
            "notifications", names=self._names, key=self._key, parent=self, emails=args.emails
        )
        bus = self._make_bus()
        self.bus_name = bus.name
        self.functions = self._make_functions(bus.arn)
        self.machine_arn = self._make_machine()
        self._start_on_uploads()
        self._record_ends_unseen()
        self._announce()
        self.signals = [
            *(function.signal for function in self.functions.values()),
            QueueSignal(purpose="uploads", name=self.queue.name, dead_letters=False),
            *(QueueSignal(purpose=purpose, name=q.name, dead_letters=True) for purpose, q in self._dead.items()),
            MachineSignal(purpose="pipeline", arn=self.machine_arn),
            TopicSignal(purpose="notifications", name=self.notifications.name),
        ]
        self.register_outputs({"machine_arn": self.machine_arn, "queue_url": self.queue.url})

    def _make_queues(self) -> None:
        self.queue, self.dead_letters = make_worked_queue(
            "uploads",
            names=self._names,
            key=self._key,
            parent=self,
            function_seconds=SPECS["ingest"].timeout_seconds,
        )
        self._dead = {"uploads": self.dead_letters} | {
            purpose: make_queue(f"{purpose}-dead-letters", names=self._names, key=self._key, parent=self)
            for purpose in ("announce", "fail", "events")
        }
        make_queue_policy("announce-dead-letters", self._dead["announce"], names=self._names, parent=self)

    def _make_bus(self) -> aws.cloudwatch.EventBus:
        """The platform's own events; what cannot be encrypted or decrypted is not lost either."""
        bus = aws.cloudwatch.EventBus(
            self._names.of("bus", "events"),
            description="The platform's own events",
            kms_key_identifier=self._key.arn,
            dead_letter_config=aws.cloudwatch.EventBusDeadLetterConfigArgs(arn=self._dead["events"].arn),
            opts=self._child,
        )
        dead = self._dead["events"]
        sender = may_send(dead, bus.arn, self._args.home.place)
        make_queue_policy("events-dead-letters", dead, names=self._names, parent=self, senders=[sender])
        return bus

    def _make_functions(self, bus_arn: pulumi.Output[str]) -> dict[str, Function]:
        args, storage, ledger = self._args, self._args.storage, self._args.ledger
        stores = roles.Stores(
            upload=storage.upload,
            work=storage.work,
            output=storage.output,
            delivery=storage.delivery,
            backup=storage.backup,
            ledger=storage.ledger,
            files=ledger.files,
            transactions=ledger.transactions,
            signing_secret=args.links.secret,
        )
        self._stores = stores
        values: dict[str, pulumi.Input[str] | int] = {
            **args.processing.model_dump(),
            **args.kinds.values(),
            "state_machine_arn": machine_arn(args.home),
            "upload_bucket": stores.upload.name,
            "work_bucket": stores.work.name,
            "output_bucket": stores.output.name,
            "delivery_bucket": stores.delivery.name,
            "backup_bucket": stores.backup.name,
            "ledger_bucket": stores.ledger.name,
            "files_table": stores.files.name,
            "transactions_table": stores.transactions.name,
            "delivery_domain": args.links.domain,
            "signing_secret": stores.signing_secret.arn,
            "link_seconds": args.links.seconds,
            "event_bus": self.bus_name,
            "notifications_topic": self.notifications.arn,
        }
        publishing = self.notifications.allow_publish()
        grants: dict[str, list[Statement]] = {
            "ingest": [*self.queue.allow_consume(), *roles.ingest(machine_arn(args.home))],
            "process": roles.process(stores),
            "image": roles.image(stores),
            "plan": roles.plan(stores),
            "part": roles.part(stores),
            "merge": roles.merge(stores),
            "archive": roles.archive(stores),
            "publish": roles.publish(stores),
            "fail": roles.fail(stores, publishing),
            "announce": [*roles.announce(stores, bus_arn), *self._dead["announce"].allow_send()],
            "link": roles.link(stores),
            "redrive": roles.redrive(stores, machine_arn(args.home)),
            "unpack": roles.unpack(stores),
        }
        specs = {**SPECS, **({UNPACK.name: UNPACK} if args.kinds.apart else {})}
        tables = declared.files([(table.prefix, table.found) for table in args.kinds.tables.declared])
        return {
            purpose: Function(
                purpose,
                FunctionArgs(
                    home=args.home,
                    spec=spec,
                    values=values,
                    grants=grants[purpose],
                    # The one function that is called asynchronously.
                    dead_letters=self._dead["fail"] if purpose == "fail" else None,
                    files=tables if purpose in PLANNERS else None,
                ),
                self._child,
            )
            for purpose, spec in specs.items()
        }

    def _make_machine(self) -> pulumi.Output[str]:
        home, stores, scan = self._args.home, self._stores, self._args.scan
        functions = {step: self.functions[step].arn for step in (*STEPS, UNPACK.name) if step in self.functions}
        if scan is not None:
            functions["scan"] = scan.function_arn
        text = definition(
            self._args.processing,
            scan.timeout_seconds if scan else None,
            functions,
            {
                "files_table": stores.files.name,
                "transactions_table": stores.transactions.name,
                "topic_arn": self.notifications.arn,
                "work_bucket": stores.work.name,
            },
        )
        statements = roles.machine(
            stores,
            machine_arn=machine_arn(home),
            functions=list(functions.values()),
            publishing=self.notifications.allow_publish(),
        )
        return make_machine(home, text, statements, self, started_by=self.functions["ingest"].ready).arn

    def _start_on_uploads(self) -> None:
        scan = self._args.scan
        ignored: dict[str, object] = {"object": {"key": [{"anything-but": [scan.ignored]}]}} if scan else {}
        rule = make_rule(
            "uploads",
            "An object was made in the upload bucket, by whatever means",
            {
                "source": ["aws.s3"],
                "detail-type": ["Object Created"],
                "detail": {"bucket": {"name": [self._stores.upload.name]}, **ignored},
            },
            names=self._names,
            parent=self,
        )
        send_to_queue(
            "uploads",
            rule,
            self.queue,
            self.dead_letters,
            names=self._names,
            place=self._args.home.place,
            parent=self,
        )
        ingest = self.functions["ingest"]
        aws.lambda_.EventSourceMapping(
            self._names.of("function", "ingest"),
            event_source_arn=self.queue.arn,
            function_name=ingest.name,
            batch_size=self._args.processing.ingest_batch_size,
            maximum_batching_window_in_seconds=0,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config=aws.lambda_.EventSourceMappingScalingConfigArgs(
                maximum_concurrency=self._args.processing.ingest_concurrency
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=ingest.ready),
        )

    def _record_ends_unseen(self) -> None:
        rule = make_rule(
            "ended",
            "An execution ended in a way that its own states may not have recorded",
            {
                "source": ["aws.states"],
                "detail-type": ["Step Functions Execution Status Change"],
                "detail": {"stateMachineArn": [self.machine_arn], "status": ENDED_UNSEEN},
            },
            names=self._names,
            parent=self,
        )
        fail, dead = self.functions["fail"], self._dead["fail"]
        allowed = aws.lambda_.Permission(
            self._names.of("function", "fail"),
            action="lambda:InvokeFunction",
            function=fail.name,
            principal="events.amazonaws.com",
            source_arn=rule.arn,
            source_account=self._args.home.place.account,
            opts=self._child,
        )
        senders = [may_send(dead, rule.arn, self._args.home.place)]
        sender = make_queue_policy("fail-dead-letters", dead, names=self._names, parent=self, senders=senders)
        aws.cloudwatch.EventTarget(
            self._names.of("rule", "ended"),
            rule=rule.name,
            arn=fail.arn,
            dead_letter_config=aws.cloudwatch.EventTargetDeadLetterConfigArgs(arn=dead.arn),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[allowed, sender]),
        )

    def _announce(self) -> None:
        announce, dead = self.functions["announce"], self._dead["announce"]
        on_failure = aws.lambda_.EventSourceMappingDestinationConfigOnFailureArgs(destination_arn=dead.arn)
        aws.lambda_.EventSourceMapping(
            self._names.of("function", "announce"),
            event_source_arn=self._stores.transactions.stream_arn,
            function_name=announce.name,
            starting_position="TRIM_HORIZON",
            batch_size=100,
            maximum_batching_window_in_seconds=0,
            bisect_batch_on_function_error=True,
            maximum_retry_attempts=10,
            function_response_types=["ReportBatchItemFailures"],
            destination_config=aws.lambda_.EventSourceMappingDestinationConfigArgs(on_failure=on_failure),
            opts=pulumi.ResourceOptions(parent=self, depends_on=announce.ready),
        )
