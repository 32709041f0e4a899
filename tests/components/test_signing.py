"""The signing key: its private half is in the secret alone, it is changed in time, and its roles end at their work."""

import json
from typing import Any

import pytest

from components.pipeline.specs import SPECS
from runtime.domain.signing import KEY_SECONDS
from tests.recorder import ACCOUNT, KEY_PAIR_ID, record, recording

STACKS = ("dev", "prod")
DAY = 24 * 3600


def statements(stack: str, role: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(recording(stack).one("iam.RolePolicy", role).inputs["policy"])["Statement"]
    return found


@pytest.mark.parametrize("stack", STACKS)
def test_the_private_key_is_nowhere_in_the_program(stack: str) -> None:
    made = recording(stack)
    secret = made.one("secretsmanager.Secret", "signing-key")
    assert secret.inputs["kmsKeyId"] == made.one("kms.Key", "secrets").outputs["arn"]
    assert not [one for one in made.resources if one.kind == "secretsmanager.SecretVersion"]
    assert not [one for one in made.resources if "PRIVATE KEY" in str(one.inputs)]


@pytest.mark.parametrize("stack", STACKS)
def test_the_group_begins_with_the_first_key_and_the_functions_own_all_keys(stack: str) -> None:
    made = recording(stack)
    assert made.one("cloudfront.KeyGroup", "delivery").inputs["items"] == [KEY_PAIR_ID]
    assert not [one for one in made.resources if one.kind == "cloudfront.PublicKey"]
    call = made.one("lambda.Invocation", "signing-key").inputs
    # Once more at the end: whatever rotations have made would stay in the account.
    assert (call["functionName"], call["lifecycleScope"]) == (
        made.one("lambda.Function", "signing-key").inputs["name"],
        "CRUD",
    )


@pytest.mark.parametrize("stack", STACKS)
def test_secrets_manager_alone_calls_the_rotation_and_for_this_secret_alone(stack: str) -> None:
    made = recording(stack)
    secret = made.one("secretsmanager.Secret", "signing-key").outputs["arn"]
    function = made.one("lambda.Function", "rotate-key")
    rotation = made.one("secretsmanager.SecretRotation", "rotate-key").inputs
    assert (rotation["secretId"], rotation["rotationLambdaArn"]) == (secret, function.outputs["arn"])
    assert (rotation["rotationRules"], rotation["rotateImmediately"]) == ({"automaticallyAfterDays": 90}, False)
    permission = made.one("lambda.Permission", "rotate-key").inputs
    assert permission == {
        "action": "lambda:InvokeFunction",
        "function": function.inputs["name"],
        "principal": "secretsmanager.amazonaws.com",
        "sourceAccount": ACCOUNT,
        "sourceArn": secret,
    }


def test_the_days_are_a_setting_and_longer_than_any_link() -> None:
    made = record("prod", {"penstock:delivery": json.dumps({"rotation_days": 8, "link_seconds": 7 * DAY})})
    rules = made.one("secretsmanager.SecretRotation", "rotate-key").inputs["rotationRules"]
    assert rules == {"automaticallyAfterDays": 8}
    assert 8 * DAY > 7 * DAY + KEY_SECONDS


@pytest.mark.parametrize("name", ["rotate-key", "signing-key"])
def test_they_run_outside_of_the_network_where_cloudfront_is_reached(name: str) -> None:
    made = recording("prod")
    assert "vpcConfig" not in made.one("lambda.Function", name).inputs
    assert "vpcConfig" in made.one("lambda.Function", "link").inputs
    assert not [one for one in statements("prod", name) if any("ec2:" in action for action in one["Action"])]


@pytest.mark.parametrize("stack", STACKS)
def test_only_the_distribution_that_trusts_the_group_is_looked_at(stack: str) -> None:
    made = recording(stack)
    (looks,) = [one for one in statements(stack, "rotate-key") if "cloudfront:GetDistribution" in one["Action"]]
    assert looks["Resource"] == [made.one("cloudfront.Distribution", "delivery").outputs["arn"]]
    environ = made.one("lambda.Function", "rotate-key").inputs["environment"]["variables"]
    assert environ["PENSTOCK_KEY_GROUP"] == f"{made.one('cloudfront.KeyGroup', 'delivery').name}-id"
    assert environ["PENSTOCK_DISTRIBUTION"] == f"{made.one('cloudfront.Distribution', 'delivery').name}-id"


@pytest.mark.parametrize("function", [*SPECS])
def test_nobody_else_touches_public_keys(function: str) -> None:
    for statement in statements("prod", function.replace("_", "-")):
        assert not [action for action in statement["Action"] if action.startswith("cloudfront:")]


def test_its_failure_has_a_runbook_of_its_own() -> None:
    alarm = recording("prod").one("cloudwatch.MetricAlarm", "function-rotate-key-errors")
    assert alarm.inputs["alarmDescription"].endswith("docs/runbooks/signing-key-rotation.md")
