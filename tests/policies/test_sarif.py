"""Findings as GitHub's code scanning takes them."""

from pathlib import Path

from local.deploy import ROOT
from policies.sarif import document, source
from tests.policies import findings
from tests.policies.findings import RULES
from tests.policies.test_program import resources


def test_a_broken_rule_is_a_result_about_the_place_that_makes_the_resource() -> None:
    lost = "BucketPublicAccessBlock"
    left = [one for one in resources("prod") if not (one.resource_type.endswith(lost) and one.name.endswith("-work"))]
    found = list(findings.find("prod", RULES, left))
    assert [(one.stack, one.name) for one in found] == [("prod", "penstock-prod-work")]

    (run,) = document(RULES, found, ROOT)["runs"]
    (result,) = run["results"]
    rules = run["tool"]["driver"]["rules"]
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == found[0].rule.name
    assert result["level"] == "error"
    assert result["message"]["text"].startswith("Stack prod: penstock-prod-work: ")
    (location,) = result["locations"]
    made = location["physicalLocation"]
    line = (ROOT / made["artifactLocation"]["uri"]).read_text().splitlines()[made["region"]["startLine"] - 1]
    assert "s3.Bucket(" in line
    assert location["logicalLocations"][0]["fullyQualifiedName"].endswith("::penstock-prod-work")


def test_the_same_finding_has_the_same_fingerprint_wherever_its_line_moves(tmp_path: Path) -> None:
    left = [one for one in resources("dev") if not one.resource_type.endswith("BucketPublicAccessBlock")]
    found = list(findings.find("dev", RULES, left))
    here, elsewhere = (
        [one["partialFingerprints"]["resource/v1"] for one in document(RULES, found, root)["runs"][0]["results"]]
        for root in (ROOT, tmp_path)
    )
    assert here == elsewhere
    assert len(set(here)) == len(found) > 1


def test_every_type_that_the_program_uses_has_a_place() -> None:
    tokens = {one.resource_type for one in resources("prod") if one.resource_type.startswith("aws:")}
    assert {token for token in tokens if source(token, ROOT)[0] == "__main__.py"} == set()
