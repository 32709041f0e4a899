"""One function: its package, role, log group and environment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.grants import Statement
from components.naming import Names
from components.packaging import build
from components.place import Place
from components.roles import Roles
from components.signals import FunctionSignal
from components.stores import Key, Queue
from components.wheels import PYTHON, Platform
from runtime.environment import variables

RUNTIME = f"python{PYTHON}"
ARCHITECTURE = "arm64"
METRICS_NAMESPACE = "Penstock"


@dataclass(frozen=True, kw_only=True, slots=True)
class FunctionSpec:
    """A function of `runtime/handlers`: the class of its environment, its lock files, its size.

    1,769 MB are one whole processor. `quick` ones are expected to answer within seconds, whatever their timeout.
    `runbook` is for its errors.
    """

    name: str
    environment: type
    locks: tuple[str, ...]
    timeout_seconds: int
    memory_mb: int
    quick: bool = False
    runbook: str = "function-errors"


@dataclass(frozen=True, kw_only=True, slots=True)
class Placement:
    """Subnets and security groups for functions inside of a VPC."""

    subnet_ids: Sequence[pulumi.Output[str]]
    security_group_ids: Sequence[pulumi.Output[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Home:
    """What all functions of a stack share. Without `placement` they run outside of the VPC."""

    names: Names
    place: Place
    roles: Roles
    platform: Platform
    logs_key: Key
    retention_days: int
    placement: Placement | None


@dataclass(frozen=True, kw_only=True, slots=True)
class FunctionArgs:
    """`values` holds a value for each field of the environment's class, and may hold more.

    `grants` are all that the function may do, besides writing its own log. `dead_letters` gets the events of
    asynchronous calls that failed. `files` lie in its package, by their names there.
    """

    home: Home
    spec: FunctionSpec
    values: Mapping[str, pulumi.Input[str] | int]
    grants: Sequence[Statement]
    dead_letters: Queue | None = None
    files: Mapping[str, bytes] | None = None


class Function(pulumi.ComponentResource):
    """A Lambda function with a role of its own. `ready` is what has to exist before it can do its work."""

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    signal: FunctionSignal
    ready: list[pulumi.Resource]

    def __init__(self, name: str, args: FunctionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("penstock:function:Function", name, None, opts)
        home, spec = args.home, args.spec
        exact = home.names.exact("function", spec.name)
        child = pulumi.ResourceOptions(parent=self)
        logs = aws.cloudwatch.LogGroup(
            exact,
            name=f"/aws/lambda/{exact}",
            retention_in_days=home.retention_days,
            kms_key_id=home.logs_key.arn,
            opts=child,
        )
        statements = [_writes_log(logs.arn), *args.grants]
        if home.placement:
            statements.append(_joins_network())
        if args.dead_letters:
            statements += args.dead_letters.allow_send()
        role = home.roles.make(
            spec.name,
            description=f"What the {spec.name} function may do",
            service="lambda.amazonaws.com",
            statements=statements,
            parent=self,
        )
        package = build(spec.name, spec.locks, home.platform, files=args.files)
        function = aws.lambda_.Function(
            exact,
            name=exact,
            role=role.arn,
            runtime=RUNTIME,
            architectures=[ARCHITECTURE],
            handler=f"runtime.handlers.{spec.name}.handler",
            code=pulumi.FileArchive(package.path),
            memory_size=spec.memory_mb,
            timeout=spec.timeout_seconds,
            environment=aws.lambda_.FunctionEnvironmentArgs(variables=environment(spec, args.values)),
            logging_config=aws.lambda_.FunctionLoggingConfigArgs(log_format="Text", log_group=logs.name),
            vpc_config=_vpc_config(home.placement),
            dead_letter_config=aws.lambda_.FunctionDeadLetterConfigArgs(target_arn=args.dead_letters.arn)
            if args.dead_letters
            else None,
            # Lambda looks at the role's permissions (network, dead letters) when the function is made.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[role.allowed]),
        )
        self.name, self.arn, self.ready = function.name, function.arn, [function, role.allowed]
        self.signal = FunctionSignal(
            purpose=spec.name,
            name=function.name,
            timeout_seconds=spec.timeout_seconds,
            quick=spec.quick,
            runbook=spec.runbook,
        )
        self.register_outputs({"name": self.name, "arn": self.arn})


def environment(spec: FunctionSpec, values: Mapping[str, pulumi.Input[str] | int]) -> dict[str, pulumi.Input[str]]:
    """The variables of the function: what its environment's class names, and what Powertools wants to know."""
    own = {variable: _text(values[field]) for field, variable in variables(spec.environment).items()}
    return {
        **own,
        "POWERTOOLS_SERVICE_NAME": spec.name,
        "POWERTOOLS_METRICS_NAMESPACE": METRICS_NAMESPACE,
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }


def _text(value: pulumi.Input[str] | int) -> pulumi.Input[str]:
    return str(value) if isinstance(value, int) else value


def _writes_log(group: pulumi.Output[str]) -> Statement:
    return Statement(
        actions=("logs:CreateLogStream", "logs:PutLogEvents"), resources=(pulumi.Output.concat(group, ":*"),)
    )


def _joins_network() -> Statement:
    return Statement(
        actions=(
            "ec2:AssignPrivateIpAddresses",
            "ec2:CreateNetworkInterface",
            "ec2:DeleteNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSubnets",
            "ec2:UnassignPrivateIpAddresses",
        ),
        resources=("*",),
        # Lambda itself makes them; a call of the function's own code says which function it comes from.
        conditions={"Null": {"lambda:SourceFunctionArn": "true"}},
        reason="Lambda makes network interfaces that have no name before",
    )


def _vpc_config(placement: Placement | None) -> aws.lambda_.FunctionVpcConfigArgs | None:
    if placement is None:
        return None
    return aws.lambda_.FunctionVpcConfigArgs(
        subnet_ids=list(placement.subnet_ids), security_group_ids=list(placement.security_group_ids)
    )
