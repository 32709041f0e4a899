"""A program with every type of resource that the local cloud makes, each with the settings that the platform uses."""

import json

import pulumi
import pulumi_aws as aws
import pulumi_tls as tls
from pulumi_aws import (
    acm,
    apigateway,
    cloudfront,
    cloudwatch,
    cognito,
    dynamodb,
    ec2,
    ec2clientvpn,
    guardduty,
    iam,
    kms,
    lambda_,
    rds,
    s3,
    secretsmanager,
    sfn,
    sns,
    sqs,
    vpc,
    wafv2,
)

account = aws.get_caller_identity().account_id
region = aws.get_region().region
zones = aws.get_availability_zones().names
settings = pulumi.Config("every")
public_key = settings.require("publicKey")

key = kms.Key(
    "every-key", description="for all", enable_key_rotation=True, deletion_window_in_days=7, tags={"own": "yes"}
)
kms.Alias("every-alias", name="alias/every", target_key_id=key.id)
key_statement = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
    "Action": "kms:*",
    "Resource": "*",
}
kms.KeyPolicy("every-key", key_id=key.id, policy=json.dumps({"Version": "2012-10-17", "Statement": [key_statement]}))

s3.AccountPublicAccessBlock(
    "every-account",
    block_public_acls=True,
    block_public_policy=True,
    ignore_public_acls=True,
    restrict_public_buckets=True,
)
locked = s3.Bucket("every-locked", bucket="every-locked", object_lock_enabled=True)
s3.BucketObjectLockConfiguration(
    "every-locked", bucket=locked.id, rule={"default_retention": {"days": 1, "mode": "GOVERNANCE"}}
)
logs_bucket = s3.Bucket("every-logs", bucket="every-logs", force_destroy=True)
bucket = s3.Bucket("every-bucket", bucket="every-bucket", force_destroy=True)
s3.BucketVersioning("every-bucket", bucket=bucket.id, versioning_configuration={"status": "Enabled"})
s3.BucketServerSideEncryptionConfiguration(
    "every-bucket",
    bucket=bucket.id,
    rules=[
        {
            "apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms", "kms_master_key_id": key.arn},
            "bucket_key_enabled": True,
        }
    ],
)
s3.BucketPublicAccessBlock(
    "every-bucket",
    bucket=bucket.id,
    block_public_acls=True,
    block_public_policy=True,
    ignore_public_acls=True,
    restrict_public_buckets=True,
)
s3.BucketOwnershipControls("every-bucket", bucket=bucket.id, rule={"object_ownership": "BucketOwnerEnforced"})
s3.BucketLifecycleConfiguration(
    "every-bucket",
    bucket=bucket.id,
    rules=[
        {
            "id": "tidy",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "expiration": {"days": 30},
            "noncurrent_version_expiration": {"noncurrent_days": 7},
            "abort_incomplete_multipart_upload": {"days_after_initiation": 2},
            "transitions": [{"days": 10, "storage_class": "INTELLIGENT_TIERING"}],
        }
    ],
)
s3.BucketLogging("every-bucket", bucket=bucket.id, target_bucket=logs_bucket.id, target_prefix="s3/")
s3.BucketCorsConfiguration(
    "every-bucket",
    bucket=bucket.id,
    cors_rules=[{"allowed_methods": ["PUT"], "allowed_origins": ["https://example.com"], "max_age_seconds": 300}],
)
for name, body in {"page/a.txt": {"content": "a"}, "page/b.py": {"source": pulumi.FileAsset("__main__.py")}}.items():
    s3.BucketObjectv2(
        f"every-{name}",
        bucket=logs_bucket.id,
        key=name,
        content_type="text/plain",
        cache_control="no-cache",
        checksum_algorithm="SHA256",
        **body,
    )
s3.BucketNotification("every-bucket", bucket=bucket.id, eventbridge=True)

