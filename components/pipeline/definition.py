"""The state machine of a file's way through Penstock, as Amazon States Language built from Python (ADR 1).

Pure: it takes plain strings and numbers and returns plain data, so that tests run every path of it without a cloud.
The execution's input is what `runtime/handlers/ingest.py` starts it with:

    {"file": {bucket, key, version, size, etag, sequencer, received_at, attempt},
     "order": padded sequencer, "folder": first segment of the key,
     "entries": {"received": sort key, "ended": sort key}}
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runtime.domain import archive_names
from runtime.domain.identity import SHELF
from runtime.domain.image_names import SENT_STRAIGHT
from runtime.domain.ledger import EMPTY_SLOT, NOT_OLDER

State = dict[str, Any]

REJECTED = "Rejected"
SUPERSEDED = "Superseded"
IS_IMAGE = "IsImage"
IS_PDF = "IsPdf"
IS_ARCHIVE = "IsArchive"
UNSCANNED = "Unscanned"
SCAN_TIMEOUT = "ScanTimeout"
CANCELED = "DynamoDb.TransactionCanceledException"
CONDITION_FAILED = "DynamoDB.ConditionalCheckFailedException"
THROTTLES = [
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
]
# A day: longer than any file of the largest size takes, short enough that nothing hangs unseen.
MACHINE_TIMEOUT_SECONDS = 24 * 3600
# Lambda's own limit plus what a queued invocation may wait; a task that says nothing for longer is lost.
TASK_TIMEOUT_SECONDS = 1800

# Two executions may bear the same name, 90 days apart; with its start the name is one execution's alone.
RUN = "States.Format('{}@{}', $$.Execution.Name, $$.Execution.StartTime)"


@dataclass(frozen=True, kw_only=True, slots=True)
class DefinitionArgs:
    """What the definition is made from. `functions` maps the names of `STEPS` (specs.py) to ARNs.

    It may have `unpack` too, for the members of archives. With `scan_seconds` there is a malware gate: `functions` has
    scan as well, and a run waits so long for the verdict.
    """

    functions: Mapping[str, str]
    files_table: str
    transactions_table: str
    topic_arn: str
    work_bucket: str
    direct_limit_bytes: int
    map_concurrency: int
    scan_seconds: int | None = None

    @property
    def opens_archives(self) -> bool:
        """Whether the members of archives are files of their own."""
        return "unpack" in self.functions

    @property
    def first_step(self) -> str:
        """What comes after a file is registered."""
        return "Scan" if self.scan_seconds else "RouteBySize"


def build(args: DefinitionArgs) -> State:
    """The whole definition."""
    return {
        "Comment": "Penstock: one execution for each version of each file",
        "StartAt": "Register",
        "TimeoutSeconds": MACHINE_TIMEOUT_SECONDS,
        "States": {
            **_beginning(args),
            **(_gate(args, args.scan_seconds) if args.scan_seconds else {}),
            **_large(args),
            **_ending(args),
            **_failure(args),
        },
    }


def _beginning(args: DefinitionArgs) -> dict[str, State]:
    small: State = {"Variable": "$.file.size", "NumericLessThanEquals": args.direct_limit_bytes}
    named_like_picture = [{"Variable": "$.file.key", "StringMatches": f"*{suffix}"} for suffix in SENT_STRAIGHT]
    process = _function(args, "process", result="$.result", then="Complete")
    suffixes = archive_names.SENT_STRAIGHT
    named_like_archive = [{"Variable": "$.file.key", "StringMatches": f"*{suffix}"} for suffix in suffixes]
    to_plan = [{"And": [small, {"Or": named_like_archive}], "Next": "Plan"}] if args.opens_archives else []
    handed_over = [_catch([IS_ARCHIVE], "Plan", result=None)] if args.opens_archives else []
    return {
        "Register": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:dynamodb:transactWriteItems",
            "Parameters": {"TransactItems": [{"Put": _received(args)}, {"Update": _show_received(args)}]},
            "ResultPath": None,
            "Retry": [_retry([CANCELED], attempts=2), _retry(["States.ALL"], attempts=6)],
            "Catch": [_catch([CANCELED], "RegisterOlder"), _catch(["States.ALL"], "Fail")],
            "Next": args.first_step,
        },
        # A newer version is shown in `Files` already; this one still gets its own ledger and results.
        "RegisterOlder": {
            "Type": "Task",
            "Resource": "arn:aws:states:::dynamodb:putItem",
            "Parameters": _received(args),
            "ResultPath": None,
            "Retry": [_retry([CONDITION_FAILED], attempts=0), _retry(["States.ALL"], attempts=6)],
            "Catch": [_catch([CONDITION_FAILED], "AlreadyHandled"), _catch(["States.ALL"], "Fail")],
            "Next": args.first_step,
        },
        "RouteBySize": {
            "Type": "Choice",
            "Choices": [
                # The name saves a small image or PDF a transition; what it is, every function decides by its content.
                {"And": [small, {"Or": named_like_picture}], "Next": "Image"},
                *to_plan,
                {**small, "Next": "Process"},
            ],
            "Default": "Plan",
        },
        "Process": {
            **process,
            "Catch": [_catch([IS_IMAGE, IS_PDF], "Image", result=None), *handed_over, *process["Catch"]],
        },
        "Image": _function(args, "image", result="$.result", then="Complete"),
        "AlreadyHandled": {"Type": "Succeed", "Comment": "Another run has brought this version to its end"},
    }


def _gate(args: DefinitionArgs, seconds: int) -> dict[str, State]:
    """The run sleeps until somebody answers its token (ADR 9)."""
    return {
        "Scan": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters": {
                "FunctionName": args.functions["scan"],
                "Payload": {"file.$": "$.file", "run.$": RUN, "token.$": "$$.Task.Token"},
            },
            "TimeoutSeconds": seconds,
            "ResultPath": None,
            "Retry": [
                # A verdict that has not come by then, or is none, is not waited for another three times.
                _retry([REJECTED, SUPERSEDED, UNSCANNED, "States.Timeout"], attempts=0),
                _retry(THROTTLES, attempts=8, longest=60),
                _retry(["States.ALL"], attempts=3, interval=2),
            ],
            "Catch": [
                _catch([SUPERSEDED], "AlreadyHandled"),
                _catch(["States.Timeout"], "ScanTimedOut"),
                _catch(["States.ALL"], "Fail"),
            ],
            "Next": "RouteBySize",
        },
        # A step that took too long is told apart from a verdict that did not come.
        "ScanTimedOut": {
            "Type": "Pass",
            "Result": {"Error": SCAN_TIMEOUT, "Cause": f"no verdict of the malware scan within {seconds} seconds"},
            "ResultPath": "$.error",
            "Next": "Fail",
        },
    }


def _large(args: DefinitionArgs) -> dict[str, State]:
    # Inside a Map nothing is caught: the error becomes the Map's own and is caught there.
    def task(function: str) -> State:
        return {
            "Type": "Task",
            "Resource": args.functions[function],
            "TimeoutSeconds": TASK_TIMEOUT_SECONDS,
            "Retry": _retries(),
            "End": True,
        }

    selector = {"file.$": "$.file", "group.$": "$$.Map.Item.Value"}
    common: State = {
        "Type": "Map",
        "ItemSelector": selector,
        "ResultPath": None,
        "Catch": _catches(),
        "Next": "Merge",
    }
    states = {"StartAt": "ProcessPart", "States": {"ProcessPart": task("part")}}
    inline = {"ItemsPath": "$.plan.groups", "MaxConcurrency": min(args.map_concurrency, 40)}
    members: dict[str, State] = {}
    if args.opens_archives:
        unpacking = {"StartAt": "UnpackMembers", "States": {"UnpackMembers": task("unpack")}}
        members["Members"] = {
            **common,
            **inline,
            "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **unpacking},
        }
    return {
        "Plan": _function(args, "plan", result="$.plan", then="FanOut"),
        "FanOut": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.plan.mode", "StringEquals": "inline", "Next": "PartsInline"},
                {"Variable": "$.plan.mode", "StringEquals": "distributed", "Next": "PartsDistributed"},
                {"Variable": "$.plan.mode", "StringEquals": "image", "Next": "Image"},
                *({"Variable": "$.plan.mode", "StringEquals": "members", "Next": name} for name in members),
            ],
            "Default": "Archive",
        },
        "PartsInline": {
            **common,
            **inline,
            "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **states},
        },
        **members,
        "PartsDistributed": {
            **common,
            "Label": "Parts",
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "JSON"},
                "Parameters": {"Bucket": args.work_bucket, "Key.$": "$.plan.groups_key"},
            },
            "MaxConcurrency": args.map_concurrency,
            "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, **states},
        },
        "Merge": _function(args, "merge", then="Archive"),
        "Archive": _function(args, "archive", then="Publish"),
        "Publish": _function(args, "publish", result="$.result", then="Complete"),
    }


def _ending(args: DefinitionArgs) -> dict[str, State]:
    succeeded = _succeeded(args)
    return {
        "Complete": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:dynamodb:transactWriteItems",
            "Parameters": {
                "TransactItems": [
                    {"Put": succeeded},
                    {
                        "ConditionCheck": {
                            "TableName": args.transactions_table,
                            "Key": {"FileName": {"S.$": "$.file.key"}, "Entry": {"S.$": "$.entries.received"}},
                            "ConditionExpression": "attribute_exists(FileName)",
                        }
                    },
                    {"Update": _show_succeeded(args)},
                ]
            },
            "ResultPath": None,
            "Retry": [_retry([CANCELED], attempts=2), _retry(["States.ALL"], attempts=6)],
            "Catch": [_catch([CANCELED], "CompleteOlder"), _catch(["States.ALL"], "Fail")],
            "Next": "Notify",
        },
        "CompleteOlder": {
            "Type": "Task",
            "Resource": "arn:aws:states:::dynamodb:putItem",
            "Parameters": succeeded,
            "ResultPath": None,
            "Retry": [_retry([CONDITION_FAILED], attempts=0), _retry(["States.ALL"], attempts=6)],
            "Catch": [_catch([CONDITION_FAILED], "AlreadyHandled"), _catch(["States.ALL"], "Fail")],
            "Next": "Notify",
        },
        "Notify": _publish(args, "$.result.notification", then=None),
        # The file is delivered and recorded; that nobody could be told shows in the topic's own alarm.
        "NotNotified": {"Type": "Succeed", "Comment": "The outcome is recorded, but the message was not sent"},
    }


def _failure(args: DefinitionArgs) -> dict[str, State]:
    fail = _function(args, "fail", result="$.ended", then="NotifyFailure")
    fail["Parameters"]["error.$"] = "$.error"
    fail["Catch"] = [
        _catch([SUPERSEDED], "AlreadyHandled"),
        _catch(["States.ALL"], "FailDirectly", result="$.recording"),
    ]
    return {
        "Fail": fail,
        "NotifyFailure": _publish(args, "$.ended.notification", then="HowItEnded", otherwise="HowItEnded"),
        "HowItEnded": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.ended.state", "StringEquals": "rejected", "Next": "Rejected"}],
            "Default": "Failed",
        },
        "Rejected": {"Type": "Succeed", "Comment": "The file was refused, with a reason; there is nothing to retry"},
        # The recording function itself is down: the raw error is written without it, so that nothing is lost.
        "FailDirectly": {
            "Type": "Task",
            "Resource": "arn:aws:states:::dynamodb:putItem",
            "Parameters": _ledger_put(
                args,
                entry="$.entries.ended",
                state="failed",
                more={"Reason": {"S.$": "$.error.Error"}, "Detail": {"S.$": "$.error.Cause"}},
            ),
            "ResultPath": None,
            "Retry": [_retry([CONDITION_FAILED], attempts=0), _retry(["States.ALL"], attempts=6)],
            "Catch": [_catch(["States.ALL"], "Failed", result="$.recording")],
            "Next": "NotifyDirectly",
        },
        "NotifyDirectly": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sns:publish",
            "Parameters": {
                "TopicArn": args.topic_arn,
                "Subject": "Penstock: a file failed",
                "Message.$": "States.Format('{} failed: {}. The failure could not be recorded in full; see the "
                "execution {}.', $.file.key, $.error.Error, $$.Execution.Id)",
                "MessageAttributes": {"state": {"DataType": "String", "StringValue": "failed"}},
            },
            "ResultPath": None,
            "Retry": [_retry(["States.ALL"], attempts=6)],
            "Catch": [_catch(["States.ALL"], "Failed", result="$.recording")],
            "Next": "Failed",
        },
        "Failed": {
            "Type": "Fail",
            "ErrorPath": "$.error.Error",
            "CausePath": "$.error.Cause",
        },
    }


def _function(args: DefinitionArgs, name: str, *, result: str | None = None, then: str) -> State:
    """A call of a function with the file; its answer is kept at `result`, or dropped.

    The function's ARN is the resource, so that the answer is the payload itself and not an envelope around it.
    """
    return {
        "Type": "Task",
        "Resource": args.functions[name],
        "Parameters": {"file.$": "$.file", "run.$": RUN, **({"scanned": True} if args.scan_seconds else {})},
        "TimeoutSeconds": TASK_TIMEOUT_SECONDS,
        "ResultPath": result,
        "Retry": _retries(),
        "Catch": _catches(),
        "Next": then,
    }


def _retries() -> list[State]:
    return [
        _retry([REJECTED, SUPERSEDED, IS_IMAGE, IS_PDF, IS_ARCHIVE], attempts=0),
        _retry(THROTTLES, attempts=8, longest=60),
        _retry(["States.ALL"], attempts=3, interval=2),
    ]


def _publish(args: DefinitionArgs, notification: str, *, then: str | None, otherwise: str = "NotNotified") -> State:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sns:publish",
        "Parameters": {
            "TopicArn": args.topic_arn,
            "Subject.$": f"{notification}.subject",
            "Message.$": f"{notification}.message",
            "MessageAttributes": {
                "state": {"DataType": "String", "StringValue.$": f"{notification}.state"},
            },
        },
        "ResultPath": None,
        "Retry": [_retry(["States.ALL"], attempts=6)],
        "Catch": [_catch(["States.ALL"], otherwise, result="$.notifying")],
        # No Succeed state behind the last one: it would be billed as a transition of its own.
        **({"Next": then} if then else {"End": True}),
    }


def _retry(errors: list[str], *, attempts: int, interval: int = 1, longest: int = 30) -> State:
    if attempts == 0:
        return {"ErrorEquals": errors, "MaxAttempts": 0}
    return {
        "ErrorEquals": errors,
        "IntervalSeconds": interval,
        "MaxAttempts": attempts,
        "BackoffRate": 2,
        "MaxDelaySeconds": longest,
        "JitterStrategy": "FULL",
    }


def _catch(errors: list[str], then: str, *, result: str | None = "$.error") -> State:
    return {"ErrorEquals": errors, "ResultPath": result, "Next": then}


def _catches() -> list[State]:
    return [_catch([SUPERSEDED], "AlreadyHandled"), _catch(["States.ALL"], "Fail")]


_FILE = {
    "VersionId": {"S.$": "$.file.version"},
    "Sequencer": {"S.$": "$.order"},
    "Attempt": {"N.$": "States.Format('{}', $.file.attempt)"},
    "RunId": {"S.$": RUN},
}
# By which the API lists files (components/ledger.py).
_LISTED = {
    "Folder": {"S.$": "$.folder"},
    "Shelf": {"S": SHELF},
    "ReceivedAt": {"S.$": "$.file.received_at"},
}


def _ledger_put(args: DefinitionArgs, *, entry: str, state: str, more: State) -> State:
    return {
        "TableName": args.transactions_table,
        "Item": {
            "FileName": {"S.$": "$.file.key"},
            "Entry": {"S.$": entry},
            "State": {"S": state},
            "At": {"S.$": "$$.State.EnteredTime"},
            **_FILE,
            **more,
        },
        "ConditionExpression": EMPTY_SLOT,
        "ExpressionAttributeValues": {":run": {"S.$": RUN}},
    }


def _received(args: DefinitionArgs) -> State:
    return _ledger_put(
        args,
        entry="$.entries.received",
        state="received",
        more={
            "ReceivedAt": {"S.$": "$.file.received_at"},
            "Size": {"N.$": "States.Format('{}', $.file.size)"},
            "ETag": {"S.$": "$.file.etag"},
        },
    )


_OUTCOME = {
    "Kind": {"S.$": "$.result.kind"},
    "Sha256": {"S.$": "$.result.sha256"},
    "Accepted": {"N.$": "States.Format('{}', $.result.accepted)"},
    "Rejected": {"N.$": "States.Format('{}', $.result.rejected)"},
    "ArchiveKey": {"S.$": "$.result.archive_key"},
    "ArchiveBytes": {"N.$": "States.Format('{}', $.result.archive_bytes)"},
    "ArchiveSha256": {"S.$": "$.result.archive_sha256"},
    "ResultKey": {"S.$": "$.result.result_key"},
}


def _succeeded(args: DefinitionArgs) -> State:
    return _ledger_put(args, entry="$.entries.ended", state="succeeded", more=_OUTCOME)


def _show(args: DefinitionArgs, state: str, attributes: State, *, remove: list[str]) -> State:
    """Update of `Files`: sets every attribute that this state knows and removes those that it makes untrue."""
    values = {f":{name.lower()}": value for name, value in attributes.items()}
    names = {f"#{name}": name for name in [*attributes, *remove]}
    assignments = ", ".join(f"#{name} = :{name.lower()}" for name in attributes)
    removal = f" REMOVE {', '.join(f'#{name}' for name in remove)}" if remove else ""
    return {
        "TableName": args.files_table,
        "Key": {"FileName": {"S.$": "$.file.key"}},
        "UpdateExpression": f"SET #State = :state, UpdatedAt = :at, {assignments}{removal}",
        "ConditionExpression": NOT_OLDER,
        "ExpressionAttributeNames": {"#State": "State", **names},
        "ExpressionAttributeValues": {
            ":state": {"S": state},
            ":at": {"S.$": "$$.State.EnteredTime"},
            **values,
        },
    }


def _show_received(args: DefinitionArgs) -> State:
    attributes = {
        **_FILE,
        **_LISTED,
        "Size": {"N.$": "States.Format('{}', $.file.size)"},
        "ETag": {"S.$": "$.file.etag"},
    }
    return _show(args, "received", attributes, remove=[*_OUTCOME, "Stage", "Parts", "Groups", "Reason", "EndedAt"])


def _show_succeeded(args: DefinitionArgs) -> State:
    attributes = {
        **_FILE,
        **_OUTCOME,
        **_LISTED,
        "Size": {"N.$": "States.Format('{}', $.file.size)"},
        "ETag": {"S.$": "$.file.etag"},
        "EndedAt": {"S.$": "$$.State.EnteredTime"},
    }
    return _show(args, "succeeded", attributes, remove=["Stage", "Reason"])
