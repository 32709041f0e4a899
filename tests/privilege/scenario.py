"""The flow with all that can happen in it, so that everything is called that is ever called."""

import base64
import contextvars
import gzip
import hashlib
import io
import json
import re
import time
import zipfile
from collections.abc import Callable
from typing import Any

from cli.generate import generate
from local.scanner import Upload
from runtime.domain.ledger import verdict_entry, waiting_prefix
from tests.flow.caller import Caller
from tests.flow.driver import Driver
from tests.privilege.needs import Need, of_flow

MIB = 1024 * 1024
PREFIX = "penstock-local"
_patience: contextvars.ContextVar[float] = contextvars.ContextVar("patience", default=60)
_STACKS = re.compile(r"\{stack\}|\{\w+\.\w+ [^{}]+\}")


def play(driver: Driver, *, seconds: float = 60) -> list[Need]:
    """Plays it once on a deployed platform; what was called, its deployment included.

    Nothing takes longer than `seconds`: `AssertionError` when something does, or ends in another way than it should.
    """
    _patience.set(seconds)
    court = driver.platform.cloud.court
    court.usage.clear()
    _be_without_the_catalogue(driver)
    _be_late_for_the_verdict(driver)
    # The long ones first; the rest happens meanwhile.
    large = {name: (driver.put(name, _large(size)), name) for name, size in _LARGE.items()}
    stopped = driver.put("privilege/stopped.csv", _made("csv", 41 * MIB, seed=2))
    stopped_too = driver.put("privilege/stopped-too.csv", _made("csv", 41 * MIB, seed=3))
    small = driver.put("privilege/small.csv", _made("csv", 50_000))
    # Stored, not deflated: packed it is too large to be processed at once, unpacked it is written in parts.
    packed = driver.put("privilege/packed.csv.gz", gzip.compress(_made("csv", 9 * MIB), compresslevel=0))
    stored = driver.put("privilege/stored.bin", _made("binary", 9 * MIB))
    opened = driver.put("privilege/opened.zip", _zipped())
    rows = driver.put("reports/rows.csv", _made("csv", 50_000))
    photo = driver.put("privilege/photo.jpg", _made("photo", 60_000))
    rejected = driver.put("privilege/rejected.csv", _made("broken-csv", 20_000))
    # Soon, before it has ended by itself.
    _stop(driver, "privilege/stopped.csv")
    _stop(driver, "privilege/stopped-too.csv")
    _wait_for_the_verdict(driver)
    _leave_a_dead_letter(driver)
    _change_the_signing_key(driver)
    _ended(driver, "privilege/rejected.csv", rejected, "rejected")
    _ended(driver, "privilege/stopped.csv", stopped, "failed")
    _ended(driver, "privilege/stopped-too.csv", stopped_too, "failed")
    _start_again(driver, "privilege/stopped.csv")
    for name, version, steps in (
        ("privilege/small.csv", small, ("process",)),
        ("reports/rows.csv", rows, ()),
        ("privilege/photo.jpg", photo, ("image",)),
        ("privilege/stored.bin", stored, ("archive", "publish", "process")),
        ("privilege/opened.zip", opened, ()),
        ("privilege/packed.csv.gz", packed, ("plan",)),
        *((name, version, ("merge", "archive", "publish")) for version, name in large.values()),
    ):
        entry = _ended(driver, name, version, "succeeded")
        assert "link" in driver.link(name), f"there is no link to {name}"
        _again(driver, name, entry, steps)
    _use_the_api(driver)
    _until(lambda: _called(driver, "catalogue", "s3:GetObject"))
    _settled(lambda: len(driver.platform.cloud.court.usage.calls()))
    return needs(driver)


_LARGE = {"privilege/inline.csv": 12 * MIB, "privilege/distributed.csv": 42 * MIB}


def needs(driver: Driver) -> list[Need]:
    """What the platform's own roles and the services that it uses were allowed since the record was cleared."""
    cloud = driver.platform.cloud
    calls = [*driver.platform.called, *cloud.court.usage.calls()]
    found = of_flow(calls, driver.platform.deployment, prefix=PREFIX, region=cloud.region, account=cloud.account)
    # A test that ran before in the same cloud may have left things of its own, which have no name in the stack.
    return [one for one in found if _ours(one.principal) and _ours(one.resource)]


def differences(found: list[Need], recorded: list[Need]) -> list[str]:
    """What one of two records has and the other has not; a line for each kind of call."""
    here, there = {need.kind for need in found}, {need.kind for need in recorded}
    missing = [f"recorded, not made now: {kind}" for kind in sorted(there - here, key=str)]
    return missing + [f"made now, not recorded: {kind}" for kind in sorted(here - there, key=str)]


def _ours(text: str) -> bool:
    return text.endswith(".amazonaws.com") or text == "*" or _STACKS.search(text) is not None


def _made(kind: str, size: int, seed: int = 1, bad_every: int = 0) -> bytes:
    return b"".join(generate(kind, size=size, seed=seed, bad_every=bad_every))


