"""What the policies find, in SARIF 2.1.0, so that GitHub shows it beside the code."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi_policy import Policy

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A rule that a resource of a stack breaks; `token` is the resource's type, `message` what the rule says.

    `advisory` is set where the rule only advises, in this stack.
    """

    rule: Policy
    stack: str
    token: str
    name: str
    message: str
    advisory: bool = False


def document(rules: Sequence[Policy], findings: Iterable[Finding], root: Path) -> dict[str, Any]:
    """All rules, and a result for each finding, at the place in `root` where its resource is made."""
    places = {rule.name: index for index, rule in enumerate(rules)}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "Penstock policies", "rules": [_rule(rule) for rule in rules]}},
                "results": [_result(finding, places[finding.rule.name], root) for finding in findings],
            }
        ],
    }


def source(token: str, root: Path) -> tuple[str, int]:
    """File and line of the first place that makes resources of this type: they are what a finding is about.

    A recording does not say which line made a resource; where a type is made in several places, the resource's name in
    the message tells. `__main__.py` stands for a type that no component makes.
    """
    service, kind = token.split(":")[1].split("/", maxsplit=1)[0], token.rpartition(":")[2]
    # The SDK's module is `lambda_`, where the service is lambda.
    made = re.compile(rf"\b{service}_?\.{kind}\(")
    for path in sorted((root / "components").rglob("*.py")):
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            if made.search(line):
                return path.relative_to(root).as_posix(), number
    return "__main__.py", 1


def _rule(rule: Policy) -> dict[str, Any]:
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.description},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["security"]},
    }


def _result(finding: Finding, index: int, root: Path) -> dict[str, Any]:
    path, line = source(finding.token, root)
    # Lines move; rule, stack and resource are what makes two findings the same.
    identity = hashlib.sha256(f"{finding.rule.name} {finding.stack} {finding.token} {finding.name}".encode())
    return {
        "ruleId": finding.rule.name,
        "ruleIndex": index,
        "level": "note" if finding.advisory else "error",
        "message": {"text": f"Stack {finding.stack}: {finding.message}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": path, "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": line},
                },
                "logicalLocations": [{"fullyQualifiedName": f"{finding.stack}::{finding.token}::{finding.name}"}],
            }
        ],
        "partialFingerprints": {"resource/v1": identity.hexdigest()},
    }
