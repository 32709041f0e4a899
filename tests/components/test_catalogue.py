"""The catalogue: a database that nobody reaches but the functions that are for it, and that keeps what it has."""

import ipaddress
import json
from functools import cache
from typing import Any

import pulumi
import pytest

from components.catalogue.component import CATALOGUE
from components.catalogue.database import LOGS
from components.stores import DECRYPT
from runtime.certificates import rds_regions
from tests.recorder import ACCOUNT, INVOKES, REGION, Recording, record, recording

ROWS = [{"prefix": "orders/", "table": "orders", "columns": {"id": "bigint"}}]
POSTGRES = {"ipProtocol": "tcp", "fromPort": 5432, "toPort": 5432}
HERE = f"{REGION}:{ACCOUNT}"


@cache
def _made(stack: str = "prod", **settings: Any) -> Recording:
    given = {"enabled": True, **{key: value for key, value in settings.items() if key not in ("rows", "protected")}}
    given["rows"] = ROWS if settings.get("rows") else []
    more = {"penstock:functions": '{"in_vpc": true}'}
    return record(stack, {"penstock:catalogue": json.dumps(given), **more})


def _database(made: Recording) -> dict[str, Any]:
    return made.one("rds.Instance", "catalogue").inputs


def _id(made: Recording, kind: str, purpose: str) -> str:
    return f"{made.one(kind, purpose).name}-id"


def _environment(made: Recording, function: str) -> dict[str, str]:
    return dict(made.one("lambda.Function", function).inputs["environment"]["variables"])


