"""The database: PostgreSQL on RDS, its key, its logs, and the proxy before it."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.catalogue.network import PURPOSE, Rooms
from components.function import Home
from components.grants import Statement
from components.keys import make_key, make_key_policy
from components.place import Place
from components.settings import GIB
from components.settings import Catalogue as CatalogueSettings
from components.signals import DatabaseSignal
from components.stores import Key, Secret
from runtime.certificates import RDS_AUTHORITY, rds_regions
from runtime.domain.catalogue import WRITER

NAME, MASTER = "catalogue", "penstock_master"
VERSION, FAMILY = "18", "postgres18"
LOGS = ("iam-db-auth-error", "postgresql", "upgrade")
# A quarter of an hour's transactions fit into what the smallest one has; more means that somebody does not let go.
SPARE_CONNECTIONS = 20
INSIGHTS_DAYS = 7
MONITORING_SECONDS = 60
PARAMETERS = {
    "rds.force_ssl": "1",
    # Milliseconds.
    "idle_in_transaction_session_timeout": "60000",
    "log_min_duration_statement": "1000",
    "log_lock_waits": "1",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Database:
    """What others have to know. `front` is where functions connect to: the database itself, or its proxy."""

    host: pulumi.Output[str]
    front: pulumi.Output[str]
    port: pulumi.Output[int]
    master_secret: Secret
    connect: Statement
    signal: DatabaseSignal
    ready: list[pulumi.Resource]


def make_database(
    home: Home, rooms: Rooms, wanted: CatalogueSettings, *, secrets_key: Key, protected: bool, parent: pulumi.Resource
) -> Database:
    """The instance and all that it needs. Raises `RunError` in a region whose databases could not be told from others'.

    Its master password is made, kept and rotated by RDS; functions have none at all.
    """
    if home.place.region not in rds_regions():
        raise pulumi.RunError(
            f"catalogue.enabled: {home.place.region} has no certificate in runtime/certificates/rds.pem; "
            "add the region's root of rds-ca-ecc384-g1"
        )
    names, child = home.names, pulumi.ResourceOptions(parent=parent)
    identifier, key = names.exact("database", PURPOSE), _make_key(home, protected, parent)
    parameters = aws.rds.ParameterGroup(
        names.of("database", PURPOSE),
        family=FAMILY,
        description="Encrypted connections only",
        parameters=[aws.rds.ParameterGroupParameterArgs(name=name, value=value) for name, value in PARAMETERS.items()],
        opts=child,
    )
    subnets = aws.rds.SubnetGroup(
        names.of("database", PURPOSE),
        description="Isolated subnets of the catalogue",
        subnet_ids=list(rooms.subnet_ids),
        opts=child,
    )
    monitoring = home.roles.make(
        "catalogue-monitoring",
        description="What RDS writes of the database's operating system",
        service="monitoring.rds.amazonaws.com",
        source=home.place.arn("rds", f"db:{identifier}"),
        statements=writes_operating_system_logs(home.place),
        parent=parent,
    )
    # Made before RDS makes them itself, unencrypted and for ever.
    logs = [_make_log_group(home, identifier, log, parent) for log in LOGS]
    instance = aws.rds.Instance(
        names.of("database", PURPOSE),
        identifier=identifier,
        engine="postgres",
        engine_version=VERSION,
        auto_minor_version_upgrade=True,
        instance_class=wanted.instance_class,
        allocated_storage=wanted.storage_gb,
        max_allocated_storage=wanted.max_storage_gb,
        storage_type="gp3",
        storage_encrypted=True,
        kms_key_id=key.arn,
        db_name=NAME,
        username=MASTER,
        manage_master_user_password=True,
        master_user_secret_kms_key_id=secrets_key.arn,
        iam_database_authentication_enabled=True,
        ca_cert_identifier=RDS_AUTHORITY,
        parameter_group_name=parameters.name,
        db_subnet_group_name=subnets.name,
        vpc_security_group_ids=[rooms.database_id],
        publicly_accessible=False,
        multi_az=wanted.standby,
        backup_retention_period=wanted.backup_days,
        backup_window="01:00-02:00",
        maintenance_window="sun:03:00-sun:04:00",
        copy_tags_to_snapshot=True,
        delete_automated_backups=not protected,
        deletion_protection=protected,
        skip_final_snapshot=not protected,
        final_snapshot_identifier=f"{identifier}-final" if protected else None,
        performance_insights_enabled=True,
        performance_insights_kms_key_id=key.arn,
        performance_insights_retention_period=INSIGHTS_DAYS,
        monitoring_interval=MONITORING_SECONDS,
        monitoring_role_arn=monitoring.arn,
        enabled_cloudwatch_logs_exports=list(LOGS),
        opts=pulumi.ResourceOptions(parent=parent, protect=protected, depends_on=[monitoring.allowed, *logs]),
    )
    signal = DatabaseSignal(
        purpose=PURPOSE,
        identifier=instance.identifier,
        storage_bytes=wanted.storage_gb * GIB,
        connections=wanted.concurrency + SPARE_CONNECTIONS,
    )
    secret = instance.master_user_secrets.apply(lambda secrets: str(secrets[0].secret_arn))
    front = _make_proxy(home, rooms, instance, parent) if rooms.proxy_id is not None else None
    return Database(
        host=instance.address,
        front=front.endpoint if front else instance.address,
        port=instance.port,
        master_secret=Secret(arn=secret, key=secrets_key),
        connect=may_connect(home.place, _proxy_id(front) if front else instance.resource_id),
        signal=signal,
        ready=[instance, *([front] if front else [])],
    )


def may_connect(place: Place, resource_id: pulumi.Output[str]) -> Statement:
    """Coming in as the user that writes, at a database or a proxy, without a password."""
    user = pulumi.Output.concat(place.arn("rds-db", "dbuser:"), resource_id, f"/{WRITER}")
    return Statement(actions=("rds-db:connect",), resources=(user,))


def writes_operating_system_logs(place: Place) -> list[Statement]:
    """Source: RDS User Guide, "Setting up and enabling Enhanced Monitoring". All databases share the one log group."""
    group = place.arn("logs", "log-group:RDSOSMetrics:*")
    streams = ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:GetLogEvents", "logs:PutLogEvents")
    return [Statement(actions=("logs:CreateLogGroup", "logs:PutRetentionPolicy", *streams), resources=(group,))]


def _make_key(home: Home, protected: bool, parent: pulumi.Resource) -> Key:
    """RDS uses it by grants, which whoever makes the database gives to it."""
    key = make_key(PURPOSE, names=home.names, place=home.place, protected=protected, parent=parent)
    make_key_policy(PURPOSE, key, [], names=home.names, parent=parent)
    return key


def _make_log_group(home: Home, identifier: str, log: str, parent: pulumi.Resource) -> aws.cloudwatch.LogGroup:
    return aws.cloudwatch.LogGroup(
        home.names.of("log group", f"{PURPOSE}-{log}"),
        name=f"/aws/rds/instance/{identifier}/{log}",
        retention_in_days=home.retention_days,
        kms_key_id=home.logs_key.arn,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _make_proxy(home: Home, rooms: Rooms, instance: aws.rds.Instance, parent: pulumi.Resource) -> aws.rds.Proxy:
    """It shares connections among functions; it too comes in without a password."""
    names, child = home.names, pulumi.ResourceOptions(parent=parent)
    role = home.roles.make(
        "catalogue-proxy",
        description="What the catalogue's proxy may do",
        service="rds.amazonaws.com",
        source=home.place.arn("rds", "db-proxy:*"),
        statements=[may_connect(home.place, instance.resource_id)],
        parent=parent,
    )
    if rooms.proxy_id is None:
        raise ValueError("a proxy needs a security group of its own")
    proxy = aws.rds.Proxy(
        names.of("database", PURPOSE),
        name=names.exact("database", PURPOSE),
        engine_family="POSTGRESQL",
        default_auth_scheme="IAM_AUTH",
        require_tls=True,
        role_arn=role.arn,
        vpc_subnet_ids=list(rooms.subnet_ids),
        vpc_security_group_ids=[rooms.proxy_id],
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[role.allowed]),
    )
    group = aws.rds.ProxyDefaultTargetGroup(names.of("database", PURPOSE), db_proxy_name=proxy.name, opts=child)
    aws.rds.ProxyTarget(
        names.of("database", PURPOSE),
        db_proxy_name=proxy.name,
        target_group_name=group.name,
        db_instance_identifier=instance.identifier,
        opts=child,
    )
    return proxy


def _proxy_id(proxy: aws.rds.Proxy) -> pulumi.Output[str]:
    """`prx-…`, by which IAM knows it: the end of its ARN."""
    return proxy.arn.apply(lambda arn: arn.rpartition(":")[2])
