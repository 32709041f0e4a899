"""Policy documents: parsed strictly, matched as AWS documents it. What is not known here is refused, never guessed.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

Values = tuple[str, ...]
Context = Mapping[str, str | Values]
"""Condition keys, in lower case, and what the request says of them; a tuple for a key of many values."""

_ELEMENTS = {"Sid", "Effect", "Principal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
_KINDS = {"AWS", "Service", "Federated", "CanonicalUser"}
_VARIABLE = re.compile(r"\$\{([^}]*)\}")


class UnknownPolicy(ValueError):
    """The policy says something that this evaluation does not know; the message says what and where."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """One key under one operator. `absent` is the answer when the request does not have the key."""

    operator: str
    key: str
    values: Values
    quantifier: str
    absent: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """One statement; `principals` is None in a policy of an identity. `resources` is None in a trust policy."""

    sid: str
    allows: bool
    actions: Values
    excludes_actions: bool
    resources: Values | None
    excludes_resources: bool
    principals: tuple[tuple[str, str], ...] | None
    conditions: tuple[Condition, ...] = field(default=())


Document = tuple[Statement, ...]


@lru_cache(maxsize=2048)
def parse(text: str) -> Document:
    """The statements of a policy. Raises `UnknownPolicy` for any element, operator or value that is not known."""
    body = json.loads(text)
    if unknown := body.keys() - {"Version", "Id", "Statement"}:
        raise UnknownPolicy(f"a policy with {', '.join(sorted(unknown))}")
    # The default policies of topics are of the older version, in which variables are plain text.
    if body.get("Version") not in ("2008-10-17", "2012-10-17") or ("${" in text and body["Version"] == "2008-10-17"):
        raise UnknownPolicy(f"a policy of version {body.get('Version')}, or with variables in an old one")
    statements = body["Statement"]
    return tuple(_statement(one) for one in (statements if isinstance(statements, list) else [statements]))


def _statement(body: Mapping[str, Any]) -> Statement:
    if unknown := body.keys() - _ELEMENTS:
        raise UnknownPolicy(f"a statement with {', '.join(sorted(unknown))}")
    if body.get("Effect") not in ("Allow", "Deny"):
        raise UnknownPolicy(f"the effect {body.get('Effect')!r}")
    if ("Action" in body) == ("NotAction" in body) or {"Resource", "NotResource"} <= body.keys():
        raise UnknownPolicy("a statement needs one of Action and NotAction, and at most one of Resource, NotResource")
    named = "Resource" in body or "NotResource" in body
    return Statement(
        sid=body.get("Sid", ""),
        allows=body["Effect"] == "Allow",
        actions=tuple(one.lower() for one in _texts(body.get("Action", body.get("NotAction")))),
        excludes_actions="NotAction" in body,
        resources=_texts(body.get("Resource", body.get("NotResource"))) if named else None,
        excludes_resources="NotResource" in body,
        principals=_principals(body["Principal"]) if "Principal" in body else None,
        conditions=tuple(
            _condition(operator, key, values)
            for operator, keys in body.get("Condition", {}).items()
            for key, values in keys.items()
        ),
    )


def _texts(value: Any) -> Values:
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str | bool | int) for one in values):
        raise UnknownPolicy(f"the value {value!r}")
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in values)


def _principals(body: Any) -> tuple[tuple[str, str], ...]:
    if body == "*":
        return (("*", "*"),)
    if not isinstance(body, dict) or body.keys() - _KINDS:
        raise UnknownPolicy(f"the principal {body!r}")
    return tuple((kind, one) for kind, value in body.items() for one in _texts(value))


def _condition(operator: str, key: str, values: Any) -> Condition:
    quantifier, _, name = operator.rpartition(":")
    if quantifier not in ("", "ForAllValues", "ForAnyValue"):
        raise UnknownPolicy(f"the condition operator {operator}")
    name, if_exists = name.removesuffix("IfExists"), name.endswith("IfExists")
    if name not in _OPERATORS or (name == "Null" and (quantifier or if_exists)):
        raise UnknownPolicy(f"the condition operator {operator}")
    texts = _texts(values)
    if name in ("Bool", "Null") and not set(texts) <= {"true", "false"}:
        raise UnknownPolicy(f"{operator} with {values!r}")
    negative = _OPERATORS[name][1] and quantifier != "ForAnyValue"
    return Condition(
        operator=name,
        key=key.lower(),
        values=texts,
        quantifier=quantifier,
        absent=negative or if_exists or quantifier == "ForAllValues",
    )


# -- matching ---------------------------------------------------------------------------------------------------------
def applies(statement: Statement, action: str, resource: str, context: Context) -> bool:
    """Whether a statement speaks about this request, whoever makes it."""
    if any(like(action.lower(), pattern) for pattern in statement.actions) == statement.excludes_actions:
        return False
    if statement.resources is not None:
        named = any(like(resource, filled) for one in statement.resources if (filled := _fill(one, context)))
        if named == statement.excludes_resources:
            return False
    return all(_holds(condition, context) for condition in statement.conditions)


@lru_cache(maxsize=8192)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(one) or re.escape(one) for one in pattern), re.DOTALL)


def like(value: str, pattern: str) -> bool:
    """Whether `value` matches a pattern of `*` and `?`, letters' case included."""
    return _pattern(pattern).fullmatch(value) is not None