def _statements(made: Recording, role: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(made.one("iam.RolePolicy", role).inputs["policy"])["Statement"]
    return found


def test_it_is_off_unless_a_setting_says_otherwise() -> None:
    for stack in ("dev", "all-off"):
        assert not {one.kind for one in recording(stack).resources if one.kind.startswith("rds.")}
        assert not [name for name in recording(stack).exports if name.startswith("catalogue")]


def test_its_tables_for_rows_have_the_columns_that_are_declared() -> None:
    declared = {"declared": [{"prefix": "orders/", "columns": {"paid": "DECIMAL(10,2)", "day": "DATE"}}]}
    made = record(
        "prod",
        {
            "penstock:catalogue": json.dumps({"enabled": True, "rows": [{"prefix": "orders/", "table": "orders"}]}),
            "penstock:functions": '{"in_vpc": true}',
            "penstock:tables": json.dumps(declared),
        },
    )
    wanted = [{"prefix": "orders/", "table": "orders", "columns": {"paid": "numeric(10,2)", "day": "date"}}]
    for function in ("migrate", "catalogue"):
        assert json.loads(_environment(made, function)["PENSTOCK_ROWS_TABLES"]) == wanted


def test_everything_of_it_is_encrypted_with_keys_of_the_stack() -> None:
    made = _made()
    own = made.one("kms.Key", "catalogue").outputs["arn"]
    database = _database(made)
    assert database["storageEncrypted"] is True
    assert (database["kmsKeyId"], database["performanceInsightsKmsKeyId"]) == (own, own)
    assert database["masterUserSecretKmsKeyId"] == made.one("kms.Key", "secrets").outputs["arn"]


def test_nobody_connects_without_tls_or_with_a_password_that_somebody_chose() -> None:
    made = _made()
    database = _database(made)
    parameters = {one["name"]: one["value"] for one in made.one("rds.ParameterGroup", "catalogue").inputs["parameters"]}
    assert parameters["rds.force_ssl"] == "1"
    assert database["parameterGroupName"] == made.one("rds.ParameterGroup", "catalogue").outputs["name"]
    assert database["caCertIdentifier"] == "rds-ca-ecc384-g1"
    assert database["manageMasterUserPassword"] is True
    assert database["iamDatabaseAuthenticationEnabled"] is True
    assert "password" not in database


@pytest.mark.parametrize(("stack", "kept"), [("prod", True), ("dev", False)])
def test_what_matters_is_protected_and_what_does_not_goes_with_its_stack(stack: str, kept: bool) -> None:
    database = _database(_made(stack))
    assert database["deletionProtection"] is kept
    assert database["skipFinalSnapshot"] is not kept
    assert ("finalSnapshotIdentifier" in database) is kept
    assert database["deleteAutomatedBackups"] is not kept
    assert database["backupRetentionPeriod"] >= 1


def test_prod_has_a_standby() -> None:
    assert _database(recording("prod"))["multiAz"] is True
    assert _database(_made("dev"))["multiAz"] is False


def test_its_network_leads_nowhere_but_to_the_functions() -> None:
    made = _made()
    vpc = made.one("ec2.Vpc", "catalogue")
    assert vpc.inputs["cidrBlock"] == "10.1.0.0/16"
    subnets = [one for one in made.of("ec2.Subnet") if one.inputs["vpcId"] == vpc.id]
    assert len({one.inputs["availabilityZone"] for one in subnets}) == 3
    assert _database(made)["dbSubnetGroupName"] == made.one("rds.SubnetGroup", "catalogue").outputs["name"]
    assert made.one("rds.SubnetGroup", "catalogue").inputs["subnetIds"] == [one.id for one in subnets]
    gateways = [one.inputs["vpcId"] for one in [*made.of("ec2.InternetGateway"), *made.of("ec2.VpcEndpoint")]]
    assert vpc.id not in gateways
    table = _id(made, "ec2.RouteTable", "catalogue")
    (out,) = [one.inputs for one in made.of("ec2.Route") if one.inputs["routeTableId"] == table]
    assert out["vpcPeeringConnectionId"] == _id(made, "ec2.VpcPeeringConnection", "catalogue")
    reached = ipaddress.IPv4Network(out["destinationCidrBlock"])
    for one in made.of("ec2.Subnet"):
        is_private = "-private-" in one.name
        assert ipaddress.IPv4Network(one.inputs["cidrBlock"]).subnet_of(reached) is is_private, one.name
    assert _database(made)["publiclyAccessible"] is False


def test_only_private_subnets_have_a_way_to_it() -> None:
    made = _made()
    peering = _id(made, "ec2.VpcPeeringConnection", "catalogue")
    mine = {f"{one.name}-id" for one in made.of("ec2.RouteTable") if "-private-" in one.name}
    into = [one.inputs for one in made.of("ec2.Route") if one.inputs.get("vpcPeeringConnectionId") == peering]
    assert {one["routeTableId"] for one in into} - {_id(made, "ec2.RouteTable", "catalogue")} == mine
    (block,) = {one["destinationCidrBlock"] for one in into if one["routeTableId"] in mine}
    database = ipaddress.IPv4Network(block)
    subnets = [one for one in made.of("ec2.Subnet") if "-catalogue-" in one.name]
    assert all(ipaddress.IPv4Network(one.inputs["cidrBlock"]).subnet_of(database) for one in subnets)


@pytest.mark.parametrize("proxy", [False, True])
def test_groups_let_pass_what_is_for_the_database_and_nothing_else(proxy: bool) -> None:
    made = _made(proxy=proxy)
    ids = {
        _id(made, "ec2.SecurityGroup", f"catalogue-{what}"): what
        for what in ("clients", "database", *(["proxy"] if proxy else []))
    }
    rules = [*made.of("vpc.SecurityGroupIngressRule"), *made.of("vpc.SecurityGroupEgressRule")]
    mine = [one for one in rules if one.inputs["securityGroupId"] in ids]
    assert all(POSTGRES.items() <= one.inputs.items() for one in mine)
    passing = {
        (
            "Egress" if "Egress" in one.kind else "Ingress",
            ids[one.inputs["securityGroupId"]],
            ids[one.inputs["referencedSecurityGroupId"]],
        )
        for one in mine
    }
    expected = {("Egress", "clients", "database"), ("Ingress", "database", "clients")}
    if proxy:
        expected |= {("Egress", "clients", "proxy"), ("Ingress", "proxy", "clients")}
        expected |= {("Egress", "proxy", "database"), ("Ingress", "database", "proxy")}
    assert passing == expected
    assert _database(made)["vpcSecurityGroupIds"] == [_id(made, "ec2.SecurityGroup", "catalogue-database")]


def test_only_its_own_functions_may_go_there() -> None:
    made = _made()
    group = _id(made, "ec2.SecurityGroup", "catalogue-clients")
    inside = {
        one.name.rpartition("-")[2]
        for one in made.of("lambda.Function")
        if group in one.inputs.get("vpcConfig", {}).get("securityGroupIds", [])
    }
    assert inside == {"migrate", "catalogue"}


def test_who_writes_comes_in_as_one_user_without_a_password() -> None:
    made = _made()
    (connects,) = [one for one in _statements(made, "catalogue") if "rds-db:connect" in one["Action"]]
    resource = made.one("rds.Instance", "catalogue").outputs["resourceId"]
    assert connects["Resource"] == [f"arn:aws:rds-db:{HERE}:dbuser:{resource}/catalogue_writer"]
    assert not [one for one in _statements(made, "catalogue") if "secretsmanager:GetSecretValue" in one["Action"]]
    assert _environment(made, "catalogue")["PENSTOCK_DATABASE_USER"] == "catalogue_writer"


def test_only_who_migrates_reads_the_masters_secret() -> None:
    made = _made()
    secret = made.one("rds.Instance", "catalogue").outputs["masterUserSecrets"][0]["secretArn"]
    readers = [
        one.name
        for one in made.of("iam.RolePolicy")
        for statement in json.loads(one.inputs["policy"])["Statement"]
        if secret in statement["Resource"]
    ]
    assert readers == [made.one("iam.RolePolicy", "migrate").name]
    decrypts = [one for one in _statements(made, "migrate") if DECRYPT in one["Action"]]
    assert decrypts[0]["Condition"]["StringEquals"] == {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}


def test_with_a_proxy_functions_connect_through_it_and_migrations_past_it() -> None:
    made = _made(proxy=True)
    proxy = made.one("rds.Proxy", "catalogue")
    assert proxy.inputs["requireTls"] is True
    assert (proxy.inputs["defaultAuthScheme"], "auths" in proxy.inputs) == ("IAM_AUTH", False)
    assert _environment(made, "catalogue")["PENSTOCK_DATABASE_HOST"] == proxy.outputs["endpoint"]
    address = made.one("rds.Instance", "catalogue").outputs["address"]
    assert _environment(made, "migrate")["PENSTOCK_DATABASE_HOST"] == address
    (connects,) = [one for one in _statements(made, "catalogue") if "rds-db:connect" in one["Action"]]
    identity = proxy.outputs["arn"].rpartition(":")[2]
    assert connects["Resource"] == [f"arn:aws:rds-db:{HERE}:dbuser:{identity}/catalogue_writer"]
    resource = made.one("rds.Instance", "catalogue").outputs["resourceId"]
    (own,) = _statements(made, "catalogue-proxy")
    assert own["Resource"] == [f"arn:aws:rds-db:{HERE}:dbuser:{resource}/catalogue_writer"]
    (target,) = made.of("rds.ProxyTarget")
    assert target.inputs["dbInstanceIdentifier"] == _database(made)["identifier"]


def test_tables_are_made_anew_when_migrations_or_declared_tables_change() -> None:
    def triggers(made: Recording) -> dict[str, str]:
        return dict(made.one("lambda.Invocation", "migrate").inputs["triggers"])

    plain, with_rows = triggers(_made()), triggers(_made(rows=True))
    assert plain["migrations"] == with_rows["migrations"]
    assert plain["tables"] != with_rows["tables"]
    assert _made().one("lambda.Invocation", "migrate").inputs["lifecycleScope"] == "CRUD"
    assert json.loads(_environment(_made(rows=True), "catalogue")["PENSTOCK_ROWS_TABLES"]) == ROWS


def test_the_platforms_own_events_come_by_a_queue_and_are_tried_for_hours() -> None:
    made = _made()
    rule = made.one("cloudwatch.EventRule", "catalogue").inputs
    assert rule["eventBusName"] == made.one("cloudwatch.EventBus", "events").outputs["name"]
    assert json.loads(rule["eventPattern"]) == {
        "source": ["penstock"],
        "detail-type": ["FileDeleted", "FileFailed", "FileReceived", "FileRejected", "FileSucceeded"],
    }
    target = made.one("cloudwatch.EventTarget", "catalogue").inputs
    queue, dead = made.one("sqs.Queue", "catalogue"), made.one("sqs.Queue", "catalogue-dead-letters")
    assert (target["arn"], target["deadLetterConfig"]["arn"]) == (queue.outputs["arn"], dead.outputs["arn"])
    assert target["eventBusName"] == rule["eventBusName"]
    assert json.loads(queue.inputs["redrivePolicy"]) == {
        "deadLetterTargetArn": dead.outputs["arn"],
        "maxReceiveCount": 10,
    }
    assert queue.inputs["visibilityTimeoutSeconds"] == 6 * CATALOGUE.timeout_seconds


def test_nothing_of_the_flow_knows_of_it() -> None:
    """What does not know of it cannot wait for it."""
    definitions = {
        made.one("sfn.StateMachine", "pipeline").inputs["definition"]
        for made in (_made(), record("prod", {"penstock:catalogue": "{}"}))
    }
    assert len(definitions) == 1


def test_its_logs_are_kept_as_long_as_others_and_encrypted() -> None:
    made = _made()
    identifier = _database(made)["identifier"]
    groups = {one.inputs["name"]: one.inputs for one in made.of("cloudwatch.LogGroup")}
    for log in LOGS:
        group = groups[f"/aws/rds/instance/{identifier}/{log}"]
        assert group["kmsKeyId"] == made.one("kms.Key", "logs").outputs["arn"]
        assert group["retentionInDays"] == 365
    assert _database(made)["enabledCloudwatchLogsExports"] == list(LOGS)


def test_who_watches_the_operating_system_may_do_nothing_else() -> None:
    made = _made()
    role = made.one("iam.Role", "catalogue-monitoring")
    assert _database(made)["monitoringRoleArn"] == role.outputs["arn"]
    (trusted,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    assert trusted["Principal"] == {"Service": "monitoring.rds.amazonaws.com"}
    source = f"arn:aws:rds:{HERE}:db:{_database(made)['identifier']}"
    assert trusted["Condition"]["ArnLike"] == {"aws:SourceArn": source}
    (statement,) = _statements(made, "catalogue-monitoring")
    assert {action.split(":")[0] for action in statement["Action"]} == {"logs"}


def test_it_is_watched() -> None:
    made = _made()
    database = _database(made)["identifier"]
    metrics = {
        metric["metricName"]
        for one in made.of("cloudwatch.MetricAlarm")
        for metric in [one.inputs, *(query.get("metric") or {} for query in one.inputs.get("metricQueries", []))]
        if metric.get("dimensions", {}).get("DBInstanceIdentifier") == database
    }
    assert metrics == {"CPUUtilization", "FreeStorageSpace", "DatabaseConnections", "ReadLatency", "WriteLatency"}
    storage = made.one("cloudwatch.MetricAlarm", "database-catalogue-storage").inputs
    assert storage["threshold"] == -20 * 2**30 * 8 // 100


def test_a_region_without_a_certificate_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = "xx-nowhere-1"
    assert nowhere not in rds_regions()
    answer = {"id": nowhere, "name": nowhere, "region": nowhere, "description": ""}
    monkeypatch.setitem(INVOKES, "aws:index/getRegion:getRegion", answer)
    with pytest.raises(pulumi.RunError, match=f"{nowhere} has no certificate"):
        record("prod")
