"""Finds the platform, and reads what it keeps: the tables, the results, the links."""

import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from boto3.dynamodb.types import TypeDeserializer
from botocore.config import Config
from botocore.exceptions import ClientError

from cli import running
from cli.problems import Code, Problem
from cli.records import Record
from runtime.domain.deletions import GONE
from runtime.domain.identity import FileVersion

Json = dict[str, Any]

_CONFIG = Config(
    connect_timeout=5,
    read_timeout=60,
    retries={"mode": "standard", "total_max_attempts": 5},
    max_pool_connections=64,
)
_UNREADABLE = {"AccessDenied", "AccessDeniedException", "403"}
_ABSENT = {"NoSuchKey", "404"}


@dataclass(frozen=True, kw_only=True)
class Link:
    """A signed link to an archive, until when it works, and what must come out of it (`size` in bytes)."""

    url: str
    expires: str
    sha256: str
    size: int


class Platform:
    """One deployment. `outputs` are its stack's, `make_client` makes a boto3 client for a service's name."""

    def __init__(self, outputs: Mapping[str, Any], *, name: str, make_client: Callable[[str], Any]) -> None:
        self.outputs, self.name = dict(outputs), name
        self._make_client = make_client
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._work_readable = True

    def output(self, name: str) -> str:
        """One output of the stack. Raises `Problem` when it has none of that name."""
        if name not in self.outputs:
            raise Problem(Code.UNREACHABLE, f"{self.name} has no output {name!r}; is it a deployment of Penstock?")
        return str(self.outputs[name])

    def unknown(self, name: str) -> Problem:
        """That there is no file of this name."""
        return Problem(Code.NOT_FOUND, f"there is no file named {name} on {self.name}; `penstock ls` lists them")

    def client(self, service: str) -> Any:
        """The boto3 client of a service; shared."""
        with self._lock:  # sessions do not make clients in two threads at once
            if service not in self._clients:
                self._clients[service] = self._make_client(service)
            return self._clients[service]

    def file(self, name: str) -> Record | None:
        """The newest version of a file, or None."""
        found = self.client("dynamodb").get_item(
            TableName=self.output("files_table"), Key={"FileName": {"S": name}}, ConsistentRead=True
        )
        return _record(found["Item"]) if "Item" in found else None

    def files(self) -> Iterator[Record]:
        """All files, in no order; the whole table is read."""
        pages = self.client("dynamodb").get_paginator("scan").paginate(TableName=self.output("files_table"))
        records = (_record(item) for page in pages for item in page["Items"])
        # Of a file that was deleted there is a note, so that nothing late brings it back.
        return (record for record in records if record.state not in GONE)

    def entries(self, name: str, version: str | None = None) -> list[Record]:
        """The ledger's entries for a file, or for one version of it, in order."""
        pages = (
            self.client("dynamodb")
            .get_paginator("query")
            .paginate(
                TableName=self.output("transactions_table"),
                KeyConditionExpression="FileName = :name",
                ExpressionAttributeValues={":name": {"S": name}},
                ConsistentRead=True,
            )
        )
        # What the malware gate keeps beside the states is for machines.
        records = [_record(item) for page in pages for item in page["Items"] if "State" in item]
        return [record for record in records if version in (None, record.version)]

    def groups_done(self, record: Record) -> int | None:
        """How many groups of a file have their report; None when this may not be seen."""
        if not self._work_readable:
            return None
        prefix = self._identity(record).work_key("groups/")
        pages = (
            self.client("s3")
            .get_paginator("list_objects_v2")
            .paginate(Bucket=self.output("work_bucket"), Prefix=prefix)
        )
        try:
            keys = [str(one["Key"]) for page in pages for one in page.get("Contents", [])]
            return sum(key.endswith(".json") for key in keys)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _UNREADABLE:
                raise
            self._work_readable = False
            return None

    def link(self, name: str) -> Link:
        """Signs a fresh link for the newest version of a file. Raises `Problem` when there is nothing to link to."""
        answer = self.client("lambda").invoke(
            FunctionName=self.output("link_function"), Payload=json.dumps({"name": name}).encode()
        )
        said = json.loads(answer["Payload"].read())
        if answer.get("FunctionError"):
            raise Problem(Code.UNEXPECTED, f"{name}: no link could be signed: {said.get('errorMessage', said)}")
        if "error" in said:
            raise Problem(self._why_no_link(name, said["code"]), said["error"])
        return Link(url=said["link"], expires=said["expires"], sha256=said["sha256"], size=said["size"])

    def result(self, record: Record) -> Json | None:
        """`result.json` of a file that has succeeded; None when it has none, or it may not be read."""
        if record.result_key is None:
            return None
        try:
            found = self.client("s3").get_object(Bucket=self.output("output_bucket"), Key=record.result_key)
        except ClientError as error:
            if error.response["Error"]["Code"] in _UNREADABLE | _ABSENT:
                return None
            raise
        result: Json = json.loads(found["Body"].read())
        return result

    def _identity(self, record: Record) -> FileVersion:
        """What the keys of a version derive from: bucket, name, version and attempt."""
        return FileVersion(
            bucket=self.output("upload_bucket"),
            key=record.name,
            version=record.version,
            attempt=record.attempt,
            size=record.size or 0,
            etag="",
            sequencer="",
            received_at=record.received_at or "",
        )

    def _why_no_link(self, name: str, code: str) -> Code:
        if code == "unknown":
            return Code.NOT_FOUND
        if code == "withdrawn":
            return Code.REJECTED
        record = self.file(name)
        ends = {"rejected": Code.REJECTED, "failed": Code.FAILED}
        return ends.get(record.state, Code.TIMED_OUT) if record else Code.NOT_FOUND


