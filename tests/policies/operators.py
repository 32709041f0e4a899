"""Weakens what a resource asks for, one thing at a time, knowing nothing of any kind of resource."""

import copy
import ipaddress
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

DROPPED = object()
"""Stands for a value that is not given any more."""
FOREIGN = "999999999999"
ARN_ACCOUNT = re.compile(r"^(arn:[\w-]+:[\w-]+:[\w-]*:)\d{12}:")
# Enumerations: what is weaker than whatever is chosen, by the name of the input.
WEAKER: Mapping[str, tuple[str, ...]] = {
    "authenticationOptions": ("directory-service-authentication",),
    "billingMode": ("PROVISIONED",),
    "comparisonOperator": ("LessThanThreshold", "LT"),
    "contentSecurityPolicy": ("default-src *",),
    "cookieBehavior": ("all",),
    "frameOption": ("SAMEORIGIN",),
    "headerBehavior": ("whitelist",),
    "ipProtocol": ("-1",),
    "level": ("OFF",),
    "logFormat": (),
    "minimumProtocolVersion": ("TLSv1", "TLSv1.2_2019"),
    "objectOwnership": ("ObjectWriter", "BucketOwnerPreferred"),
    "oversizeHandling": ("CONTINUE", "NO_MATCH"),
    "originAccessControlOriginType": ("lambda",),
    "principal": ("*",),
    "queryStringBehavior": ("all",),
    "referrerPolicy": ("unsafe-url",),
    "signingBehavior": ("never", "no-override"),
    "sseAlgorithm": ("AES256",),
    "startingPosition": ("LATEST",),
    "status": ("DISABLED", "Disabled", "Suspended"),
    "streamViewType": ("KEYS_ONLY",),
    "trafficType": ("ACCEPT", "REJECT"),
    "treatMissingData": ("breaching", "missing"),
    "viewerProtocolPolicy": ("allow-all",),
    "vpcEndpointType": ("GatewayLoadBalancer",),
}
# Text that is JSON, and of interest as a whole only: what people look at.
OPAQUE = ("dashboardBody",)
# Lists that get worse with one more member.
WIDER: Mapping[str, str] = {
    "allowedMethods": "DELETE",
    "allowedOrigins": "*",
    "cachedMethods": "OPTIONS",
}


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """What was done to which input ("policy.1.Condition"), and the inputs that came out."""

    path: str
    what: str
    inputs: Mapping[str, Any]


def mutations(inputs: Mapping[str, Any]) -> Iterator[Mutation]:
    """Everything that can be done to the inputs of one resource."""
    for name, value in inputs.items():
        for path, what, weaker in (("", "dropped", DROPPED), *_weaker(name, value)):
            changed = {key: one for key, one in inputs.items() if key != name or weaker is not DROPPED}
            if weaker is not DROPPED:
                changed[name] = weaker
            if changed != inputs:
                yield Mutation(path=f"{name}{path}", what=what, inputs=changed)


def paths(value: Any, path: str = "") -> Iterator[str]:
    """All inputs of one resource, by the names that mutations give them; JSON text is looked into."""
    read = _json(value) if isinstance(value, str) and path not in OPAQUE else value
    inner = read.items() if isinstance(read, Mapping) else enumerate(read) if isinstance(read, list) else ()
    if path:
        yield path
    for key, one in inner:
        yield from paths(one, f"{path}.{key}" if path else str(key))


def _weaker(name: str, value: Any) -> Iterator[tuple[str, str, Any]]:
    """Path below the input, what was done, and the weaker value."""
    match value:
        case bool():
            yield "", "flipped", not value
        case int() | float():
            yield "", "more", value * 1000 + 1000
            if value > 0:
                yield "", "less", 0 if value < 1000 else 1
        case str():
            yield from _weaker_text(name, value)
        case list():
            yield from _weaker_list(name, value)
        case dict():
            yield from _weaker_map(value)


