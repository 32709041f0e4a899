"""The commands against the whole platform on the local cloud."""

import json
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import running
from cli.generate import generate
from cli.main import app
from cli.serving import note_of
from tests.conftest import Platform

pytestmark = pytest.mark.flow

Answer = tuple[int, Any]
Run = Callable[..., Answer]


@pytest.fixture
def penstock(platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command with --json in an empty folder; gives its status and its document."""
    monkeypatch.setenv(running.NOTE, str(tmp_path / "note" / "local.json"))
    monkeypatch.delenv("PENSTOCK_OUTPUTS", raising=False)
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def run(*arguments: str) -> Answer:
        done = CliRunner().invoke(app, [*arguments, "--json"])
        return done.exit_code, json.loads(done.stdout)

    with running.published(note_of(platform.cloud, platform.deployment)):
        yield run


def write(name: str, kind: str, size: int, **options: int) -> Path:
    path = Path(name)
    path.write_bytes(b"".join(generate(kind, size=size, seed=5, **options)))
    return path


def test_a_file_goes_in_and_its_verified_archive_comes_out(penstock: Run) -> None:
    write("cli-orders.csv", "csv", 200_000, bad_every=50)
    code, answer = penstock("put", "cli-orders.csv", "--prefix", "in/")
    (put,) = answer["files"]
    assert (code, put["state"], put["name"]) == (0, "succeeded", "in/cli-orders.csv")
    assert put["record"]["accepted"] > put["record"]["rejected"] > 0

    code, got = penstock("get", "in/cli-orders.csv")
    assert (code, got["path"], got["sha256"]) == (0, "cli-orders.csv.zip", put["record"]["archive_sha256"])
    assert {one["name"] for one in got["members"]} == {"clean.csv", "table.parquet", "rejects.jsonl", "manifest.json"}
    with zipfile.ZipFile("cli-orders.csv.zip") as archive:
        assert len(archive.read("rejects.jsonl").splitlines()) == put["record"]["rejected"]
    assert penstock("get", "in/cli-orders.csv")[0] == 2
    assert penstock("get", "in/cli-orders.csv", "--force")[0] == 0

    code, link = penstock("link", "in/cli-orders.csv")
    assert (code, link["sha256"]) == (0, got["sha256"])

    code, status = penstock("status", "in/cli-orders.csv")
    assert code == 0
    assert [entry["state"] for entry in status["ledger"]] == ["received", "scanning", "processing", "succeeded"]
    assert status["ledger"][0]["after"] is None
    assert all(entry["after"] >= 0 for entry in status["ledger"][1:])
    assert status["file"]["version"] == put["version"]
    assert {one["role"] for one in status["result"]["artifacts"]} == {
        "archive",
        "clean",
        "table",
        "rejects",
        "original",
    }


def test_a_large_file_is_followed_to_its_end(penstock: Run) -> None:
    path = write("cli-large.csv", "csv", 9_000_000)
    code, answer = penstock("put", "cli-large.csv")
    (put,) = answer["files"]
    assert (code, put["state"], put["size"]) == (0, "succeeded", path.stat().st_size)
    assert put["record"]["kind"] == "csv"


def test_a_rejected_file_is_status_3_with_its_reason(penstock: Run) -> None:
    write("cli-broken.csv", "broken-csv", 5_000)
    code, answer = penstock("put", "cli-broken.csv")
    (put,) = answer["files"]
    assert (code, put["state"], put["link"]) == (3, "rejected", None)
    assert put["reason"]
    assert penstock("get", "cli-broken.csv")[0] == 3
    assert os.listdir() == ["cli-broken.csv"]  # noqa: PTH208 - hidden files included
    assert penstock("link", "cli-broken.csv")[0] == 3


def test_each_version_of_a_name_is_waited_for_by_itself(penstock: Run) -> None:
    write("cli-twice.csv", "csv", 20_000)
    _, first = penstock("put", "cli-twice.csv")
    write("cli-twice.csv", "csv", 40_000)
    _, second = penstock("put", "cli-twice.csv")
    old, new = first["files"][0], second["files"][0]
    assert old["version"] != new["version"]
    assert old["record"]["accepted"] < new["record"]["accepted"]
    code, status = penstock("status", "cli-twice.csv", "--version", old["version"][:12])
    assert (code, status["file"]["version"]) == (0, old["version"])
    assert status["other_versions"] == [new["version"]]


def test_folders_go_up_whole_and_are_listed_newest_first(penstock: Run) -> None:
    Path("cli-folder/deep").mkdir(parents=True)
    write("cli-folder/a.jsonl", "jsonl", 2_000)
    write("cli-folder/deep/b.bin", "binary", 2_000)
    code, answer = penstock("put", "cli-folder")
    assert (code, [one["name"] for one in answer["files"]]) == (0, ["cli-folder/a.jsonl", "cli-folder/deep/b.bin"])
    code, listed = penstock("ls", "--prefix", "cli-folder/", "--state", "succeeded")
    assert (code, listed["more"]) == (0, 0)
    assert {one["name"]: one["kind"] for one in listed["files"]} == {
        "cli-folder/a.jsonl": "jsonl",
        "cli-folder/deep/b.bin": "other",
    }
    times = [one["received_at"] for one in listed["files"]]
    assert times == sorted(times, reverse=True)
    assert len(penstock("ls", "--limit", "1")[1]["files"]) == 1


def test_without_waiting_only_the_upload_is_told(penstock: Run) -> None:
    write("cli-quick.csv", "csv", 3_000)
    code, answer = penstock("put", "cli-quick.csv", "--no-wait", "--name", "cli-renamed.csv")
    (put,) = answer["files"]
    assert (code, put["state"], put["name"]) == (0, "uploaded", "cli-renamed.csv")
    assert put["version"]


def test_a_deleted_file_is_gone_for_everybody(penstock: Run) -> None:
    write("cli-doomed.csv", "csv", 3_000)
    assert penstock("put", "cli-doomed.csv")[0] == 0
    assert penstock("delete", "cli-doomed.csv")[0] == 2, "nobody can be asked"
    assert penstock("delete", "cli-doomed.csv", "cli-never.csv", "--yes") == (
        5,
        {
            "files": [
                {"name": "cli-doomed.csv", "state": "deleted"},
                {
                    "name": "cli-never.csv",
                    "state": "not deleted",
                    "error": "there is no file named cli-never.csv on the local cloud; `penstock ls` lists them",
                },
            ]
        },
    )
    assert penstock("ls", "--prefix", "cli-doomed")[1]["files"] == []
    assert penstock("link", "cli-doomed.csv")[0] == 5
    _, status = penstock("status", "cli-doomed.csv")
    assert (status["file"]["state"], status["file"]["attempt"]) == ("deleted", 1)
    assert [entry["state"] for entry in status["ledger"]][-3:] == ["succeeded", "deleting", "deleted"]
    write("cli-doomed.csv", "csv", 4_000)
    assert penstock("put", "cli-doomed.csv")[0] == 0, "the name is free again"
    assert penstock("get", "cli-doomed.csv", "-o", "again.zip")[0] == 0


@pytest.mark.parametrize("arguments", [("status",), ("get",), ("link",)])
def test_an_unknown_file_is_status_5(penstock: Run, arguments: tuple[str, ...]) -> None:
    code, answer = penstock(*arguments, "cli-nowhere.csv")
    assert (code, answer["code"]) == (5, "not-found")
    assert "cli-nowhere.csv" in answer["error"]


def test_the_outputs_are_told(penstock: Run, platform: Platform) -> None:
    code, answer = penstock("outputs")
    assert (code, answer["files_table"]) == (0, platform.outputs["files_table"])