def _record(item: Json) -> Record:
    read = TypeDeserializer().deserialize
    return Record.from_item({name: read(value) for name, value in item.items()})


def find(*, outputs: Path | None = None, stack: str | None = None) -> Platform:
    """The platform: from a file of outputs, from a stack, or the local cloud that runs. Raises `Problem`."""
    if outputs is not None:
        return deployed(_from_file(outputs), name=str(outputs))
    if stack is not None:
        return deployed(_from_pulumi(stack), name=f"stack {stack}")
    return local(running.read())


def deployed(outputs: Mapping[str, Any], *, name: str) -> Platform:
    """A stack in AWS, with the caller's own credentials."""
    session: Any = boto3.session.Session(region_name=outputs.get("region"))
    return Platform(outputs, name=name, make_client=lambda service: session.client(service, config=_CONFIG))


def local(found: running.Running) -> Platform:
    """A local cloud, as its root."""
    # A profile of the person's own has no say here, and may not even exist.
    core = botocore.session.Session(session_vars={"profile": (None, None, None, None)})
    session: Any = boto3.session.Session(
        found.access_key, found.access_key, region_name=found.region, botocore_session=core
    )
    config = _CONFIG.merge(Config(s3={"addressing_style": "path"}, inject_host_prefix=False, proxies={}))
    return Platform(
        found.outputs,
        name="the local cloud",
        make_client=lambda service: session.client(service, endpoint_url=found.endpoint, config=config),
    )


def _from_file(path: Path) -> Json:
    try:
        return _outputs(path.read_bytes(), str(path))
    except OSError as error:
        raise Problem(Code.UNREACHABLE, f"the outputs cannot be read from {path}: {error.strerror}") from error


def _from_pulumi(stack: str) -> Json:
    pulumi = shutil.which("pulumi")
    if pulumi is None:
        raise Problem(
            Code.UNREACHABLE,
            "--stack needs the Pulumi CLI, which is not on the PATH; install it, or give the stack's outputs as a "
            "file with --outputs",
        )
    done = subprocess.run(
        [pulumi, "stack", "output", "--json", "-s", stack],
        cwd=running.ROOT,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise Problem(Code.UNREACHABLE, f"stack {stack}: {said[-1] if said else 'pulumi gave no reason'}")
    return _outputs(done.stdout, f"stack {stack}")


def _outputs(text: bytes, where: str) -> Json:
    try:
        outputs = json.loads(text)
    except ValueError:
        outputs = None
    if not isinstance(outputs, dict) or not outputs:
        raise Problem(Code.UNREACHABLE, f"{where}: this is not the JSON object of a stack's outputs; deploy it first?")
    return outputs
