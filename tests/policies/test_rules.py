"""How rules are found, named and told apart from what they are not about."""

import ast
import re
from types import ModuleType

import pytest
from pulumi_policy import Policy
from pulumi_policy.proxy import unknown_checking_proxy

from local.deploy import ROOT
from policies import rules, themes
from policies.rules import each, given, kind
from policies.themes import THEMES
from tests.policies.cases import UNKNOWN, judge, resource


@each("aws:sqs/queue:Queue")
def queue_is_blue(props: rules.Props):  # type: ignore[no-untyped-def]
    """Queues are blue."""
    if props.get("colour") != "blue":
        yield "it is not blue; paint it"


def test_a_rule_is_named_and_described_by_its_function() -> None:
    assert (queue_is_blue.name, queue_is_blue.description) == ("queue-is-blue", "Queues are blue.")


def test_a_message_says_which_resource() -> None:
    assert judge(queue_is_blue, resource("aws:sqs/queue:Queue", {}, "uploads")) == ["uploads: it is not blue; paint it"]


def test_a_rule_is_silent_about_other_kinds() -> None:
    assert judge(queue_is_blue, resource("aws:sns/topic:Topic", {})) == []


def test_the_second_version_of_a_type_is_the_same_kind() -> None:
    assert kind("aws:s3/bucketV2:BucketV2") == "aws:s3/bucket:Bucket"


def test_a_value_that_is_not_known_yet_is_given_and_null_is_not() -> None:
    props = unknown_checking_proxy({"later": UNKNOWN, "null": None, "now": "x"})
    assert [given(props, name) for name in ("later", "null", "now", "absent")] == [True, False, True, False]


def test_the_pack_registers_every_theme() -> None:
    found = {
        path.stem
        for path in (ROOT / "policies").glob("*.py")
        if any(line.startswith(("@each", "@whole_stack")) for line in path.read_text().splitlines())
    }
    assert found == {theme.__name__.rpartition(".")[2] for theme in THEMES}
    # Importing the pack would serve it for ever, so it is read.
    tree = ast.parse((ROOT / "policies/__main__.py").read_text())
    (pack,) = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "PolicyPack"]
    assert "rules()" in {ast.unparse(word.value) for word in pack.keywords if word.arg == "policies"}


def test_names_are_unique_and_every_rule_says_what_it_is_for() -> None:
    found: list[Policy] = themes.rules()
    assert len({rule.name for rule in found}) == len(found) > 0
    assert all(rule.description.endswith(".") for rule in found)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.__name__)
def test_every_rule_of_a_theme_is_tested(theme: ModuleType) -> None:
    name = theme.__name__.rpartition(".")[2]
    text = (ROOT / f"tests/policies/test_{name}.py").read_text()
    tested = set(re.findall(rf"\b{name}\.(\w+)", text))
    assert {rule for rule, value in vars(theme).items() if isinstance(value, Policy)} - tested == set()