table = dynamodb.Table(
    "every-table",
    name="every-table",
    attributes=[{"name": "FileName", "type": "S"}, {"name": "Entry", "type": "S"}, {"name": "State", "type": "S"}],
    hash_key="FileName",
    range_key="Entry",
    billing_mode="PAY_PER_REQUEST",
    stream_enabled=True,
    stream_view_type="NEW_IMAGE",
    point_in_time_recovery={"enabled": True},
    server_side_encryption={"enabled": True, "kms_key_arn": key.arn},
    global_secondary_indexes=[{"name": "by-state", "hash_key": "State", "projection_type": "ALL"}],
    ttl={"attribute_name": "expires", "enabled": True},
    deletion_protection_enabled=False,
)

dead = sqs.Queue("every-dead", name="every-dead", kms_master_key_id=key.id, message_retention_seconds=1209600)
queue = sqs.Queue(
    "every-queue",
    name="every-queue",
    kms_master_key_id=key.id,
    visibility_timeout_seconds=180,
    redrive_policy=dead.arn.apply(lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})),
)
sqs.RedriveAllowPolicy(
    "every-dead",
    queue_url=dead.url,
    redrive_allow_policy=queue.arn.apply(
        lambda arn: json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [arn]})
    ),
)
sqs.QueuePolicy(
    "every-queue",
    queue_url=queue.url,
    policy=queue.arn.apply(
        lambda arn: json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "events.amazonaws.com"},
                        "Action": "sqs:SendMessage",
                        "Resource": arn,
                    }
                ],
            }
        )
    ),
)

topic = sns.Topic("every-topic", name="every-topic", kms_master_key_id=key.id)
sns.TopicPolicy(
    "every-topic",
    arn=topic.arn,
    policy=topic.arn.apply(
        lambda arn: json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "cloudwatch.amazonaws.com"},
                        "Action": "sns:Publish",
                        "Resource": arn,
                    }
                ],
            }
        )
    ),
)
sns.TopicSubscription("every-mail", topic=topic.arn, protocol="email", endpoint="someone@example.com")

group = cloudwatch.LogGroup("every-group", name="/aws/lambda/every-function", retention_in_days=30, kms_key_id=key.arn)


def trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


anything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
boundary = iam.Policy(
    "every-boundary",
    name="every-boundary",
    description="Every input",
    policy=json.dumps({"Version": "2012-10-17", "Statement": [anything]}),
)
role = iam.Role(
    "every-role",
    name="every-role",
    assume_role_policy=trust("lambda.amazonaws.com"),
    permissions_boundary=boundary.arn,
    max_session_duration=3600,
)
policy = iam.RolePolicy(
    "every-role",
    role=role.id,
    policy=pulumi.Output.all(bucket.arn, queue.arn, table.stream_arn, group.arn, key.arn).apply(
        lambda arns: json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"{arns[0]}/mine/*"},
                    {
                        "Effect": "Allow",
                        "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
                        "Resource": arns[1],
                    },
                    {
                        "Effect": "Allow",
                        "Action": [
                            "dynamodb:DescribeStream",
                            "dynamodb:GetRecords",
                            "dynamodb:GetShardIterator",
                            "dynamodb:ListStreams",
                        ],
                        "Resource": arns[2],
                    },
                    {
                        "Effect": "Allow",
                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                        "Resource": f"{arns[3]}:*",
                    },
                    {"Effect": "Allow", "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": arns[4]},
                ],
            }
        )
    ),
)
function = lambda_.Function(
    "every-function",
    name="every-function",
    runtime="python3.13",
    architectures=["arm64"],
    handler="main.handler",
    role=role.arn,
    code=pulumi.FileArchive("function.zip"),
    source_code_hash="not checked here",
    memory_size=256,
    timeout=30,
    kms_key_arn=key.arn,
    environment={"variables": {"BUCKET": bucket.bucket}},
    logging_config={"log_format": "JSON", "log_group": group.name, "application_log_level": "INFO"},
    dead_letter_config={"target_arn": dead.arn},
    reserved_concurrent_executions=-1,
    opts=pulumi.ResourceOptions(depends_on=[policy]),
)
lambda_.EventSourceMapping(
    "every-from-queue",
    event_source_arn=queue.arn,
    function_name=function.name,
    batch_size=10,
    function_response_types=["ReportBatchItemFailures"],
    scaling_config={"maximum_concurrency": 5},
    opts=pulumi.ResourceOptions(depends_on=[policy]),
)
lambda_.EventSourceMapping(
    "every-from-stream",
    event_source_arn=table.stream_arn,
    function_name=function.name,
    starting_position="TRIM_HORIZON",
    batch_size=100,
    maximum_retry_attempts=3,
    bisect_batch_on_function_error=True,
    destination_config={"on_failure": {"destination_arn": dead.arn}},
    filter_criteria={"filters": [{"pattern": json.dumps({"eventName": ["INSERT"]})}]},
    opts=pulumi.ResourceOptions(depends_on=[policy]),
)
invocation = lambda_.Invocation("every-invocation", function_name=function.name, input=json.dumps({"key": "mine/a"}))
refused = lambda_.Invocation("every-refused", function_name=function.name, input=json.dumps({"key": "other/a"}))

