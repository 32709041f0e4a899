"""The program, run in this process with nothing behind it: what it asks for is written down."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pulumi.runtime import mocks

from local.deploy import ROOT, plain, read_config, run

ACCOUNT, REGION, PARTITION = "123456789012", "eu-central-1", "aws"
BUILT_PAGE = {"penstock:page": '{"folder": "tests/stacks/page"}'}
"""A page of two files instead of the real one, for which tests would need npm's registry."""
KEY_PAIR_ID = "K2JCJMDEHXQW5F"
STACKS = ("dev", "prod", "local")
VARIANTS = ("all-on", "all-off")
"""Stacks that nobody deploys: every setting on, every setting off. Their files are in `tests/stacks/`."""
EXPORTS = {
    "region",
    "account_id",
    "upload_bucket",
    "work_bucket",
    "output_bucket",
    "delivery_bucket",
    "backup_bucket",
    "ledger_bucket",
    "files_table",
    "transactions_table",
    "state_machine_arn",
    "queue_url",
    "dead_letter_queue_url",
    "event_bus",
    "notifications_topic_arn",
    "distribution_id",
    "delivery_domain",
    "key_group_id",
    "signing_secret_arn",
    "link_function",
    "redrive_function",
    "alarms_topic_arn",
    "dashboard_name",
}
"""What every stack has."""
INVOKES: dict[str, dict[str, Any]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": ACCOUNT, "arn": "", "id": ACCOUNT, "userId": ""},
    "aws:index/getRegion:getRegion": {"id": REGION, "name": REGION, "region": REGION, "description": ""},
    "aws:index/getPartition:getPartition": {"id": PARTITION, "partition": PARTITION, "dnsSuffix": "amazonaws.com"},
    "aws:index/getAvailabilityZones:getAvailabilityZones": {
        "id": REGION,
        "names": [f"{REGION}{letter}" for letter in "abc"],
        "zoneIds": ["euc1-az2", "euc1-az3", "euc1-az1"],
        "groupNames": [REGION],
    },
}
HERE = f"{REGION}:{ACCOUNT}"
# What stands between partition and name, where it is not just the service.
ARNS = {
    "ApiKey": f"apigateway:{REGION}::/apikeys/",
    "Bucket": "s3:::",
    "Distribution": f"cloudfront::{ACCOUNT}:distribution/",
    "EventBus": f"events:{HERE}:event-bus/",
    "EventRule": f"events:{HERE}:rule/",
    "Function": f"lambda:{HERE}:function:",
    "Key": f"kms:{HERE}:key/",
    "LogDeliveryDestination": f"logs:us-east-1:{ACCOUNT}:delivery-destination:",
    "MalwareProtectionPlan": f"guardduty:{HERE}:malware-protection-plan/",
    "MetricAlarm": f"cloudwatch:{HERE}:alarm:",
    "LogGroup": f"logs:{HERE}:log-group:",
    "Policy": f"iam::{ACCOUNT}:policy/",
    "RestApi": f"apigateway:{REGION}::/restapis/",
    "Role": f"iam::{ACCOUNT}:role/",
    "Secret": f"secretsmanager:{HERE}:secret:",
    "StateMachine": f"states:{HERE}:stateMachine:",
    "Stage": f"apigateway:{REGION}::/restapis/stages/",
    "Table": f"dynamodb:{HERE}:table/",
}


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One resource: inputs and outputs in camelCase, as Pulumi sends them."""

    token: str
    name: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]

    @property
    def id(self) -> str:
        """As the program saw it."""
        return f"{self.name}-id"

    @property
    def kind(self) -> str:
        """Short type: "s3.Bucket", "storage.SecureStorage"."""
        return f"{self.token.split(':')[1].split('/')[0]}.{self.token.rpartition(':')[2]}"


@dataclass(frozen=True, kw_only=True)
class Recording:
    """All resources of one run of the program, its exports, and the settings that it ran with."""

    resources: list[Recorded]
    exports: dict[str, Any]
    settings: dict[str, str]

    def of(self, kind: str) -> list[Recorded]:
        """All of a kind; there is at least one."""
        found = [one for one in self.resources if one.kind == kind]
        assert found, f"the program makes no {kind}"
        return found

    def one(self, kind: str, purpose: str) -> Recorded:
        """The one of a kind whose name ends with its purpose."""
        (found,) = [one for one in self.of(kind) if one.name.endswith(f"-{purpose}")]
        return found

    def count(self) -> Counter[tuple[str, str]]:
        """How often there is a resource of this type and name."""
        return Counter((one.token, one.name) for one in self.resources)


class Recorder(mocks.Mocks):
    """Answers with ids, names and ARNs that look like AWS's."""

    def __init__(self) -> None:
        self.resources: list[Recorded] = []

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        inputs = plain(args.inputs)
        state = {**_computed(args.typ, args.name, inputs), **inputs} if args.custom else {}
        self.resources.append(Recorded(token=args.typ, name=args.name, inputs=inputs, outputs=state))
        return f"{args.name}-id", state

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        return INVOKES[args.token], []


