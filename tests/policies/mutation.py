"""Policy mutation (`make mutate`): weakens every input of every resource in turn, and lists what no rule notices.

A rule of the pack is asked in this process. What it does not notice has to be refused by the provider, to fail the
deployment because something names what is gone, or to be accepted, for a reason that is written down (`accepted.py`).
"""

import argparse
import importlib
import inspect
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi_policy import PolicyResource, ResourceValidationPolicy, StackValidationPolicy

from policies.themes import rules
from tests.policies import accepted
from tests.policies.cases import PROVIDER, judge, of, whole
from tests.policies.operators import mutations, paths
from tests.recorder import Recorded, Recording, recording

STACKS = ("prod", "all-on")
REMOVED = "removed"
EACH = [rule for rule in rules() if isinstance(rule, ResourceValidationPolicy)]
WHOLE = [rule for rule in rules() if isinstance(rule, StackValidationPolicy)]


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One resource, `index` in the stack, with one thing changed; `inputs` is None when it is gone."""

    index: int
    one: Recorded
    path: str
    what: str
    inputs: dict[str, Any] | None

    def __str__(self) -> str:
        return f"{self.one.kind} {self.one.name}: {self.path} {self.what}".replace("  ", " ")


@dataclass(kw_only=True)
class Outcome:
    """How the mutants of a stack ended; `noticed` counts by rule, `refused` by why the deployment fails."""

    inputs: int = 0
    mutated: int = 0
    tried: int = 0
    noticed: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    allowed: Counter[accepted.Accepted] = field(default_factory=Counter)
    unnoticed: list[Mutant] = field(default_factory=list)


class Campaign:
    """All mutants of one recording. Raises `ValueError` when a rule is broken before anything is changed."""

    def __init__(self, recorded: Recording) -> None:
        self._stack = whole(recorded)
        broken = [message for rule in rules() for message in judge(rule, *self._stack)]
        if broken:
            raise ValueError("broken before anything is changed: " + "; ".join(broken))
        provider = Recorded(token=PROVIDER, name="default", inputs=dict(self._stack[0].props), outputs={})
        self._recorded = [provider, *recorded.resources]
        self._looking = {rule: _looks_at(rule, self._stack) for rule in WHOLE}
        self._named = [set(_leaves(one.inputs)) for one in self._recorded]

    def mutants(self) -> list[Mutant]:
        """Every one, of every input of every resource; components have none."""
        return [
            mutant
            for index, one in enumerate(self._recorded)
            if not one.token.startswith("penstock:")
            for mutant in _of(index, one)
        ]

    def count_inputs(self) -> tuple[int, int]:
        """How many inputs there are, and how many of them are changed by some mutant, or within one that is."""
        found = mutated = 0
        for index, one in enumerate(self._recorded):
            if not one.token.startswith("penstock:"):
                changed = {mutant.path for mutant in _of(index, one)}
                every = list(paths(one.inputs))
                found += len(every)
                mutated += sum(
                    any(path == other or path.startswith(f"{other}.") for other in changed) for path in every
                )
        return found, mutated

    def run(self, mutants: Sequence[Mutant]) -> Outcome:
        """Asks all rules about each mutant."""
        outcome = Outcome(tried=len(mutants))
        outcome.inputs, outcome.mutated = self.count_inputs()
        for mutant in mutants:
            if rule := self._noticed_by(mutant):
                outcome.noticed[rule] += 1
            elif why := self._refused(mutant):
                outcome.refused[why] += 1
            elif row := accepted.find(mutant.one.kind, mutant.path, mutant.what):
                outcome.allowed[row] += 1
            else:
                outcome.unnoticed.append(mutant)
        return outcome

    def _noticed_by(self, mutant: Mutant) -> str | None:
        stack, asked = list(self._stack), WHOLE
        if mutant.inputs is None:
            del stack[mutant.index]
        else:
            outputs = {name: value for name, value in mutant.one.outputs.items() if name not in mutant.one.inputs}
            stack[mutant.index] = of(
                Recorded(token=mutant.one.token, name=mutant.one.name, inputs=mutant.inputs, outputs=outputs)
            )
            for rule in EACH:
                if _said(rule, stack[mutant.index]):
                    return rule.name
            asked = [rule for rule in WHOLE if mutant.one.token in self._looking[rule]]
        return next((rule.name for rule in asked if _said(rule, *stack)), None)

    def _refused(self, mutant: Mutant) -> str | None:
        if mutant.what == "dropped" and mutant.path in _required(mutant.one.token):
            return "the provider requires the input"
        if mutant.inputs is None:
            names = {mutant.one.id, *(mutant.one.outputs.get(name) for name in ("arn", "url", "bucket"))} - {None}
            for index, named in enumerate(self._named):
                if index != mutant.index and not names.isdisjoint(named):
                    return "another resource names what is gone"
        return None


def _of(index: int, one: Recorded) -> Iterator[Mutant]:
    for change in mutations(one.inputs):
        yield Mutant(index=index, one=one, path=change.path, what=change.what, inputs=dict(change.inputs))
    if one.token != PROVIDER:
        yield Mutant(index=index, one=one, path="", what=REMOVED, inputs=None)


def _said(rule: Any, *resources: PolicyResource) -> bool:
    try:
        return bool(judge(rule, *resources))
    except (AttributeError, KeyError, TypeError, ValueError):
        # A rule that cannot read what it is about stops the deployment as well.
        return True


class _Watched(PolicyResource):
    """Writes down that somebody looked at its properties."""

    seen: set[str]

    @property
    def props(self) -> Mapping[str, Any]:
        self.seen.add(self.resource_type)
        return self._props

    @props.setter
    def props(self, value: Mapping[str, Any]) -> None:
        self._props = value


def _looks_at(rule: StackValidationPolicy, stack: Sequence[PolicyResource]) -> set[str]:
    """Types whose properties the rule looks at: a change of others' leaves what it says as it is."""
    seen: set[str] = set()
    watched = []
    for one in stack:
        spy = _Watched(one.resource_type, one.props, one.urn, one.name, one.opts, None, None, [], {})
        spy.seen = seen
        watched.append(spy)
    judge(rule, *watched)
    return seen


