"""GuardDuty: the plan by which a bucket's uploads are scanned."""

import uuid
from datetime import UTC, datetime

from local.resources.base import Cloud, Create, Inputs, Made, NotPlaced, arn
from local.scanner import Plan


def plan(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    """The stand-in scans whole buckets; a plan for some prefixes only would look the same and is refused."""
    inputs.pop("tags", None)
    bucket = inputs.pop("protectedResource")["s3Bucket"]
    if bucket.get("objectPrefixes"):
        raise NotPlaced("the local cloud's malware scan has no place for 'objectPrefixes'")
    statuses = [tagging["status"] for action in inputs.pop("actions", []) for tagging in action["taggings"]]
    made_id = uuid.uuid4().hex[:20]
    plan_arn = arn(cloud, "guardduty", f"malware-protection-plan/{made_id}")
    cloud.protect(
        bucket["bucketName"], Plan(arn=plan_arn, role_arn=inputs.pop("role"), tagging=statuses == ["ENABLED"])
    )
    return made_id, {"arn": plan_arn, "status": "ACTIVE", "createdAt": datetime.now(UTC).isoformat()}


CREATORS: dict[str, Create] = {"aws:guardduty/malwareProtectionPlan:MalwareProtectionPlan": plan}