def _zipped() -> bytes:
    """A ZIP with a member that is written in parts, and given up at its end because it is not what was packed."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("good.csv", _made("csv", 20_000))
        archive.writestr("spoilt.bin", _made("binary", 20 * MIB))
    spoilt = bytearray(file.getvalue())
    spoilt[-MIB] ^= 1
    return bytes(spoilt)


def _large(size: int) -> bytes:
    """With bad rows, and a last row that is wider than all before it: merge writes them anew."""
    return _made("csv", size, bad_every=5000) + b"last,of,all,the,rows,here\n"


def _ended(driver: Driver, name: str, version: str, state: str) -> dict[str, Any]:
    entry = driver.wait(name, version, seconds=_patience.get())
    assert entry["State"] == state, entry
    return entry


def _use_the_api(driver: Driver) -> None:
    """Every operation once, as a program and as an operator; a part is sent by its link."""
    demo, operator = (Caller(driver.out("api_url"), driver.out("api_keys")[name]) for name in ("demo", "operator"))
    content = b"id,city\n1,Bern\n"
    wanted, key = {"name": "privilege.csv", "size": len(content)}, {"Idempotency-Key": "privilege-1"}
    upload = demo.json("POST", "/uploads", wanted, 201, **key)["id"]
    part = {"number": 1, "sha256": hashlib.sha256(content).hexdigest()}
    (link,) = demo.json("POST", f"/uploads/{upload}/parts", {"parts": [part]})["parts"]
    sent = demo.http.request("PUT", link["url"], body=content, headers=link["headers"])
    assert sent.status == 200, sent.data
    for path in (f"/uploads/{upload}", f"/uploads/{upload}/parts", "/uploads", "/me"):
        demo.json("GET", path)
    made = demo.json("POST", f"/uploads/{upload}/complete")
    # As if it had stopped before it wrote down that it was done: the object's own tag says what it is.
    (table,) = [one.state["name"] for one in driver.platform.deployment.states
                if one.token.endswith(":Table") and one.name.endswith("-uploads")]  # fmt: skip
    driver.client("dynamodb").update_item(
        TableName=table,
        Key={"Id": {"S": upload}},
        UpdateExpression="SET #State = :open",
        ExpressionAttributeNames={"#State": "State"},
        ExpressionAttributeValues={":open": {"S": "open"}},
    )
    assert demo.json("POST", f"/uploads/{upload}/complete") == made
    assert demo.json("POST", "/uploads", wanted, 201, **key)["version"] == made["version"]
    given_up = demo.json("POST", "/uploads", {"name": "given-up.csv", "size": 1}, 201)["id"]
    assert demo.call("DELETE", f"/uploads/{given_up}").status == 204
    _ended(driver, made["name"], made["version"], "succeeded")
    for path in ("", "/links", "/preview", "/result"):
        demo.json("GET", f"/files/{made['file']}{path}")
    demo.json("GET", "/files")
    assert demo.call("DELETE", f"/files/{made['file']}").status == 202
    _until(lambda: any(one["State"] == "deleted" for one in driver.ledger(made["name"])))
    operator.json("GET", "/files")
    stopped = base64.urlsafe_b64encode(b"privilege/stopped-too.csv").rstrip(b"=").decode()
    operator.json("POST", f"/files/{stopped}/redrive", None, 202)


def _be_without_the_catalogue(driver: Driver) -> None:
    """What the catalogue should hear of has to wait, because its database is away."""
    (database,) = driver.platform.cloud.databases.opened
    database.pause()
    try:
        driver.put("privilege/unknown.csv", _made("csv", 1000))
        _until(lambda: _called(driver, "catalogue", "sqs:ChangeMessageVisibility"))
    finally:
        database.resume()


def _called(driver: Driver, function: str, action: str) -> bool:
    """Whether a function has made a call, allowed or not."""
    calls = driver.platform.cloud.court.usage.calls()
    return any(one.action == action and one.principal.endswith(f":role/{PREFIX}-{function}") for one in calls)


def _be_late_for_the_verdict(driver: Driver) -> None:
    """Uploads are taken in only when their verdicts are known, so that the runs find them and do not wait."""
    functions = driver.client("lambda")
    (mapping,) = functions.list_event_source_mappings(FunctionName=f"{PREFIX}-ingest")["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    put = _put_both(driver, "late")
    _until(lambda: all(_entries(driver, name, verdict_entry(version)) for name, version in put.items()))
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
    _end_both(driver, put)


def _wait_for_the_verdict(driver: Driver) -> None:
    """Runs wait for a scan that takes its time; one verdict comes twice."""
    with driver.platform.cloud.scanner.paused():
        put = _put_both(driver, "early")
        _until(lambda: all(_entries(driver, name, waiting_prefix(version)) for name, version in put.items()))
    _end_both(driver, put)
    name, version = next(iter(put.items()))
    again = Upload(bucket=driver.out("upload_bucket"), key=name, version=version, etag="")
    driver.platform.cloud.scanner.created(again)


def _put_both(driver: Driver, when: str) -> dict[str, str]:
    """A clean file and an infected one: names and versions."""
    return {
        name: driver.put(name, data)
        for name, data in (
            (f"privilege/{when}-clean.csv", _made("csv", 1000)),
            (f"privilege/{when}-infected.txt", _made("eicar", 1000)),
        )
    }


def _end_both(driver: Driver, put: dict[str, str]) -> None:
    for (name, version), state in zip(put.items(), ("succeeded", "rejected"), strict=True):
        _ended(driver, name, version, state)


def _entries(driver: Driver, name: str, prefix: str) -> int:
    """How many entries of the malware gate a file has."""
    found = driver.client("dynamodb").query(
        TableName=driver.out("transactions_table"),
        KeyConditionExpression="FileName = :name AND begins_with(Entry, :prefix)",
        ExpressionAttributeValues={":name": {"S": name}, ":prefix": {"S": prefix}},
        Select="COUNT",
    )
    return int(found["Count"])


def _again(driver: Driver, name: str, entry: dict[str, Any], steps: tuple[str, ...]) -> None:
    """Repeats steps, as after a function that died when its work was done: the ledger knows no end yet."""
    (execution,) = driver.executions(name)
    event = {"file": json.loads(execution["input"])["file"], "run": entry["RunId"]}
    key = {"FileName": {"S": name}, "Entry": {"S": entry["Entry"]}}
    driver.client("dynamodb").delete_item(TableName=driver.out("transactions_table"), Key=key)
    for step in steps:
        answer = driver.client("lambda").invoke(FunctionName=f"{PREFIX}-{step}", Payload=json.dumps(event))
        assert "FunctionError" not in answer, answer["Payload"].read()


def _stop(driver: Driver, name: str) -> None:
    """Stops the file's run from outside, once its ledger says that it goes on."""
    _until(lambda: any(entry["State"] == "processing" for entry in driver.ledger(name)))
    execution = driver.executions(name)[0]
    driver.client("stepfunctions").stop_execution(executionArn=execution["executionArn"])


