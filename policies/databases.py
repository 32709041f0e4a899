"""Databases are reached by few, speak TLS only, need no password that somebody knows, and say what they do."""

from collections.abc import Iterator

from pulumi_policy import PolicyResource

from policies.kinds import DATABASE, DATABASE_PARAMETERS, DATABASE_PROXY, DATABASE_SUBNETS, LOG_GROUP
from policies.rules import Props, Resources, each, given, named, values, whole_stack
from runtime.certificates import RDS_AUTHORITY

LOGS = frozenset({"iam-db-auth-error", "postgresql", "upgrade"})
SLOWEST_WATCH_SECONDS = 60
LEAST_GB, MOST_GB = 20, 65_536
TWO_YEARS_DAYS = 731
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
            if one.get("name") == "rds.force_ssl" and one.get("applyMethod") in (None, "immediate")
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
    if missing := sorted(LOGS - set(values(props, "enabledCloudwatchLogsExports[]"))):
        yield f"nobody sees its {', '.join(missing)} log; add it to enabled_cloudwatch_logs_exports"
    if not 0 < (props.get("monitoringInterval") or 0) <= SLOWEST_WATCH_SECONDS or not given(props, "monitoringRoleArn"):
        yield f"nobody sees what its machine does; set monitoring_interval to {SLOWEST_WATCH_SECONDS}, and its role"
    kept = props.get("performanceInsightsRetentionPeriod") or 0
    if props.get("performanceInsightsEnabled") is not True or not 7 <= kept <= TWO_YEARS_DAYS:
        yield "nobody sees what is slow; set performance_insights_enabled and its retention period"


@whole_stack
def database_logs_are_of_the_stack(resources: Resources) -> Iterator[tuple[PolicyResource, str]]:
    """The log groups of a database are made by the stack: RDS makes others, which last for ever with AWS's key."""
    made = {one.props["name"] for one in resources.of(LOG_GROUP) if given(one.props, "name")}
    for database in resources.of(DATABASE):
        name = database.props["identifier"]
        logs = database.props.get("enabledCloudwatchLogsExports") or []
        if missing := [log for log in logs if f"/aws/rds/instance/{name}/{log}" not in made]:
            yield database, f"RDS makes log groups for {', '.join(missing)}; make a LogGroup for each beforehand"


@each(DATABASE)
def database_may_grow(props: Props) -> Iterator[str]:
    """Databases get more storage by themselves, up to a limit."""
    first, most = props.get("allocatedStorage") or 0, props.get("maxAllocatedStorage") or 0
    if not LEAST_GB <= first <= most <= MOST_GB:
        yield f"it stops when it is full; set allocated_storage and max_allocated_storage to {LEAST_GB} to {MOST_GB}"


@each(DATABASE_SUBNETS, DATABASE_PROXY)
def databases_have_two_zones(props: Props) -> Iterator[str]:
    """Databases and their proxies may be in two zones at least."""
    (name,) = [one for one in ("subnetIds", "vpcSubnetIds") if given(props, one)]
    if len(props[name]) < 2:
        yield "it is gone with one zone; give it subnets in two zones"


@each(DATABASE)
def database_is_mended(props: Props) -> Iterator[str]:
    """Databases take their engine's corrections by themselves."""
    if props.get("autoMinorVersionUpgrade") is not True:
        yield "its known holes stay open; set auto_minor_version_upgrade"
