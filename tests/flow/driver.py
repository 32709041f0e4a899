"""Drives the deployed platform the way that people and programs do: puts, waits, looks, downloads."""

import io
import json
import time
import urllib.error
import urllib.request
import zipfile
from dataclasses import dataclass
from typing import Any

from tests.conftest import Platform

TERMINAL = {"succeeded", "rejected", "failed"}


def plain(item: dict[str, Any]) -> dict[str, Any]:
    """A DynamoDB item without its type tags; numbers as int."""
    return {name: int(value["N"]) if "N" in value else next(iter(value.values())) for name, value in item.items()}


def http(url: str, **headers: str) -> tuple[int, bytes]:
    """Status and body of a GET."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@dataclass(frozen=True)
class Driver:
    """The platform and what it put out."""

    platform: Platform

    def client(self, service: str) -> Any:
        return self.platform.cloud.client(service)

    def out(self, name: str) -> Any:
        return self.platform.outputs[name]

    def put(self, name: str, data: bytes) -> str:
        """Uploads; returns the version."""
        answer = self.client("s3").put_object(Bucket=self.out("upload_bucket"), Key=name, Body=data)
        return str(answer["VersionId"])

    def ledger(self, name: str, version: str | None = None) -> list[dict[str, Any]]:
        """The entries of a file, or of one version of it, in their order, without those of the malware gate."""
        items = self.client("dynamodb").query(
            TableName=self.out("transactions_table"),
            KeyConditionExpression="FileName = :name",
            ExpressionAttributeValues={":name": {"S": name}},
            ConsistentRead=True,
        )["Items"]
        entries = [plain(item) for item in items if "State" in item]
        return [entry for entry in entries if version in (None, entry["VersionId"])]

    def wait(self, name: str, version: str, *, seconds: float = 120) -> dict[str, Any]:
        """The entry with which a version ended."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for entry in self.ledger(name, version):
                if entry["State"] in TERMINAL:
                    return entry
            time.sleep(0.1)
        raise AssertionError(f"{name} {version} has not ended after {seconds} s: {self.ledger(name, version)}")

    def shown(self, name: str) -> dict[str, Any]:
        """The item of table `Files`, once it shows an end: it is written with the ledger, or right after."""
        key = {"FileName": {"S": name}}
        item = self.client("dynamodb").get_item(TableName=self.out("files_table"), Key=key, ConsistentRead=True)
        return plain(item.get("Item", {}))

    def link(self, name: str) -> dict[str, Any]:
        """What the link function answers."""
        answer = self.client("lambda").invoke(
            FunctionName=self.out("link_function"), Payload=json.dumps({"name": name}).encode()
        )
        payload: dict[str, Any] = json.loads(answer["Payload"].read())
        return payload

    def archive(self, name: str) -> zipfile.ZipFile:
        """The archive, through the signed link."""
        status, body = http(self.link(name)["link"])
        assert status == 200
        return zipfile.ZipFile(io.BytesIO(body))

    def object(self, bucket: str, key: str) -> bytes:
        body: bytes = self.client("s3").get_object(Bucket=self.out(f"{bucket}_bucket"), Key=key)["Body"].read()
        return body

    def record(self, entry: dict[str, Any]) -> dict[str, Any]:
        """`result.json` of a version that succeeded."""
        record: dict[str, Any] = json.loads(self.object("output", entry["ResultKey"]))
        return record

    def executions(self, name: str) -> list[dict[str, Any]]:
        """The executions that were started for a file's versions."""
        found = []
        states = self.client("stepfunctions")
        pages = states.get_paginator("list_executions").paginate(stateMachineArn=self.out("state_machine_arn"))
        for page in pages:
            for execution in page["executions"]:
                described = states.describe_execution(executionArn=execution["executionArn"])
                if json.loads(described["input"])["file"]["key"] == name:
                    found.append(described)
        return found

    def messages(self, queue: str, *, least: int, seconds: float = 20) -> list[str]:
        """Bodies of at least so many messages of a queue, received and deleted."""
        sqs, found = self.client("sqs"), []
        deadline = time.monotonic() + seconds
        while len(found) < least and time.monotonic() < deadline:
            for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1).get(
                "Messages", []
            ):
                found.append(message["Body"])
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return found
