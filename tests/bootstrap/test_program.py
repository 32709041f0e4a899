"""What the bootstrap makes, and that it breaks none of the platform's rules."""

import importlib
import json
import pkgutil

import pytest
from pulumi_policy import Policy

import policies
from policies.rules import of_module
from tests.bootstrap.world import recording, run_bootstrap
from tests.policies.cases import judge, resource
from tests.recorder import ACCOUNT

RULES = [
    rule
    for theme in pkgutil.iter_modules(policies.__path__)
    if theme.name != "__main__"
    for rule in of_module(importlib.import_module(f"policies.{theme.name}"))
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_program_keeps_the_rule(rule: Policy) -> None:
    assert (
        judge(rule, *[resource(one.token, {**one.outputs, **one.inputs}, one.name) for one in recording().resources])
        == []
    )


def test_no_name_is_given_twice() -> None:
    assert {name for name, times in recording().count().items() if times > 1} == set()


def test_earlier_states_stay_a_year() -> None:
    (rule,) = recording().one("s3.BucketLifecycleConfiguration", "state").inputs["rules"]
    assert rule["noncurrentVersionExpiration"] == {"noncurrentDays": 365}
    assert "days" not in rule["expiration"]


def test_roles_trust_whole_subjects_and_one_audience() -> None:
    for one in recording().of("iam.Role"):
        (statement,) = json.loads(one.inputs["assumeRolePolicy"])["Statement"]
        assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
        assert list(statement["Condition"]) == ["StringEquals"]
        claims = statement["Condition"]["StringEquals"]
        assert claims["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"
        assert not any("*" in subject for subject in claims["token.actions.githubusercontent.com:sub"])


def test_a_provider_that_is_there_is_used() -> None:
    github = json.dumps({"owner": "us", "repository": "penstock", "existing_provider": True})
    made = run_bootstrap({"penstock-bootstrap:github": github})
    assert "iam.OpenIdConnectProvider" not in {one.kind for one in made.resources}
    (statement,) = json.loads(made.one("iam.Role", "deploy-prod").inputs["assumeRolePolicy"])["Statement"]
    expected = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
    assert statement["Principal"] == {"Federated": expected}


def test_a_stack_has_the_budget_of_its_tag() -> None:
    budget = recording().one("budgets.Budget", "prod").inputs
    assert budget["costFilters"] == [{"name": "TagKeyValue", "values": ["user:stack$prod"]}]
    assert budget["limitAmount"] == "200"
    topic = recording().one("sns.Topic", "budgets").outputs["arn"]
    assert {(one["threshold"], one["notificationType"]) for one in budget["notifications"]} == {
        (80, "ACTUAL"),
        (100, "ACTUAL"),
        (100, "FORECASTED"),
    }
    assert all(one["subscriberSnsTopicArns"] == [topic] for one in budget["notifications"])


def test_budgets_may_publish_for_this_account_only() -> None:
    for kind, text in (
        ("sns.TopicPolicy", recording().one("sns.TopicPolicy", "budgets").inputs["policy"]),
        ("kms.KeyPolicy", recording().one("kms.KeyPolicy", "budgets").inputs["policy"]),
    ):
        let_in = [
            one for one in json.loads(text)["Statement"] if one["Principal"] == {"Service": "budgets.amazonaws.com"}
        ]
        assert [one["Condition"]["StringEquals"] for one in let_in] == [{"aws:SourceAccount": ACCOUNT}], kind


def test_outputs_have_what_the_repository_is_told() -> None:
    exports = recording().exports
    assert exports["backend_url"] == "s3://penstock-bootstrap-state?region=eu-central-1&awssdk=v2"
    assert exports["prod"]["secrets_provider"] == (
        "awskms://alias/penstock-bootstrap-secrets-prod?region=eu-central-1&awssdk=v2"
    )
    assert exports["prod"]["deploy_role_arn"] == f"arn:aws:iam::{ACCOUNT}:role/penstock-bootstrap-deploy-prod"
    # Names of aliases in URLs are those that are made.
    aliases = {one.inputs["name"] for one in recording().of("kms.Alias")}
    for url in (exports["bootstrap_secrets_provider"], exports["dev"]["secrets_provider"]):
        assert url.removeprefix("awskms://").partition("?")[0] in aliases


def test_the_platform_takes_the_boundary_that_is_made() -> None:
    made = {one.outputs["arn"] for one in recording().of("iam.Policy")}
    assert {recording().exports[stack]["boundary_arn"] for stack in ("dev", "prod")} <= made