scanner_role = iam.Role(
    "every-scanner",
    name="every-scanner",
    assume_role_policy=trust("malware-protection-plan.guardduty.amazonaws.com"),
)
scanned = s3.Bucket("every-scanned", bucket="every-scanned", force_destroy=True)
s3.BucketVersioning("every-scanned", bucket=scanned.id, versioning_configuration={"status": "Enabled"})
scanning = iam.RolePolicy(
    "every-scanner",
    role=scanner_role.id,
    policy=scanned.arn.apply(
        lambda arn: json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": ["s3:GetObjectVersion", "s3:GetObjectVersionTagging", "s3:PutObjectVersionTagging"],
                        "Resource": f"{arn}/*",
                    }
                ],
            }
        )
    ),
)
guardduty.MalwareProtectionPlan(
    "every-plan",
    role=scanner_role.arn,
    protected_resource={"s3_bucket": {"bucket_name": scanned.bucket}},
    actions=[{"taggings": [{"status": "ENABLED"}]}],
    tags={"own": "yes"},
    opts=pulumi.ResourceOptions(depends_on=[scanning]),
)
machine_role = iam.Role("every-machine", name="every-machine", assume_role_policy=trust("states.amazonaws.com"))
machine = sfn.StateMachine(
    "every-machine",
    name="every-machine",
    role_arn=machine_role.arn,
    type="STANDARD",
    definition=json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}),
    logging_configuration={
        "level": "ERROR",
        "include_execution_data": False,
        "log_destination": group.arn.apply(lambda arn: f"{arn}:*"),
    },
    tracing_configuration={"enabled": False},
    encryption_configuration={"type": "CUSTOMER_MANAGED_KMS_KEY", "kms_key_id": key.arn},
)

