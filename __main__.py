"""The stack: settings in, components wired, outputs out."""

import pulumi

from components import place, settings
from components.distribution import Distribution, DistributionArgs
from components.function import Home
from components.ledger import Ledger, LedgerArgs
from components.naming import Names
from components.pipeline import ProcessingPipeline, ProcessingPipelineArgs
from components.storage import SecureStorage, SecureStorageArgs

wanted = settings.load()
names = Names(project=pulumi.get_project(), stack=pulumi.get_stack())
here = place.current()
protected = wanted.protection.deletion

storage = SecureStorage(
    "storage", SecureStorageArgs(names=names, place=here, keeping=wanted.storage, protected=protected)
)
ledger = Ledger("ledger", LedgerArgs(names=names, key=storage.data_key, protected=protected))
home = Home(
    names=names,
    place=here,
    platform=wanted.functions.platform,
    logs_key=storage.logs_key,
    retention_days=wanted.logs.retention_days,
    placement=None,
)
distribution = Distribution(
    "distribution", DistributionArgs(home=home, storage=storage, delivery=wanted.delivery, protected=protected)
)
pipeline = ProcessingPipeline(
    "pipeline",
    ProcessingPipelineArgs(
        home=home,
        storage=storage,
        ledger=ledger,
        links=distribution.links,
        processing=wanted.processing,
        emails=wanted.notifications.emails,
    ),
)

pulumi.export("region", here.region)
pulumi.export("account_id", here.account)
pulumi.export("upload_bucket", storage.upload.name)
pulumi.export("work_bucket", storage.work.name)
pulumi.export("output_bucket", storage.output.name)
pulumi.export("delivery_bucket", storage.delivery.name)
pulumi.export("backup_bucket", storage.backup.name)
pulumi.export("files_table", ledger.files.name)
pulumi.export("transactions_table", ledger.transactions.name)
pulumi.export("state_machine_arn", pipeline.machine_arn)
pulumi.export("queue_url", pipeline.queue.url)
pulumi.export("dead_letter_queue_url", pipeline.dead_letters.url)
pulumi.export("event_bus", pipeline.bus_name)
pulumi.export("notifications_topic_arn", pipeline.notifications.arn)
pulumi.export("distribution_id", distribution.id)
pulumi.export("delivery_domain", distribution.links.domain)
pulumi.export("key_pair_id", distribution.links.key_pair_id)
pulumi.export("signing_secret_arn", distribution.links.secret.arn)
pulumi.export("link_function", pipeline.functions["link"].name)
