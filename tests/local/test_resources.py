"""A program with every type is deployed once; then the cloud is asked, through boto3, whether it is all there."""

import importlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import verification

from local.cloud import LocalCloud
from local.deploy import Deployment, deploy
from local.resources import CREATORS, TAGGED, create
from local.resources.base import NotPlaced
from local.resources.shaping import shape
from local.resources.skipped import NOT_EMULATED

PROGRAM = Path(__file__).parent / "programs" / "everything.py"
# Put an object under the key that the event names, and say what came of it.
HANDLER = """
import os
import boto3
from botocore.exceptions import ClientError

def handler(event, context):
    try:
        boto3.client("s3").put_object(Bucket=os.environ["BUCKET"], Key=event["key"], Body=b"x")
    except ClientError as error:
        return {"refused": error.response["Error"]["Code"]}
    return {"put": event["key"]}
"""
# Outputs that say something about AWS's own workings which the local cloud has no counterpart of. A program that
# reads one of these gets None.
NOT_GIVEN = {
    "aws:acm/certificate:Certificate": {
        "domainValidationOptions",
        "pendingRenewal",
        "renewalEligibility",
        "renewalSummaries",
        "validationEmails",
    },
    "tls:index/privateKey:PrivateKey": {"publicKeyFingerprintMd5", "publicKeyFingerprintSha256"},
    "aws:s3/bucket:Bucket": {"websiteDomain", "websiteEndpoint"},
    "aws:ec2/vpc:Vpc": {"dhcpOptionsId", "ipv6AssociationId"},
    "aws:ec2/eip:Eip": {
        "associationId",
        "carrierIp",
        "customerOwnedIp",
        "privateDns",
        "privateIp",
        "ptrRecord",
        "publicDns",
    },
    "aws:ec2/subnet:Subnet": {"ipv6CidrBlockAssociationId"},
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {"namePrefix"},
    "aws:ec2/route:Route": {"instanceId", "instanceOwnerId"},
    "aws:ec2/natGateway:NatGateway": {
        "associationId",
        "autoProvisionZones",
        "autoScalingIps",
        "networkInterfaceId",
        "regionalNatGatewayAddresses",
        "regionalNatGatewayAutoMode",
        "routeTableId",
    },
    "aws:sns/topic:Topic": {"beginningArchiveTime"},
    "aws:sfn/stateMachine:StateMachine": {"description", "versionDescription"},
    "aws:cloudfront/distribution:Distribution": {
        "inProgressValidationBatches",
        "lastModifiedTime",
        "loggingV1Enabled",
        "trustedKeyGroups",
        "trustedSigners",
    },
    "aws:rds/instance:Instance": {
        "hostedZoneId",
        "latestRestorableTime",
        "listenerEndpoints",
        "replicas",
        "upgradeRolloutOrder",
    },
    "aws:rds/subnetGroup:SubnetGroup": {"vpcId"},
    "aws:rds/proxyTarget:ProxyTarget": {"endpoint", "port", "targetArn", "trackedClusterId"},
    "aws:lambda/function:Function": {"signingJobArn", "signingProfileVersionArn"},
    "aws:lambda/eventSourceMapping:EventSourceMapping": {"lastProcessingResult", "stateTransitionReason"},
}


@dataclass(frozen=True)
class Everything:
    cloud: LocalCloud
    deployment: Deployment

    def client(self, service: str) -> Any:
        return self.cloud.client(service)

    @property
    def outputs(self) -> dict[str, Any]:
        return self.deployment.outputs


@pytest.fixture(scope="module")
def everything(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Everything]:
    root = tmp_path_factory.mktemp("everything")
    (root / "__main__.py").write_text(PROGRAM.read_text())
    (root / "Pulumi.yaml").write_text("name: every\nruntime: python\n")
    (root / "Pulumi.local.yaml").write_text("config:\n  aws:defaultTags: {tags: {project: every}}\n")
    with zipfile.ZipFile(root / "function.zip", "w") as package:
        package.writestr("main.py", HANDLER)
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    yield Everything(cloud, deploy(cloud, root=root, config={"every:publicKey": pem.decode()}))


def _provider_class(token: str) -> type:
    provider, module, name = token.split(":")
    package = module.split("/")[0].replace("lambda", "lambda_")
    path = f"pulumi_{provider}" if package == "index" else f"pulumi_{provider}.{package}"
    found: type = getattr(importlib.import_module(path), name)
    return found


def _wire_names(cls: type) -> dict[str, str]:
    """Attribute to wire name, for the outputs of a resource class."""
    properties = {name: value.fget for name, value in vars(cls).items() if isinstance(value, property)}
    return {name: getattr(getter, "_pulumi_name", name) for name, getter in properties.items()}


