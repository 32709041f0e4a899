"""What a refusal looks like on the way out: Problem Details (RFC 9457)."""

from typing import Any

from runtime.domain import refusals

CONTENT_TYPE = "application/problem+json"
BLANK = "about:blank"

STATUS: dict[type[refusals.Refusal], tuple[int, str]] = {
    refusals.Invalid: (400, "Bad Request"),
    refusals.Unauthorized: (401, "Unauthorized"),
    refusals.Forbidden: (403, "Forbidden"),
    refusals.NotFound: (404, "Not Found"),
    refusals.Conflict: (409, "Conflict"),
    refusals.Gone: (410, "Gone"),
    refusals.Changed: (412, "Precondition Failed"),
    refusals.TooLarge: (413, "Content Too Large"),
    refusals.WrongMedia: (415, "Unsupported Media Type"),
    refusals.Busy: (503, "Service Unavailable"),
}


def of(refusal: refusals.Refusal, correlation: str) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Status, body and headers."""
    status, title = STATUS[type(refusal)]
    body = problem(status, title, refusal.detail, correlation)
    headers: dict[str, str] = {}
    if isinstance(refusal, refusals.Invalid):
        body["errors"] = [_fault(fault) for fault in refusal.faults]
    if isinstance(refusal, refusals.Unauthorized):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(refusal, refusals.Busy):
        headers["Retry-After"] = str(refusal.seconds)
    return status, body, headers


def problem(status: int, title: str, detail: str, correlation: str) -> dict[str, Any]:
    """The members that every problem has."""
    return {
        "type": BLANK,
        "title": title,
        "status": status,
        "detail": detail,
        "instance": f"urn:correlation:{correlation}",
    }


def _fault(fault: refusals.Fault) -> dict[str, str]:
    members = {"detail": fault.detail, "pointer": fault.pointer, "parameter": fault.parameter}
    return {name: value for name, value in members.items() if value is not None}
