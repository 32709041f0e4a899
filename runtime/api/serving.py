"""From API Gateway's event to its answer: who calls, which operation, and a problem for all that goes wrong."""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from runtime.adapters.telemetry import logger
from runtime.api import problems
from runtime.api.requests import JSON, Request
from runtime.api.routes import OPERATIONS
from runtime.domain.refusals import Conflict, Refusal

# Lambda's answers end at 6 MB, with quotes and line ends written as two bytes.
MOST_BYTES = 2_500_000
_CORRELATION = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What an operation answers: a JSON value, or text that is JSON already. `tagged` ones may be asked for again."""

    value: Any = None
    text: str | None = None
    status: int = 200
    tagged: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> str:
        """As it is sent."""
        if self.text is not None:
            return self.text
        return "" if self.value is None else json.dumps(self.value, ensure_ascii=False, separators=(",", ":"))


Operation = Callable[[Request], Answer]


def etag(body: str) -> str:
    """Changes with the body."""
    digest = hashlib.sha256(body.encode("utf-8", "surrogatepass")).digest()
    return f'"{base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")}"'


def serve(operations: Mapping[str, Operation], event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Serves one request by the operation of its route. Never raises."""
    correlation = _correlation(event, context)
    named = OPERATIONS.get((event.get("httpMethod", ""), event.get("resource", "")), "")
    logger.append_keys(correlation_id=correlation, operation=named)
    try:
        request = Request.of(event, now=datetime.now(UTC))
        logger.append_keys(caller=request.caller.name)
        if named not in operations:
            return _problem(404, "Not Found", "There is nothing at this address.", correlation)
        made = _made(operations[named](request), request, correlation)
    except Refusal as refusal:
        status, body, headers = problems.of(refusal, correlation)
        logger.info("refused", extra={"status": status, "reason": refusal.detail})
        return _answer(status, json.dumps(body), correlation, problems.CONTENT_TYPE, headers)
    except Exception:
        logger.exception("failed")
        detail = "Something went wrong on this side. Trying again may help; the correlation id leads to the logs."
        return _problem(500, "Internal Server Error", detail, correlation)
    logger.info("served", extra={"status": made["statusCode"]})
    return made


def _made(answer: Answer, request: Request, correlation: str) -> dict[str, Any]:
    body = answer.body()
    if len(body.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise Conflict("The answer is larger than an answer may be.")
    headers = {"Cache-Control": "no-store", **answer.headers}
    if answer.tagged:
        tag = etag(body)
        headers = {**headers, "ETag": tag, "Cache-Control": "private, no-cache"}
        if request.has_tag(tag):
            return _answer(304, "", correlation, None, headers)
    return _answer(answer.status, body, correlation, JSON if body else None, headers)


def _problem(status: int, title: str, detail: str, correlation: str) -> dict[str, Any]:
    body = problems.problem(status, title, detail, correlation)
    return _answer(status, json.dumps(body), correlation, problems.CONTENT_TYPE, {})


def _answer(
    status: int, body: str, correlation: str, content_type: str | None, headers: Mapping[str, str]
) -> dict[str, Any]:
    typed = {"Content-Type": content_type} if content_type else {}
    return {
        "statusCode": status,
        "headers": {"Cache-Control": "no-store", **headers, **typed, "X-Correlation-Id": correlation},
        "body": body,
    }


def _correlation(event: Mapping[str, Any], context: Any) -> str:
    """The caller's, if it is one, or the gateway's id of the request."""
    for name, value in (event.get("headers") or {}).items():
        if name.lower() == "x-correlation-id" and _CORRELATION.fullmatch(value):
            return str(value)
    return str((event.get("requestContext") or {}).get("requestId") or context.aws_request_id)
