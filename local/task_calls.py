"""What a task of a state machine calls: the actions and resources that its role is judged by."""

from collections.abc import Sequence
from typing import Any

Calls = Sequence[tuple[str, str]]
"""Actions ("dynamodb:PutItem") and the ARNs that they are about."""

_REGION, _ACCOUNT = "us-east-1", "000000000000"
_ITEM = {
    "ConditionCheck": "dynamodb:ConditionCheckItem",
    "Delete": "dynamodb:DeleteItem",
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
}
# Actions of S3 that have another name when they are about a version.
_OF_VERSIONS = ("GetObject", "GetObjectTagging", "PutObjectTagging", "DeleteObject", "DeleteObjectTagging")


class UnknownTask(ValueError):
    """A kind of task whose permissions are not known here, so that nobody could say what its role needs."""


def calls_of(resource: str, given: Any) -> Calls:
    """The calls that the task `resource` makes with the input `given`. Raises `UnknownTask`."""
    if ":activity:" in resource:
        return []
    task = resource.removeprefix("arn:aws:states:::").removesuffix(".waitForTaskToken").removesuffix(".sync")
    found: Calls
    match task.removeprefix("aws-sdk:").split(":"):
        case ["arn", _, "lambda", *_]:
            found = [("lambda:InvokeFunction", resource)]
        case ["lambda", "invoke"]:
            found = [("lambda:InvokeFunction", _arn("lambda", f"function:{given['FunctionName']}"))]
        case ["dynamodb", "transactWriteItems"]:
            items = [next(iter(item.items())) for item in given["TransactItems"]]
            found = [(_ITEM[kind], _table(item)) for kind, item in items]
        case ["dynamodb", operation] if operation.endswith("Item"):
            found = [(f"dynamodb:{_upper(operation)}", _table(given))]
        case ["sns", "publish"]:
            found = [("sns:Publish", given["TopicArn"])]
        case ["sqs", "sendMessage"]:
            found = [("sqs:SendMessage", _arn("sqs", given["QueueUrl"].rpartition("/")[2]))]
        case ["events", "putEvents"]:
            buses = [entry.get("EventBusName", "default") for entry in given["Entries"]]
            found = [("events:PutEvents", _arn("events", f"event-bus/{bus}")) for bus in buses]
        case ["s3", operation] if "Key" in given:
            action = _upper(operation)
            if "VersionId" in given and action in _OF_VERSIONS:
                action = action.replace("Object", "ObjectVersion", 1)
            found = [(f"s3:{action}", f"arn:aws:s3:::{given['Bucket']}/{given['Key']}")]
        case _:
            raise UnknownTask(f"the local cloud does not know which permissions a task {task} needs")
    return found


def _upper(operation: str) -> str:
    return operation[0].upper() + operation[1:]


def _table(given: Any) -> str:
    return _arn("dynamodb", f"table/{given['TableName']}")


def _arn(service: str, resource: str) -> str:
    """An ARN of this cloud; what is one already stays."""
    whole = resource[resource.index("arn:") :] if "arn:" in resource else ""
    return whole or f"arn:aws:{service}:{_REGION}:{_ACCOUNT}:{resource}"
