"""What was called: every judged call, identical ones as one, so that a record of a whole day stays small."""

import threading
from collections import Counter
from dataclasses import dataclass

from local.iam.judge import Decision, Policies, Request, documents
from local.iam.policy import Values, like, parse

# Refused calls may each be about another resource; nobody needs more of them than this.
MOST_REFUSED = 1000


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Call:
    """A kind of call.

    `resource` of a call that was allowed is the pattern that allowed it, so that a million objects are one entry;
    `context` has only those keys that some policy asks for.
    """

    principal: str
    action: str
    resource: str
    context: tuple[tuple[str, str | Values], ...]
    allowed: bool


class Usage:
    """A record of calls. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: Counter[Call] = Counter()
        self._refused = 0

    def add(self, policies: Policies, request: Request, decision: Decision) -> None:
        """Writes down a call and how it was decided."""
        call = Call(
            principal=request.principal,
            action=request.action,
            resource=_pattern(request, decision),
            context=_asked_for(policies, request),
            allowed=decision.allowed,
        )
        with self._lock:
            if not decision and call not in self._calls:
                if self._refused == MOST_REFUSED:
                    return
                self._refused += 1
            self._calls[call] += 1

    def clear(self) -> None:
        """Forgets all calls."""
        with self._lock:
            self._calls.clear()
            self._refused = 0

    def calls(self) -> dict[Call, int]:
        """The calls so far, and how often each was made."""
        with self._lock:
            return dict(self._calls)


def _pattern(request: Request, decision: Decision) -> str:
    if decision:
        for statement in decision.by:
            for pattern in () if statement.excludes_resources else statement.resources or ():
                if pattern != "*" and "${" not in pattern and like(request.resource, pattern):
                    return pattern
    return request.resource


def _asked_for(policies: Policies, request: Request) -> tuple[tuple[str, str | Values], ...]:
    identity, boundary, own = documents(policies, request)
    texts = (*identity, *(text for text in (boundary, own) if text))
    keys = {condition.key for text in texts for one in parse(text) for condition in one.conditions}
    given = {key.lower(): value for key, value in request.context.items()}
    return tuple(sorted((key, value) for key, value in given.items() if key in keys))
