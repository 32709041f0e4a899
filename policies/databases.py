"""Databases are reached by few, speak TLS only, need no password that somebody knows, and say what they do."""

from collections.abc import Iterator

from pulumi_policy import PolicyResource

from policies.kinds import DATABASE, DATABASE_PARAMETERS, DATABASE_PROXY
from policies.rules import Props, Resources, each, given, named, values, whole_stack
from runtime.certificates import RDS_AUTHORITY

FORCED = ("1", "on", "true")


@each(DATABASE)
def database_is_encrypted(props: Props) -> Iterator[str]:
    """Databases, and what is kept of their statements, are encrypted with a key of the stack."""
    if props.get("storageEncrypted") is not True or not given(props, "kmsKeyId"):
        yield "it is not encrypted with a key of the stack; set storage_encrypted and kms_key_id"
    if props.get("performanceInsightsEnabled") is True and not given(props, "performanceInsightsKmsKeyId"):
        yield "its statements are kept under AWS's own key; set performance_insights_kms_key_id"


@each(DATABASE)
def database_is_inside(props: Props) -> Iterator[str]:
    """Databases have no public address, and subnets and security groups that somebody chose."""
    if props.get("publiclyAccessible") is not False:
        yield "it may get a public address; set publicly_accessible to false"
    if not given(props, "dbSubnetGroupName"):
        yield "it is put into the default network; set db_subnet_group_name"
    if not given(props, "vpcSecurityGroupIds") or len(props["vpcSecurityGroupIds"]) == 0:
        yield "it has the default group; set vpc_security_group_ids"


@each(DATABASE)
def nobody_knows_its_password(props: Props) -> Iterator[str]:
    """A database's master password is made and rotated by RDS, and all others come in by IAM."""
    if props.get("manageMasterUserPassword") is not True or given(props, "password"):
        yield "somebody chose its password; set manage_master_user_password and take password away"
    if not given(props, "masterUserSecretKmsKeyId"):
        yield "its password lies under AWS's own key; set master_user_secret_kms_key_id"
    if props.get("iamDatabaseAuthenticationEnabled") is not True:
        yield "who comes in needs a password; set iam_database_authentication_enabled"


@whole_stack
def database_speaks_tls(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """Databases refuse plain connections, and have a certificate of the authority that functions know."""
    for database in resources.of(DATABASE):
        groups = named(database, "parameterGroupName", resources, DATABASE_PARAMETERS)
        forced = [
            one.get("value")
            for group in groups
            for one in group.props.get("parameters") or []
            if one.get("name") == "rds.force_ssl"
        ]
        if not forced or any(value not in FORCED for value in forced):
            yield database, "it takes connections without TLS; give it a parameter group with rds.force_ssl 1"
        if database.props.get("caCertIdentifier") != RDS_AUTHORITY:
            yield database, f"functions do not know its authority; set ca_cert_identifier to {RDS_AUTHORITY}"


@each(DATABASE_PROXY)
def proxy_passes_identities_on(props: Props) -> Iterator[str]:
    """Proxies take TLS only, and come in by IAM, as those do who come to them."""
    if props.get("requireTls") is not True:
        yield "it takes connections without TLS; set require_tls"
    if props.get("defaultAuthScheme") != "IAM_AUTH" or given(props, "auths"):
        yield "it needs passwords; set default_auth_scheme to IAM_AUTH and take auths away"


@each(DATABASE)
def database_says_what_it_does(props: Props) -> Iterator[str]:
    """Databases write their log, and what their machine does, where somebody sees it."""
    if "postgresql" not in values(props, "enabledCloudwatchLogsExports[]"):
        yield "nobody sees its log; add postgresql to enabled_cloudwatch_logs_exports"
    if not props.get("monitoringInterval"):
        yield "nobody sees what its machine does; set monitoring_interval"


@each(DATABASE)
def database_is_mended(props: Props) -> Iterator[str]:
    """Databases take their engine's corrections by themselves."""
    if props.get("autoMinorVersionUpgrade") is not True:
        yield "its known holes stay open; set auto_minor_version_upgrade"
