"""Judges the calls of one local cloud, those to keys included that a call brings with it, and writes all down."""

from collections.abc import Iterable

from local.iam import keys
from local.iam.judge import Decision, Policies, Request, judge
from local.iam.live import LivePolicies, key_of
from local.iam.policy import UnknownPolicy, Values
from local.iam.usage import Usage
from local.log import LOG

ALLOWED = Decision(allowed=True, why="allowed")


class Court:
    """Thread-safe. `usage` has what was judged since the start, or since it was cleared."""

    def __init__(self) -> None:
        self._policies: Policies = LivePolicies()
        self.usage = Usage()

    def call(self, principal: str, action: str, resource: str, **context: str | Values) -> Decision:
        """Judges a call and, when it is allowed, the use of keys that it implies."""
        asked = Request(principal=principal, action=action, resource=resource, context=context)
        decision = self._decide(asked)
        implied = keys.BY_ACTION.get(action)
        if not decision or not implied:
            return decision
        service = action.partition(":")[0]
        name = resource.partition("/")[2].partition("/")[0] if service == "dynamodb" else resource
        return self.key(principal, implied, service, name, resource, **_source(context))

    def key(self, principal: str, actions: Values, service: str, name: str, resource: str, **context: str) -> Decision:
        """Judges the use of the key of a store, if it has one; `name` is what `local.iam.live.key_of` knows it by."""
        found = key_of(service, name)
        if found is None:
            return ALLOWED
        return self._all(keys.uses(principal, actions, found, via=service, resource=resource, **context))

    def assume(self, service: str, role: str, source: str) -> Decision:
        """Judges a service that takes up a role for `source` (an ARN)."""
        return self.call(service, "sts:AssumeRole", role, **sourced(source))

    def refused(self, principal: str, action: str, resource: str) -> None:
        """Writes down a call that somebody else refused."""
        asked = Request(principal=principal, action=action, resource=resource)
        self.usage.add(self._policies, asked, Decision(allowed=False, why="refused"))

    def _all(self, requests: Iterable[Request]) -> Decision:
        for request in requests:
            decision = self._decide(request)
            if not decision:
                return decision
        return ALLOWED

    def _decide(self, request: Request) -> Decision:
        try:
            decision = judge(self._policies, request)
        except UnknownPolicy as unknown:
            # Allowing what is not understood would be a lie.
            return Decision(allowed=False, why=f"the local cloud does not know {unknown}")
        self.usage.add(self._policies, request, decision)
        if not decision:
            LOG.info("refused: %s %s %s: %s", request.principal, request.action, request.resource, decision.why)
        return decision


def sourced(source: str) -> dict[str, str]:
    """The keys with which a service says for which resource (an ARN) it acts."""
    return {"aws:SourceArn": source, "aws:SourceAccount": source.split(":")[4]}


def _source(context: dict[str, str | Values]) -> dict[str, str]:
    return {name: value for name, value in context.items() if name.startswith("aws:Source") and isinstance(value, str)}
