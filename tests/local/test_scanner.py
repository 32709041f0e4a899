"""The stand-in for GuardDuty: what it scans, tags and tells, and what it may with the role of its plan."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli.generate import EICAR
from local.cloud import LocalCloud
from local.eicar import THREAT
from local.scanner import SERVICE, Plan, Scanner, Upload
from runtime.domain.verdicts import CLEAN, EVENT, INFECTED, TAG, Verdict
from tests.local.conftest import Kit

READING = ["s3:GetObjectVersion"]
TAGGING = ["s3:GetObjectVersionTagging", "s3:PutObjectVersionTagging"]


class Protected:
    """A versioned bucket with a plan, and the queue that hears of scans."""

    def __init__(self, kit: Kit, actions: list[str], *, service: str = SERVICE, tagging: bool = True) -> None:
        self.cloud, self.kit = kit.cloud, kit
        self.s3 = self.cloud.client("s3")
        self.bucket = kit.bucket(versioned=True, events=True)
        self.url, arn = kit.queue()
        kit.rule({"source": ["aws.guardduty"], "detail": {"s3ObjectDetails": {"bucketName": [self.bucket]}}}, arn)
        iam, name = self.cloud.client("iam"), kit.name("scanner")
        trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        may = {"Effect": "Allow", "Action": actions, "Resource": f"arn:aws:s3:::{self.bucket}/*"}
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"]
        if actions:
            iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=policy(may))
        plan_arn = f"arn:aws:guardduty:{self.cloud.region}:{self.cloud.account}:malware-protection-plan/{name}"
        self.plan = Plan(arn=plan_arn, role_arn=role, tagging=tagging)
        self.cloud.protect(self.bucket, self.plan)

    def put(self, content: bytes, **more: Any) -> str:
        version: str = self.s3.put_object(Bucket=self.bucket, Key="a b", Body=content, **more)["VersionId"]
        return version

    def tags(self, version: str) -> dict[str, str]:
        found = self.s3.get_object_tagging(Bucket=self.bucket, Key="a b", VersionId=version)["TagSet"]
        return {tag["Key"]: tag["Value"] for tag in found}

    def told(self, count: int = 1) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = self.kit.messages(self.url, count)
        return events


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


LARGE = b"." * 8 * 1024**2
"""As much as is still read through the server."""


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"fine", CLEAN), (EICAR, INFECTED), (LARGE + b".", CLEAN), (LARGE + EICAR, INFECTED)],
    ids=[CLEAN, INFECTED, f"large, {CLEAN}", f"large, {INFECTED}"],
)
def test_each_version_is_scanned_tagged_and_told_of(kit: Kit, content: bytes, status: str) -> None:
    protected = Protected(kit, READING + TAGGING)
    version = protected.put(content, Tagging="team=red")
    (event,) = protected.told()
    assert event["detail-type"] == EVENT
    assert (event["source"], event["account"], event["resources"]) == (
        "aws.guardduty", protected.cloud.account, [protected.plan.arn]
    )  # fmt: skip
    assert Verdict.of(event) == Verdict(
        bucket=protected.bucket, key="a b", version=version, status=status,
        threats=(THREAT,) if status == INFECTED else (),
    )  # fmt: skip
    assert event["detail"]["scanStatus"] == "COMPLETED"
    assert protected.tags(version) == {"team": "red", TAG: status}


def test_two_versions_of_a_key_have_each_their_own_verdict(kit: Kit) -> None:
    protected = Protected(kit, READING + TAGGING)
    with protected.cloud.scanner.paused():
        versions = {protected.put(EICAR): INFECTED, protected.put(b"fine"): CLEAN}
    found = {verdict.version: verdict.status for verdict in map(Verdict.of, protected.told(2))}
    assert found == versions
    assert {version: protected.tags(version)[TAG] for version in versions} == versions


def test_it_waits_while_it_is_paused(kit: Kit) -> None:
    protected = Protected(kit, READING + TAGGING)
    with protected.cloud.scanner.paused():
        version = protected.put(b"fine")
        with pytest.raises(AssertionError, match="nothing after"):
            kit.messages(protected.url, 1, seconds=1)
        assert protected.tags(version) == {}
    assert Verdict.of(protected.told()[0]).status == CLEAN


def test_a_role_that_may_not_read_finds_nothing(kit: Kit) -> None:
    protected = Protected(kit, TAGGING)
    version = protected.put(EICAR)
    (event,) = protected.told()
    assert Verdict.of(event).status == "ACCESS_DENIED"
    assert event["detail"]["scanStatus"] == "SKIPPED"
    assert protected.tags(version) == {TAG: "ACCESS_DENIED"}


def test_a_role_that_may_not_tag_tells_all_the_same(kit: Kit) -> None:
    protected = Protected(kit, READING)
    version = protected.put(EICAR)
    assert Verdict.of(protected.told()[0]).status == INFECTED
    assert protected.tags(version) == {}


def test_a_role_that_does_not_trust_guardduty_is_not_taken_up(kit: Kit) -> None:
    protected = Protected(kit, READING + TAGGING, service="lambda.amazonaws.com")
    version = protected.put(b"fine")
    assert Verdict.of(protected.told()[0]).status == "ACCESS_DENIED"
    assert protected.tags(version) == {}


def test_a_plan_without_tagging_only_tells(kit: Kit) -> None:
    protected = Protected(kit, READING + TAGGING, tagging=False)
    version = protected.put(b"fine")
    assert Verdict.of(protected.told()[0]).status == CLEAN
    assert protected.tags(version) == {}


def test_a_version_that_is_gone_has_no_verdict(kit: Kit) -> None:
    protected = Protected(kit, READING + TAGGING)
    with protected.cloud.scanner.paused():
        version = protected.put(b"fine")
        protected.s3.delete_object(Bucket=protected.bucket, Key="a b", VersionId=version)
    assert Verdict.of(protected.told()[0]).status == "FAILED"


def test_other_buckets_are_nobodys_business(kit: Kit, cloud: LocalCloud) -> None:
    protected = Protected(kit, READING + TAGGING)
    other = kit.bucket(versioned=True, events=True)
    cloud.client("s3").put_object(Bucket=other, Key="a b", Body=EICAR)
    protected.put(b"fine")
    assert [Verdict.of(event).bucket for event in protected.told()] == [protected.bucket]
    assert cloud.client("s3").get_object_tagging(Bucket=other, Key="a b")["TagSet"] == []


def test_what_waits_at_the_end_is_not_scanned() -> None:
    def nobody(plan: Plan) -> Any:
        raise AssertionError("scanned after the end")

    scanner = Scanner(nobody, account="000000000000", region="us-east-1")
    scanner.protect("bucket", Plan(arn="", role_arn="", tagging=True))
    upload = Upload(bucket="bucket", key="a", version="1", etag="")
    with scanner.paused():
        scanner.created(upload)
        scanner.stop()
    scanner.created(upload)


# -- the condition keys that ministack does not know ------------------------------------------------------------------
def _gated(kit: Kit, protected: Protected) -> Any:
    """S3 of a user whom only the bucket's policy keeps from something; the policy is that of the upload bucket."""
    objects = f"arn:aws:s3:::{protected.bucket}/*"
    existing, requested = f"s3:ExistingObjectTag/{TAG}", f"s3:RequestObjectTag/{TAG}"
    others = {"ArnNotEquals": {"aws:PrincipalArn": protected.plan.role_arn}}

    def deny(actions: list[str], condition: dict[str, Any]) -> dict[str, Any]:
        return {"Effect": "Deny", "Principal": "*", "Action": actions, "Resource": objects, "Condition": condition}

    protected.s3.put_bucket_policy(
        Bucket=protected.bucket,
        Policy=policy(
            deny(["s3:GetObject", "s3:GetObjectVersion"], {"StringNotEquals": {existing: CLEAN}, **others}),
            deny(["s3:PutObject"], {"ForAnyValue:StringEquals": {"s3:RequestObjectTagKeys": [TAG]}}),
            deny(
                ["s3:PutObjectTagging", "s3:PutObjectVersionTagging"],
                {"StringEquals": {requested: CLEAN}, "StringNotEquals": {existing: CLEAN}, **others},
            ),
            deny(
                ["s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging"],
                {"StringEquals": {existing: CLEAN}, **others},
            ),
        ),
    )
    return protected.cloud.client("s3", **kit.user({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}))


