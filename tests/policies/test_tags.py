"""What breaks a rule about tags is noticed, and what is not known yet is not judged."""

import pytest

from policies import tags
from tests.policies.breaks import Break
from tests.policies.cases import NOT_JUDGED, PROVIDER, UNKNOWN, judge, resource

BREAKS = [
    Break(rule=tags.resources_are_tagged, kind="provider", path="defaultTags", value={"tags": {"project": "penstock"}}),
    Break(rule=tags.tags_are_not_ignored, kind="provider", path="ignoreTags", value={"keys": ["stack"]}, unknown=None),
]


@pytest.mark.parametrize("row", BREAKS, ids=str)
def test_what_breaks_a_rule_is_noticed(row: Break) -> None:
    row.check()


def test_providers_of_several_regions_write_the_same_tags() -> None:
    def providers(other: object) -> list[str]:
        given = {"here": {"tags": {"project": "penstock"}}, "there": other}
        made = [resource(PROVIDER, {"defaultTags": block}, name) for name, block in given.items()]
        return judge(tags.regions_are_tagged_alike, *made)

    assert providers('{"tags": {"project": "penstock"}}') == []
    (said,) = providers({"tags": {}})
    assert said.startswith("there: ")
    assert "; " in said
    assert providers(UNKNOWN) == NOT_JUDGED