bus = cloudwatch.EventBus(
    "every-bus", name="every-bus", kms_key_identifier=key.arn, dead_letter_config={"arn": queue.arn}
)
rule = cloudwatch.EventRule(
    "every-rule",
    name="every-rule",
    description="uploads",
    event_pattern=json.dumps({"source": ["aws.s3"], "detail": {"bucket": {"name": ["every-bucket"]}}}),
)
cloudwatch.EventTarget(
    "every-to-queue",
    rule=rule.name,
    target_id="queue",
    arn=queue.arn,
    dead_letter_config={"arn": dead.arn},
    retry_policy={"maximum_event_age_in_seconds": 3600, "maximum_retry_attempts": 5},
    input_transformer={"input_paths": {"key": "$.detail.object.key"}, "input_template": '{"key": <key>}'},
)
own_rule = cloudwatch.EventRule(
    "every-own-rule", name="every-own-rule", event_bus_name=bus.name, event_pattern=json.dumps({"source": ["every"]})
)
cloudwatch.EventTarget(
    "every-to-function", rule=own_rule.name, event_bus_name=bus.name, target_id="function", arn=function.arn
)
lambda_.Permission(
    "every-permission",
    action="lambda:InvokeFunction",
    function=function.name,
    principal="events.amazonaws.com",
    source_arn=own_rule.arn,
    source_account=account,
)
cloudwatch.MetricAlarm(
    "every-alarm",
    name="every-alarm",
    alarm_description="too old",
    namespace="AWS/SQS",
    metric_name="ApproximateAgeOfOldestMessage",
    dimensions={"QueueName": queue.name},
    statistic="Maximum",
    period=60,
    evaluation_periods=5,
    datapoints_to_alarm=3,
    threshold=300,
    comparison_operator="GreaterThanThreshold",
    treat_missing_data="notBreaching",
    alarm_actions=[topic.arn],
    ok_actions=[topic.arn],
)
cloudwatch.MetricAlarm(
    "every-math",
    name="every-math",
    evaluation_periods=1,
    threshold=0.5,
    comparison_operator="GreaterThanThreshold",
    metric_queries=[
        {"id": "rate", "expression": "errors / 2", "label": "rate", "return_data": True},
        {
            "id": "errors",
            "metric": {
                "namespace": "AWS/Lambda",
                "metric_name": "Errors",
                "dimensions": {"FunctionName": function.name},
                "period": 60,
                "stat": "Sum",
            },
        },
    ],
)
cloudwatch.Dashboard("every-dashboard", dashboard_name="every-dashboard", dashboard_body=json.dumps({"widgets": []}))
cloudwatch.QueryDefinition(
    "every-query", name="every/query", query_string="fields @message", log_group_names=[group.name]
)

secret = secretsmanager.Secret(
    "every-secret", name="every-secret", kms_key_id=key.id, recovery_window_in_days=0, description="to sign"
)
calling = lambda_.Permission(
    "every-rotation",
    action="lambda:InvokeFunction",
    function=function.name,
    principal="secretsmanager.amazonaws.com",
    source_arn=secret.arn,
    source_account=account,
)
secretsmanager.SecretRotation(
    "every-rotation",
    secret_id=secret.arn,
    rotation_lambda_arn=function.arn,
    rotation_rules={"automatically_after_days": 90},
    rotate_immediately=False,
    opts=pulumi.ResourceOptions(depends_on=[calling]),
)
secretsmanager.SecretPolicy(
    "every-secret",
    secret_arn=secret.arn,
    block_public_policy=True,
    policy=role.arn.apply(
        lambda arn: json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": arn},
                        "Action": "secretsmanager:GetSecretValue",
                        "Resource": "*",
                    }
                ],
            }
        )
    ),
)

