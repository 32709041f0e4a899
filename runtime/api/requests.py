"""A request as the functions see it, taken out of API Gateway's event; and what can be wrong with it."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

from runtime.domain.access import Caller
from runtime.domain.callers import NEVER
from runtime.domain.refusals import Fault, Invalid, Unauthorized, WrongMedia

JSON = "application/json"

LIMIT_DEFAULT, LIMIT_MOST = 50, 100
CURSOR_MOST = 2048
_NUMBER = re.compile(r"[0-9]{1,4}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """Names of headers are in lower case. `body` is the text that came, `path` what stands in place of `{file}`."""

    caller: Caller
    now: datetime
    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: str

    @classmethod
    def of(cls, event: Mapping[str, Any], *, now: datetime) -> "Request":
        """Raises `Unauthorized` for a token that has run out since it was checked, `Invalid` for what is no text."""
        many = event.get("multiValueQueryStringParameters") or {}
        for name, values in many.items():
            if len(values) > 1:
                wrong_parameter(name, "is given more than once")
        return cls(
            now=now,
            caller=_caller((event.get("requestContext") or {}).get("authorizer") or {}, now),
            path=event.get("pathParameters") or {},
            query=event.get("queryStringParameters") or {},
            headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
            body=_text(event),
        )

    def json(self) -> dict[str, Any]:
        """The body, which is an object. Raises `Invalid`, and `WrongMedia` for what is said to be something else.

        What is not said to be anything is JSON to the gateway, too.
        """
        kind = self.headers.get("content-type", JSON)
        if kind.partition(";")[0].strip().lower() != JSON:
            raise WrongMedia(f"The body has to be {JSON}, not {kind}.")
        try:
            value = json.loads(self.body, parse_constant=_no_constant, object_pairs_hook=_no_twins)
        except _Twice as twice:
            raise Invalid([Fault(detail=f"{twice} is there more than once", pointer="")]) from None
        except (ValueError, RecursionError):
            raise Invalid([Fault(detail="The body is not JSON.", pointer="")]) from None
        if not isinstance(value, dict):
            raise Invalid([Fault(detail="The body is not a JSON object.", pointer="")])
        return value

    def limit(self) -> int:
        """How many are asked for at most. Raises `Invalid`."""
        given = self.query.get("limit")
        if given is None:
            return LIMIT_DEFAULT
        if not _NUMBER.fullmatch(given) or not 1 <= int(given) <= LIMIT_MOST:
            wrong_parameter("limit", f"must be a whole number from 1 to {LIMIT_MOST}")
        return int(given)

    def cursor(self) -> str | None:
        """The `next` of the page before, unread. Raises `Invalid`."""
        return self.text("cursor", most=CURSOR_MOST)

    def text(self, name: str, *, most: int) -> str | None:
        """A parameter of the query; None if it is not there. Raises `Invalid`."""
        given = self.query.get(name)
        if given is not None and not 1 <= len(given) <= most:
            wrong_parameter(name, f"must have 1 to {most} characters")
        return given

    def time(self, name: str) -> datetime | None:
        """A parameter that is a time (RFC 3339). Raises `Invalid`."""
        given = self.query.get(name)
        if given is None:
            return None
        # A plus sign that nobody has encoded arrives as a space.
        given = given.replace(" ", "+")
        try:
            if not _TIME.fullmatch(given):
                raise ValueError(given)
            return datetime.fromisoformat(given.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            wrong_parameter(name, "must be a time such as 2026-11-21T09:30:00Z")

    def has_tag(self, etag: str) -> bool:
        """Whether `If-None-Match` names this tag: the caller has the answer already."""
        return _matches(self.headers.get("if-none-match", ""), etag)

    def lacks_tag(self, etag: str) -> bool:
        """Whether there is an `If-Match` that does not name this tag: the caller has seen something else."""
        given = self.headers.get("if-match")
        return given is not None and not _matches(given, etag)


def wrong_parameter(name: str, what: str) -> NoReturn:
    """Raises `Invalid` for a parameter."""
    raise Invalid([Fault(detail=f"{name} {what}", parameter=name)])


def _caller(context: Mapping[str, Any], now: datetime) -> Caller:
    """As the authorizer said. What it says is kept for some minutes, and may outlive the token that it is about."""
    expires = context.get("expires")
    if not context.get("folder") or not context.get("caller") or not expires:
        raise Unauthorized("Nobody has said who calls.")
    if expires != NEVER and int(expires) <= now.timestamp():
        raise Unauthorized("The token has run out; sign in again.")
    return Caller(name=context["caller"], folder=context["folder"], operator=context.get("operator") == "true")


def _text(event: Mapping[str, Any]) -> str:
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body)
    try:
        return base64.b64decode(body, validate=True).decode()
    except (binascii.Error, ValueError):
        raise Invalid([Fault(detail="The body is not UTF-8.", pointer="")]) from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


class _Twice(Exception):
    """A member's name that an object has more than once: whoever reads it next may take the other one."""


def _no_twins(members: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(members)
    if len(made) < len(members):
        names = [name for name, _ in members]
        raise _Twice(next(name for name in names if names.count(name) > 1))
    return made


def _matches(given: str, etag: str) -> bool:
    """Weakly: a distribution that compresses an answer says `W/` before its tag."""
    tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
    return "*" in tags or etag in tags
