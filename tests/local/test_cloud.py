"""The local cloud as a whole: one at a time, empty at each start, nothing left behind."""

import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import hooks, log
from local.cloud import LocalCloud

ROOT = Path(__file__).parents[2]
PACKAGE = """
import io, json, zipfile
services = {"Service": ["lambda.amazonaws.com", "states.amazonaws.com"]}
taken = {"Effect": "Allow", "Principal": services, "Action": "sts:AssumeRole"}
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [taken]})
buffer = io.BytesIO()
with zipfile.ZipFile(buffer, "w") as archive:
    archive.writestr("index.py", "def handler(event, context): return 1")
"""
START_TWICE = (
    PACKAGE
    + """
import json, logging, os, socket, sys, threading
from pathlib import Path
from local.cloud import LocalCloud

seen = {"buckets": [], "functions": [], "topics": [], "queue_urls": []}
for run in range(2):
    with LocalCloud(workers=2) as cloud:
        s3, functions = cloud.client("s3"), cloud.client("lambda")
        seen["buckets"].append([bucket["Name"] for bucket in s3.list_buckets()["Buckets"]])
        seen["functions"].append(len(functions.list_functions()["Functions"]))
        s3.create_bucket(Bucket="left-behind")
        s3.put_object(Bucket="left-behind", Key="key", Body=b"1" * 1000)
        url = cloud.client("sqs").create_queue(QueueName="queue")["QueueUrl"]
        seen["queue_urls"].append(url.startswith(cloud.endpoint + "/"))
        cloud.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument=TRUST)
        functions.create_function(FunctionName="function", Runtime="python3.13", Handler="index.handler",
            Role=f"arn:aws:iam::{cloud.account}:role/role", Code={"ZipFile": buffer.getvalue()})
        functions.invoke(FunctionName="function")
        cloud.client("secretsmanager").list_secrets()
        logger = sys.modules["ministack.services.secretsmanager"].logger
        seen.setdefault("logger", [logger.parent.name, logger.isEnabledFor(logging.ERROR)])
        seen["processes"] = cloud.pool.stats().processes
        seen["key"] = os.environ["AWS_ACCESS_KEY_ID"]
        port = int(cloud.endpoint.rpartition(":")[2])
    with socket.socket() as probe:
        seen["port_open"] = probe.connect_ex(("127.0.0.1", port)) == 0
seen["threads"] = [thread.name for thread in threading.enumerate() if "penstock" in thread.name]
seen["environment"] = {name: os.environ.get(name) for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "GATEWAY_PORT")}
seen["root_handlers"] = len(logging.getLogger().handlers)
children = Path(f"/proc/self/task/{os.getpid()}/children")
seen["children"] = children.read_text().split() if children.exists() else []
print(json.dumps(seen))
"""
)


def _run(code: str, **environment: str) -> Any:
    """What a script prints, as JSON; it has a temporary folder of its own, which must be empty in the end."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": folder, **environment},
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        assert done.stderr == b""
        assert list(Path(folder).iterdir()) == []
    return json.loads(done.stdout)


def test_second_start_begins_empty_and_nothing_is_left_behind() -> None:
    seen = _run(START_TWICE, AWS_ACCESS_KEY_ID="AKIAMINE", AWS_PROFILE="mine", GATEWAY_PORT="1")
    assert seen["buckets"] == [[], []]
    assert seen["functions"] == [0, 0]
    assert seen["queue_urls"] == [True, True], "a queue's URL names the port of this start"
    assert seen["processes"] == 1
    assert seen["key"] == "test", "credentials of a person are hidden while the cloud runs"
    assert seen["environment"] == {"AWS_ACCESS_KEY_ID": "AKIAMINE", "AWS_PROFILE": "mine", "GATEWAY_PORT": "1"}
    assert not seen["port_open"]
    assert seen["threads"] == []
    assert seen["children"] == []
    assert seen["root_handlers"] == 0
    assert seen["logger"] == ["penstock.local", False], "services that are loaded later are silent too"


def test_stop_while_much_is_going_on() -> None:
    code = (
        PACKAGE.replace("return 1", "import time; time.sleep(20)")
        + """
import json, os, sys, threading, time, traceback
from pathlib import Path
from local.cloud import LocalCloud
cloud = LocalCloud(workers=2)
cloud.start()
functions, states = cloud.client("lambda"), cloud.client("stepfunctions")
cloud.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument=TRUST)
role = f"arn:aws:iam::{cloud.account}:role/role"
arn = functions.create_function(FunctionName="function", Runtime="python3.13", Handler="index.handler", Timeout=30,
    Role=role, Code={"ZipFile": buffer.getvalue()})["FunctionArn"]
retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 30, "MaxAttempts": 9}]
definition = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": arn, "Retry": retry, "End": True}}}
machine = states.create_state_machine(name="m", definition=json.dumps(definition), roleArn=role)["stateMachineArn"]
for number in range(5):
    states.start_execution(stateMachineArn=machine)
    functions.invoke(FunctionName="function", InvocationType="Event")