def _computed(token: str, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    service, kind = token.split(":")[1].split("/", maxsplit=1)[0], token.rpartition(":")[2]
    physical = str(inputs.get("name", name))
    prefix = ARNS.get(kind, f"{service}:{HERE}:")
    # Few resources are made in another region than the stack.
    here = prefix.replace(f":{REGION}:", f":{inputs.get('region', REGION)}:")
    arn = f"arn:{PARTITION}:{here}{physical}"
    computed: dict[str, Any] = {"name": physical, "arn": arn}
    match kind:
        case "ApiKey" | "RestApi" | "UserPool":
            computed |= _api(kind, name)
        case "Bucket":
            computed |= {"bucket": name, "bucketRegionalDomainName": f"{name}.s3.{REGION}.amazonaws.com"}
        case "Key":
            computed["keyId"] = f"{name}-id"
        case "Queue":
            computed["url"] = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{physical}"
        case "Table":
            computed["streamArn"] = f"{arn}/stream/2026-01-01T00:00:00.000"
        case "Distribution":
            computed["domainName"] = "d111111abcdef8.cloudfront.net"
        case "Invocation":
            computed = {"result": f'"{KEY_PAIR_ID}"'}
        case "VpcEndpoint" if inputs["vpcEndpointType"] == "Gateway":
            computed["prefixListId"] = f"pl-{name}"
        case "Endpoint":
            computed["dnsName"] = f"*.{name}.prod.clientvpn.{REGION}.amazonaws.com"
        case "Instance" | "Proxy":
            computed |= _database(kind, name, inputs)
        case "PrivateKey" | "CertRequest" | "SelfSignedCert" | "LocallySignedCert":
            computed |= _certificate(kind, name)
        case "Dashboard":
            computed["dashboardName"] = physical
    return computed


def _api(kind: str, name: str) -> dict[str, str]:
    return {
        "ApiKey": {"value": f"value-of-{name}"},
        "RestApi": {"executionArn": f"arn:{PARTITION}:execute-api:{HERE}:{name}"},
        "UserPool": {"endpoint": f"cognito-idp.{REGION}.amazonaws.com/{name}"},
    }[kind]


def _certificate(kind: str, name: str) -> dict[str, str]:
    output = {"PrivateKey": "privateKeyPem", "CertRequest": "certRequestPem"}.get(kind, "certPem")
    return {output: f"{output} of {name}"}


def _database(kind: str, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    if kind == "Proxy":
        endpoint = f"{inputs['name']}.proxy-c1.{REGION}.rds.amazonaws.com"
        return {"arn": f"arn:{PARTITION}:rds:{HERE}:db-proxy:prx-{inputs['name']}", "endpoint": endpoint}
    secret = f"arn:{PARTITION}:secretsmanager:{HERE}:secret:rds!db-{name}"
    return {
        "address": f"{inputs['identifier']}.c1.{REGION}.rds.amazonaws.com",
        "port": 5432,
        "resourceId": f"db-{inputs['identifier']}",
        "masterUserSecrets": [{"secretArn": secret, "secretStatus": "active", "kmsKeyId": "key"}],
    }


def settings_of(stack: str) -> tuple[str, dict[str, str]]:
    """The project's name, and the settings of a stack or a variant as the engine would hand them over."""
    return read_config(ROOT, stack, ROOT / f"tests/stacks/{stack}.yaml" if stack in VARIANTS else None)


def record(stack: str, changes: Mapping[str, str] | None = None) -> Recording:
    """What the program asks for with the settings of a stack or a variant, changed by `changes` (full key to JSON)."""
    project, settings = settings_of(stack)
    settings.update({**BUILT_PAGE, **(changes or {})})
    recorder = Recorder()
    exports = run(recorder, project=project, settings=settings, stack=stack)
    return Recording(resources=recorder.resources, exports=exports, settings=settings)


@cache
def recording(stack: str) -> Recording:
    """What the program asks for with the settings of a stack or a variant; run once for all tests."""
    return record(stack)
