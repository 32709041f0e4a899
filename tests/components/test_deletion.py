"""What deletes files: there by setting only, outside of the network, its rights ending at a backup's versions."""

import json
from typing import Any

import pytest

from components.pipeline.roles import ARCHIVES, IMAGES
from tests.recorder import Recording, recording


@pytest.fixture(scope="module")
def made() -> Recording:
    return recording("all-on")


def statements(made: Recording) -> list[dict[str, Any]]:
    (role,) = [one for one in made.of("iam.RolePolicy") if one.name.endswith("-delete")]
    found: list[dict[str, Any]] = json.loads(role.inputs["policy"])["Statement"]
    return found


def test_nothing_can_delete_files_where_the_settings_do_not_want_it() -> None:
    for stack in ("dev", "prod", "all-off"):
        assert not [one for one in recording(stack).of("lambda.Function") if one.name.endswith("-delete")]
        assert "deletion_queue_url" not in recording(stack).exports


def test_it_removes_what_was_made_and_hides_a_backup(made: Recording) -> None:
    buckets = {name: made.one("s3.Bucket", name).outputs["arn"] for name in ("upload", "output", "delivery", "backup")}
    on = {action: set(one["Resource"]) for one in statements(made) for action in one["Action"] if "Delete" in action}
    removed = {
        one for each in statements(made) for one in each["Resource"] if "s3:DeleteObjectVersion" in each["Action"]
    }
    assert removed == {
        f"{buckets['upload']}/*", f"{buckets['output']}/results/*",
        *(f"{buckets['delivery']}/{prefix}*" for prefix in (ARCHIVES, IMAGES)),
    }  # fmt: skip
    assert on["s3:DeleteObject"] == {f"{buckets['backup']}/backup/*"}
    (front,) = (one for each in statements(made) if "cloudfront:CreateInvalidation" in each["Action"]
                for one in each["Resource"])  # fmt: skip
    assert front == made.one("cloudfront.Distribution", "delivery").outputs["arn"]
    assert {action for action in on if action.startswith("dynamodb:")} == set()


def test_it_reaches_cloudfront_and_hears_of_wishes_only(made: Recording) -> None:
    assert not made.one("lambda.Function", "delete").inputs.get("vpcConfig")
    rule = made.one("cloudwatch.EventRule", "deletions").inputs
    assert json.loads(rule["eventPattern"]) == {"source": ["penstock"], "detail-type": ["FileDeleting"]}
    assert rule["eventBusName"] == made.one("cloudwatch.EventBus", "events").outputs["name"]
    target = made.one("cloudwatch.EventTarget", "deletions").inputs
    queue, dead = made.one("sqs.Queue", "deletions").outputs, made.one("sqs.Queue", "deletions-dead-letters").outputs
    assert (target["arn"], target["deadLetterConfig"]["arn"]) == (queue["arn"], dead["arn"])
    assert made.exports["deletion_dead_letter_queue_url"] == dead["url"]