access = cloudfront.OriginAccessControl(
    "every-access",
    name="every-access",
    origin_access_control_origin_type="s3",
    signing_behavior="always",
    signing_protocol="sigv4",
)
signer = cloudfront.PublicKey("every-signer", name="every-signer", encoded_key=public_key)
signers = cloudfront.KeyGroup("every-signers", name="every-signers", items=[signer.id])
cache = cloudfront.CachePolicy(
    "every-cache",
    name="every-cache",
    min_ttl=0,
    default_ttl=86400,
    max_ttl=31536000,
    parameters_in_cache_key_and_forwarded_to_origin={
        "cookies_config": {"cookie_behavior": "none"},
        "headers_config": {"header_behavior": "none"},
        "query_strings_config": {"query_string_behavior": "whitelist", "query_strings": {"items": ["v"]}},
        "enable_accept_encoding_gzip": True,
        "enable_accept_encoding_brotli": True,
    },
)
headers = cloudfront.ResponseHeadersPolicy(
    "every-headers",
    name="every-headers",
    security_headers_config={
        "strict_transport_security": {
            "access_control_max_age_sec": 31536000,
            "include_subdomains": True,
            "override": True,
        },
        "content_type_options": {"override": True},
        "frame_options": {"frame_option": "DENY", "override": True},
        "referrer_policy": {"referrer_policy": "no-referrer", "override": True},
        "content_security_policy": {"content_security_policy": "default-src 'none'", "override": True},
    },
    custom_headers_config={"items": [{"header": "Permissions-Policy", "value": "camera=()", "override": True}]},
)
firewall = wafv2.WebAcl(
    "every-firewall",
    name="every-firewall",
    scope="CLOUDFRONT",
    default_action={"allow": {}},
    visibility_config={"cloudwatch_metrics_enabled": True, "metric_name": "every", "sampled_requests_enabled": False},
)
wafv2.WebAclLoggingConfiguration(
    "every-firewall", resource_arn=firewall.arn, log_destination_configs=[group.arn], redacted_fields=[]
)
wafv2.WebAclAssociation(
    "every-firewall",
    web_acl_arn=firewall.arn,
    resource_arn=f"arn:aws:apigateway:{region}::/restapis/every/stages/every",
)
distribution = cloudfront.Distribution(
    "every-distribution",
    enabled=True,
    is_ipv6_enabled=True,
    http_version="http2and3",
    price_class="PriceClass_100",
    comment="every",
    origins=[
        {
            "domain_name": bucket.bucket_regional_domain_name,
            "origin_id": "delivery",
            "origin_access_control_id": access.id,
        }
    ],
    default_cache_behavior={
        "target_origin_id": "delivery",
        "viewer_protocol_policy": "redirect-to-https",
        "allowed_methods": ["GET", "HEAD"],
        "cached_methods": ["GET", "HEAD"],
        "cache_policy_id": cache.id,
        "response_headers_policy_id": headers.id,
        "trusted_key_groups": [signers.id],
        "compress": True,
    },
    ordered_cache_behaviors=[
        {
            "path_pattern": "/public/*",
            "target_origin_id": "delivery",
            "viewer_protocol_policy": "https-only",
            "allowed_methods": ["GET", "HEAD"],
            "cached_methods": ["GET", "HEAD"],
            "cache_policy_id": cache.id,
        }
    ],
    custom_error_responses=[{"error_code": 404, "response_code": 404, "response_page_path": "/404.html"}],
    restrictions={"geo_restriction": {"restriction_type": "none"}},
    viewer_certificate={"cloudfront_default_certificate": True, "minimum_protocol_version": "TLSv1.2_2021"},
    logging_config={"bucket": logs_bucket.bucket_domain_name, "prefix": "cdn/"},
    web_acl_id=firewall.arn,
    wait_for_deployment=False,
)
access_source = cloudwatch.LogDeliverySource(
    "every-access", name="every-access", log_type="ACCESS_LOGS", resource_arn=distribution.arn
)
access_destination = cloudwatch.LogDeliveryDestination(
    "every-access",
    name="every-access",
    delivery_destination_configuration={"destination_resource_arn": logs_bucket.arn},
    output_format="json",
)
cloudwatch.LogDelivery(
    "every-access",
    delivery_source_name=access_source.name,
    delivery_destination_arn=access_destination.arn,
    record_fields=["date", "time", "cs-uri-stem"],
)
s3.BucketPolicy(
    "every-bucket",
    bucket=bucket.id,
    policy=pulumi.Output.all(bucket.arn, distribution.arn).apply(
        lambda arns: json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "cloudfront.amazonaws.com"},
                        "Action": "s3:GetObject",
                        "Resource": f"{arns[0]}/*",
                        "Condition": {"StringEquals": {"AWS:SourceArn": arns[1]}},
                    }
                ],
            }
        )
    ),
)