def _inputs_class(cls: type) -> Any:
    """The provider calls it `…InitArgs` where a nested type has taken the other name."""
    module = importlib.import_module(cls.__module__)
    return getattr(module, f"{cls.__name__}InitArgs", None) or getattr(module, f"{cls.__name__}Args")


@pytest.mark.parametrize("token", sorted({*CREATORS, *NOT_EMULATED}))
def test_default_tags_go_where_the_provider_puts_them(token: str) -> None:
    assert ("tags_all" in _wire_names(_provider_class(token))) == (token in TAGGED)


def test_every_output_that_only_the_cloud_knows_is_given(everything: Everything) -> None:
    missing: dict[str, set[str]] = {}
    for one in everything.deployment.states:
        cls = _provider_class(one.token)
        computed = {wire for name, wire in _wire_names(cls).items() if not hasattr(_inputs_class(cls), name)}
        if absent := computed - one.state.keys() - NOT_GIVEN.get(one.token, set()):
            missing.setdefault(one.token, set()).update(absent)
    assert missing == {}


def test_the_program_has_every_type_but_two(everything: Everything) -> None:
    met = {one.token for one in everything.deployment.states}
    assert {*CREATORS, *NOT_EMULATED} - met == {
        "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        "aws:sqs/redrivePolicy:RedrivePolicy",
    }


def test_rest_api(everything: Everything) -> None:
    client, api_id = everything.client("apigateway"), everything.outputs["api_id"]
    api = client.get_rest_api(restApiId=api_id)
    assert (api["apiKeySource"], api["endpointConfiguration"]["types"]) == ("AUTHORIZER", ["REGIONAL"])
    policy = json.loads(f'"{api["policy"]}"')
    assert f":{everything.cloud.account}:{api_id}/*" in json.loads(policy)["Statement"][0]["Resource"]
    (resource,) = [one for one in client.get_resources(restApiId=api_id)["items"] if one["path"] == "/things/{thing}"]
    method = client.get_method(restApiId=api_id, resourceId=resource["id"], httpMethod="PUT")
    assert (method["authorizationType"], method["apiKeyRequired"]) == ("CUSTOM", True)
    assert method["requestModels"] == {"application/json": "Thing"}
    assert method["requestParameters"] == {"method.request.path.thing": True}
    (authorizer,) = client.get_authorizers(restApiId=api_id)["items"]
    assert (authorizer["id"], authorizer["authorizerResultTtlInSeconds"]) == (method["authorizerId"], 60)


def test_stage_and_plan(everything: Everything) -> None:
    client, api_id = everything.client("apigateway"), everything.outputs["api_id"]
    stage = client.get_stage(restApiId=api_id, stageName="v1")
    assert stage["accessLogSettings"]["format"] == "$context.requestId"
    settings = stage["methodSettings"]["*/*"]
    assert (settings["metricsEnabled"], settings["throttlingRateLimit"]) == (True, 5.5)
    plan = everything.outputs["api_plan"]
    assert client.get_usage_plan(usagePlanId=plan)["throttle"] == {"rateLimit": 16.667, "burstLimit": 100}
    (key,) = client.get_usage_plan_keys(usagePlanId=plan)["items"]
    assert key["value"] == everything.outputs["api_key"]


def test_people(everything: Everything) -> None:
    client, pool_id = everything.client("cognito-idp"), everything.outputs["pool_id"]
    pool = client.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    assert (pool["MfaConfiguration"], pool["DeletionProtection"]) == ("OPTIONAL", "ACTIVE")
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] == 14
    page = client.describe_user_pool_client(UserPoolId=pool_id, ClientId=everything.outputs["client_id"])
    assert page["UserPoolClient"]["AllowedOAuthFlows"] == ["code"]
    assert "ClientSecret" not in page["UserPoolClient"]
    assert client.get_group(UserPoolId=pool_id, GroupName="operators")["Group"]["Description"] == "see all"
    assert everything.outputs["sign_in"].startswith("localhost:")


def test_key(everything: Everything) -> None:
    kms, arn = everything.client("kms"), everything.outputs["key_arn"]
    assert kms.get_key_rotation_status(KeyId=arn)["KeyRotationEnabled"]
    assert kms.describe_key(KeyId="alias/every")["KeyMetadata"]["Arn"] == arn
    assert "kms:*" in kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"]
    tags = {one["TagKey"]: one["TagValue"] for one in kms.list_resource_tags(KeyId=arn)["Tags"]}
    assert tags == {"own": "yes", "project": "every"}


