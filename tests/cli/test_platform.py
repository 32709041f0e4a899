"""Finding a platform, and reading its tables and stores on moto."""

import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from cli import running
from cli.platform import Platform, deployed, find, local
from cli.problems import Code, Problem
from cli.records import Record
from runtime.domain.identity import FileVersion
from tests.mocked import mocked_aws
from tests.tables import make_tables

OUTPUTS = {
    "region": "eu-west-1",
    "upload_bucket": "uploads",
    "work_bucket": "work",
    "output_bucket": "output",
    "files_table": "Files",
    "transactions_table": "Transactions",
    "link_function": "link",
}
SHOWN = Record(name="a.csv", version="v1", state="processing", attempt=1, at="t", result_key="results/x/result.json")


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mocked_aws():
        db: Any = boto3.client("dynamodb", region_name="eu-west-1")
        make_tables(db, files="Files", transactions="Transactions")
        s3 = boto3.client("s3", region_name="eu-west-1")
        for bucket in ("work", "output"):
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        yield deployed(OUTPUTS, name="stack test")


def put(platform: Platform, table: str, **values: str) -> None:
    item = {name: {"N" if value.isdigit() else "S": value} for name, value in values.items()}
    platform.client("dynamodb").put_item(TableName=table, Item=item)


def test_a_file_is_read_and_an_unknown_one_is_none(platform: Platform) -> None:
    put(platform, "Files", FileName="a.csv", VersionId="v1", State="succeeded", Attempt="1", UpdatedAt="t", Size="12")
    found = platform.file("a.csv")
    assert found == Record(name="a.csv", version="v1", state="succeeded", attempt=1, at="t", size=12)
    assert platform.file("b.csv") is None


def test_all_files_are_read_whatever_their_number(platform: Platform) -> None:
    # More than one answer of DynamoDB holds (1 MB).
    for number in range(12):
        put(
            platform, "Files", FileName=f"f{number}", VersionId="v", State="received", Attempt="1", Reason="x" * 100_000
        )
    assert {one.name for one in platform.files()} == {f"f{number}" for number in range(12)}


def test_entries_come_in_order_and_by_version(platform: Platform) -> None:
    for version, step, state in (("v2", 0, "received"), ("v1", 3, "failed"), ("v1", 0, "received")):
        put(
            platform, "Transactions", FileName="a.csv", Entry=f"{version}#001#{step}", VersionId=version, State=state,
            Attempt="1", At="t",
        )  # fmt: skip
    assert [(one.version, one.state) for one in platform.entries("a.csv")] == [
        ("v1", "received"),
        ("v1", "failed"),
        ("v2", "received"),
    ]
    assert [one.version for one in platform.entries("a.csv", "v2")] == ["v2"]


def test_reports_of_groups_are_counted_where_the_functions_put_them(platform: Platform) -> None:
    file = FileVersion(
        bucket="uploads", key="a.csv", version="v1", size=1, etag="", sequencer="", received_at="", attempt=1
    )
    s3 = platform.client("s3")
    for name in ("plan.json", "groups/00000.json", "groups/00000.clean", "groups/00001.json", "groups/00002.z"):
        s3.put_object(Bucket="work", Key=file.work_key(name), Body=b"")
    assert platform.groups_done(SHOWN) == 2


class NoEntry:
    """S3 for someone who may not read; counts the questions."""

    asked = 0

    def get_paginator(self, _: str) -> "NoEntry":
        return self

    def paginate(self, **_: str) -> "NoEntry":
        return self

    def __iter__(self) -> "NoEntry":
        return self

    def __next__(self) -> Any:
        return self.get_object()

    def get_object(self, **_: str) -> Any:
        self.asked += 1
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListObjectsV2")


def test_who_may_not_see_the_parts_is_not_asked_again() -> None:
    s3 = NoEntry()
    platform = Platform(OUTPUTS, name="x", make_client=lambda _: s3)
    assert platform.groups_done(SHOWN) is None
    assert platform.groups_done(SHOWN) is None
    assert s3.asked == 1


def test_who_may_not_read_results_goes_without() -> None:
    assert Platform(OUTPUTS, name="x", make_client=lambda _: NoEntry()).result(SHOWN) is None


def test_a_result_is_read(platform: Platform) -> None:
    assert platform.result(SHOWN) is None
    platform.client("s3").put_object(Bucket="output", Key="results/x/result.json", Body=b'{"kind": "csv"}')
    assert platform.result(SHOWN) == {"kind": "csv"}