time.sleep(1)
started = time.monotonic()
cloud.stop()
cloud.stop()
time.sleep(0.5)
children = Path(f"/proc/self/task/{os.getpid()}/children")
stacks = ["".join(traceback.format_stack(frame)) for frame in sys._current_frames().values()]
running = [stack for stack in stacks if "stepfunctions" in stack]
print(json.dumps({"seconds": time.monotonic() - started, "children": children.read_text().split(), "running": running}))
"""
    )
    seen = _run(code)
    assert seen["children"] == []
    assert seen["running"] == [], "nobody waits for the next retry"
    assert seen["seconds"] < 5


def test_folder_of_a_process_that_was_killed_is_removed() -> None:
    code = """
import json, os, tempfile
from pathlib import Path
from local.cloud import LocalCloud
pid = os.fork()
if pid == 0:
    LocalCloud().start()
    os._exit(9)
os.waitpid(pid, 0)
left = len(list(Path(tempfile.gettempdir()).glob("penstock-cloud-*")))
with LocalCloud():
    now = len(list(Path(tempfile.gettempdir()).glob("penstock-cloud-*")))
print(json.dumps([left, now]))
"""
    assert _run(code) == [1, 1]


def test_one_at_a_time(cloud: LocalCloud) -> None:
    with pytest.raises(RuntimeError, match="already"):
        LocalCloud().start()
    assert cloud.client("sts").get_caller_identity()["Account"] == cloud.account


def test_clients_are_shared_and_do_not_retry(cloud: LocalCloud) -> None:
    assert cloud.client("s3") is cloud.client("s3")
    assert cloud.client("s3").meta.config.retries["total_max_attempts"] == 1
    other = cloud.client("s3", aws_access_key_id="a", aws_secret_access_key="b")  # noqa: S106
    assert other is not cloud.client("s3")
    # Those of other credentials read no descriptions of services anew.
    assert other.meta.service_model.metadata is cloud.client("s3").meta.service_model.metadata


def test_credentials_are_judged_by_their_policies(kit: Any, cloud: LocalCloud) -> None:
    mine, other = kit.bucket(), kit.bucket()
    reader = cloud.client(
        "s3", **kit.user({"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{mine}"})
    )
    assert reader.list_objects_v2(Bucket=mine)["KeyCount"] == 0
    with pytest.raises(ClientError, match="AccessDenied"):
        reader.list_objects_v2(Bucket=other)


def test_listens_on_loopback_only(cloud: LocalCloud) -> None:
    table = Path("/proc/self/net/tcp")
    if not table.exists():
        pytest.skip("no /proc")
    port = f"{int(cloud.endpoint.rpartition(':')[2]):04X}"
    rows = [line.split() for line in table.read_text().splitlines()[1:]]
    listening = [row[1] for row in rows if row[3] == "0A" and row[1].endswith(f":{port}")]
    assert listening == [f"0100007F:{port}"]


def test_large_bodies_pass_whole_and_many_at_once(kit: Any, cloud: LocalCloud) -> None:
    s3, bucket = cloud.client("s3"), kit.bucket()
    body = os.urandom(32 << 20)
    same: list[bool] = []

    def run(number: int) -> None:
        s3.put_object(Bucket=bucket, Key=str(number), Body=body)
        same.append(s3.get_object(Bucket=bucket, Key=str(number))["Body"].read() == body)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert same == [True] * 3


def test_health_is_answered(cloud: LocalCloud) -> None:
    with urllib.request.urlopen(f"{cloud.endpoint}/_ministack/health") as answer:  # noqa: S310
        assert answer.status == 200


def test_hooks_refuse_what_they_were_not_written_for(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    replaced = hooks.Hooks()
    with pytest.raises(hooks.HookError, match="no function"):
        replaced.replace("services.s3", "_no_such_function", "a", lambda original: original)
    with pytest.raises(hooks.HookError, match=r"takes \(name\), expected"):
        replaced.replace("services.s3", "_head_bucket", "something else", lambda original: original)
    with pytest.raises(hooks.HookError, match="not a int"):
        replaced.value("app", "_MINISTACK_PORT", 1)
    monkeypatch.setattr(hooks, "MINISTACK", "0.0.1")
    with pytest.raises(hooks.HookError, match=r"written for 0\.0\.1"):
        hooks.check_version()


def test_hooks_put_everything_back(cloud: LocalCloud) -> None:
    from ministack.services import s3  # type: ignore[import-untyped]

    original = s3._head_bucket
    replaced = hooks.Hooks()
    replaced.replace("services.s3", "_head_bucket", "name", lambda _: print)
    assert s3._head_bucket is print
    replaced.restore()
    assert s3._head_bucket is original


def test_log_is_silent_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    configured = (log.LOG.level, log.LOG.handlers)
    try:
        monkeypatch.delenv("PENSTOCK_LOCAL_LOG", raising=False)
        log.configure()
        assert not log.LOG.isEnabledFor(logging.ERROR)
        monkeypatch.setenv("PENSTOCK_LOCAL_LOG", "info")
        log.configure()
        assert log.LOG.isEnabledFor(logging.INFO)
        assert not log.LOG.isEnabledFor(logging.DEBUG)
    finally:
        log.LOG.setLevel(configured[0])
        log.LOG.handlers = configured[1]
