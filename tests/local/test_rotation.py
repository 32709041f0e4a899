"""RotateSecret calls a function, step by step, as Secrets Manager does; ministack would copy the old value."""

import contextlib
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.conftest import Kit

# Writes the name of each step into the pending value, which has none at first; fails at the step that a marker names.
ROTATOR = """
import os, boto3

def handler(event, context):
    secrets = boto3.client("secretsmanager")
    token, secret, step = event["ClientRequestToken"], event["SecretId"], event["Step"]
    if step == os.environ.get("FAILS"):
        raise RuntimeError(step)
    if step == "finishSecret":
        versions = secrets.describe_secret(SecretId=secret)["VersionIdsToStages"]
        current = next(one for one, stages in versions.items() if "AWSCURRENT" in stages)
        secrets.update_secret_version_stage(
            SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
        )
        return
    before = secrets.get_secret_value(SecretId=secret, VersionId=token).get("SecretString", "")
    secrets.put_secret_value(
        SecretId=secret, ClientRequestToken=token, SecretString=before + step + " ", VersionStages=["AWSPENDING"]
    )
"""
ALL = {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"}


def rotated(kit: Kit, *, source: str = "", **environment: str) -> tuple[Any, str, str]:
    """Client, ARN of a secret, name of its function."""
    secrets, function = kit.cloud.client("secretsmanager"), kit.function(ROTATOR, ALL)
    lambdas = kit.cloud.client("lambda")
    lambdas.update_function_configuration(FunctionName=function, Environment={"Variables": environment})
    secret = secrets.create_secret(Name=kit.name("secret"), SecretString="old")["ARN"]
    lambdas.add_permission(
        FunctionName=function,
        StatementId="rotation",
        Action="lambda:InvokeFunction",
        Principal="secretsmanager.amazonaws.com",
        SourceArn=source or secret,
        SourceAccount=kit.cloud.account,
    )
    return secrets, secret, function


def value(secrets: Any, secret: str) -> str:
    return str(secrets.get_secret_value(SecretId=secret)["SecretString"])


def test_the_four_steps_are_called_in_their_order(kit: Kit) -> None:
    secrets, secret, function = rotated(kit)
    answer = secrets.rotate_secret(SecretId=secret, RotationLambdaARN=kit.function_arn(function))
    assert value(secrets, secret) == "old", "it is done in the background"
    kit.eventually(lambda: value(secrets, secret) != "old")
    assert value(secrets, secret) == "createSecret setSecret testSecret "
    stages = secrets.describe_secret(SecretId=secret)["VersionIdsToStages"]
    assert "AWSCURRENT" in stages[answer["VersionId"]]
    # A second one is a new rotation, although the first has left its label.
    again = secrets.rotate_secret(SecretId=secret)["VersionId"]
    kit.eventually(lambda: "AWSCURRENT" in secrets.describe_secret(SecretId=secret)["VersionIdsToStages"][again])


def test_what_failed_is_taken_up_again_with_the_same_version(kit: Kit) -> None:
    secrets, secret, function = rotated(kit, FAILS="testSecret")
    token = secrets.rotate_secret(SecretId=secret, RotationLambdaARN=kit.function_arn(function))["VersionId"]

    def pending() -> str:
        found = secrets.get_secret_value(SecretId=secret, VersionId=token).get("SecretString")
        return json.dumps(found)

    kit.eventually(lambda: "setSecret" in pending())
    kit.cloud.client("lambda").update_function_configuration(FunctionName=function, Environment={"Variables": {}})
    with pytest.raises(ClientError, match="will be reattempted"):
        secrets.rotate_secret(SecretId=secret)

    def is_new() -> bool:
        # The label is moved in two steps here, and between them there is none.
        with contextlib.suppress(secrets.exceptions.ResourceNotFoundException):
            return value(secrets, secret) != "old"
        return False

    kit.eventually(is_new)
    assert value(secrets, secret).endswith("createSecret setSecret testSecret ")


def test_a_schedule_alone_changes_nothing(kit: Kit) -> None:
    secrets, secret, function = rotated(kit)
    secrets.rotate_secret(
        SecretId=secret,
        RotationLambdaARN=kit.function_arn(function),
        RotationRules={"AutomaticallyAfterDays": 9},
        RotateImmediately=False,
    )
    described = secrets.describe_secret(SecretId=secret)
    assert (described["RotationEnabled"], described["RotationRules"]) == (True, {"AutomaticallyAfterDays": 9})
    assert [*described["VersionIdsToStages"].values()] == [["AWSCURRENT"]]


def test_a_function_that_lets_secrets_manager_in_for_another_secret_is_not_called(kit: Kit) -> None:
    other = f"arn:aws:secretsmanager:{kit.cloud.region}:{kit.cloud.account}:secret:another"
    secrets, secret, function = rotated(kit, source=other)
    with pytest.raises(ClientError, match="AccessDeniedException"):
        secrets.rotate_secret(SecretId=secret, RotationLambdaARN=kit.function_arn(function))


def test_a_secret_without_a_function_is_not_rotated(kit: Kit) -> None:
    secrets, secret, _ = rotated(kit)
    with pytest.raises(ClientError, match="InvalidRequestException"):
        secrets.rotate_secret(SecretId=secret)
