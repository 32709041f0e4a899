"""What the platform needs: calls by names of no stack, from the flow on the local cloud or as AWS documents them."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from local.deploy import Deployment
from local.iam.judge import Decision, Request, judge
from local.iam.policy import Values
from local.iam.usage import Call
from tests.privilege.program import Program, aliases_of, without_stack

RECORD = Path(__file__).resolve().parents[2] / "docs" / "least-privilege.json"
FLOW = "flow"


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Need:
    """A call that has to be allowed. `source` is `FLOW`, or where it is written that the call is made."""

    principal: str
    action: str
    resource: str
    context: tuple[tuple[str, str | Values], ...] = ()
    source: str = FLOW

    @property
    def names(self) -> str:
        """All text of it that may name things of a stack."""
        return " ".join((self.principal, self.resource, *(str(value) for _, value in self.context)))

    @property
    def kind(self) -> tuple[object, ...]:
        """What is called by whom. Of the context only that which tells what a key is used for."""
        context = tuple(pair for pair in self.context if pair[0].startswith("kms:encryptioncontext:"))
        return self.principal, self.action, self.resource, context

    def request(self, program: Program) -> Request:
        """The call in a stack. A pattern of resources stands for one of them."""

        def put(value: str | Values) -> str | Values:
            return program.render(value) if isinstance(value, str) else tuple(map(program.render, value))

        resource = program.render(self.resource)
        return Request(
            principal=program.render(self.principal),
            action=self.action,
            resource=resource if resource == "*" else resource.replace("*", "x"),
            context={key: put(value) for key, value in self.context},
        )

    def decide(self, program: Program) -> Decision:
        """Whether the stack allows it."""
        return judge(program, self.request(program))


_AUTHORIZER = re.compile(r"/authorizers/\w+")


def of_flow(calls: Iterable[Call], deployment: Deployment, *, prefix: str, region: str, account: str) -> list[Need]:
    """What was called and allowed in a deployment."""
    things = [(one.token, one.name, one.state) for one in deployment.states]
    aliases = aliases_of(things, prefix, region, account)

    def one(text: str) -> str:
        # An authorizer is no resource of the stack's own, so its number has no name.
        return _AUTHORIZER.sub("/authorizers/number", without_stack(text, aliases))

    def name(value: str | Values) -> str | Values:
        return one(value) if isinstance(value, str) else tuple(map(one, value))

    return sorted(
        {
            Need(
                principal=without_stack(call.principal, aliases),
                action=call.action,
                resource=without_stack(call.resource, aliases),
                context=tuple((key, name(value)) for key, value in call.context),
            )
            for call in calls
            if call.allowed
        }
    )


def save(needs: Iterable[Need], path: Path = RECORD) -> None:
    """Writes the record of a flow, a line for each call."""
    lines = [json.dumps({**asdict(need), "context": dict(need.context)}) for need in sorted(needs)]
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n")


def load(path: Path = RECORD) -> list[Need]:
    """The record of the last flow."""

    def values(given: Mapping[str, Any]) -> tuple[tuple[str, str | Values], ...]:
        return tuple((key, tuple(value) if isinstance(value, list) else value) for key, value in given.items())

    return [Need(**{**one, "context": values(one["context"])}) for one in json.loads(path.read_text())]