def _start_again(driver: Driver, name: str) -> None:
    """The file that was stopped goes through at the second attempt."""
    answer = driver.client("lambda").invoke(
        FunctionName=driver.out("redrive_function"), Payload=json.dumps({"name": name})
    )
    assert json.loads(answer["Payload"].read())["attempt"] == 2
    _until(lambda: driver.ledger(name)[-1]["State"] == "succeeded")


def _leave_a_dead_letter(driver: Driver) -> None:
    """An event that makes no sense, as often as Lambda tries."""
    (queue,) = [one.state["url"] for one in driver.platform.deployment.states
                if one.token.endswith(":Queue") and one.name.endswith("-fail-dead-letters")]  # fmt: skip
    functions = driver.client("lambda")
    functions.put_function_event_invoke_config(FunctionName=f"{PREFIX}-fail", MaximumRetryAttempts=0)
    functions.invoke(FunctionName=f"{PREFIX}-fail", InvocationType="Event", Payload=b"{}")
    assert driver.messages(queue, least=1), "no dead letter came"
    functions.delete_function_event_invoke_config(FunctionName=f"{PREFIX}-fail")


def _change_the_signing_key(driver: Driver) -> None:
    """A rotation, and the end of a stack; each finds a public key that an attempt before it left."""
    secrets, secret = driver.client("secretsmanager"), driver.out("signing_secret_arn")

    def current() -> str:
        return str(json.loads(secrets.get_secret_value(SecretId=secret)["SecretString"])["key_pair_id"])

    before = current()
    left = _leave_a_key(driver, before)
    secrets.rotate_secret(SecretId=secret)
    _until(lambda: current() != before and left not in _public_keys(driver))
    left = _leave_a_key(driver, before)
    end = json.dumps({"tf": {"action": "delete"}})
    answer = driver.client("lambda").invoke(FunctionName=f"{PREFIX}-signing-key", Payload=end)
    assert "FunctionError" not in answer, answer["Payload"].read()
    assert left not in _public_keys(driver)


def _leave_a_key(driver: Driver, like: str) -> str:
    """Id of a public key that nobody trusts, with the name of one of the stack's."""
    cloudfront, name = driver.client("cloudfront"), f"{PREFIX}-links-{'0' * 16}-{'0' * 8}"
    pem = cloudfront.get_public_key(Id=like)["PublicKey"]["PublicKeyConfig"]["EncodedKey"]
    made = cloudfront.create_public_key(PublicKeyConfig={"CallerReference": name, "Name": name, "EncodedKey": pem})
    return str(made["PublicKey"]["Id"])


def _public_keys(driver: Driver) -> set[str]:
    listed = driver.client("cloudfront").list_public_keys()["PublicKeyList"]
    return {one["Id"] for one in listed.get("Items", [])}


def _until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _patience.get()
    while not happened():
        assert time.monotonic() < deadline, "nothing came in time"
        time.sleep(0.05)


def _settled(count: Callable[[], int]) -> None:
    """Waits until no new kind of call has come for some seconds: mappings are asked every second."""
    before = -1
    while before != (before := count()):
        time.sleep(2.5)