network = ec2.Vpc("every-vpc", cidr_block="10.0.0.0/16", enable_dns_hostnames=True, enable_dns_support=True)
ec2.DefaultSecurityGroup("every-vpc", vpc_id=network.id)
gateway = ec2.InternetGateway("every-gateway", vpc_id=network.id)
public = ec2.Subnet(
    "every-public",
    vpc_id=network.id,
    cidr_block="10.0.0.0/24",
    availability_zone=zones[0],
    map_public_ip_on_launch=False,
)
private = ec2.Subnet("every-private", vpc_id=network.id, cidr_block="10.0.1.0/24", availability_zone=zones[1])
public_table = ec2.RouteTable("every-public", vpc_id=network.id)
ec2.Route("every-public", route_table_id=public_table.id, destination_cidr_block="0.0.0.0/0", gateway_id=gateway.id)
ec2.RouteTableAssociation("every-public", subnet_id=public.id, route_table_id=public_table.id)
address = ec2.Eip("every-nat", domain="vpc")
nat = ec2.NatGateway("every-nat", subnet_id=public.id, allocation_id=address.id)
private_table = ec2.RouteTable(
    "every-private", vpc_id=network.id, routes=[{"cidr_block": "0.0.0.0/0", "nat_gateway_id": nat.id}]
)
ec2.RouteTableAssociation("every-private", subnet_id=private.id, route_table_id=private_table.id)
functions_group = ec2.SecurityGroup(
    "every-functions", name="every-functions", description="functions", vpc_id=network.id
)
endpoints_group = ec2.SecurityGroup(
    "every-endpoints", name="every-endpoints", description="endpoints", vpc_id=network.id
)
vpc.SecurityGroupIngressRule(
    "every-endpoints",
    security_group_id=endpoints_group.id,
    referenced_security_group_id=functions_group.id,
    ip_protocol="tcp",
    from_port=443,
    to_port=443,
    description="functions",
)
vpc.SecurityGroupEgressRule(
    "every-functions",
    security_group_id=functions_group.id,
    cidr_ipv4="0.0.0.0/0",
    ip_protocol="tcp",
    from_port=443,
    to_port=443,
)
ec2.VpcEndpoint(
    "every-s3",
    vpc_id=network.id,
    service_name=f"com.amazonaws.{region}.s3",
    vpc_endpoint_type="Gateway",
    route_table_ids=[private_table.id],
    policy=json.dumps({"Version": "2012-10-17", "Statement": []}),
)
ec2.VpcEndpoint(
    "every-kms",
    vpc_id=network.id,
    service_name=f"com.amazonaws.{region}.kms",
    vpc_endpoint_type="Interface",
    subnet_ids=[private.id],
    security_group_ids=[endpoints_group.id],
    private_dns_enabled=True,
)
neighbour = ec2.Vpc("every-neighbour", cidr_block="10.9.0.0/16")
peering = ec2.VpcPeeringConnection(
    "every-peering", vpc_id=network.id, peer_vpc_id=neighbour.id, auto_accept=True, tags={"own": "yes"}
)
ec2.Route(
    "every-peering",
    route_table_id=private_table.id,
    destination_cidr_block="10.9.0.0/16",
    vpc_peering_connection_id=peering.id,
)
database_subnets = rds.SubnetGroup("every-database", description="subnets", subnet_ids=[private.id])
parameters = rds.ParameterGroup(
    "every-database", family="postgres18", parameters=[{"name": "rds.force_ssl", "value": "1"}]
)
database = rds.Instance(
    "every-database",
    identifier="every-database",
    engine="postgres",
    engine_version="18",
    instance_class="db.t4g.micro",
    allocated_storage=20,
    storage_type="gp3",
    storage_encrypted=True,
    db_name="everything",
    username="every_master",
    manage_master_user_password=True,
    master_user_secret_kms_key_id=key.arn,
    iam_database_authentication_enabled=True,
    ca_cert_identifier="rds-ca-ecc384-g1",
    db_subnet_group_name=database_subnets.name,
    parameter_group_name=parameters.name,
    vpc_security_group_ids=[endpoints_group.id],
    skip_final_snapshot=True,
    delete_automated_backups=True,
)
proxy = rds.Proxy(
    "every-proxy",
    engine_family="POSTGRESQL",
    default_auth_scheme="IAM_AUTH",
    role_arn=machine_role.arn,
    vpc_subnet_ids=[private.id],
)
proxy_group = rds.ProxyDefaultTargetGroup("every-proxy", db_proxy_name=proxy.name)
rds.ProxyTarget(
    "every-proxy",
    db_proxy_name=proxy.name,
    target_group_name=proxy_group.name,
    db_instance_identifier=database.identifier,
)
ec2.FlowLog(
    "every-flow", vpc_id=network.id, traffic_type="REJECT", log_destination=group.arn, iam_role_arn=machine_role.arn
)

