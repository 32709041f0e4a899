"""What roles are granted, action by action, and what would be left if one of them were taken away."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from local.iam.judge import Request, context_of
from local.iam.policy import applies, parse
from tests.privilege.program import Program, without_stack


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Grant:
    """One action on one resource (or pattern) under one set of conditions (JSON text), of one role (its ARN)."""

    role: str
    action: str
    resource: str
    conditions: str = "{}"

    def serves(self, request: Request) -> bool:
        """Whether a call needs it, or one like it."""
        if request.principal != self.role or request.action != self.action:
            return False
        (statement,) = parse(_document([self._statement()]))
        return applies(statement, request.action, request.resource, context_of(request))

    def _statement(self) -> dict[str, Any]:
        conditions = json.loads(self.conditions)
        statement = {"Effect": "Allow", "Action": self.action, "Resource": self.resource}
        return {**statement, "Condition": conditions} if conditions else statement

    def name(self, program: Program) -> tuple[str, str, str]:
        """Action, resource and conditions by names of no stack."""
        conditions = {
            f"{key} {_SAYS.get(operator, operator)} {value}"
            for operator, keys in json.loads(self.conditions).items()
            for key, value in keys.items()
        }
        said = without_stack("; ".join(sorted(conditions)), program.aliases)
        return self.action, without_stack(self.resource, program.aliases), said


_SAYS = {"StringEquals": "is", "ArnEquals": "is", "ArnLike": "is like", "Null": "is absent:"}


def granted(program: Program) -> list[Grant]:
    """All grants of all roles. A grant that two statements give is one."""
    found = {
        Grant(role=role.outputs["arn"], action=action, resource=resource, conditions=conditions)
        for role in program.roles()
        for text in program.identity(role.outputs["arn"])
        for action, resource, conditions in _pairs(text)
    }
    return sorted(found)


def without(program: Program, *, role: str, action: str, resource: str | None = None) -> Program:
    """The program with an action taken from a role: everywhere, or on one resource only."""
    (text,) = program.identity(role)
    statements = []
    for statement in json.loads(text)["Statement"]:
        actions, resources = _list(statement["Action"]), _list(statement["Resource"])
        if action in actions and (resource is None or resource in resources):
            kept = {**statement, "Action": [one for one in actions if one != action]}
            others = {**statement, "Action": [action], "Resource": [one for one in resources if one != resource]}
            statements += [kept] * bool(kept["Action"])
            statements += [others] * bool(resource is not None and others["Resource"])
        else:
            statements.append(statement)
    return Program(program.recording, program.prefix, {**program.changed, role: _document(statements)})


def _pairs(text: str) -> Iterator[tuple[str, str, str]]:
    for statement in json.loads(text)["Statement"]:
        if statement["Effect"] != "Allow":
            raise ValueError("a role that is denied something is not looked into here")
        for action in _list(statement["Action"]):
            for resource in _list(statement["Resource"]):
                yield action, resource, json.dumps(statement.get("Condition", {}), sort_keys=True)


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _document(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
