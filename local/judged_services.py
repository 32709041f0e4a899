"""Calls that services make with a role, or by a resource's own policy; ministack makes them without asking anybody.

What is refused fails as on AWS: a task with the error of the service that it called, a mapping by delivering nothing,
a rule's event by reaching nobody, a function that may not be taken up by failing.
"""

import contextlib
import contextvars
import importlib
import json
from collections.abc import Iterator
from typing import Any

from local.hooks import Function, Hooks
from local.iam.court import Court, sourced
from local.iam.judge import Decision
from local.log import LOG
from local.task_calls import Calls, UnknownTask, calls_of

_EVENTS, _LAMBDA, _STATES = "events.amazonaws.com", "lambda.amazonaws.com", "states.amazonaws.com"
_POLLING = {
    "sqs": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    "dynamodb": ("dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords"),
}
# What EventBridge does to a target by the target's own policy.
_TARGETS = {"sqs": "sqs:SendMessage", "lambda": "lambda:InvokeFunction", "sns": "sns:Publish"}
# The errors with which tasks fail that may not make their call, by the beginning of the task's resource.
_ERRORS = {
    "lambda": "Lambda.AWSLambdaException",
    "dynamodb": "DynamoDB.AmazonDynamoDBException",
    "aws-sdk:dynamodb": "DynamoDb.DynamoDbException",
    "sns": "SNS.AuthorizationErrorException",
}
_machine: contextvars.ContextVar[tuple[str, str] | None] = contextvars.ContextVar("penstock_machine")
"""ARN of the machine whose execution this thread walks, and of its role; None of a machine that is not this cloud's."""