def _weaker_map(value: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for key, one in value.items():
        yield f".{key}", "dropped", {other: kept for other, kept in value.items() if other != key}
        for path, what, weaker in _weaker(key, one):
            yield f".{key}{path}", what, {**value, key: weaker}


def _weaker_list(name: str, value: list[Any]) -> Iterator[tuple[str, str, Any]]:
    if name in WIDER:
        yield "", "wider", [*value, WIDER[name]]
    if value:
        yield "", "emptied", []
    for index, one in enumerate(value):
        if len(value) > 1:
            yield f".{index}", "dropped", value[:index] + value[index + 1 :]
        for path, what, weaker in _weaker(name, one):
            yield f".{index}{path}", what, [*value[:index], weaker, *value[index + 1 :]]


def _weaker_text(name: str, value: str) -> Iterator[tuple[str, str, Any]]:
    read = None if name in OPAQUE else _json(value)
    if read is not None:
        if "Statement" in read:
            changes = _weaker_policy(read)
        elif "States" in read:
            changes = _weaker_machine(read)
        else:
            changes = _weaker_map(read)
        for path, what, weaker in changes:
            yield path, what, json.dumps(weaker)
        return
    for weaker in WEAKER.get(name, ()):
        if weaker != value:
            yield "", weaker, weaker
    try:
        ipaddress.ip_network(value)
        yield "", "world", "0.0.0.0/0"
    except ValueError:
        pass
    if ARN_ACCOUNT.match(value):
        yield "", "foreign", ARN_ACCOUNT.sub(rf"\g<1>{FOREIGN}:", value)
    elif value.isdigit() and len(value) == len(FOREIGN):
        yield "", "foreign", FOREIGN
    yield "", "other", f"{value}-other"


def _weaker_policy(document: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    statements = document["Statement"]
    for index, statement in enumerate(statements):

        def put(changed: dict[str, Any], at: int = index) -> dict[str, Any]:
            return {**document, "Statement": [*statements[:at], changed, *statements[at + 1 :]]}

        rest = {**document, "Statement": statements[:index] + statements[index + 1 :]}
        yield f".Statement.{index}", f"dropped {statement['Effect']}", rest
        for path, what, changed in _weaker_statement(statement):
            yield f".Statement.{index}.{path}", what, put(changed)


def _weaker_statement(one: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    effect = "Deny" if one["Effect"] == "Allow" else "Allow"
    yield "Effect", f"flipped to {effect}", {**one, "Effect": effect}
    actions = one["Action"] if isinstance(one["Action"], list) else [one["Action"]]
    resources = one.get("Resource", [])
    if one["Effect"] == "Allow":
        every = f"{actions[0].split(':')[0]}:*"
        if actions not in (["*"], [every]):
            yield "Action", "every one of the service", {**one, "Action": [every]}
        if actions != ["*"]:
            yield "Action", "*", {**one, "Action": "*"}
        if resources not in ("*", ["*"], []):
            yield "Resource", "*", {**one, "Resource": ["*"]}
        if "Principal" in one:
            if one["Principal"] != "*":
                yield "Principal", "*", {**one, "Principal": "*"}
            yield "Principal", "another account", {**one, "Principal": {"AWS": f"arn:aws:iam::{FOREIGN}:root"}}
    else:
        yield "Action", "another", {**one, "Action": [f"{actions[0].split(':')[0]}:GetNothing"]}
        if "Principal" in one:
            yield "Principal", "nobody", {**one, "Principal": {"AWS": f"arn:aws:iam::{FOREIGN}:root"}}
        for index in range(len(resources) if isinstance(resources, list) and len(resources) > 1 else 0):
            yield f"Resource.{index}", "dropped", {**one, "Resource": resources[:index] + resources[index + 1 :]}
    if "Sid" in one:
        yield "Sid", "dropped", {key: value for key, value in one.items() if key != "Sid"}
    yield from _weaker_conditions(one)


def _weaker_conditions(one: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    conditions = one.get("Condition", {})
    if conditions:
        yield "Condition", "dropped", {key: value for key, value in one.items() if key != "Condition"}
    for operator, keys in conditions.items():
        rest = {other: value for other, value in conditions.items() if other != operator}
        # A key that is missing differs from every value anyway.
        if "Not" not in operator and operator != "Null":
            yield f"Condition.{operator}", "or missing", {**one, "Condition": {**rest, f"{operator}IfExists": keys}}
        for key, value in keys.items():
            without = {other: kept for other, kept in keys.items() if other != key}
            changed = {**rest, **({operator: without} if without else {})}
            yield f"Condition.{operator}.{key}", "dropped", {**one, "Condition": changed}
            anything = {**keys, key: "true" if value == "false" else "*"}
            yield f"Condition.{operator}.{key}", "anything", {**one, "Condition": {**conditions, operator: anything}}


def _weaker_machine(machine: dict[str, Any], path: str = "") -> Iterator[tuple[str, str, Any]]:
    if "TimeoutSeconds" in machine:
        yield f"{path}.TimeoutSeconds", "dropped", {key: one for key, one in machine.items() if key != "TimeoutSeconds"}
    for name, state in machine["States"].items():
        for key in ("Retry", "Catch", "TimeoutSeconds"):
            if key in state:
                changed = copy.deepcopy(machine)
                del changed["States"][name][key]
                yield f"{path}.States.{name}.{key}", "dropped", changed
        for key in ("Retry", "Catch"):
            if len(state.get(key, [])) > 1:
                changed = copy.deepcopy(machine)
                changed["States"][name][key].pop()
                yield f"{path}.States.{name}.{key}", "last dropped", changed
        for inner, what, weaker in _weaker_machine(state.get("ItemProcessor", {"States": {}}), f"{path}.States.{name}"):
            changed = copy.deepcopy(machine)
            changed["States"][name]["ItemProcessor"] = weaker
            yield inner, what, changed


def _json(text: str) -> Any:
    if not text.startswith("{"):
        return None
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return None
