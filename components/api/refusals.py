"""What the gateway itself answers, before or instead of a function: Problem Details (RFC 9457) of every kind.

Each answer has a correlation id of its own: the gateway cannot say "the request's, or else a new one".

Source: API Gateway Developer Guide, "Gateway response types for API Gateway"; templates are filled in, not computed.
"""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

RETRY_SECONDS = 1
"""Within a second a key at its limit has earned requests again, whatever its limit is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """`detail` is a sentence for a person; headers are besides those that every answer has."""

    status: HTTPStatus
    detail: str
    headers: tuple[tuple[str, str], ...] = ()


_WHO = (("WWW-Authenticate", "Bearer"),)
_LATER = (("Retry-After", str(RETRY_SECONDS)),)
_BROKEN = Refusal(
    status=HTTPStatus.INTERNAL_SERVER_ERROR, detail="Something failed on our side. Quote the correlation id."
)
_UNKNOWN = Refusal(
    status=HTTPStatus.UNAUTHORIZED,
    detail="The Authorization header has no key or token that is in force.",
    headers=_WHO,
)
_FORBIDDEN = Refusal(status=HTTPStatus.FORBIDDEN, detail="This is not allowed.")

REFUSALS: dict[str, Refusal] = {
    "DEFAULT_4XX": Refusal(status=HTTPStatus.BAD_REQUEST, detail="The request was not understood."),
    "DEFAULT_5XX": _BROKEN,
    "ACCESS_DENIED": _FORBIDDEN,
    "API_CONFIGURATION_ERROR": _BROKEN,
    "AUTHORIZER_CONFIGURATION_ERROR": _BROKEN,
    "AUTHORIZER_FAILURE": _BROKEN,
    "BAD_REQUEST_BODY": Refusal(
        status=HTTPStatus.BAD_REQUEST, detail="The body is not what the API's description says of it."
    ),
    "BAD_REQUEST_PARAMETERS": Refusal(
        status=HTTPStatus.BAD_REQUEST, detail="The request lacks a parameter that the API's description wants."
    ),
    "EXPIRED_TOKEN": _UNKNOWN,
    "INTEGRATION_FAILURE": Refusal(status=HTTPStatus.BAD_GATEWAY, detail=_BROKEN.detail),
    "INTEGRATION_TIMEOUT": Refusal(
        status=HTTPStatus.GATEWAY_TIMEOUT, detail="The answer took too long. It is worth trying again.", headers=_LATER
    ),
    # The authorizer named a key that has been switched off since.
    "INVALID_API_KEY": _UNKNOWN,
    "INVALID_SIGNATURE": _UNKNOWN,
    # The gateway's word for a path or method that does not exist.
    "MISSING_AUTHENTICATION_TOKEN": Refusal(status=HTTPStatus.NOT_FOUND, detail="There is nothing at this address."),
    "QUOTA_EXCEEDED": Refusal(status=HTTPStatus.TOO_MANY_REQUESTS, detail="Too many requests.", headers=_LATER),
    "REQUEST_TOO_LARGE": Refusal(
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail="The request is too large. Files go straight to S3."
    ),
    "RESOURCE_NOT_FOUND": Refusal(status=HTTPStatus.NOT_FOUND, detail="There is nothing at this address."),
    "THROTTLED": Refusal(
        status=HTTPStatus.TOO_MANY_REQUESTS, detail="Too many requests. Try again in a moment.", headers=_LATER
    ),
    "UNAUTHORIZED": _UNKNOWN,
    "UNSUPPORTED_MEDIA_TYPE": Refusal(
        status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail="The body has to be application/json."
    ),
    "WAF_FILTERED": _FORBIDDEN,
}


def responses() -> dict[str, Any]:
    """The value of `x-amazon-apigateway-gateway-responses`."""
    return {kind: _response(refusal) for kind, refusal in REFUSALS.items()}


def _title(status: HTTPStatus) -> str:
    """As the functions say it; Python has changed its own word for this one, and a new Python must change no stack."""
    return "Content Too Large" if status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE else status.phrase


def _response(refusal: Refusal) -> dict[str, Any]:
    headers = {
        "Content-Type": "'application/problem+json'",
        "X-Correlation-Id": "context.requestId",
        "Cache-Control": "'no-store'",
        **{name: f"'{value}'" for name, value in refusal.headers},
    }
    problem = {
        "type": "about:blank",
        "title": _title(refusal.status),
        "status": refusal.status.value,
        "detail": refusal.detail,
        "instance": "urn:correlation:$context.requestId",
    }
    return {
        "statusCode": str(refusal.status.value),
        "responseParameters": {f"gatewayresponse.header.{name}": value for name, value in headers.items()},
        "responseTemplates": {"application/json": json.dumps(problem)},
    }
