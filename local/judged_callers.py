"""Calls that functions make with their role: judged by our own evaluation too, with the keys that they use.

ministack judges them as well, but leaves out permissions that a call of S3, DynamoDB, SQS, SNS or Secrets Manager
needs on the store's key, and does not tell functions from other users of a role.
"""

import importlib
from typing import Any
from urllib.parse import unquote

from local.hooks import Function, Hooks
from local.iam.court import Court
from local.iam.keys import DATA_KEY, DECRYPT
from local.iam.policy import Values
from local.objects import Answer

# Of every method of S3 that reads or writes what a key encrypts, the use of it.
_OBJECTS: dict[str, tuple[str, Values]] = {
    "_get_object": ("bucket_name key headers query_params", (DECRYPT,)),
    "_put_object": ("bucket_name key body headers", (DATA_KEY,)),
    "_create_multipart_upload": ("bucket_name key headers", (DATA_KEY,)),
    "_upload_part": ("bucket_name key body query_params headers", (DECRYPT,)),
    "_complete_multipart_upload": ("bucket_name key body query_params headers", (DECRYPT,)),
    "_copy_object": ("bucket_name dest_key headers", (DATA_KEY,)),
    "_upload_part_copy": ("bucket_name dest_key query_params headers", (DECRYPT,)),
    "_head_object": ("bucket_name key headers query_params", ()),
}
_SOURCE, _CHECKSUM = "x-amz-copy-source", "x-amz-checksum-mode"


class Callers:
    """The mends for calls with credentials."""

    def __init__(self, court: Court) -> None:
        self._court = court

    def mend(self, hooks: Hooks) -> None:
        """Puts all of them in force."""
        parameters = "access_key_id iam_action service region resource_arn service_context"
        hooks.replace("core.iam_evaluator", "enforce", parameters, self._enforcing)
        for name, (signature, actions) in _OBJECTS.items():
            hooks.replace("services.s3", name, signature, self._with_key(actions))

    def _enforcing(self, enforce: Function) -> Function:
        def judged(
            access_key_id: str,
            iam_action: str,
            service: str,
            region: str,
            resource_arn: str = "*",
            service_context: dict[str, Any] | None = None,
        ) -> Any:
            evaluator = importlib.import_module("ministack.core.iam_evaluator")
            answer = enforce(access_key_id, iam_action, service, region, resource_arn, service_context)
            session = _session(access_key_id)
            if (
                not session
                or isinstance(answer, evaluator.AuthError)
                or iam_action in evaluator._ALWAYS_ALLOWED_ACTIONS
            ):
                return answer
            role = role_of(session)
            if answer is not None:
                self._court.refused(role, iam_action, resource_arn)
                return answer
            decision = self._court.call(
                role, iam_action, resource_arn, **_context(service_context), **_function(session)
            )
            return None if decision else evaluator.EvalResult("ImplicitDeny", session, "", decision.why)

        return judged

    def _with_key(self, actions: Values) -> Any:
        def make(handle: Function) -> Function:
            def with_key(bucket_name: str, *args: Any, **keywords: Any) -> Answer:
                caller = importlib.import_module("ministack.core.iam_evaluator").caller_arn()
                headers = {name: value for one in args if isinstance(one, dict) for name, value in one.items()}
                if ":assumed-role/" in caller and not self._opens(role_of(caller), bucket_name, actions, headers):
                    s3 = importlib.import_module("ministack.services.s3")
                    refusal: Answer = s3._error("AccessDenied", "Access Denied", 403)
                    return refusal
                answer: Answer = handle(bucket_name, *args, **keywords)
                return answer

            return with_key

        return make

    def _opens(self, role: str, bucket: str, actions: Values, headers: dict[str, Any]) -> bool:
        """Whether `role` may use the bucket's key, and that of the bucket that it copies from."""
        needed = {bucket: (*actions, *[DECRYPT] * (_CHECKSUM in headers and not actions))}
        if _SOURCE in headers:
            source = unquote(headers[_SOURCE]).lstrip("/").partition("/")[0]
            needed[source] = (DECRYPT, *needed.get(source, ()))
        return all(self._court.key(role, uses, "s3", name, f"arn:aws:s3:::{name}") for name, uses in needed.items())


def role_of(session: str) -> str:
    """The role's ARN, of the ARN of a session of it."""
    _, partition, _, _, account, name = session.split(":", 5)
    return f"arn:{partition}:iam::{account}:role/{name.split('/')[1]}"


def _session(access_key: str) -> str | None:
    sessions = importlib.import_module("ministack.services.sts")._sessions
    arn = (sessions.get(access_key) or {}).get("Arn", "")
    return arn if ":assumed-role/" in arn else None


def _function(session: str) -> dict[str, str]:
    """Lambda tells, of each call with a function's credentials, which function they were made for."""
    functions = importlib.import_module("ministack.services.lambda_svc")._functions
    config = (functions.get(session.rpartition("/")[2]) or {}).get("config") or {}
    return {"lambda:SourceFunctionArn": config["FunctionArn"]} if config.get("Role") == role_of(session) else {}


def _context(given: dict[str, Any] | None) -> dict[str, str | Values]:
    found = {name: value for name, value in (given or {}).items() if value is not None}
    return {name: tuple(map(str, one)) if isinstance(one, list | tuple) else str(one) for name, one in found.items()}
