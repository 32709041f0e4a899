"""What breaks a rule about databases is noticed, and what is not known yet is not judged."""

import pytest

from policies import databases
from tests.policies.breaks import DROPPED, GONE, Break

INSTANCE, PARAMETERS, PROXY = "rds.Instance", "rds.ParameterGroup", "rds.Proxy"
BREAKS = [
    Break(rule=databases.database_is_encrypted, kind=INSTANCE, path="storageEncrypted", value=False),
    Break(rule=databases.database_is_encrypted, kind=INSTANCE, path="kmsKeyId", value=DROPPED, unknown=()),
    Break(
        rule=databases.database_is_encrypted,
        kind=INSTANCE,
        path="performanceInsightsKmsKeyId",
        value=DROPPED,
        unknown=(),
    ),
    Break(rule=databases.database_is_inside, kind=INSTANCE, path="publiclyAccessible", value=True),
    Break(rule=databases.database_is_inside, kind=INSTANCE, path="dbSubnetGroupName", value=DROPPED, unknown=()),
    Break(rule=databases.database_is_inside, kind=INSTANCE, path="vpcSecurityGroupIds", value=[]),
    Break(rule=databases.nobody_knows_its_password, kind=INSTANCE, path="manageMasterUserPassword", value=False),
    Break(
        rule=databases.nobody_knows_its_password,
        kind=INSTANCE,
        path="masterUserSecretKmsKeyId",
        value=DROPPED,
        unknown=(),
    ),
    Break(rule=databases.nobody_knows_its_password, kind=INSTANCE, path="password", value="x", unknown=None),
    Break(
        rule=databases.nobody_knows_its_password, kind=INSTANCE, path="iamDatabaseAuthenticationEnabled", value=False
    ),
    Break(rule=databases.database_speaks_tls, kind=PARAMETERS, path="parameters.0.value", value="0"),
    Break(rule=databases.database_speaks_tls, kind=PARAMETERS, path="parameters", value=GONE),
    Break(rule=databases.database_speaks_tls, kind=INSTANCE, path="caCertIdentifier", value="rds-ca-rsa2048-g1"),
    Break(rule=databases.proxy_passes_identities_on, kind=PROXY, path="requireTls", value=False),
    Break(rule=databases.proxy_passes_identities_on, kind=PROXY, path="defaultAuthScheme", value="NONE"),
    Break(
        rule=databases.database_says_what_it_does, kind=INSTANCE, path="enabledCloudwatchLogsExports", value=["upgrade"]
    ),
    Break(rule=databases.database_says_what_it_does, kind=INSTANCE, path="monitoringInterval", value=0),
    Break(rule=databases.database_is_mended, kind=INSTANCE, path="autoMinorVersionUpgrade", value=False),
    Break(rule=databases.database_may_grow, kind=INSTANCE, path="maxAllocatedStorage", value=0),
    Break(rule=databases.databases_have_two_zones, kind="rds.SubnetGroup", path="subnetIds", value=["one"]),
    Break(rule=databases.databases_have_two_zones, kind=PROXY, path="vpcSubnetIds", value=["one"]),
    Break(
        rule=databases.database_logs_are_of_the_stack,
        kind="cloudwatch.LogGroup",
        name="-catalogue-postgresql",
        path="name",
        value=GONE,
    ),
]


@pytest.mark.parametrize("row", BREAKS, ids=str)
def test_what_breaks_a_rule_is_noticed(row: Break) -> None:
    row.check()
