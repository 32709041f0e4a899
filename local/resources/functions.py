"""Lambda functions from the program's real packages, what invokes them, and the state machine."""

import hashlib
from pathlib import Path
from typing import Any

import pulumi

from local.resources.base import Cloud, Create, Inputs, Made, NotPlaced, physical, text
from local.resources.shaping import shape


class InvocationFailed(Exception):
    """A function that the program calls while it is deployed ended in an error."""


def function(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """`code` is an archive with an absolute path to a ZIP. The runtime and architecture are passed as declared."""
    client = cloud.client("lambda")
    chosen = physical(name, inputs)
    package = _package(inputs.pop("code"))
    inputs.pop("sourceCodeHash", None)
    concurrency = inputs.pop("reservedConcurrentExecutions", None)
    params = shape(client, "create_function", inputs)
    with cloud.stage(package) as code:
        made = client.create_function(FunctionName=chosen, Code=code, **params)
    if concurrency is not None and concurrency >= 0:
        client.put_function_concurrency(FunctionName=chosen, ReservedConcurrentExecutions=concurrency)
    arn, version = made["FunctionArn"], made.get("Version", "$LATEST")
    gateway = f"arn:aws:apigateway:{cloud.region}:lambda:path/2015-03-31/functions"
    return chosen, {
        "name": chosen,
        "arn": arn,
        "qualifiedArn": f"{arn}:{version}",
        "version": version,
        "invokeArn": f"{gateway}/{arn}/invocations",
        "qualifiedInvokeArn": f"{gateway}/{arn}:{version}/invocations",
        "responseStreamingInvokeArn": f"{gateway}/{arn}/response-streaming-invocations".replace(
            "2015-03-31", "2021-11-15"
        ),
        "lastModified": made["LastModified"],
        "sourceCodeSize": made["CodeSize"],
        "codeSha256": made["CodeSha256"],
    }


def _package(code: Any) -> bytes:
    if isinstance(code, pulumi.FileArchive) and (path := Path(str(code.path))).is_file():
        return path.read_bytes()
    raise NotPlaced(f"code must be a file archive of an existing ZIP, not {getattr(code, 'path', type(code).__name__)}")


def event_source_mapping(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """The mapping of a queue or a table's stream."""
    client = cloud.client("lambda")
    made = client.create_event_source_mapping(
        **shape(client, "create_event_source_mapping", inputs, {"destinationArn": "Destination"})
    )
    return made["UUID"], {
        "uuid": made["UUID"],
        "arn": f"arn:aws:lambda:{cloud.region}:{cloud.account}:event-source-mapping:{made['UUID']}",
        "functionArn": made["FunctionArn"],
        "state": made["State"],
        "lastModified": str(made.get("LastModified", "")),
    }


def permission(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """One statement of a function's own policy."""
    client = cloud.client("lambda")
    statement = physical(name, inputs, "statementId", 100)
    client.add_permission(
        StatementId=statement, **shape(client, "add_permission", inputs, {"function": "FunctionName"})
    )
    return statement, {"statementId": statement}


def invocation(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """Calls the function, as the provider does on creation. `result` is the payload's text."""
    target, event = inputs.pop("functionName"), inputs.pop("input")
    qualifier = inputs.pop("qualifier", "$LATEST")
    for given in ("triggers", "lifecycleScope", "terraformKey"):
        inputs.pop(given, None)
    answer = cloud.client("lambda").invoke(FunctionName=target, Qualifier=qualifier, Payload=event.encode())
    result = answer["Payload"].read().decode()
    if "FunctionError" in answer:
        raise InvocationFailed(f"{target} answered {answer['FunctionError']}: {result}")
    digest = hashlib.sha256(event.encode()).hexdigest()[:32]
    return f"{target}_{qualifier}_{digest}", {"result": result}


def state_machine(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """The provider has one log destination where the API has a list of one."""
    client = cloud.client("stepfunctions")
    chosen = physical(name, inputs, limit=80)
    definition = text(inputs.pop("definition"))
    if logging := inputs.pop("loggingConfiguration", None):
        group = {"cloudWatchLogsLogGroup": {"logGroupArn": logging.pop("logDestination")}}
        inputs["loggingConfiguration"] = {**logging, "destinations": [group]}
    made = client.create_state_machine(
        name=chosen, definition=definition, **shape(client, "create_state_machine", inputs)
    )
    return made["stateMachineArn"], {
        "name": chosen,
        "arn": made["stateMachineArn"],
        "creationDate": made["creationDate"].isoformat(),
        "status": "ACTIVE",
        "revisionId": made.get("stateMachineVersionArn", ""),
        "stateMachineVersionArn": made.get("stateMachineVersionArn", ""),
    }


CREATORS: dict[str, Create] = {
    "aws:lambda/function:Function": function,
    "aws:lambda/eventSourceMapping:EventSourceMapping": event_source_mapping,
    "aws:lambda/permission:Permission": permission,
    "aws:lambda/invocation:Invocation": invocation,
    "aws:sfn/stateMachine:StateMachine": state_machine,
}
