"""Called at deployment: brings the catalogue's users and tables to where this deployment wants them."""

import json
from functools import cache
from typing import Any

from runtime import environment
from runtime.adapters.clients import client
from runtime.adapters.owner import Owner
from runtime.adapters.postgres import Target, connect
from runtime.adapters.telemetry import logger
from runtime.domain import migrations
from runtime.domain.catalogue import tables
from runtime.migrations import FOLDER


@cache
def _settings() -> environment.Migrate:
    return environment.read(environment.Migrate)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """`{"tf": {"action"}}` as the provider calls it: anything but "delete" migrates. Gives what was done.

    Raises `MigrationError`, or psycopg's `OperationalError` when the database is not there; the deployment stops.
    """
    if event.get("tf", {}).get("action") == "delete":
        return {"ran": []}
    settings = _settings()
    master = json.loads(client("secretsmanager").get_secret_value(SecretId=settings.master_secret)["SecretString"])
    target = Target(
        host=settings.database_host,
        port=settings.database_port,
        name=settings.database_name,
        user=master["username"],
    )
    with connect(target, master["password"], application="penstock-migrate") as connection:
        ran = Owner(connection).migrate(migrations.read(FOLDER), tables(settings.rows_tables))
    logger.info("migrated", extra={"ran": ran})
    return {"ran": ran}