def test_bucket(everything: Everything) -> None:
    s3, bucket = everything.client("s3"), {"Bucket": "every-bucket"}
    assert s3.get_bucket_versioning(**bucket)["Status"] == "Enabled"
    rule = s3.get_bucket_encryption(**bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": everything.outputs["key_arn"],
    }
    assert rule["BucketKeyEnabled"] is True
    assert all(s3.get_public_access_block(**bucket)["PublicAccessBlockConfiguration"].values())
    ownership = s3.get_bucket_ownership_controls(**bucket)["OwnershipControls"]["Rules"]
    assert ownership == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert s3.get_bucket_logging(**bucket)["LoggingEnabled"]["TargetBucket"] == "every-logs"
    assert s3.get_bucket_cors(**bucket)["CORSRules"][0]["AllowedMethods"] == ["PUT"]
    assert "EventBridgeConfiguration" in s3.get_bucket_notification_configuration(**bucket)
    assert "cloudfront.amazonaws.com" in s3.get_bucket_policy(**bucket)["Policy"]
    (tidy,) = s3.get_bucket_lifecycle_configuration(**bucket)["Rules"]
    assert tidy["NoncurrentVersionExpiration"] == {"NoncurrentDays": 7}
    assert tidy["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 2}


def test_objects(everything: Everything) -> None:
    s3 = everything.client("s3")
    found = {
        key: s3.get_object(Bucket="every-logs", Key=f"page/{key}", ChecksumMode="ENABLED") for key in ("a.txt", "b.py")
    }
    assert found["a.txt"]["Body"].read() == b"a"
    assert found["b.py"]["Body"].read() == PROGRAM.read_bytes()
    for one in found.values():
        assert (one["ContentType"], one["CacheControl"]) == ("text/plain", "no-cache")
        assert one["ChecksumSHA256"]


def test_a_locked_version_cannot_be_deleted(everything: Everything) -> None:
    s3 = everything.client("s3")
    made = s3.put_object(Bucket="every-locked", Key="kept", Body=b"x")
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.delete_object(Bucket="every-locked", Key="kept", VersionId=made["VersionId"])
    assert s3.get_object(Bucket="every-locked", Key="kept", VersionId=made["VersionId"])["Body"].read() == b"x"


def test_table(everything: Everything) -> None:
    dynamodb = everything.client("dynamodb")
    table = dynamodb.describe_table(TableName="every-table")["Table"]
    assert [(one["AttributeName"], one["KeyType"]) for one in table["KeySchema"]] == [
        ("FileName", "HASH"),
        ("Entry", "RANGE"),
    ]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    assert table["SSEDescription"]["KMSMasterKeyArn"] == everything.outputs["key_arn"]
    assert table["GlobalSecondaryIndexes"][0]["IndexName"] == "by-state"
    backups = dynamodb.describe_continuous_backups(TableName="every-table")["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    expiry = dynamodb.describe_time_to_live(TableName="every-table")["TimeToLiveDescription"]
    assert expiry["AttributeName"] == "expires"


def test_queue_and_topic(everything: Everything) -> None:
    sqs, sns = everything.client("sqs"), everything.client("sns")
    attributes = sqs.get_queue_attributes(QueueUrl=everything.outputs["queue_url"], AttributeNames=["All"])[
        "Attributes"
    ]
    assert attributes["VisibilityTimeout"] == "180"
    assert json.loads(attributes["RedrivePolicy"])["maxReceiveCount"] == 5
    assert "events.amazonaws.com" in attributes["Policy"]
    topic = sns.get_topic_attributes(TopicArn=everything.outputs["topic_arn"])["Attributes"]
    assert "cloudwatch.amazonaws.com" in topic["Policy"]
    assert topic["KmsMasterKeyId"] in everything.outputs["key_arn"]
    (mail,) = sns.list_subscriptions_by_topic(TopicArn=everything.outputs["topic_arn"])["Subscriptions"]
    assert (mail["Protocol"], mail["Endpoint"]) == ("email", "someone@example.com")


def test_function(everything: Everything) -> None:
    client = everything.client("lambda")
    found = client.get_function_configuration(FunctionName="every-function")
    assert (found["Runtime"], found["Architectures"]) == ("python3.13", ["arm64"])
    assert (found["MemorySize"], found["Timeout"]) == (256, 30)
    assert found["Environment"]["Variables"] == {"BUCKET": "every-bucket"}
    assert found["KMSKeyArn"] == everything.outputs["key_arn"]
    assert found["LoggingConfig"]["LogGroup"] == "/aws/lambda/every-function"
    mappings = client.list_event_source_mappings(FunctionName="every-function")["EventSourceMappings"]
    by_source = {one["EventSourceArn"].split(":")[2]: one for one in mappings}
    assert by_source["sqs"]["ScalingConfig"] == {"MaximumConcurrency": 5}
    assert by_source["sqs"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert by_source["dynamodb"]["StartingPosition"] == "TRIM_HORIZON"
    policy = json.loads(client.get_policy(FunctionName="every-function")["Policy"])["Statement"][0]
    assert policy["Principal"] == {"Service": "events.amazonaws.com"}


def test_a_function_may_do_what_its_role_says_and_nothing_else(everything: Everything) -> None:
    assert json.loads(everything.outputs["result"]) == {"put": "mine/a"}
    assert json.loads(everything.outputs["refused"]) == {"refused": "AccessDenied"}
    listed = everything.client("s3").list_objects_v2(Bucket="every-bucket")
    assert [one["Key"] for one in listed["Contents"]] == ["mine/a"]


def test_events(everything: Everything) -> None:
    events = everything.client("events")
    (target,) = events.list_targets_by_rule(Rule="every-rule")["Targets"]
    assert target["InputTransformer"]["InputPathsMap"] == {"key": "$.detail.object.key"}
    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 5, "MaximumEventAgeInSeconds": 3600}
    assert events.describe_rule(Name="every-own-rule", EventBusName="every-bus")["EventPattern"]


def test_state_machine(everything: Everything) -> None:
    client, arn = everything.client("stepfunctions"), everything.outputs["machine_arn"]
    found = client.describe_state_machine(stateMachineArn=arn)
    assert found["roleArn"].endswith(":role/every-machine")
    assert found["loggingConfiguration"]["level"] == "ERROR"
    assert json.loads(found["definition"])["StartAt"] == "Done"


def test_alarms_and_logs(everything: Everything) -> None:
    alarms = everything.client("cloudwatch").describe_alarms(AlarmNamePrefix="every-")["MetricAlarms"]
    by_name = {one["AlarmName"]: one for one in alarms}
    assert by_name["every-alarm"]["Dimensions"] == [{"Name": "QueueName", "Value": "every-queue"}]
    assert by_name["every-alarm"]["OKActions"] == [everything.outputs["topic_arn"]]
    assert by_name["every-math"]["Threshold"] == 0.5
    groups = everything.client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/every-function")["logGroups"]
    assert groups[0]["retentionInDays"] == 30


def test_imported_certificate(everything: Everything) -> None:
    acm, arn = everything.client("acm"), {"CertificateArn": everything.outputs["certificate_arn"]}
    assert acm.get_certificate(**arn)["Certificate"] == everything.outputs["server_certificate"]
    assert acm.get_certificate(**arn)["CertificateChain"] == everything.outputs["authority"]
    tags = {one["Key"]: one["Value"] for one in acm.list_tags_for_certificate(**arn)["Tags"]}
    assert tags == {"own": "yes", "project": "every"}


def test_the_servers_certificate_is_one_that_clients_of_its_authority_believe(everything: Everything) -> None:
    authority, server = (
        x509.load_pem_x509_certificate(everything.outputs[name].encode())
        for name in ("authority", "server_certificate")
    )
    store = verification.Store([authority])
    verifier = verification.PolicyBuilder().store(store)
    assert verifier.build_server_verifier(x509.DNSName("server.every.internal")).verify(server, []) == [
        server,
        authority,
    ]
    with pytest.raises(verification.VerificationError):
        verifier.build_server_verifier(x509.DNSName("other.every.internal")).verify(server, [])
    with pytest.raises(verification.VerificationError):
        verifier.build_client_verifier().verify(server, [])


def test_secret(everything: Everything) -> None:
    client, arn = everything.client("secretsmanager"), everything.outputs["secret_arn"]
    described = client.describe_secret(SecretId=arn)
    assert (described["Name"], described["RotationEnabled"]) == ("every-secret", True)
    assert described["RotationRules"] == {"AutomaticallyAfterDays": 90}
    assert described["RotationLambdaARN"].endswith(":every-function")
    assert client.get_secret_value(SecretId=arn)["SecretString"] == "open sesame"
    assert "every-role" in client.get_resource_policy(SecretId=arn)["ResourcePolicy"]


def test_distribution(everything: Everything) -> None:
    client = everything.client("cloudfront")
    found = client.get_distribution(Id=everything.outputs["distribution_id"])["Distribution"]["DistributionConfig"]
    (origin,) = found["Origins"]["Items"]
    assert origin["DomainName"] == "every-bucket.s3.us-east-1.amazonaws.com"
    assert found["DefaultCacheBehavior"]["TrustedKeyGroups"]["Enabled"] is True
    assert found["DefaultCacheBehavior"]["TrustedKeyGroups"]["Quantity"] == 1
    assert found["DefaultCacheBehavior"]["AllowedMethods"]["CachedMethods"]["Quantity"] == 2
    assert found["CacheBehaviors"]["Items"][0]["PathPattern"] == "/public/*"
    headers = client.get_response_headers_policy(Id=found["DefaultCacheBehavior"]["ResponseHeadersPolicyId"])
    config = headers["ResponseHeadersPolicy"]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    assert config["StrictTransportSecurity"]["AccessControlMaxAgeSec"] == 31536000
    assert everything.outputs["domain"].startswith("localhost:")


def test_network(everything: Everything) -> None:
    client = everything.client("ec2")
    mine = [{"Name": "vpc-id", "Values": [everything.outputs["vpc_id"]]}]
    dns = client.describe_vpc_attribute(VpcId=everything.outputs["vpc_id"], Attribute="enableDnsHostnames")
    assert dns["EnableDnsHostnames"]["Value"] is True
    assert len(client.describe_subnets(Filters=mine)["Subnets"]) == 2
    groups = {one["GroupName"]: one for one in client.describe_security_groups(Filters=mine)["SecurityGroups"]}
    assert groups["default"]["IpPermissionsEgress"] == []
    assert [one["ToPort"] for one in groups["every-functions"]["IpPermissionsEgress"]] == [443]
    (ingress,) = groups["every-endpoints"]["IpPermissions"]
    assert ingress["UserIdGroupPairs"][0]["GroupId"] == groups["every-functions"]["GroupId"]
    kinds = {one["VpcEndpointType"] for one in client.describe_vpc_endpoints(Filters=mine)["VpcEndpoints"]}
    assert kinds == {"Gateway", "Interface"}
    tables = client.describe_route_tables(Filters=mine)["RouteTables"]
    assert any("NatGatewayId" in route for one in tables for route in one["Routes"])


@pytest.fixture(scope="module")
def sdk() -> Any:
    """Clients that are only asked about their models."""
    return lambda service: boto3.client(service, region_name="us-east-1")


def test_peering(everything: Everything) -> None:
    ec2, made_id = everything.client("ec2"), everything.outputs["peering_id"]
    (found,) = ec2.describe_vpc_peering_connections(VpcPeeringConnectionIds=[made_id])["VpcPeeringConnections"]
    assert found["Status"]["Code"] == "active"


def test_database(everything: Everything) -> None:
    """A real one, with the master user that Secrets Manager knows the password of."""
    secret = everything.client("secretsmanager").get_secret_value(SecretId=everything.outputs["database_secret"])
    master = json.loads(secret["SecretString"])
    connection = psycopg.connect(
        host=everything.outputs["database_address"],
        port=everything.outputs["database_port"],
        dbname="everything",
        user=master["username"],
        password=master["password"],
    )
    with connection:
        assert connection.execute("SELECT current_user, current_database()").fetchone() == (
            "every_master",
            "everything",
        )


def test_an_input_that_the_operation_does_not_know_is_refused_with_its_path(sdk: Any) -> None:
    with pytest.raises(NotPlaced, match=r"create_function\.environment has no place for 'colour'"):
        shape(sdk("lambda"), "create_function", {"environment": {"colour": "blue"}})


def test_counted_lists_and_numbers(sdk: Any) -> None:
    given = {"keyGroupConfig": {"items": ["K1", "K2"], "name": "two"}}
    assert shape(sdk("cloudfront"), "create_key_group", given)["KeyGroupConfig"] == {
        "Items": ["K1", "K2"],
        "Name": "two",
    }
    timeout = shape(sdk("lambda"), "create_function", {"timeout": 30.0})["Timeout"]
    assert (timeout, type(timeout)) == (30, int)
    empty = {"distributionConfig": {"defaultCacheBehavior": {"trustedKeyGroups": []}}}
    behaviour = shape(sdk("cloudfront"), "create_distribution", empty)["DistributionConfig"]["DefaultCacheBehavior"]
    assert behaviour["TrustedKeyGroups"] == {"Quantity": 0, "Enabled": False}


def test_an_input_that_no_creator_takes_is_refused(cloud: LocalCloud) -> None:
    inputs = {"bucket": "left-over", "eventbridge": True, "queues": [{"queueArn": "arn:aws:sqs:x"}]}
    cloud.client("s3").create_bucket(Bucket="left-over")
    with pytest.raises(NotPlaced, match="nothing passes on 'queues'"):
        create(cloud, "aws:s3/bucketNotification:BucketNotification", "left-over", inputs, {})
