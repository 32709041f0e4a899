"""Somebody has the credentials of one function: its own work is allowed, everything else is refused by the policies."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.sessions import open_session
from tests.flow.driver import Driver

pytestmark = pytest.mark.flow

PREFIX = "penstock-local"
STEP = {"read an upload", "change Files"}
RESULT = {"read a result", "write a result"}
ARCHIVE = {"read an archive", "write an archive"}
BACKUP = {"read a backup", "write a backup"}
LEDGER = {"write the ledger", "change Files"}
# What each function may do of all that is tried below; nothing in it is what another function does alone.
MAY = {
    "announce": {"write the journal", "announce"},
    "archive": {*STEP, "read work", "write work", "read a result", *ARCHIVE},
    "authorize": set(),
    "catalogue": {"read a result", "put the catalogue's messages off"},
    "delete": {"write the ledger", "read the ledger", "remove an upload", "hide a backup", "have copies forgotten"},
    "fail": {"write the ledger", "change Files", "notify", "read an upload's tags"},
    "files": {
        "read Files",
        "change Files",
        "read a result",
        "read the ledger",
        "write the ledger",
        "read an upload's tags",
        "read the signing key",
        "start a run",
    },
    "image": {"read an upload", *RESULT, *ARCHIVE, *BACKUP, *LEDGER, "read the signing key"},
    "ingest": {"take messages", "start a run"},
    "link": {"read Files", "read the ledger", "read the signing key"},
    "migrate": {"read the database's password"},
    "merge": {*STEP, "read work", "write work", *RESULT},
    "part": {"read an upload", "read work", "write work"},
    "plan": {"read an upload", "read work", "write work", *LEDGER},
    "process": {"read an upload", *RESULT, *ARCHIVE, *BACKUP, *LEDGER, "read the signing key"},
    "publish": {*STEP, "read work", *RESULT, "read an archive", *BACKUP, "read the signing key"},
    "redrive": {"read Files", "write the ledger", "read an upload's tags", "start a run"},
    "rotate-key": {"read the signing key", "move the signing key", "change the key group"},
    "scan": {*LEDGER, "read the ledger", "read an upload's tags", "answer a run"},
    "signing-key": {"read the signing key"},
    # It sends what its links send: whoever has one may put a part, and the function all of them.
    "uploads": {"replace an upload", "read an upload's tags"},
    # It makes uploads of members, and only where there is none of the name.
    "unpack": {"read an upload", "read work", "write work"},
    "verdict": {"write the ledger", "read the ledger", "read an upload's tags", "answer a run"},
}
# Under a name that is taken: an execution of this input would be in other tests' way.
TAKEN = json.dumps({"file": {"key": "x"}})
# Others read the journal, entry by entry.
ENTRY = json.dumps({"FileName": "by-hand"}).encode()
# Refused to every one of them.
NOBODY = {
    "delete an upload", "take the upload bucket's policy away", "open a key", "use a key by hand",
    "stop a run", "call another function", "change a function", "send to the queue", "delete the ledger",
    "change its own policy", "leave its boundary", "take another role up", "make a user", "stop the trail of logs",
}  # fmt: skip


class Things:
    """The names of what is tried, and one file that has gone through."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.name = "by-hand/report.csv"
        self.version = driver.put(self.name, b"a,b\n1,2\n")
        self.entry = driver.wait(self.name, self.version)
        self.work = driver.out("work_bucket")
        driver.client("s3").put_object(Bucket=self.work, Key="work/by-hand", Body=b"x")
        backups = driver.client("s3").list_objects_v2(Bucket=driver.out("backup_bucket"), Prefix="backup/")
        self.backup = backups["Contents"][0]["Key"]
        self.key = next(one.state["arn"] for one in driver.platform.deployment.states
                        if one.token.endswith(":Key") and one.name.endswith("-data"))  # fmt: skip
        (database,) = [one for one in driver.platform.deployment.states if one.token.endswith(":Instance")]
        self.master_secret = database.state["masterUserSecrets"][0]["secretArn"]
        self.context = {"aws:s3:arn": f"arn:aws:s3:::{self.work}"}
        self.sealed = driver.client("kms").encrypt(KeyId=self.key, Plaintext=b"x", EncryptionContext=self.context)[
            "CiphertextBlob"
        ]
        (execution,) = driver.executions(self.name)
        self.execution = execution["executionArn"]


@pytest.fixture(scope="module")
def things(driver: Driver) -> Things:
    return Things(driver)


