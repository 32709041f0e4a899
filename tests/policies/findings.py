"""Writes what the policies find in every stack that is deployed, as SARIF: `python -m tests.policies.findings`.

Exits with 1 if there is a finding that would stop a deployment. Runs the program as the tests do, without a cloud.
"""

import json
import sys
from collections.abc import Iterator, Sequence

from pulumi_policy import (
    Policy,
    PolicyResource,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from local.deploy import ROOT
from policies.sarif import Finding, document
from policies.themes import levels, rules
from tests.policies.cases import OPTIONS, is_protected, whole
from tests.recorder import VARIANTS, recording

STACKS = ("dev", "prod", *VARIANTS)
RULES = rules()
REPORT = ROOT / "build" / "policies.sarif"


def find(stack: str, rules: Sequence[Policy], found: Sequence[PolicyResource]) -> Iterator[Finding]:
    """All that these rules say of these resources."""
    advisory = levels(protected=is_protected(recording(stack)))
    by_urn = {one.urn: one for one in found}
    for rule in rules:
        for urn, message in _said(rule, found):
            about = by_urn[urn]
            yield Finding(
                rule=rule,
                stack=stack,
                token=about.resource_type,
                name=about.name,
                message=message,
                advisory=rule.name in advisory,
            )


def _said(rule: Policy, found: Sequence[PolicyResource]) -> list[tuple[str, str]]:
    said: list[tuple[str, str]] = []
    if isinstance(rule, StackValidationPolicy):
        rule.validate(StackValidationArgs(list(found)), lambda message, urn: said.append((urn, message)))
    elif isinstance(rule, ResourceValidationPolicy):
        for one in found:
            args = ResourceValidationArgs(one.resource_type, one.props, one.urn, one.name, OPTIONS, None)
            rule.validate(args, lambda message, _, one=one: said.append((one.urn, message)))
    return said


def main() -> int:
    """Writes the report; the exit status."""
    findings = [one for stack in STACKS for one in find(stack, RULES, whole(recording(stack)))]
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(document(RULES, findings, ROOT), indent=1))
    for one in findings:
        if not one.advisory:
            print(f"{one.rule.name}: {one.stack}: {one.message}")
    stopping = sum(not one.advisory for one in findings)
    judged = f"{len(RULES)} rules over {', '.join(STACKS)}"
    advice = f"{len(findings) - stopping} times advice"
    print(f"{judged}: {stopping} findings, {advice} in {REPORT.relative_to(ROOT)}")
    return int(stopping > 0)


if __name__ == "__main__":
    sys.exit(main())
