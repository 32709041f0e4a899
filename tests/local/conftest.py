"""Small things in the local cloud: a function, a bucket, a queue, each with a name of its own."""

import io
import itertools
import json
import time
import zipfile
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from local.cloud import LocalCloud

_numbers = itertools.count(1)
_T = TypeVar("_T")
LOGS = {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}
SENDER = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
CALLER = """
import boto3
from botocore.exceptions import ClientError

def handler(event, context):
    try:
        getattr(boto3.client(event["service"]), event["operation"])(**event["parameters"])
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "allowed"
"""
"""A function that makes the call which its event describes, with the credentials that it was given."""


def package(source: str) -> bytes:
    """A function's ZIP with one module, `index`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("index.py", source)
    return buffer.getvalue()


class Kit:
    """Makes what a test needs; names are new each time."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud

    def name(self, stem: str) -> str:
        return f"{stem}-{next(_numbers)}"

    def role(self, *statements: dict[str, Any]) -> str:
        """ARN of a role that functions and machines may take up, and that may do what the statements say."""
        iam, name = self.cloud.client("iam"), self.name("role")
        services = {"Service": ["lambda.amazonaws.com", "states.amazonaws.com"]}
        taken = {"Effect": "Allow", "Principal": services, "Action": "sts:AssumeRole"}
        trust = {"Version": "2012-10-17", "Statement": [taken]}
        arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        if statements:
            document = {"Version": "2012-10-17", "Statement": list(statements)}
            iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=json.dumps(document))
        return arn

    def user(self, *statements: dict[str, Any]) -> dict[str, str]:
        """Credentials of a new user who may do what the statements say."""
        iam, name = self.cloud.client("iam"), self.name("user")
        iam.create_user(UserName=name)
        if statements:
            document = {"Version": "2012-10-17", "Statement": list(statements)}
            iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=json.dumps(document))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}

    def function(self, source: str, *statements: dict[str, Any], **settings: Any) -> str:
        """Name of a function `index.handler` with this source; its role has these statements, and writes its log."""
        name = self.name("function")
        self.cloud.client("lambda").create_function(
            **{
                "FunctionName": name,
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Role": self.role(LOGS, *statements),
                "Code": {"ZipFile": package(source)},
                "Timeout": 10,
                "MemorySize": 256,
                **settings,
            }
        )
        return name

    def function_arn(self, name: str) -> str:
        return f"arn:aws:lambda:{self.cloud.region}:{self.cloud.account}:function:{name}"

    def invoke(self, name: str, event: Any = None) -> tuple[str | None, Any]:
        """Kind of error, if any, and the result."""
        answer = self.cloud.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event or {}))
        return answer.get("FunctionError"), json.loads(answer["Payload"].read())

    def bucket(self, *, versioned: bool = False, events: bool = False) -> str:
        s3, name = self.cloud.client("s3"), self.name("bucket")
        s3.create_bucket(Bucket=name)
        if versioned:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        if events:
            s3.put_bucket_notification_configuration(
                Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}}
            )
        return name

    def queue(self, **attributes: str) -> tuple[str, str]:
        """URL and ARN; rules may send to it."""
        sqs = self.cloud.client("sqs")
        url = sqs.create_queue(QueueName=self.name("queue"), Attributes=attributes)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = json.dumps({"Version": "2012-10-17", "Statement": [{**SENDER, "Resource": arn}]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        return url, arn

    def rule(self, pattern: dict[str, Any], target_arn: str) -> str:
        """An EventBridge rule on the default bus with one target."""
        events, name = self.cloud.client("events"), self.name("rule")
        events.put_rule(Name=name, EventPattern=json.dumps(pattern))
        events.put_targets(Rule=name, Targets=[{"Id": "target", "Arn": target_arn}])
        return name

    def messages(self, url: str, count: int, *, seconds: float = 10) -> list[Any]:
        """The next `count` messages of a queue, as JSON, removed from it."""
        sqs = self.cloud.client("sqs")
        found: list[Any] = []

        def enough() -> list[Any] | None:
            for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                found.append(json.loads(message["Body"]))
            return found if len(found) >= count else None

        return self.eventually(enough, seconds=seconds)

    def eventually(self, look: Callable[[], _T | None], *, seconds: float = 10) -> _T:
        """What `look` gives as soon as it gives something; fails after `seconds`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := look():
                return found
            time.sleep(0.05)
        raise AssertionError(f"nothing after {seconds} s")


@pytest.fixture
def kit(cloud: LocalCloud) -> Kit:
    return Kit(cloud)
