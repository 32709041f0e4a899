"""What the bootstrap would make, told by its program: it runs here with nothing behind it."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi.runtime import mocks

from bootstrap.subjects import HOST
from local.deploy import plain, read_config, run

FOLDER = Path(__file__).resolve().parent
STACK = "main"
KEY_USD = 1.0
"""What KMS asks for a key in a month (AWS KMS pricing); use of the keys and what is in the buckets come to cents."""
KINDS = {
    "aws:s3/bucket:Bucket": "buckets",
    "aws:kms/key:Key": "keys",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "identity provider",
    "aws:iam/role:Role": "roles",
    "aws:iam/policy:Policy": "policies",
    "aws:sns/topic:Topic": "topic",
    "aws:sns/topicSubscription:TopicSubscription": "subscriptions",
    "aws:budgets/budget:Budget": "budgets",
}
"""What is shown by name; the rest belongs to these."""


@dataclass(frozen=True, kw_only=True)
class Planned:
    """`inputs` are as the engine would get them, with made-up ARNs in them."""

    kind: str
    name: str
    inputs: dict[str, Any]


class _Planner(mocks.Mocks):
    def __init__(self) -> None:
        self.planned: list[Planned] = []

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        inputs = plain(args.inputs)
        if not args.custom:
            return args.name, {}
        self.planned.append(Planned(kind=args.typ, name=args.name, inputs=inputs))
        return args.name, {"arn": args.name, "bucket": args.name, "keyId": args.name, "name": args.name, **inputs}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        return {"accountId": "ACCOUNT", "region": "REGION", "partition": "aws", "id": "", "name": ""}, []


def planned() -> list[Planned]:
    """All resources, in the order in which they are asked for. Raises `SettingsError`."""
    project, settings = read_config(FOLDER, STACK)
    planner = _Planner()
    run(planner, project=project, settings=settings, stack=STACK, root=FOLDER)
    return planner.planned


def explanation(resources: list[Planned]) -> str:
    """What is made, who gets in, what it costs."""
    return "\n".join(
        [
            "What the platform's stacks need before GitHub's workflows can deploy them, made once for an account",
            f"(settings: bootstrap/Pulumi.{STACK}.yaml, step by step: docs/bootstrap.md).",
            "",
            "Makes",
            *_made(resources),
            "",
            "Lets in",
            *_let_in(resources),
            "",
            *_cost(resources),
        ]
    )


def _made(resources: list[Planned]) -> Iterator[str]:
    by_kind: dict[str, list[str]] = defaultdict(list)
    for one in resources:
        by_kind[one.kind].append(one.name)
    for kind, noun in KINDS.items():
        if names := sorted(by_kind.pop(kind, [])):
            yield f"  {len(names):>3} {noun:<20}{names[0]}"
            yield from (f"{'':<26}{name}" for name in names[1:])
    yield f"  {sum(map(len, by_kind.values())):>3} settings of these (encryption, versions, policies, aliases, …)"


def _let_in(resources: list[Planned]) -> Iterator[str]:
    for one in resources:
        if one.kind == "aws:iam/role:Role":
            for subject in _subjects(one):
                yield f"  {subject:<60} as {one.name}"


def _subjects(role: Planned) -> list[str]:
    (statement,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    found: list[str] = statement["Condition"]["StringEquals"][f"{HOST}:sub"]
    return found


def _cost(resources: list[Planned]) -> Iterator[str]:
    keys = sum(one.kind == "aws:kms/key:Key" for one in resources)
    yield f"Costs about {keys * KEY_USD:.0f} US dollars a month: {keys} keys at {KEY_USD:.2f}. What is in the buckets"
    yield "comes to cents; roles, policies, the topic and budgets cost nothing."
