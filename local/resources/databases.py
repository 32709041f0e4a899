"""Databases: PostgreSQL is really there, as RDS would set it up; the rest of RDS is kept as records.

What a database is given (encryption, backups, monitoring, …) is held against the SDK's model of RDS, so that a
misspelt setting stops the deployment; a server on a laptop has none of it.
"""

import json
import secrets
import uuid

from local.resources.base import Cloud, Create, Inputs, Made, arn, physical
from local.resources.shaping import shape

_OF_THE_PROVIDER = {"identifier": "DBInstanceIdentifier", "instanceClass": "DBInstanceClass"}
# The API has these in calls of their own.
_LATER = ("skipFinalSnapshot", "finalSnapshotIdentifier", "deleteAutomatedBackups")


class OtherEngine(Exception):
    """There is no such database here."""


def instance(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """Starts a server; its master password is where RDS keeps it, in Secrets Manager."""
    client = cloud.client("rds")
    for given in _LATER:
        inputs.pop(given, None)
    identifier = physical(name, inputs, "identifier", 63)
    asked = shape(
        client,
        "create_db_instance",
        {"identifier": identifier, **inputs},
        {
            **_OF_THE_PROVIDER,
            "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
            "caCertIdentifier": "CACertificateIdentifier",
            "parameterGroupName": "DBParameterGroupName",
            "performanceInsightsEnabled": "EnablePerformanceInsights",
            "performanceInsightsKmsKeyId": "PerformanceInsightsKMSKeyId",
            "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
            "backupWindow": "PreferredBackupWindow",
            "maintenanceWindow": "PreferredMaintenanceWindow",
            "username": "MasterUsername",
        },
    )
    inputs.clear()
    if asked["Engine"] != "postgres" or not asked.get("ManageMasterUserPassword"):
        raise OtherEngine("only PostgreSQL with a master password that RDS manages is made here")
    user, password = asked["MasterUsername"], secrets.token_urlsafe(24)
    host, port = cloud.open_database(asked["DBName"], user, password)
    key = asked.get("MasterUserSecretKmsKeyId")
    secret = cloud.client("secretsmanager").create_secret(
        Name=f"rds!db-{uuid.uuid4()}",
        SecretString=json.dumps({"username": user, "password": password}),
        **({"KmsKeyId": key} if key else {}),
    )["ARN"]
    return identifier, {
        "identifier": identifier,
        "arn": arn(cloud, "rds", f"db:{identifier}"),
        "resourceId": f"db-{identifier.upper()}",
        "address": host,
        "port": port,
        "endpoint": f"{host}:{port}",
        "engineVersionActual": asked.get("EngineVersion", ""),
        "status": "available",
        "masterUserSecrets": [{"secretArn": secret, "secretStatus": "active", "kmsKeyId": key or ""}],
    }


def subnet_group(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """A record."""
    chosen = physical(name, inputs, limit=255)
    shape(cloud.client("rds"), "create_db_subnet_group", inputs, {"description": "DBSubnetGroupDescription"})
    return chosen, {"name": chosen, "arn": arn(cloud, "rds", f"subgrp:{chosen}"), "supportedNetworkTypes": ["IPV4"]}


def parameter_group(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """A record: of its parameters, those about TLS and the operating system have no counterpart here."""
    client, chosen, parameters = cloud.client("rds"), physical(name, inputs, limit=255), inputs.pop("parameters", [])
    shape(client, "create_db_parameter_group", inputs, {"family": "DBParameterGroupFamily"})
    shape(
        client,
        "modify_db_parameter_group",
        {"parameters": parameters},
        {"name": "ParameterName", "value": "ParameterValue"},
    )
    return chosen, {"name": chosen, "arn": arn(cloud, "rds", f"pg:{chosen}")}


CREATORS: dict[str, Create] = {
    "aws:rds/instance:Instance": instance,
    "aws:rds/parameterGroup:ParameterGroup": parameter_group,
    "aws:rds/subnetGroup:SubnetGroup": subnet_group,
}