class Services:
    """The mends for calls of services."""

    def __init__(self, court: Court) -> None:
        self._court = court
        self._machines = importlib.import_module("ministack.services.stepfunctions")._state_machines

    def mend(self, hooks: Hooks) -> None:
        """Puts all of them in force."""
        states, functions = "services.stepfunctions", "services.lambda_svc"
        hooks.replace(states, "_run_execution", "exec_arn", self._running)
        hooks.replace(states, "_invoke_resource", "resource input_data", self._tasks)
        hooks.replace(states, "_invoke_with_callback", "resource input_data token state_def", self._tasks)
        hooks.replace(states, "_read_map_items", "reader effective ctx", self._readers)
        distributed = "state_def raw_input effective iterator execution ctx"
        hooks.replace(states, "_run_distributed_map", distributed, self._children)
        hooks.replace(functions, "_iter_all_esms", "", self._mappings)
        hooks.replace(functions, "_route_async_failure", "target_arn func_name event result", self._dead_letters)
        record = "esm func_rec batch stream_arn result condition"
        hooks.replace(functions, "_send_ddb_stream_failure_record", record, self._failed_batches)
        hooks.replace(
            functions, "_emit_lambda_logs", "func request_id log_text error duration_ms log_source", self._logs
        )
        hooks.replace("core.lambda_runtime", "execution_credentials", "config", self._credentials)
        hooks.replace("services.eventbridge", "_invoke_target", "target event rule view", self._targets)

    # -- Step Functions -----------------------------------------------------------------------------------------------
    def _running(self, run: Function) -> Function:
        """Whoever started the execution is not who makes its calls."""

        def run_execution(exec_arn: str) -> None:
            states = importlib.import_module("ministack.services.stepfunctions")
            # The interpreter also runs definitions offline, in a store of their own and without a cloud.
            if states._state_machines is not self._machines:
                token = _machine.set(None)
                try:
                    run(exec_arn)
                finally:
                    _machine.reset(token)
                return
            machine = states._executions.get(exec_arn)["stateMachineArn"]
            role = self._machines.get(machine)["roleArn"]
            caller = importlib.import_module("ministack.core.iam_evaluator")._request_caller_arn
            session = role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/execution"
            tokens = _machine.set((machine, role)), caller.set(session)
            try:
                run(exec_arn)
            finally:
                _machine.reset(tokens[0])
                caller.reset(tokens[1])

        return run_execution

    def _tasks(self, invoke: Function) -> Function:
        def invoke_resource(resource: str, input_data: Any, *others: Any) -> Any:
            try:
                self._as_machine(calls_of(resource, input_data), _error_of(resource))
            except UnknownTask as unknown:
                raise _failure("States.Runtime", str(unknown)) from None
            return invoke(resource, input_data, *others)

        return invoke_resource

    def _readers(self, read: Function) -> Function:
        def read_map_items(reader: dict[str, Any], effective: Any, ctx: dict[str, Any]) -> Any:
            states = importlib.import_module("ministack.services.stepfunctions")
            where = states._resolve_params_obj(
                reader.get("Parameters") or reader.get("Arguments") or {}, effective, ctx
            )
            bucket = f"arn:aws:s3:::{where.get('Bucket')}"
            if reader["Resource"].endswith(":listObjectsV2"):
                self._as_machine([("s3:ListBucket", bucket)], "States.ItemReaderFailed")
            else:
                self._as_machine([("s3:GetObject", f"{bucket}/{where.get('Key')}")], "States.ItemReaderFailed")
            return read(reader, effective, ctx)

        return read_map_items

    def _children(self, run: Function) -> Function:
        """The children of a Distributed Map are executions that its own machine starts."""

        def run_distributed_map(*args: Any) -> Any:
            current = _machine.get()
            if current:
                self._as_machine([("states:StartExecution", current[0])], "States.Runtime")
            return run(*args)

        return run_distributed_map

    def _as_machine(self, calls: Calls, error: str) -> None:
        current = _machine.get()
        if not current:
            return
        machine, role = current
        decision = self._court.assume(_STATES, role, machine)
        if not decision:
            raise _failure("States.Runtime", f"{_STATES} may not take up {role}: {decision.why}")
        for action, resource in calls:
            decision = self._court.call(role, action, resource)
            if not decision:
                raise _failure(error, f"{role} is not authorized to perform: {action} on {resource}: {decision.why}")

    # -- Lambda -------------------------------------------------------------------------------------------------------
    def _credentials(self, issue: Function) -> Function:
        def execution_credentials(config: dict[str, Any]) -> Any:
            decision = self._court.assume(_LAMBDA, config["Role"], config["FunctionArn"])
            if not decision:
                raise PermissionError(f"Lambda may not take up {config['Role']}: {decision.why}")
            return issue(config)

        return execution_credentials

    def _mappings(self, iterate: Function) -> Function:
        """A mapping whose function may not read its source is passed over: nothing is delivered, nothing is lost.

        So is one whose queue is empty, without asking: ministack goes through all mappings many times a second, and
        judging each of them took half a core. What is sent to a queue wakes it.
        """

        def readable() -> Iterator[Any]:
            for account, region, mapping in iterate():
                config = _config(mapping["FunctionName"])
                source = mapping.get("EventSourceArn", "")
                service = source.split(":")[2] if source else ""
                if service == "sqs" and _is_empty(source):
                    continue
                if not config or self._function_may(config, _POLLING.get(service, ()), source):
                    yield account, region, mapping

        return readable

    def _dead_letters(self, route: Function) -> Function:
        def route_failure(target_arn: str, func_name: str, event: Any, result: Any) -> None:
            if self._may_leave(target_arn, _config(func_name)):
                route(target_arn, func_name, event, result)

        return route_failure

    def _failed_batches(self, send: Function) -> Function:
        def send_record(esm: dict[str, Any], func_rec: dict[str, Any], *others: Any) -> None:
            target = ((esm.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
            if target and self._may_leave(target, func_rec.get("config") or func_rec):
                send(esm, func_rec, *others)

        return send_record

    def _logs(self, emit: Function) -> Function:
        def emit_logs(func: dict[str, Any], *args: Any, **keywords: Any) -> None:
            config = func.get("config") or func
            group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config['FunctionName']}"
            region, account = config["FunctionArn"].split(":")[3:5]
            stream = f"arn:aws:logs:{region}:{account}:log-group:{group}:log-stream:local"
            if self._function_may(config, ("logs:CreateLogStream", "logs:PutLogEvents"), stream):
                emit(func, *args, **keywords)

        return emit_logs

    def _may_leave(self, target: str, config: dict[str, Any] | None) -> bool:
        action = _TARGETS.get(target.split(":")[2])
        return config is None or action is None or self._function_may(config, (action,), target)

    def _function_may(self, config: dict[str, Any], actions: tuple[str, ...], resource: str) -> bool:
        return all(self._court.call(config["Role"], action, resource) for action in actions)

    # -- EventBridge --------------------------------------------------------------------------------------------------
    def _targets(self, invoke: Function) -> Function:
        def invoke_target(target: dict[str, Any], event: Any, rule: dict[str, Any], view: Any = None) -> None:
            arn = target.get("Arn", "")
            decision = self._to_target(arn, target.get("RoleArn") or rule.get("RoleArn"), rule["Arn"])
            if decision is None or decision:
                invoke(target, event, rule, view)
            else:
                LOG.warning("EventBridge reaches nobody: %s to %s: %s", rule["Arn"], arn, decision.why)

        return invoke_target

    def _to_target(self, target: str, role: str | None, rule: str) -> Decision | None:
        with contextlib.suppress(IndexError):
            service = target.split(":")[2]
            if service in _TARGETS:
                return self._court.call(_EVENTS, _TARGETS[service], target, **sourced(rule))
            if service == "states" and role:
                taken = self._court.assume(_EVENTS, role, rule)
                return taken and self._court.call(role, "states:StartExecution", target)
        return None


def _is_empty(queue: str) -> bool:
    found = importlib.import_module("ministack.services.sqs")._queue_by_arn(queue)
    return found is not None and not found["messages"]


def _config(function: str) -> dict[str, Any] | None:
    record = importlib.import_module("ministack.services.lambda_svc")._functions.get(function)
    config: dict[str, Any] | None = record["config"] if record else None
    return config


def _error_of(resource: str) -> str:
    """ "DynamoDB.AmazonDynamoDBException" and so on; resources look like "arn:aws:states:::dynamodb:putItem"."""
    service = resource.removeprefix("arn:aws:states:::")
    service = "lambda" if service.startswith("arn:aws:lambda:") else service
    return next((error for begin, error in _ERRORS.items() if service.startswith(begin)), "States.TaskFailed")


def _failure(error: str, cause: str) -> Exception:
    failure: Exception = importlib.import_module("ministack.services.stepfunctions")._ExecutionError(
        error, json.dumps(cause)[1:-1]
    )
    return failure
