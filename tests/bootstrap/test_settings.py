"""The bootstrap's settings: every mistake is named with its key and file."""

import json
from typing import Any

import pytest

from bootstrap.plan import FOLDER
from bootstrap.settings import Settings
from bootstrap.subjects import deploying, previewing
from components.settings import SettingsError, read
from local.deploy import read_config

GIVEN: dict[str, Any] = {
    "github": {"owner": "us", "repository": "penstock"},
    "access": {"administrators": ["role/administrator"]},
    "stacks": [{"name": "dev"}, {"name": "prod"}],
}


def parse(**changes: Any) -> Settings:
    raw = {f"penstock-bootstrap:{key}": json.dumps(value) for key, value in {**GIVEN, **changes}.items()}
    return read(Settings, raw, project="penstock-bootstrap", stack="main")


def test_the_committed_file_is_right() -> None:
    project, raw = read_config(FOLDER, "main")
    assert [one.name for one in read(Settings, raw, project=project, stack="main").stacks] == ["dev", "prod"]


def test_subjects_have_names_or_names_with_numbers() -> None:
    assert deploying(parse().github, "prod") == ["repo:us/penstock:environment:prod"]
    numbered = parse(github={**GIVEN["github"], "owner_id": 12, "repository_id": 345, "branch": "trunk"}).github
    assert deploying(numbered, "prod") == ["repo:us@12/penstock@345:environment:prod"]
    assert previewing(numbered) == [
        "repo:us@12/penstock@345:pull_request",
        "repo:us@12/penstock@345:ref:refs/heads/trunk",
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"github": {"owner": "us"}}, "penstock-bootstrap:github.repository: field required"),
        ({"github": {"owner": "us/x", "repository": "p"}}, "penstock-bootstrap:github.owner: does not look right"),
        ({"github": {"owner": "*", "repository": "p"}}, "penstock-bootstrap:github.owner: does not look right"),
        (
            {"github": {**GIVEN["github"], "owner_id": 1}},
            "penstock-bootstrap:github: owner_id and repository_id are given together or not at all",
        ),
        ({"github": {**GIVEN["github"], "owner_id": 0, "repository_id": 1}}, "penstock-bootstrap:github.owner_id: "),
        ({"github": {**GIVEN["github"], "branch": "*"}}, "penstock-bootstrap:github.branch: does not look right"),
        ({"access": {"administrators": []}}, "penstock-bootstrap:access.administrators: "),
        ({"access": {"administrators": ["*"]}}, "penstock-bootstrap:access.administrators.0: does not look right"),
        ({"access": {"administrators": ["role/*"]}}, "penstock-bootstrap:access.administrators.0: does not look right"),
        ({"access": {"administrators": ["role/*admin"]}}, "role/*admin may be anybody; begin with a name or a path"),
        ({"stacks": []}, "penstock-bootstrap:stacks: "),
        ({"stacks": [{"name": "bootstrap"}]}, "bootstrap is not a stack that workflows deploy"),
        ({"stacks": [{"name": "dev"}, {"name": "dev"}]}, "stacks: a name is given twice"),
        (
            {"stacks": [{"name": "dev"}, {"name": "dev-eu"}]},
            "stacks: dev-eu begins like dev-, so dev's roles would reach it",
        ),
        ({"stacks": [{"name": "Prod"}]}, "penstock-bootstrap:stacks.0.name: does not look right"),
        (
            {"stacks": [{"name": "dev", "deleteable": True}]},
            "penstock-bootstrap:stacks.0.deleteable: there is no such setting; "
            "did you mean penstock-bootstrap:stacks.0.deletable?",
        ),
    ],
)
def test_a_mistake_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse(**changes)
    assert str(caught.value).startswith("Pulumi.main.yaml: ")
    assert message in str(caught.value)