authority_key = tls.PrivateKey("every-authority", algorithm="ECDSA", ecdsa_curve="P256")
authority = tls.SelfSignedCert(
    "every-authority",
    private_key_pem=authority_key.private_key_pem,
    subject={"common_name": "every authority", "organization": "every"},
    is_ca_certificate=True,
    max_path_length=0,
    allowed_uses=["cert_signing", "crl_signing"],
    set_subject_key_id=True,
    validity_period_hours=48,
)
server_key = tls.PrivateKey("every-server", algorithm="RSA", rsa_bits=2048)
server_request = tls.CertRequest(
    "every-server",
    private_key_pem=server_key.private_key_pem,
    subject={"common_name": "server.every.internal"},
    dns_names=["server.every.internal"],
)
server_certificate = tls.LocallySignedCert(
    "every-server",
    cert_request_pem=server_request.cert_request_pem,
    ca_cert_pem=authority.cert_pem,
    ca_private_key_pem=authority_key.private_key_pem,
    allowed_uses=["digital_signature", "key_encipherment", "server_auth"],
    set_subject_key_id=True,
    validity_period_hours=24,
    early_renewal_hours=2,
)
imported = acm.Certificate(
    "every-server",
    certificate_body=server_certificate.cert_pem,
    certificate_chain=authority.cert_pem,
    private_key=pulumi.Output.secret(server_key.private_key_pem),
    tags={"own": "yes"},
)
vpn = ec2clientvpn.Endpoint(
    "every-vpn",
    client_cidr_block="10.8.0.0/22",
    server_certificate_arn=imported.arn,
    authentication_options=[
        {"type": "certificate-authentication", "root_certificate_chain_arn": imported.arn},
    ],
    connection_log_options={"enabled": True, "cloudwatch_log_group": group.name},
    split_tunnel=True,
)
ec2clientvpn.NetworkAssociation("every-vpn", client_vpn_endpoint_id=vpn.id, subnet_id=private.id)
ec2clientvpn.AuthorizationRule(
    "every-vpn", client_vpn_endpoint_id=vpn.id, target_network_cidr="10.0.1.0/24", authorize_all_groups=True
)
api_key = apigateway.ApiKey("every-key", enabled=True)
uri = pulumi.Output.concat(
    f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/", function.arn, "/invocations"
)
body = {
    "openapi": "3.0.1",
    "info": {"title": "every-api", "version": "1"},
    "paths": {
        "/things/{thing}": {
            "put": {
                "operationId": "putThing",
                "parameters": [{"name": "thing", "in": "path", "required": True, "schema": {"type": "string"}}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}},
                "responses": {"200": {"description": "done"}},
                "security": [{"caller": [], "plan": []}],
                "x-amazon-apigateway-request-validator": "all",
                "x-amazon-apigateway-integration": {
                    "type": "aws_proxy",
                    "httpMethod": "POST",
                    "uri": uri,
                    "passthroughBehavior": "when_no_match",
                },
            }
        }
    },
    "components": {
        "schemas": {"Thing": {"type": "object", "required": ["size"]}},
        "securitySchemes": {
            "plan": {"type": "apiKey", "name": "x-api-key", "in": "header"},
            "caller": {
                "type": "apiKey",
                "name": "Authorization",
                "in": "header",
                "x-amazon-apigateway-authtype": "custom",
                "x-amazon-apigateway-authorizer": {
                    "type": "request",
                    "identitySource": "method.request.header.Authorization",
                    "authorizerUri": uri,
                    "authorizerResultTtlInSeconds": 60,
                },
            },
        },
    },
    "x-amazon-apigateway-api-key-source": "AUTHORIZER",
    "x-amazon-apigateway-request-validators": {"all": {"validateRequestBody": True, "validateRequestParameters": True}},
    "x-amazon-apigateway-gateway-responses": {"UNAUTHORIZED": {"statusCode": "401"}},
}
invoke = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
rest = apigateway.RestApi(
    "every-api",
    name="every-api",
    body=pulumi.Output.json_dumps(body),
    policy=json.dumps({"Version": "2012-10-17", "Statement": [invoke]}),
    endpoint_configuration={"types": "REGIONAL"},
    security_policy="SecurityPolicy_TLS13_1_2_2021_06",
    endpoint_access_mode="STRICT",
    api_key_source="AUTHORIZER",
)
deployed = apigateway.Deployment("every-api", rest_api=rest.id, triggers={"body": "1"})
stage = apigateway.Stage(
    "every-api",
    rest_api=rest.id,
    deployment=deployed.id,
    stage_name="v1",
    access_log_settings={"destination_arn": group.arn, "format": "$context.requestId"},
)
apigateway.MethodSettings(
    "every-api",
    rest_api=rest.id,
    stage_name=stage.stage_name,
    method_path="*/*",
    settings={"metrics_enabled": True, "throttling_rate_limit": 5.5, "throttling_burst_limit": 10},
)
plan = apigateway.UsagePlan(
    "every-plan",
    api_stages=[{"api_id": rest.id, "stage": stage.stage_name}],
    throttle_settings={"rate_limit": 16.667, "burst_limit": 100},
)
apigateway.UsagePlanKey("every-plan", usage_plan_id=plan.id, key_id=api_key.id, key_type="API_KEY")
pool = cognito.UserPool(
    "every-pool",
    user_pool_tier="ESSENTIALS",
    deletion_protection="ACTIVE",
    username_attributes=["email"],
    password_policy={"minimum_length": 14, "require_symbols": True},
    admin_create_user_config={"allow_admin_create_user_only": True},
    user_attribute_update_settings={"attributes_require_verification_before_updates": ["email"]},
    account_recovery_setting={"recovery_mechanisms": [{"name": "verified_email", "priority": 1}]},
    username_configuration={"case_sensitive": False},
    mfa_configuration="OPTIONAL",
    software_token_mfa_configuration={"enabled": True},
)
page = cognito.UserPoolClient(
    "every-page",
    user_pool_id=pool.id,
    allowed_oauth_flows_user_pool_client=True,
    allowed_oauth_flows=["code"],
    allowed_oauth_scopes=["openid"],
    callback_urls=["http://localhost:1/"],
    supported_identity_providers=["COGNITO"],
    access_token_validity=60,
    token_validity_units={"access_token": "minutes"},
)
sign_in = cognito.UserPoolDomain("every-pool", domain="every", user_pool_id=pool.id, managed_login_version=2)
cognito.ManagedLoginBranding("every-page", user_pool_id=pool.id, client_id=page.id, use_cognito_provided_values=True)
cognito.UserGroup("operators", name="operators", user_pool_id=pool.id, description="see all")
secretsmanager.SecretVersion("every-secret", secret_id=secret.id, secret_string=pulumi.Output.secret("open sesame"))

