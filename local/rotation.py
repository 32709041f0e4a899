"""Rotation of secrets as Secrets Manager does it, by four calls of a function. ministack calls no one.

Source: AWS Secrets Manager User Guide, "Lambda rotation functions"; API reference, RotateSecret.
"""

import importlib
import json
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from local.hooks import Function, Hooks
from local.iam.court import Court, sourced
from local.log import LOG

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
CURRENT, PENDING = "AWSCURRENT", "AWSPENDING"
_CALLER = "secretsmanager.amazonaws.com"


Judge = Callable[[str, str], bool]
"""Whether Secrets Manager may call a function (ARN) for a secret (ARN)."""


def mend(hooks: Hooks, court: Court, *, enforce_iam: bool) -> None:
    """Makes `RotateSecret` call the secret's function, each step after the one before has succeeded."""

    def judge(function: str, secret: str) -> bool:
        return not enforce_iam or bool(court.call(_CALLER, "lambda:InvokeFunction", function, **sourced(secret)))

    hooks.replace("services.secretsmanager", "_rotate_secret", "data", lambda _: _rotating(judge))


def _rotating(may_call: Judge) -> Function:
    def rotate_secret(data: dict[str, Any]) -> Any:
        """A rotation that failed is taken up again by the next call, whose answer says so, as AWS's does."""
        service = importlib.import_module("ministack.services.secretsmanager")
        responses = importlib.import_module("ministack.core.responses")
        _, secret = service._resolve(data.get("SecretId"))
        if not secret or secret.get("DeletedDate"):
            return responses.error_response_json("ResourceNotFoundException", "There is no such secret.", 400)
        function = data.get("RotationLambdaARN") or secret.get("RotationLambdaARN")
        if not function:
            return responses.error_response_json("InvalidRequestException", "No Lambda rotation function is set.", 400)
        if not may_call(function, secret["ARN"]):
            message = "Secrets Manager cannot invoke the specified Lambda function: see the function's own policy."
            return responses.error_response_json("AccessDeniedException", message, 400)
        secret["RotationLambdaARN"], secret["RotationEnabled"] = function, True
        if rules := data.get("RotationRules"):
            secret["RotationRules"] = rules
        if not data.get("RotateImmediately", True):
            return _answer(responses, secret, data.get("ClientRequestToken") or str(uuid.uuid4()))
        left, _ = service._find_stage_version(secret, PENDING)
        again = left is not None and CURRENT not in secret["Versions"][left]["Stages"]
        token = left if again else data.get("ClientRequestToken") or str(uuid.uuid4())
        if not again:
            service._remove_stage_everywhere(secret, PENDING)
            # It has a place among the versions before it has a value.
            secret["Versions"][token] = {
                "SecretString": None,
                "SecretBinary": None,
                "CreatedDate": int(time.time()),
                "Stages": [PENDING],
            }
        threading.Thread(target=_call, args=(secret["ARN"], function, token), daemon=True).start()
        if again:
            message = "A previous rotation isn't complete. That rotation will be reattempted."
            return responses.error_response_json("InvalidRequestException", message, 400)
        return _answer(responses, secret, token)

    return rotate_secret


def _answer(responses: Any, secret: dict[str, Any], token: str) -> Any:
    return responses.json_response({"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": token})


def _call(secret: str, function: str, token: str) -> None:
    """AWS repeats a rotation that failed some minutes later; here it is left until somebody calls again."""
    service = importlib.import_module("ministack.services.lambda_svc")
    for step in STEPS:
        found, config, _ = service._get_func_record_for_ref(function)
        if not found or not config:
            LOG.warning("rotation: there is no function %s", function)
            return
        event = {"Step": step, "SecretId": secret, "ClientRequestToken": token}
        answer = service._execute_function_with_config_scope(service._execution_record_for_config(found, config), event)
        if answer.get("error"):
            LOG.warning("rotation: %s failed: %s", step, json.dumps(answer.get("body"), default=str))
            return