def calls(things: Things, function: str) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """What is tried with a function's credentials: service, operation, parameters. None of it does harm."""
    out, entry = things.driver.out, things.entry
    run = things.execution.rpartition(":")[2]
    own, other = f"{PREFIX}-{function}", f"{PREFIX}-{'link' if function != 'link' else 'fail'}"
    item = {"FileName": {"S": things.name}, "Entry": {"S": entry["Entry"]}}
    shown = {"FileName": {"S": things.name}}
    upload = {"Bucket": out("upload_bucket"), "Key": things.name, "VersionId": things.version}
    ledger, files = {"TableName": out("transactions_table")}, {"TableName": out("files_table")}
    never = {"ConditionExpression": "attribute_exists(NoSuchAttribute)"}
    group = {"Name": "x", "Items": ["x"]}
    everything = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    )

    def at(bucket: str, key: str, **more: Any) -> dict[str, Any]:
        return {"Bucket": out(f"{bucket}_bucket"), "Key": key, **more}

    return {
        "read an upload": ("s3", "get_object", upload),
        "read an upload's tags": ("s3", "get_object_tagging", upload),
        "replace an upload": ("s3", "put_object", at("upload", "by-hand/other.csv", Body=b"x")),
        "delete an upload": ("s3", "delete_object", at("upload", "by-hand/no-such")),
        "remove an upload": ("s3", "delete_object", at("upload", "by-hand/no-such", VersionId="no-such")),
        "hide a backup": ("s3", "delete_object", at("backup", "backup/by-hand/no-such")),
        "have copies forgotten": (
            "cloudfront",
            "create_invalidation",
            {
                "DistributionId": out("distribution_id"),
                "InvalidationBatch": {"Paths": {"Quantity": 1, "Items": ["/x"]}, "CallerReference": "by-hand"},
            },
        ),
        "take the upload bucket's policy away": ("s3", "delete_bucket_policy", {"Bucket": out("upload_bucket")}),
        "read work": ("s3", "get_object", at("work", "work/by-hand")),
        "write work": ("s3", "put_object", at("work", "work/by-hand", Body=b"x")),
        "read a result": ("s3", "get_object", at("output", entry["ResultKey"])),
        "write a result": ("s3", "put_object", at("output", "results/by-hand", Body=b"x")),
        "read an archive": ("s3", "get_object", at("delivery", entry["ArchiveKey"])),
        "write an archive": ("s3", "put_object", at("delivery", "archives/by-hand", Body=b"x")),
        "read a backup": ("s3", "get_object", at("backup", things.backup)),
        "write a backup": ("s3", "put_object", at("backup", "backup/by-hand", Body=b"x")),
        "write the journal": ("s3", "put_object", at("ledger", "transactions/by-hand", Body=ENTRY)),
        "read the ledger": ("dynamodb", "get_item", {**ledger, "Key": item}),
        "write the ledger": ("dynamodb", "put_item", {**ledger, "Item": item, **never}),
        "delete the ledger": ("dynamodb", "delete_item", {**ledger, "Key": item, **never}),
        "read Files": ("dynamodb", "get_item", {**files, "Key": shown}),
        "change Files": ("dynamodb", "update_item", {**files, "Key": shown, "UpdateExpression": "REMOVE X", **never}),
        "take messages": ("sqs", "receive_message", {"QueueUrl": out("queue_url"), "VisibilityTimeout": 0}),
        "send to the queue": ("sqs", "send_message", {"QueueUrl": out("queue_url"), "MessageBody": "{}"}),
        # A receipt of nothing: what is asked is whether it may be tried.
        "put the catalogue's messages off": (
            "sqs",
            "change_message_visibility",
            {"QueueUrl": out("catalogue_queue_url"), "ReceiptHandle": "by-hand", "VisibilityTimeout": 0},
        ),
        "open a key": ("kms", "decrypt", {"CiphertextBlob": things.sealed, "EncryptionContext": things.context}),
        "use a key by hand": ("kms", "generate_data_key", {"KeyId": things.key, "KeySpec": "AES_256"}),
        "read the signing key": ("secretsmanager", "get_secret_value", {"SecretId": out("signing_secret_arn")}),
        "read the database's password": (
            "secretsmanager", "get_secret_value", {"SecretId": things.master_secret}
        ),
        # Of a version that there is not, so that nothing changes.
        "move the signing key": (
            "secretsmanager",
            "update_secret_version_stage",
            {"SecretId": out("signing_secret_arn"), "VersionStage": "BY-HAND", "RemoveFromVersionId": "0" * 32},
        ),
        "change the key group": (
            "cloudfront", "update_key_group", {"Id": out("key_group_id"), "IfMatch": "no", "KeyGroupConfig": group},
        ),
        "start a run": (
            "stepfunctions",
            "start_execution",
            {"stateMachineArn": out("state_machine_arn"), "name": run, "input": TAKEN},
        ),
        "stop a run": ("stepfunctions", "stop_execution", {"executionArn": things.execution}),
        "answer a run": ("stepfunctions", "send_task_success", {"taskToken": token_of(things), "output": "{}"}),
        "call another function": ("lambda", "invoke", {"FunctionName": other, "Payload": b"{}"}),
        "change a function": ("lambda", "update_function_configuration", {"FunctionName": own, "Timeout": 30}),
        "notify": ("sns", "publish", {"TopicArn": out("notifications_topic_arn"), "Message": "x"}),
        "announce": ("events", "put_events", {"Entries": [
            {"EventBusName": out("event_bus"), "Source": "by-hand", "DetailType": "x", "Detail": "{}"}
        ]}),
        "change its own policy": (
            "iam", "put_role_policy", {"RoleName": own, "PolicyName": "x", "PolicyDocument": everything}
        ),
        "leave its boundary": ("iam", "delete_role_permissions_boundary", {"RoleName": own}),
        "take another role up": (
            "sts",
            "assume_role",
            {"RoleArn": f"arn:aws:iam::{out('account_id')}:role/{other}", "RoleSessionName": "by-hand"},
        ),
        "make a user": ("iam", "create_user", {"UserName": f"by-hand-{uuid.uuid4().hex[:8]}"}),
        "stop the trail of logs": ("logs", "delete_log_group", {"logGroupName": f"/aws/lambda/{own}"}),
    }  # fmt: skip


