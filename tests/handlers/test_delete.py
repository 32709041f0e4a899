"""Files are deleted with all there is of them: stopped anywhere, asked twice, uploaded again meanwhile. On moto."""

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from runtime.adapters.attempts import DynamoAttempts
from runtime.adapters.deletions import NO_MORE_ATTEMPTS, CloudFrontEdge, DynamoRegister, S3Store
from runtime.adapters.dynamodb import DynamoLedger
from runtime.domain import deletions
from runtime.domain.announcements import from_entry
from runtime.domain.deletions import DELETED, DELETING, Stores, Wish
from runtime.domain.errors import Transient
from runtime.domain.identity import FileVersion
from runtime.domain.redrive import redrive
from runtime.domain.refusals import Conflict
from tests.tables import make_tables

REGION = "us-east-1"
NAME = "acme/a.csv"
BUCKETS = ("upload", "output", "delivery", "backup")
STORES = Stores(output="output", delivery="delivery", backup="backup")


class Edge:
    """`Edge` that notes what it is asked, and what lay in the buckets then."""

    def __init__(self, world: "World") -> None:
        self.world, self.asked = world, list[tuple[tuple[str, ...], str]]()
        self.left: list[str] = []

    def forget(self, paths: Sequence[str], reference: str) -> None:
        self.asked.append((tuple(paths), reference))
        self.left = self.world.keys("delivery") + self.world.keys("output")


class Stopped(Exception):
    """The function died."""


