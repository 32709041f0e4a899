"""Writes what the policies find in every stack that is deployed, as SARIF: `python -m tests.policies.findings`.

Exits with 1 if there is a finding that would stop a deployment. Runs the program as the tests do, without a cloud.
"""

import json
import sys
from collections.abc import Iterator, Sequence

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyResource,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from local.deploy import ROOT
from policies.sarif import Finding, document
from tests.policies.cases import OPTIONS
from tests.policies.test_program import RULES, resources

STACKS = ("dev", "prod")
REPORT = ROOT / "build" / "policies.sarif"


def find(stack: str, rules: Sequence[Policy], found: Sequence[PolicyResource]) -> Iterator[Finding]:
    """All that these rules say of these resources."""
    by_urn = {one.urn: one for one in found}
    for rule in rules:
        for urn, message in _said(rule, found):
            about = by_urn[urn]
            yield Finding(rule=rule, stack=stack, token=about.resource_type, name=about.name, message=message)


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
    findings = [one for stack in STACKS for one in find(stack, RULES, resources(stack))]
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(document(RULES, findings, ROOT), indent=1))
    for one in findings:
        print(f"{one.rule.name}: {one.stack}: {one.message}")
    print(f"{len(RULES)} rules over {' and '.join(STACKS)}: {len(findings)} findings in {REPORT.relative_to(ROOT)}")
    return int(any(one.rule.enforcement_level != EnforcementLevel.ADVISORY for one in findings))


if __name__ == "__main__":
    sys.exit(main())