def _required(token: str) -> set[str]:
    """Inputs that the provider's own class cannot be made without, in camelCase."""
    if token == PROVIDER:
        return set()
    package, module, name = re.split(r":(?:(\w+)/)?", token, maxsplit=1)
    sdk = importlib.import_module(f"pulumi_{package}")
    holder = sdk if module == "index" else getattr(sdk, {"lambda": "lambda_"}.get(module, module))
    signature = inspect.signature(getattr(holder, f"{name.rpartition(':')[2]}Args").__init__)
    required = [key for key, one in signature.parameters.items() if one.default is one.empty and key != "__self__"]
    return {head + "".join(part.title() for part in rest) for head, *rest in (key.split("_") for key in required)}


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one)
    elif isinstance(value, str):
        yield value
        if value.startswith("{"):
            yield from _leaves(json.loads(value))


def _report(stack: str, outcome: Outcome, seconds: float) -> None:
    print(
        f"\n{stack}: {outcome.tried} mutants in {seconds:.0f} s; {outcome.mutated} of {outcome.inputs} inputs changed"
    )
    print(f"  noticed by rules: {outcome.noticed.total()}")
    for rule, count in outcome.noticed.most_common():
        print(f"    {count:6} {rule}")
    for why, count in outcome.refused.most_common():
        print(f"  refused, because {why}: {count}")
    print(f"  accepted: {outcome.allowed.total()}")
    for row, count in outcome.allowed.most_common():
        print(f"    {count:6} {row.kind} {row.path} {row.what}: {row.reason}")
    print(f"  unnoticed: {len(outcome.unnoticed)}")
    for mutant in outcome.unnoticed:
        print(f"    {mutant}")


def main() -> int:
    """Exit status 1 when something stays unnoticed, or a row of what is accepted is of no use any more."""
    parser = argparse.ArgumentParser(description="Weaken every input of every resource; list what no rule notices.")
    parser.add_argument("--stack", action="append", choices=STACKS, help="only this one (default: all)")
    parser.add_argument("--sample", type=int, help="only so many of each stack")
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    used: set[accepted.Accepted] = set()
    failed = False
    for stack in wanted.stack or STACKS:
        started = time.monotonic()
        campaign = Campaign(recording(stack))
        mutants = campaign.mutants()
        if wanted.sample and wanted.sample < len(mutants):
            mutants = random.Random(wanted.seed).sample(mutants, wanted.sample)
        outcome = campaign.run(mutants)
        _report(stack, outcome, time.monotonic() - started)
        used |= set(outcome.allowed)
        failed |= bool(outcome.unnoticed)
    if not wanted.sample and not wanted.stack:
        for row in accepted.ACCEPTED:
            if row not in used:
                print(f"accepted and never met, take it away: {row.kind} {row.path} {row.what}")
                failed = True
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
