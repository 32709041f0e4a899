"""The component: the database in its network, the function that makes its tables, and the one that fills them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pulumi
import pulumi_aws as aws

from components.catalogue.database import NAME, Database, make_database
from components.catalogue.network import PURPOSE, Rooms, make_rooms
from components.events import make_rule, send_to_queue
from components.function import Function, FunctionArgs, FunctionSpec, Home, Placement
from components.grants import Statement
from components.messaging import make_worked_queue
from components.network.component import Inside
from components.network.frame import after
from components.settings import Catalogue as CatalogueSettings
from components.settings import RowsTable
from components.signals import QueueSignal, Signal
from components.storage import SecureStorage
from components.stores import Queue
from runtime import environment as env
from runtime.domain import announcements, migrations
from runtime.domain.catalogue import WRITER, WRITTEN
from runtime.migrations import FOLDER

BATCH = 10
# After a minute, two, four, … and an hour at most: four hours in all, before somebody has to look.
RECEIVES = 10
MIGRATE = FunctionSpec(
    name="migrate",
    environment=env.Migrate,
    locks=("catalogue",),
    timeout_seconds=900,
    memory_mb=512,
    runbook="catalogue",
)
CATALOGUE = FunctionSpec(
    name="catalogue",
    environment=env.Catalogue,
    locks=("catalogue",),
    timeout_seconds=900,
    memory_mb=512,
    runbook="catalogue",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogueArgs:
    """`home` has to be inside of the network; `bus_name` is where the platform tells what became of files.

    `rows` are the tables for rows, each with columns.
    """

    home: Home
    inside: Inside
    storage: SecureStorage
    bus_name: pulumi.Output[str]
    catalogue: CatalogueSettings
    rows: Sequence[RowsTable]
    protected: bool


class Catalogue(pulumi.ComponentResource):
    """What became of every file, in PostgreSQL. Nothing that the platform does waits for it."""

    host: pulumi.Output[str]
    port: pulumi.Output[int]
    name: str
    queue: Queue
    dead_letters: Queue
    signals: Sequence[Signal]

    def __init__(self, name: str, args: CatalogueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("penstock:catalogue:Catalogue", name, None, opts)
        self._args, self._names = args, args.home.names
        self._child = pulumi.ResourceOptions(parent=self)
        rooms = make_rooms(args.home, args.inside, args.catalogue.cidr, proxy=args.catalogue.proxy, parent=self)
        database = make_database(
            args.home,
            rooms,
            args.catalogue,
            secrets_key=args.storage.secrets_key,
            protected=args.protected,
            parent=self,
        )
        self._home = _moved(args.home, rooms)
        self._tables = json.dumps([table.model_dump() for table in args.rows], sort_keys=True)
        self.queue, self.dead_letters = make_worked_queue(
            PURPOSE,
            names=self._names,
            key=args.storage.messaging_key,
            parent=self,
            function_seconds=CATALOGUE.timeout_seconds,
            receives=RECEIVES,
        )
        migrate, migrated = self._migrate(database)
        writer = self._write(database, migrated)
        self._listen()
        self.host, self.port, self.name = database.host, database.port, NAME
        self.signals = [
            migrate.signal,
            writer.signal,
            database.signal,
            QueueSignal(purpose=PURPOSE, name=self.queue.name, dead_letters=False),
            QueueSignal(purpose=PURPOSE, name=self.dead_letters.name, dead_letters=True),
        ]
        self.register_outputs({"host": self.host, "queue_url": self.queue.url})

    def _make_function(
        self, spec: FunctionSpec, values: Mapping[str, pulumi.Input[str] | int], grants: list[Statement]
    ) -> Function:
        shared: dict[str, pulumi.Input[str] | int] = {"database_name": NAME, "rows_tables": self._tables}
        return Function(
            spec.name, FunctionArgs(home=self._home, spec=spec, values={**shared, **values}, grants=grants), self._child
        )

    def _migrate(self, database: Database) -> tuple[Function, pulumi.Resource]:
        """The function that makes users and tables, and its call, at each deployment that changes what it is to do."""
        migrate = self._make_function(
            MIGRATE,
            {
                "database_host": database.host,
                "database_port": database.port.apply(str),
                "master_secret": database.master_secret.arn,
            },
            database.master_secret.allow_read(),
        )
        called = aws.lambda_.Invocation(
            self._names.of("function", MIGRATE.name),
            function_name=migrate.name,
            input="{}",
            lifecycle_scope="CRUD",
            triggers={"migrations": migrations.digest(migrations.read(FOLDER)), "tables": self._tables},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*migrate.ready, *database.ready]),
        )
        return migrate, called

    def _write(self, database: Database, migrated: pulumi.Resource) -> Function:
        output = self._args.storage.output
        writer = self._make_function(
            CATALOGUE,
            {
                "database_host": database.front,
                "database_port": database.port.apply(str),
                "database_user": WRITER,
                "output_bucket": output.name,
                "catalogue_queue": self.queue.url,
            },
            [
                database.connect,
                *self.queue.allow_consume(),
                self.queue.allow_put_off(),
                *output.allow("results/", "s3:GetObject"),
            ],
        )
        aws.lambda_.EventSourceMapping(
            self._names.of("function", CATALOGUE.name),
            event_source_arn=self.queue.arn,
            function_name=writer.name,
            batch_size=BATCH,
            maximum_batching_window_in_seconds=0,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config=aws.lambda_.EventSourceMappingScalingConfigArgs(
                maximum_concurrency=self._args.catalogue.concurrency
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*writer.ready, migrated]),
        )
        return writer

    def _listen(self) -> None:
        rule = make_rule(
            PURPOSE,
            "What became of a file, for the catalogue",
            {"source": [announcements.SOURCE], "detail-type": sorted(WRITTEN)},
            names=self._names,
            parent=self,
            bus=self._args.bus_name,
        )
        send_to_queue(
            PURPOSE,
            rule,
            self.queue,
            self.dead_letters,
            names=self._names,
            place=self._args.home.place,
            parent=self,
            bus=self._args.bus_name,
        )


def _moved(home: Home, rooms: Rooms) -> Home:
    """The functions' home, with the way to the database. Raises `ValueError` outside of the network."""
    if home.placement is None:
        raise ValueError("the catalogue is reached from inside of the network only")
    placement = Placement(
        subnet_ids=home.placement.subnet_ids,
        security_group_ids=[*home.placement.security_group_ids, after(rooms.clients_id, rooms.ways)],
    )
    return replace(home, placement=placement)
