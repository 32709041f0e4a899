"""What a stack tells the world: the names under which the command `penstock`, and others, find its parts."""

from typing import Any

import pulumi

from components.api import Api
from components.catalogue import Catalogue
from components.deletion import Deletion
from components.distribution import Distribution
from components.ledger import Ledger
from components.observability import Observability
from components.page import Page
from components.pipeline import ProcessingPipeline
from components.place import Place
from components.storage import SecureStorage
from components.vpn import Vpn


def export(
    place: Place,
    storage: SecureStorage,
    ledger: Ledger,
    distribution: Distribution,
    pipeline: ProcessingPipeline,
    observability: Observability,
    vpn: Vpn | None,
    catalogue: Catalogue | None,
    api: Api | None,
    page: Page | None,
    deletion: Deletion | None,
) -> None:
    """Exports the stack's outputs. Their names are a contract: they may be added to, not changed."""
    optional: dict[str, pulumi.Input[Any]] = {}
    if vpn:
        optional = {"vpn_endpoint_id": vpn.endpoint_id, "vpn_profile_secret_arns": dict(vpn.profiles)}
    if catalogue:
        optional |= {
            "catalogue_host": catalogue.host,
            "catalogue_port": catalogue.port,
            "catalogue_name": catalogue.name,
            "catalogue_queue_url": catalogue.queue.url,
            "catalogue_dead_letter_queue_url": catalogue.dead_letters.url,
        }
    if api:
        optional["api_url"] = api.address
        if api.keys is not None:
            # A secret: `pulumi stack output api_keys --show-secrets`.
            optional["api_keys"] = api.keys
        if api.people_pool_id is not None:
            optional["people_pool_id"] = api.people_pool_id
    if deletion:
        optional |= {
            "deletion_queue_url": deletion.queue.url,
            "deletion_dead_letter_queue_url": deletion.dead_letters.url,
        }
    if page:
        optional["page_url"] = pulumi.Output.concat(distribution.origin, "/")
    always: dict[str, pulumi.Input[Any]] = {
        "region": place.region,
        "account_id": place.account,
        "upload_bucket": storage.upload.name,
        "work_bucket": storage.work.name,
        "output_bucket": storage.output.name,
        "delivery_bucket": storage.delivery.name,
        "backup_bucket": storage.backup.name,
        "ledger_bucket": storage.ledger.name,
        "files_table": ledger.files.name,
        "transactions_table": ledger.transactions.name,
        "state_machine_arn": pipeline.machine_arn,
        "queue_url": pipeline.queue.url,
        "dead_letter_queue_url": pipeline.dead_letters.url,
        "event_bus": pipeline.bus_name,
        "notifications_topic_arn": pipeline.notifications.arn,
        "alarms_topic_arn": observability.topic.arn,
        "distribution_id": distribution.distribution_id,
        "delivery_domain": distribution.links.domain,
        "key_group_id": distribution.key_group_id,
        "signing_secret_arn": distribution.links.secret.arn,
        "link_function": pipeline.functions["link"].name,
        "redrive_function": pipeline.functions["redrive"].name,
        "dashboard_name": observability.dashboard_name,
    }
    for name, value in (optional | always).items():
        pulumi.export(name, value)
