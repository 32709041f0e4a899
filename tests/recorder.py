"""The program, run in this process with nothing behind it: what it asks for is written down."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pulumi.runtime import mocks

from local.deploy import ROOT, plain, read_config, run

ACCOUNT, REGION, PARTITION = "123456789012", "eu-central-1", "aws"
KEY_PAIR_ID = "K2JCJMDEHXQW5F"
STACKS = ("dev", "prod", "local")
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
    "Bucket": "s3:::",
    "Distribution": f"cloudfront::{ACCOUNT}:distribution/",
    "EventBus": f"events:{HERE}:event-bus/",
    "EventRule": f"events:{HERE}:rule/",
    "Function": f"lambda:{HERE}:function:",
    "Key": f"kms:{HERE}:key/",
    "LogGroup": f"logs:{HERE}:log-group:",
    "Policy": f"iam::{ACCOUNT}:policy/",
    "Role": f"iam::{ACCOUNT}:role/",
    "Secret": f"secretsmanager:{HERE}:secret:",
    "StateMachine": f"states:{HERE}:stateMachine:",
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
    def kind(self) -> str:
        """Short type: "s3.Bucket", "storage.SecureStorage"."""
        return f"{self.token.split(':')[1].split('/')[0]}.{self.token.rpartition(':')[2]}"


@dataclass(frozen=True, kw_only=True)
class Recording:
    """All resources of one run of the program, and its exports."""

    resources: list[Recorded]
    exports: dict[str, Any]

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
    arn = f"arn:{PARTITION}:{prefix}{physical}"
    computed: dict[str, Any] = {"name": physical, "arn": arn}
    match kind:
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
        case "PrivateKey":
            computed["privateKeyPem"] = f"private key of {name}"
        case "CertRequest":
            computed["certRequestPem"] = f"request of {name}"
        case "SelfSignedCert" | "LocallySignedCert":
            computed["certPem"] = f"certificate of {name}"
        case "Dashboard":
            computed["dashboardName"] = physical
    return computed


def record(stack: str, changes: Mapping[str, str] | None = None) -> Recording:
    """What the program asks for with the settings of `Pulumi.<stack>.yaml`, changed by `changes` (full key to JSON)."""
    project, settings = read_config(ROOT, stack)
    recorder = Recorder()
    exports = run(recorder, project=project, settings={**settings, **(changes or {})}, stack=stack)
    return Recording(resources=recorder.resources, exports=exports)


@cache
def recording(stack: str) -> Recording:
    """What the program asks for with the settings of `Pulumi.<stack>.yaml`; run once for all tests."""
    return record(stack)
