"""The state machine with its role and log."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.function import Home
from components.grants import Statement
from components.pipeline.definition import DefinitionArgs, build
from components.settings import Processing

PURPOSE = "pipeline"


def machine_arn(home: Home) -> str:
    """The machine's ARN before it exists: its role names it, and so does the function that starts it."""
    return home.place.arn("states", f"stateMachine:{home.names.exact('machine', PURPOSE)}")


def definition(
    processing: Processing,
    scan_seconds: int | None,
    functions: Mapping[str, pulumi.Output[str]],
    resources: Mapping[str, pulumi.Output[str]],
) -> pulumi.Output[str]:
    """The definition as JSON text; `resources` are the fields of `DefinitionArgs` that come from other resources."""

    def text(values: Mapping[str, Any]) -> str:
        args = DefinitionArgs(
            functions=values["functions"],
            direct_limit_bytes=processing.direct_limit_bytes,
            map_concurrency=processing.map_concurrency,
            scan_seconds=scan_seconds,
            **values["resources"],
        )
        return json.dumps(build(args), sort_keys=True)

    return pulumi.Output.all(functions=dict(functions), resources=dict(resources)).apply(text)


def make_machine(
    home: Home,
    text: pulumi.Output[str],
    statements: Sequence[Statement],
    parent: pulumi.Resource,
    *,
    started_by: Sequence[pulumi.Resource],
) -> aws.sfn.StateMachine:
    """A Standard machine. Its log has errors only, and never what the executions are about.

    It changes after `started_by`: an input may say more than the machine asks for, but not less.
    """
    exact = home.names.exact("machine", PURPOSE)
    child = pulumi.ResourceOptions(parent=parent)
    logs = aws.cloudwatch.LogGroup(
        exact,
        # This prefix keeps the account's policy for log delivery from outgrowing its limit.
        name=f"/aws/vendedlogs/states/{exact}",
        retention_in_days=home.retention_days,
        kms_key_id=home.logs_key.arn,
        opts=child,
    )
    role = home.roles.make(
        PURPOSE,
        description="What the state machine may do",
        service="states.amazonaws.com",
        source=machine_arn(home),
        statements=statements,
        parent=parent,
    )
    return aws.sfn.StateMachine(
        exact,
        name=exact,
        type="STANDARD",
        role_arn=role.arn,
        definition=text,
        logging_configuration=aws.sfn.StateMachineLoggingConfigurationArgs(
            level="ERROR", include_execution_data=False, log_destination=pulumi.Output.concat(logs.arn, ":*")
        ),
        # Step Functions tries the log and the functions out when the machine is made.
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[role.allowed, *started_by]),
    )