class World:
    """Buckets, tables and files that went through."""

    def __init__(self) -> None:
        self.s3, self.db = boto3.client("s3", region_name=REGION), boto3.client("dynamodb", region_name=REGION)
        for bucket in BUCKETS:
            self.s3.create_bucket(Bucket=bucket)
            self.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        make_tables(self.db)
        self.register = DynamoRegister(self.db, files="files", transactions="transactions", bucket="upload")
        self.ledger = DynamoLedger(self.db, files="files", transactions="transactions")
        self.store, self.edge = S3Store(self.s3), Edge(self)
        self._uploads = 0

    def upload(self, name: str = NAME) -> FileVersion:
        self._uploads += 1
        version = self.s3.put_object(Bucket="upload", Key=name, Body=b"x")["VersionId"]
        return FileVersion(
            bucket="upload", key=name, version=version, size=1, etag="e", sequencer=f"{self._uploads:04X}",
            received_at=f"2026-01-02T03:04:{self._uploads:02}Z",
        )  # fmt: skip

    def register_file(self, file: FileVersion) -> None:
        """As the state machine does."""
        item = {
            "FileName": {"S": file.name}, "Entry": {"S": file.ledger_key("received")}, "State": {"S": "received"},
            "At": {"S": file.received_at}, "ReceivedAt": {"S": file.received_at}, "Size": {"N": "1"},
            "ETag": {"S": "e"}, "VersionId": {"S": file.version}, "Sequencer": {"S": file.order},
            "RunId": {"S": file.run_id}, "Attempt": {"N": str(file.attempt)},
        }  # fmt: skip
        self.db.put_item(TableName="transactions", Item=item)
        # A newer version is shown on.
        with contextlib.suppress(self.db.exceptions.ConditionalCheckFailedException):
            self.db.update_item(**self.ledger._show(file, file.run_id, "received", {}))

    def end(self, file: FileVersion, state: str = "rejected") -> None:
        self.ledger.ended(file, file.run_id, state, reason="it is as it is", detail="")

    def made(self, *, state: str = "rejected", name: str = NAME) -> FileVersion:
        """A file that has ended, with something in every bucket."""
        file = self.upload(name)
        self.register_file(file)
        for bucket, key in (
            ("output", file.result_key("result.json")),
            ("delivery", file.archive_key),
            ("delivery", file.image_key("web-1.webp")),
            ("backup", file.backup_key),
        ):
            self.s3.put_object(Bucket=bucket, Key=key, Body=b"made")
        self.end(file, state)
        return file

    def item(self, name: str = NAME) -> dict[str, Any]:
        found = self.db.get_item(TableName="files", Key={"FileName": {"S": name}})["Item"]
        return {key: next(iter(value.values())) for key, value in found.items()}

    def ask(self, name: str = NAME) -> None:
        item = self.item(name)
        deletions.ask({**item, "Attempt": int(item["Attempt"])}, "somebody", register=self.register)

    def entries(self, state: str) -> list[dict[str, Any]]:
        found = self.db.scan(TableName="transactions")["Items"]
        plain = [{key: next(iter(value.values())) for key, value in one.items()} for one in found]
        return [one for one in plain if one.get("State") == state]

    def wish(self) -> Wish:
        (entry,) = self.entries(DELETING)
        told = from_entry({**entry, "Attempt": int(entry["Attempt"])})
        assert told
        body = json.dumps({"source": "penstock", "detail-type": told.type, "detail": told.detail})
        wish = deletions.from_event(body, "upload")
        assert wish
        return wish

    def carry_out(self, wish: Wish) -> bool:
        return deletions.carry_out(wish, register=self.register, store=self.store, edge=self.edge, stores=STORES)

    def keys(self, bucket: str) -> list[str]:
        """Of all versions that there are."""
        found = self.s3.list_object_versions(Bucket=bucket).get("Versions", [])
        return sorted(one["Key"] for one in found)

    def shown(self, bucket: str) -> list[str]:
        return [one["Key"] for one in self.s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


@pytest.fixture
def world(aws: None) -> Iterator[World]:
    yield World()


def test_nothing_is_left_of_a_file_but_the_ledger_and_a_hidden_backup(world: World) -> None:
    world.made()
    newest = world.made()
    other = world.made(name=f"{NAME}.bak")
    world.ask()
    assert world.item()["State"] == DELETING
    assert not {"Folder", "Shelf"} & world.item().keys()
    assert world.carry_out(world.wish())
    assert world.keys("upload") == [other.key]
    assert world.keys("output") == [other.result_key("result.json")]
    assert world.keys("delivery") == sorted([other.archive_key, other.image_key("web-1.webp")])
    assert world.shown("backup") == [other.backup_key]
    assert len(world.keys("backup")) == 3
    ((paths, _),) = world.edge.asked
    assert paths == tuple(f"/{top}/{newest.stem}/*" for top in ("archives", "images", "results"))
    assert all(not key.split("/", 1)[1].startswith(newest.stem + "/") for key in world.edge.left)
    item = world.item()
    assert (item["State"], item["VersionId"], "Reason" in item) == (DELETED, newest.version, False)
    (asked,) = world.entries(DELETING)
    assert (asked["By"], asked["VersionId"]) == ("somebody", newest.version)
    assert len(world.entries(DELETED)) == 1
    assert world.item(other.key)["State"] == "rejected"


def test_a_wish_is_carried_out_once(world: World) -> None:
    world.made()
    for _ in range(2):
        world.ask()
    wish = world.wish()
    assert world.carry_out(wish) is True
    assert world.carry_out(wish) is False
    assert len(world.edge.asked) == 1
    assert world.ask() is None
    assert len(world.entries(DELETING)) == 1


def stopping_at(n: int, client: Any) -> Callable[..., None]:
    """Before the n-th call of a client the function dies."""
    calls = iter(range(n + 1))

    def stop(**_: Any) -> None:
        if next(calls, n) == n:
            raise Stopped

    client.meta.events.register("before-call.*", stop)
    return stop


@pytest.mark.parametrize("which", ["s3", "db"])
@pytest.mark.parametrize("n", range(0, 21, 2))
def test_a_deletion_that_stops_anywhere_is_taken_up_again(world: World, which: str, n: int) -> None:
    world.made()
    world.made()
    world.ask()
    wish, client = world.wish(), getattr(world, which)
    stop = stopping_at(n, client)
    try:
        world.carry_out(wish)
        stopped = False
    except Stopped:
        stopped = True
    client.meta.events.unregister("before-call.*", stop)
    # Or the ledger has it already, and nobody would ask again.
    assert world.carry_out(wish) is stopped
    assert world.keys("upload") + world.keys("output") + world.keys("delivery") + world.shown("backup") == []
    assert world.item()["State"] == DELETED
    assert {reference for _, reference in world.edge.asked} == {wish.run}


def test_what_is_uploaded_under_the_name_meanwhile_is_another_file(world: World) -> None:
    world.made()
    world.ask()
    # Its event has not come yet, and S3 lists it before the version that was deleted.
    late = world.upload()
    assert world.carry_out(world.wish())
    assert world.keys("upload") == [NAME]
    world.register_file(late)
    assert (world.item()["State"], world.item()["VersionId"]) == ("received", late.version)
    assert world.item()["Folder"] == "acme"


def test_a_version_that_comes_before_the_end_is_shown_on(world: World) -> None:
    world.made()
    world.ask()
    newer = world.made(state="failed")
    assert world.carry_out(world.wish())
    assert (world.item()["State"], world.item()["VersionId"]) == ("failed", newer.version)
    assert world.keys("delivery") == sorted([newer.archive_key, newer.image_key("web-1.webp")])
    assert world.keys("upload") == [NAME]


def test_an_older_version_that_nobody_knows_yet_goes_too(world: World) -> None:
    unknown = world.upload()
    world.made()
    world.ask()
    wish = world.wish()
    # Its event comes late, while the file is being deleted: its run has to end first.
    world.register_file(unknown)
    with pytest.raises(Transient, match="still being processed"):
        world.carry_out(wish)
    assert world.keys("upload") == []
    assert world.edge.asked == []
    world.end(unknown)
    assert world.carry_out(wish)
    assert world.item()["State"] == DELETED


def test_what_is_told_late_does_not_bring_a_file_back(world: World) -> None:
    file = world.made()
    world.ask()
    world.carry_out(world.wish())
    for attempt in (1, 2, 999):
        with pytest.raises(ClientError, match="ConditionalCheckFailed"):
            world.db.update_item(**world.ledger._show(replace(file, attempt=attempt), file.run_id, "received", {}))
    assert (world.item()["State"], world.item()["Attempt"]) == (DELETED, str(NO_MORE_ATTEMPTS))


def test_nothing_is_deleted_while_it_is_worked_on(world: World) -> None:
    older = world.upload()
    world.register_file(older)
    with pytest.raises(Conflict, match="it can be deleted once"):
        world.ask()
    world.made()
    with pytest.raises(Conflict, match="An older version of the file"):
        world.ask()
    world.end(older)
    stale = world.item()
    world.register_file(world.upload())
    with pytest.raises(Conflict, match="changed meanwhile"):
        deletions.ask({**stale, "Attempt": int(stale["Attempt"])}, "somebody", register=world.register)
    assert world.entries(DELETING) == []


class Nowhere:
    """`Runs` and `Marks` that are not reached, or do nothing."""

    def start(self, _: Any) -> bool:
        return True

    def clear(self, _: Any) -> None: ...


@pytest.mark.parametrize("first", ["delete", "redrive"])
def test_a_file_is_deleted_or_started_again_but_not_both(world: World, first: str) -> None:
    file = world.made(state="failed")
    attempts = DynamoAttempts(world.db, files="files", transactions="transactions", bucket="upload")
    if first == "redrive":
        redrive(NAME, None, attempts=attempts, runs=Nowhere(), marks=Nowhere())
        with pytest.raises(Conflict, match="changed meanwhile"):
            world.ask()
        return
    world.ask()
    assert attempts.allow(replace(file, attempt=2)) is False
    with pytest.raises(Conflict, match="is deleting"):
        redrive(NAME, None, attempts=attempts, runs=Nowhere(), marks=Nowhere())


def test_events_of_other_kinds_are_none_of_its_business() -> None:
    assert deletions.from_event(json.dumps({"source": "penstock", "detail-type": "FileFailed"}), "upload") is None
    with pytest.raises(ValueError, match="the event has no 'name'"):
        deletions.from_event(json.dumps({"source": "penstock", "detail-type": "FileDeleting", "detail": {}}), "upload")


class Front:
    """CloudFront, which is busy at first."""

    def __init__(self, busy: int, code: str = "TooManyInvalidationsInProgress") -> None:
        self.busy, self.code, self.batches = busy, code, list[dict[str, Any]]()

    def create_invalidation(self, **request: Any) -> None:
        self.batches.append(request)
        if len(self.batches) <= self.busy:
            raise ClientError({"Error": {"Code": self.code}}, "CreateInvalidation")


def test_the_edge_is_asked_again_while_it_is_busy() -> None:
    waits: list[float] = []
    front: Any = Front(busy=2)
    CloudFrontEdge(front, distribution="E1", sleep=waits.append).forget(["/a/*"], "run-1")
    assert front.batches[2] == {
        "DistributionId": "E1",
        "InvalidationBatch": {"Paths": {"Quantity": 1, "Items": ["/a/*"]}, "CallerReference": "run-1"},
    }
    assert len(waits) == 2
    busy: Any = Front(busy=99)
    with pytest.raises(Transient, match="busy"):
        CloudFrontEdge(busy, distribution="E1", sleep=waits.append).forget(["/a/*"], "run-1")
    broken: Any = Front(busy=1, code="AccessDenied")
    with pytest.raises(ClientError):
        CloudFrontEdge(broken, distribution="E1", sleep=waits.append).forget(["/a/*"], "run-1")
    assert len(broken.batches) == 1