def test_tags_of_objects_and_requests_are_judged(kit: Kit) -> None:
    protected = Protected(kit, READING + TAGGING)
    user = _gated(kit, protected)
    version = protected.put(b"fine")
    protected.told()
    where = {"Bucket": protected.bucket, "Key": "a b"}
    copy = {**where, "VersionId": version}
    assert user.get_object(**where, VersionId=version)["Body"].read() == b"fine"
    user.copy_object(Bucket=protected.bucket, Key="copy", CopySource=copy, TaggingDirective="REPLACE")
    tags = [{"Key": TAG, "Value": CLEAN}, {"Key": "state", "Value": "done"}]
    user.put_object_tagging(**where, VersionId=version, Tagging={"TagSet": tags})
    assert protected.tags(version) == {TAG: CLEAN, "state": "done"}

    for which in ({}, {"VersionId": version}):
        with pytest.raises(ClientError, match="AccessDenied"):
            user.delete_object_tagging(**where, **which)
    user.put_object_tagging(**where, VersionId=version, Tagging={"TagSet": tags[1:]})
    header = f"{TAG}={CLEAN}"
    for refused in (
        lambda: user.get_object(**where, VersionId=version),
        lambda: user.get_object(**where),
        lambda: user.head_object(**where),
        lambda: user.copy_object(Bucket=protected.bucket, Key="copy", CopySource=copy),
        lambda: user.put_object_tagging(**where, VersionId=version, Tagging={"TagSet": tags}),
        lambda: user.put_object(**where, Body=b"", Tagging=header),
        lambda: user.create_multipart_upload(**where, Tagging=header),
    ):
        with pytest.raises(ClientError) as refusal:
            refused()
        assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_a_wildcard_stands_for_line_ends_in_keys_too(kit: Kit, cloud: LocalCloud) -> None:
    bucket = kit.bucket()
    where = f"arn:aws:s3:::{bucket}/in/*"
    user = cloud.client("s3", **kit.user({"Effect": "Allow", "Action": "s3:PutObject", "Resource": where}))
    for key in ("in/a\nb", "in/a\n", "in/\n"):
        user.put_object(Bucket=bucket, Key=key, Body=b"")
    with pytest.raises(ClientError, match="AccessDenied"):
        user.put_object(Bucket=bucket, Key="in\n/a", Body=b"")


def test_putting_an_object_with_tags_takes_leave_to_tag(kit: Kit, cloud: LocalCloud) -> None:
    bucket = kit.bucket()
    user = cloud.client("s3", **kit.user({"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}))
    user.put_object(Bucket=bucket, Key="a", Body=b"")
    with pytest.raises(ClientError, match="AccessDenied"):
        user.put_object(Bucket=bucket, Key="a", Body=b"", Tagging="team=red")