class Functions:
    """Lambda that gives one answer, and a table with one file."""

    def __init__(self, answer: dict[str, Any], *, state: str = "succeeded", error: bool = False) -> None:
        self.answer, self.state, self.error = answer, state, error

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:
        self.asked = (FunctionName, json.loads(Payload))
        body: dict[str, Any] = {"Payload": io.BytesIO(json.dumps(self.answer).encode())}
        return {**body, "FunctionError": "Unhandled"} if self.error else body

    def get_item(self, **_: Any) -> dict[str, Any]:
        return {
            "Item": {
                "FileName": {"S": "a"},
                "VersionId": {"S": "v"},
                "State": {"S": self.state},
                "Attempt": {"N": "1"},
            }
        }


def test_a_link_is_signed_by_the_platforms_own_function() -> None:
    functions = Functions({"link": "https://x", "expires": "then", "sha256": "ab", "size": 3})
    link = Platform(OUTPUTS, name="x", make_client=lambda _: functions).link("a")
    assert (link.url, link.expires, link.sha256, link.size) == ("https://x", "then", "ab", 3)
    assert functions.asked == ("link", {"name": "a"})


@pytest.mark.parametrize(
    ("functions", "code"),
    [
        (Functions({"error": "there is no file named a", "code": "unknown"}), Code.NOT_FOUND),
        (Functions({"error": "a is rejected", "code": "not-ready"}, state="rejected"), Code.REJECTED),
        (Functions({"error": "a is failed", "code": "not-ready"}, state="failed"), Code.FAILED),
        (Functions({"error": "a is processing", "code": "not-ready"}, state="processing"), Code.TIMED_OUT),
        (Functions({"errorMessage": "boom"}, error=True), Code.UNEXPECTED),
    ],
)
def test_why_there_is_no_link_is_told(functions: Functions, code: Code) -> None:
    with pytest.raises(Problem) as caught:
        Platform(OUTPUTS, name="x", make_client=lambda _: functions).link("a")
    assert caught.value.code == code


def test_a_missing_output_is_named() -> None:
    with pytest.raises(Problem, match="stack x has no output 'work_bucket'"):
        Platform({}, name="stack x", make_client=lambda _: None).output("work_bucket")


def test_a_file_of_outputs_comes_before_everything(tmp_path: Path) -> None:
    path = tmp_path / "outputs.json"
    path.write_text(json.dumps(OUTPUTS))
    assert find(outputs=path, stack="dev").output("files_table") == "Files"


@pytest.mark.parametrize("text", ["", "[]", "{}", "no json"])
def test_a_file_that_holds_no_outputs_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "outputs.json"
    path.write_text(text)
    with pytest.raises(Problem, match=r"outputs\.json: this is not") as caught:
        find(outputs=path)
    assert caught.value.code == Code.UNREACHABLE


def pulumi(folder: Path, script: str) -> None:
    """A Pulumi CLI of the test's own."""
    path = folder / "pulumi"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_a_stack_is_asked_of_the_pulumi_cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pulumi(
        tmp_path, """[ "$*" = "stack output --json -s dev" ] && echo '{"files_table": "F", "region": "eu-west-1"}'"""
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    found = find(stack="dev")
    assert (found.output("files_table"), found.name) == ("F", "stack dev")


def test_what_the_pulumi_cli_says_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pulumi(tmp_path, "echo 'error: no stack named dev found' >&2; exit 255")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Problem, match="stack dev: error: no stack named dev found") as caught:
        find(stack="dev")
    assert caught.value.code == Code.UNREACHABLE


def test_without_the_pulumi_cli_there_is_another_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Problem, match="--outputs") as caught:
        find(stack="dev")
    assert caught.value.code == Code.UNREACHABLE


def test_the_local_cloud_is_found_by_its_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(running.NOTE, str(tmp_path / "local.json"))
    note = running.Running(
        endpoint="http://127.0.0.1:9", region="us-east-1", access_key="root", pid=os.getpid(), outputs=OUTPUTS
    )
    with running.published(note):
        assert find().name == "the local cloud"


def test_a_profile_of_ones_own_does_not_matter_locally(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "there-is-none")
    note = running.Running(endpoint="http://127.0.0.1:9", region="us-east-1", access_key="root", pid=1, outputs={})
    client = local(note).client("s3")
    assert client.meta.endpoint_url == "http://127.0.0.1:9"