def _fill(pattern: str, context: Context) -> str | None:
    """A pattern with its variables put in; None when the request lacks one, because then nothing matches."""
    missing = False

    def value(match: re.Match[str]) -> str:
        nonlocal missing
        name = match[1]
        if not re.fullmatch(r"[A-Za-z0-9]+:[A-Za-z0-9/:_-]+", name):
            raise UnknownPolicy(f"the policy variable ${{{name}}}")
        found = context.get(name.lower())
        if not isinstance(found, str):
            missing = True
            return ""
        return found

    filled = _VARIABLE.sub(value, pattern)
    return None if missing else filled


def _holds(condition: Condition, context: Context) -> bool:
    found = context.get(condition.key)
    if condition.operator == "Null":
        return (found is None) == (condition.values[0] == "true")
    if found is None:
        return condition.absent
    if condition.quantifier == "" and not isinstance(found, str):
        raise UnknownPolicy(f"{condition.operator} without a quantifier on the many values of {condition.key}")
    compare, negative = _OPERATORS[condition.operator]
    wanted = [one for one in (_fill(value, context) for value in condition.values) if one is not None]

    def matches(value: str) -> bool:
        return any(compare(value, one) for one in wanted) != negative

    values = (found,) if isinstance(found, str) else found
    # One value is both all and any.
    return any(map(matches, values)) if condition.quantifier == "ForAnyValue" else all(map(matches, values))


def _arn_like(value: str, pattern: str) -> bool:
    """Each of the six parts of an ARN by itself: a `*` in one does not reach into the next."""
    parts, wanted = value.split(":", 5), pattern.split(":", 5)
    return len(parts) == len(wanted) == 6 and all(map(like, parts, wanted))


def _number(compare: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    return lambda value, wanted: compare(float(value), float(wanted))


_OPERATORS: dict[str, tuple[Callable[[str, str], bool], bool]] = {
    "StringEquals": (lambda value, wanted: value == wanted, False),
    "StringNotEquals": (lambda value, wanted: value == wanted, True),
    "StringEqualsIgnoreCase": (lambda value, wanted: value.lower() == wanted.lower(), False),
    "StringNotEqualsIgnoreCase": (lambda value, wanted: value.lower() == wanted.lower(), True),
    "StringLike": (like, False),
    "StringNotLike": (like, True),
    "ArnEquals": (_arn_like, False),
    "ArnLike": (_arn_like, False),
    "ArnNotEquals": (_arn_like, True),
    "ArnNotLike": (_arn_like, True),
    "Bool": (lambda value, wanted: value.lower() == wanted, False),
    "Null": (lambda value, wanted: False, False),
    "NumericEquals": (_number(lambda value, wanted: value == wanted), False),
    "NumericNotEquals": (_number(lambda value, wanted: value == wanted), True),
    "NumericLessThan": (_number(lambda value, wanted: value < wanted), False),
    "NumericLessThanEquals": (_number(lambda value, wanted: value <= wanted), False),
    "NumericGreaterThan": (_number(lambda value, wanted: value > wanted), False),
    "NumericGreaterThanEquals": (_number(lambda value, wanted: value >= wanted), False),
}