pulumi.export("authority", authority.cert_pem)
pulumi.export("server_certificate", server_certificate.cert_pem)
pulumi.export("certificate_arn", imported.arn)
pulumi.export("bucket", bucket.bucket)
pulumi.export("queue_url", queue.url)
pulumi.export("function", function.name)
pulumi.export("result", invocation.result)
pulumi.export("refused", refused.result)
pulumi.export("distribution_id", distribution.id)
pulumi.export("domain", distribution.domain_name)
pulumi.export("machine_arn", machine.arn)
pulumi.export("table", table.name)
pulumi.export("topic_arn", topic.arn)
pulumi.export("secret_arn", secret.arn)
pulumi.export("key_arn", key.arn)
pulumi.export("vpc_id", network.id)
pulumi.export("hidden", pulumi.Output.secret("only the program's own"))
pulumi.export("database_address", database.address)
pulumi.export("database_port", database.port)
pulumi.export("database_secret", database.master_user_secrets[0].secret_arn)
pulumi.export("api_id", rest.id)
pulumi.export("api_key", api_key.value)
pulumi.export("api_plan", plan.id)
pulumi.export("pool_id", pool.id)
pulumi.export("client_id", page.id)
pulumi.export("sign_in", sign_in.domain)
pulumi.export("peering_id", peering.id)
