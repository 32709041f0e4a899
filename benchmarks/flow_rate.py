"""Files a second through the whole flow, against the least that any such system does on the same emulator.

The peer is a bucket whose events go through EventBridge and SQS to a function that does nothing but note the message:
no scan, no ledger, no state machine, no result. Both run on the same local cloud in turn, with the same batch size,
concurrency and kind of queue.
"""

import io
import json
import tempfile
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.measure import Figure
from cli.front import NO_PAGE
from local.cloud import LocalCloud
from local.deploy import deploy

FILES = 200
UPLOADERS = 8
CONTENT = b"id,name\n" + b"1,one\n" * 200
NOOP = """
import os
def handler(event, context):
    with open(os.environ["COUNT"], "a") as count:
        count.write("".join("x" for _ in event["Records"]))
"""


def run(rounds: int) -> list[Figure]:
    """Without the malware gate, and with it: one state and two calls more a file, and a scan on the same machine."""
    return [_figure(rounds, "none", "no malware gate"), _figure(rounds, "guardduty", "malware gate")]


def _figure(rounds: int, gate: str, called: str) -> Figure:
    """Rounds alternate between the two, so that a machine that slows down slows both."""
    with LocalCloud() as cloud, tempfile.TemporaryDirectory() as folder:
        outputs = deploy(cloud, config={**NO_PAGE, "penstock:malware": json.dumps({"gate": gate})}).outputs
        count = Path(folder) / "count"
        bare = _bare(cloud, outputs, count)
        ours, theirs = [], []
        _flow(cloud, outputs, "warm", 20)
        _noop(cloud, bare, count, "warm", 20)
        for n in range(rounds):
            theirs.append(_noop(cloud, bare, count, f"round-{n}", FILES))
            ours.append(_flow(cloud, outputs, f"round-{n}", FILES))
    return Figure(
        what=f"{FILES} small CSV files, upload to delivered, {called}",
        ours=FILES / min(ours),
        theirs=FILES / min(theirs),
        unit="files/s",
        peer="put, event, queue, no-op function",
        aim="≥ 0.5",
    )


def _upload(cloud: LocalCloud, bucket: str, prefix: str, files: int) -> None:
    s3 = cloud.client("s3")

    def put(n: int) -> None:
        s3.put_object(Bucket=bucket, Key=f"{prefix}/{n}.csv", Body=CONTENT)

    with ThreadPoolExecutor(UPLOADERS) as pool:
        list(pool.map(put, range(files)))


def _timed(start: Callable[[], None], done: Callable[[], bool]) -> float:
    started = time.perf_counter()
    start()
    while not done():
        if time.perf_counter() - started > 300:
            raise TimeoutError("not all files arrived within 300 s")
        time.sleep(0.05)
    return time.perf_counter() - started


def _flow(cloud: LocalCloud, outputs: dict[str, Any], prefix: str, files: int) -> float:
    names = [f"{prefix}/{n}.csv" for n in range(files)]
    db, table = cloud.client("dynamodb"), outputs["files_table"]

    def succeeded(wanted: list[str]) -> bool:
        keys = [{"FileName": {"S": name}} for name in wanted]
        items = db.batch_get_item(RequestItems={table: {"Keys": keys}})["Responses"][table]
        return [item["State"]["S"] for item in items] == ["succeeded"] * len(wanted)

    def done() -> bool:
        # Watching must not cost what is measured: the last file first, and all of them only when it has arrived.
        return succeeded(names[-1:]) and all(succeeded(names[at : at + 100]) for at in range(0, files, 100))

    return _timed(lambda: _upload(cloud, outputs["upload_bucket"], prefix, files), done)


def _noop(cloud: LocalCloud, bucket: str, count: Path, prefix: str, files: int) -> float:
    before = count.stat().st_size if count.exists() else 0

    def done() -> bool:
        return count.exists() and count.stat().st_size - before >= files

    return _timed(lambda: _upload(cloud, bucket, prefix, files), done)


def _allow(actions: str | list[str], resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _bare(cloud: LocalCloud, outputs: dict[str, Any], count: Path) -> str:
    """Makes the peer; returns its bucket. Its queue's settings are those of ours."""
    s3, sqs, events, functions = (cloud.client(name) for name in ("s3", "sqs", "events", "lambda"))
    mapping = _ingest_mapping(functions, sqs, outputs["queue_url"])
    bucket = "bare-loop"
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
    url = sqs.create_queue(QueueName=bucket, Attributes={"VisibilityTimeout": "360"})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [bucket]}},
    }
    events.put_rule(Name=bucket, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=bucket, Targets=[{"Id": "queue", "Arn": arn}])
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as package:
        package.writestr("noop.py", NOOP)
    sender = {**_allow("sqs:SendMessage", arn), "Principal": {"Service": "events.amazonaws.com"}}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": _policy(sender)})
    taken = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = cloud.client("iam").create_role(RoleName=bucket, AssumeRolePolicyDocument=_policy(taken))["Role"]["Arn"]
    policy = _policy(
        _allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], arn),
        _allow(["logs:CreateLogStream", "logs:PutLogEvents"], "*"),
    )
    cloud.client("iam").put_role_policy(RoleName=bucket, PolicyName="queue", PolicyDocument=policy)
    functions.create_function(
        FunctionName=bucket,
        Runtime="python3.13",
        Role=role,
        Handler="noop.handler",
        Code={"ZipFile": code.getvalue()},
        Timeout=60,
        MemorySize=512,
        Environment={"Variables": {"COUNT": str(count)}},
    )
    functions.create_event_source_mapping(
        FunctionName=bucket,
        EventSourceArn=arn,
        BatchSize=mapping["BatchSize"],
        ScalingConfig=mapping["ScalingConfig"],
    )
    return bucket


def _ingest_mapping(functions: Any, sqs: Any, url: str) -> dict[str, Any]:
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    (mapping,) = functions.list_event_source_mappings(EventSourceArn=arn)["EventSourceMappings"]
    return dict(mapping)
