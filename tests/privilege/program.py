"""The policies of one stack, out of the program as it was recorded, and the stack's things by names of no stack."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tests.recorder import ACCOUNT, REGION, Recorded, Recording

Aliases = Mapping[str, str]
"""From what a stack calls a thing to what every stack may call it: "arn:aws:s3:::x-7f3" to "{s3.Bucket upload}"."""

# What belongs to another resource shows its ARN, or a made-up one, but has none of its own.
_SETTINGS = frozenset(
    {
        "BucketPolicy",
        "EventSourceMapping",
        "EventTarget",
        "KeyPolicy",
        "Permission",
        "QueuePolicy",
        "RolePolicy",
        "TopicPolicy",
    }
)
_NAMED = re.compile(r"\{[^{}]+\}")


def alias(kind: str, name: str, prefix: str, attribute: str = "") -> str:
    """The name for no stack, of a resource that Pulumi knows as `name`."""
    return "{" + " ".join(filter(None, (kind, name.removeprefix(prefix + "-"), attribute))) + "}"


def kind_of(token: str) -> str:
    """ "s3.Bucket" of "aws:s3/bucket:Bucket"."""
    return f"{token.split(':')[1].split('/', maxsplit=1)[0]}.{token.rpartition(':')[2]}"


def without_stack(text: str, aliases: Aliases) -> str:
    """`text` with names of no stack: the longest that fits wins."""
    for physical in sorted(aliases, key=len, reverse=True):
        text = text.replace(physical, aliases[physical])
    return text


def aliases_of(
    things: Sequence[tuple[str, str, Mapping[str, Any]]], prefix: str, region: str, account: str
) -> dict[str, str]:
    """Of things given as token, name and outputs; what has a random name is known by its ARN, the rest by `prefix`."""
    found = {prefix: "{stack}", region: "{region}", account: "{account}"}
    for token, name, outputs in things:
        if token.rpartition(":")[2] in _SETTINGS:
            continue
        for attribute in ("arn", "streamArn"):
            if isinstance(outputs.get(attribute), str) and outputs[attribute].startswith("arn:"):
                found[outputs[attribute]] = alias(kind_of(token), name, prefix, "" if attribute == "arn" else attribute)
        if token.endswith(":RestApi"):
            found[outputs["executionArn"]] = alias(kind_of(token), name, prefix, "executionArn")
    return found


@dataclass(frozen=True)
class Program:
    """`Policies` (see `local/iam/judge.py`) of a recording; `changed` has other policies for some roles."""

    recording: Recording
    prefix: str
    changed: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def aliases(self) -> dict[str, str]:
        """What each thing of the stack is called in no stack."""
        things = [(one.token, one.name, one.outputs) for one in self.recording.resources]
        return aliases_of(things, self.prefix, REGION, ACCOUNT)

    def render(self, text: str) -> str:
        """A text with names of no stack, for this one. Raises `KeyError` when the stack has no such thing."""
        back = self._back
        return _NAMED.sub(lambda match: back[match[0]], text)

    def has(self, text: str) -> bool:
        """Whether the stack has all that a text names."""
        return all(name in self._back for name in _NAMED.findall(text))

    def identity(self, role: str) -> list[str]:
        if role in self.changed:
            return [self.changed[role]]
        name = role.rpartition("/")[2]
        return [one.inputs["policy"] for one in self._all("iam.RolePolicy") if one.inputs["role"] == name]

    def boundary(self, role: str) -> str | None:
        arn = self.role(role).inputs.get("permissionsBoundary")
        found = [one.inputs["policy"] for one in self._all("iam.Policy") if one.outputs["arn"] == arn]
        return str(found[0]) if found else None

    def resource(self, action: str, resource: str) -> str | None:  # noqa: PLR0911 - one of each service
        name = resource.rpartition(":")[2]
        match action.partition(":")[0]:
            case "sts":
                return str(self.role(resource).inputs["assumeRolePolicy"])
            case "s3":
                return self._policy("s3.BucketPolicy", "bucket", name.partition("/")[0])
            case "sqs":
                (queue,) = [one for one in self._all("sqs.Queue") if one.outputs["arn"] == resource]
                return self._policy("sqs.QueuePolicy", "queueUrl", queue.outputs["url"])
            case "sns":
                return self._policy("sns.TopicPolicy", "arn", resource)
            case "kms":
                return self._policy("kms.KeyPolicy", "keyId", resource.rpartition("/")[2] + "-id")
            case "lambda":
                return self._permissions(name, resource)
            case _:
                return None

    def role(self, arn: str) -> Recorded:
        """The role of this ARN."""
        (found,) = [one for one in self._all("iam.Role") if one.outputs["arn"] == arn]
        return found

    def roles(self) -> list[Recorded]:
        """All roles, by name."""
        return sorted(self._all("iam.Role"), key=lambda one: one.name)

    def _permissions(self, function: str, arn: str) -> str | None:
        statements = []
        for one in self._all("lambda.Permission"):
            if one.inputs["function"] in (function, arn):
                given = {
                    "StringEquals": {"aws:SourceAccount": one.inputs.get("sourceAccount")},
                    "ArnLike": {"aws:SourceArn": one.inputs.get("sourceArn")},
                }
                conditions = {name: keys for name, keys in given.items() if all(keys.values())}
                principal = {"Service": one.inputs["principal"]}
                statements.append({"Effect": "Allow", "Principal": principal, "Action": one.inputs["action"],
                                   "Resource": arn, "Condition": conditions})  # fmt: skip
        return json.dumps({"Version": "2012-10-17", "Statement": statements}) if statements else None

    def _policy(self, kind: str, key: str, value: str) -> str | None:
        found = [one.inputs["policy"] for one in self._all(kind) if one.inputs[key] == value]
        return str(found[0]) if found else None

    def _all(self, kind: str) -> list[Recorded]:
        return self._by_kind.get(kind, [])

    @cached_property
    def _by_kind(self) -> dict[str, list[Recorded]]:
        found: dict[str, list[Recorded]] = {}
        for one in self.recording.resources:
            found.setdefault(one.kind, []).append(one)
        return found

    @cached_property
    def _back(self) -> dict[str, str]:
        return {name: physical for physical, name in self.aliases.items()}