def token_of(things: Things) -> str:
    """The token with which the file's run waited for its verdict: it was answered, and is no use to anybody."""
    found = things.driver.client("dynamodb").query(
        TableName=things.driver.out("transactions_table"),
        KeyConditionExpression="FileName = :name AND begins_with(Entry, :scan)",
        ExpressionAttributeValues={":name": {"S": things.name}, ":scan": {"S": "SCAN#"}},
    )
    return str(found["Items"][0]["Token"]["S"])


class Hands:
    """Clients that work with the credentials of one function after the other; to make them takes long."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        cloud = driver.platform.cloud
        nobody = {"aws_access_key_id": "nobody", "aws_secret_access_key": "nobody", "aws_session_token": "nobody"}
        self._session = boto3.session.Session(region_name=cloud.region, **nobody)
        self._clients: dict[str, Any] = {}

    def take(self, function: str) -> None:
        """Opens a session as Lambda does, whose name is the function's."""
        name = f"{PREFIX}-{function}"
        role = self._driver.client("lambda").get_function_configuration(FunctionName=name)["Role"]
        given, held = open_session(role, name), self._session.get_credentials()
        held.access_key, held.secret_key = given["aws_access_key_id"], given["aws_secret_access_key"]
        held.token = given["aws_session_token"]

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._session.client(
                service,
                endpoint_url=self._driver.platform.cloud.endpoint,
                config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
            )
        return self._clients[service]


@pytest.fixture(scope="module")
def hands(driver: Driver) -> Hands:
    return Hands(driver)


def allowed(call: Callable[..., Any], parameters: dict[str, Any]) -> bool:
    """Whether a call gets past the policies; that it then fails for its own reasons is all the same."""
    try:
        call(**parameters)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        return not any(word in code for word in ("AccessDenied", "Unauthorized", "NotAuthorized", "AuthorizationError"))
    return True


def test_every_function_is_tried(driver: Driver) -> None:
    states = driver.platform.deployment.states
    functions = [one for one in states if one.token.endswith("lambda/function:Function")]
    made = {one.state["name"].removeprefix(f"{PREFIX}-") for one in functions}
    assert set(MAY) == made
    assert not NOBODY & set().union(*MAY.values())


@pytest.mark.parametrize("function", MAY)
def test_a_functions_credentials_do_its_own_work_only(things: Things, hands: Hands, function: str) -> None:
    hands.take(function)
    tried = calls(things, function)
    assert set(tried) == NOBODY | set().union(*MAY.values())
    found = {
        what
        for what, (service, operation, parameters) in tried.items()
        if allowed(getattr(hands.client(service), operation), parameters)
    }
    assert found == MAY[function]
