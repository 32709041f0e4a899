"""Bytes up and down: S3 of moto for the one way, a small HTTP server for the other."""

import hashlib
import http.server
import io
import json
import os
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from cli import transfer
from cli.platform import Link
from cli.problems import Code, Problem
from cli.transfer import MIB, download, upload, verify
from tests.mocked import mocked_aws

BUCKET = "uploads"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mocked_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield client


def names(folder: Path) -> list[str]:
    """What is in a folder, hidden files included."""
    return sorted(path.name for path in folder.iterdir())


def ignore(_: int) -> None:
    pass


@pytest.mark.parametrize("size", [0, 1, 8 * MIB, 8 * MIB + 1, 17 * MIB])
def test_what_is_uploaded_is_what_lies_there_and_its_version_is_told(s3: Any, tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(os.urandom(size))
    counted: list[int] = []
    uploaded = upload(s3, BUCKET, "in/file", path, count=counted.append)
    upload(s3, BUCKET, "in/file", Path(__file__), count=ignore)
    found = s3.get_object(Bucket=BUCKET, Key="in/file", VersionId=uploaded.version)
    assert found["Body"].read() == path.read_bytes()
    assert uploaded.size == sum(counted) == size


def test_a_large_file_goes_in_parts(s3: Any, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(17 * MIB))
    counted: list[int] = []
    upload(s3, BUCKET, "file", path, count=counted.append)
    assert sorted(counted) == [MIB, 8 * MIB, 8 * MIB]


def test_a_file_that_grows_meanwhile_is_not_taken_for_uploaded(s3: Any, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(10 * MIB))

    def append(_: int) -> None:
        with path.open("ab") as file:
            file.write(b"more")

    with pytest.raises(Problem, match="changed while it was being uploaded"):
        upload(s3, BUCKET, "file", path, count=append)


def test_an_upload_that_breaks_off_leaves_no_parts(s3: Any, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(17 * MIB))

    def stop(_: int) -> None:
        raise Problem(Code.INTERRUPTED, "stopped")

    with pytest.raises(Problem, match="stopped"):
        upload(s3, BUCKET, "file", path, count=stop)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=BUCKET)
    with pytest.raises(ClientError):
        s3.head_object(Bucket=BUCKET, Key="file")


class Site:
    """Serves one body under `/file.zip`, and 403 for everything else."""

    def __init__(self) -> None:
        self.body = b""
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                good = self.path.startswith("/file.zip")
                self.send_response(200 if good else 403)
                self.end_headers()
                if good:
                    self.wfile.write(site.body)

            def log_message(self, *args: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def link(self, *, path: str = "/file.zip", **changes: Any) -> Link:
        right = {"sha256": hashlib.sha256(self.body).hexdigest(), "size": len(self.body)}
        url = f"http://localhost:{self.server.server_address[1]}{path}"
        return Link(url=url, expires="", **{**right, **changes})


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.server.shutdown()
    made.server.server_close()


def archive(
    members: dict[str, bytes], *, sums: dict[str, bytes] | None = None, listed: set[str] | None = None
) -> bytes:
    """An archive as the platform makes it; `sums` and `listed` say something else than what is in it."""
    manifest = json.dumps(
        {
            "members": [
                {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
                for name, data in members.items()
                if listed is None or name in listed
            ]
        }
    ).encode()
    told = {**members, "manifest.json": manifest} if sums is None else sums
    text = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in told.items())
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in {**members, "manifest.json": manifest, "SHA256SUMS": text.encode()}.items():
            zipped.writestr(name, data)
    return file.getvalue()


GOOD = {"clean.csv": b"a,b\n1,2\n" * 1000, "odd  name\x85.jsonl": b"{}\n"}


def test_an_archive_is_downloaded_and_its_members_are_told(site: Site, tmp_path: Path) -> None:
    site.body = archive(GOOD)
    target = tmp_path / "a.zip"
    members = download(site.link(), target)
    assert target.read_bytes() == site.body
    assert {member.name: member.size for member in members if member.name in GOOD} == {
        name: len(data) for name, data in GOOD.items()
    }
    assert names(tmp_path) == ["a.zip"]
    assert target.stat().st_mode & 0o777 == 0o666 & ~umask()


def umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.parametrize("change", [{"sha256": "0" * 64}, {"size": 7}])
def test_another_archive_than_the_promised_one_is_not_kept(site: Site, tmp_path: Path, change: Any) -> None:
    site.body = archive(GOOD)
    with pytest.raises(Problem) as caught:
        download(site.link(**change), tmp_path / "a.zip")
    assert caught.value.code == Code.UNVERIFIED
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"no zip at all", "damaged"),
        (archive(GOOD)[:-30], "damaged"),
        (archive(GOOD, sums={name: data + b"!" for name, data in GOOD.items()}), "other files than its SHA256SUMS"),
        (archive(GOOD, listed={"clean.csv"}), "other files than its manifest.json"),
        (archive({}, sums={}), "other files than its SHA256SUMS"),
    ],
)
def test_an_archive_that_disagrees_with_itself_is_not_kept(site: Site, tmp_path: Path, body: bytes, said: str) -> None:
    site.body = body
    with pytest.raises(Problem, match=said) as caught:
        download(site.link(), tmp_path / "a.zip")
    assert caught.value.code == Code.UNVERIFIED
    assert names(tmp_path) == []


def test_a_member_with_another_sum_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    manifest = json.loads(zipfile.ZipFile(io.BytesIO(archive(GOOD))).read("manifest.json"))
    wrong = {**GOOD, "clean.csv": b"else", "manifest.json": json.dumps(manifest).encode()}
    path.write_bytes(archive(GOOD, sums=wrong))
    with pytest.raises(Problem, match=r"clean\.csv in the archive"):
        verify(path)


def test_a_flipped_bit_in_a_member_is_noticed(tmp_path: Path) -> None:
    data = bytearray(archive({"photo.jpg": os.urandom(5000)}))
    data[1000] ^= 1
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    with pytest.raises(Problem) as caught:
        verify(path)
    assert caught.value.code == Code.UNVERIFIED


def test_what_is_there_already_is_kept_unless_forced(site: Site, tmp_path: Path) -> None:
    site.body = archive(GOOD)
    target = tmp_path / "a.zip"
    target.write_text("mine")
    with pytest.raises(Problem, match="--force") as caught:
        download(site.link(), target)
    assert (caught.value.code, target.read_text()) == (Code.USAGE, "mine")
    download(site.link(), target, force=True)
    assert target.read_bytes() == site.body


def test_a_refused_link_says_so_and_leaves_nothing(site: Site, tmp_path: Path) -> None:
    with pytest.raises(Problem, match="HTTP 403"):
        download(site.link(path="/other"), tmp_path / "a.zip")
    assert names(tmp_path) == []


def test_the_status_of_a_link_is_told(site: Site) -> None:
    assert [transfer.status(site.link(path=path).url) for path in ("/file.zip?x=1", "/else")] == [200, 403]


def test_nothing_listens_is_unreachable(site: Site, tmp_path: Path) -> None:
    link = site.link()
    site.server.shutdown()
    site.server.server_close()
    with pytest.raises(Problem) as caught:
        download(link, tmp_path / "a.zip")
    assert caught.value.code == Code.UNREACHABLE


@pytest.mark.parametrize("url", ["http://example.org/a.zip", "file:///etc/hosts", "ftp://localhost.org/a"])
def test_only_https_leaves_this_machine(tmp_path: Path, url: str) -> None:
    with pytest.raises(Problem, match="not https"):
        download(Link(url=url, expires="", sha256="", size=0), tmp_path / "a.zip")


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise ValueError

    with pytest.raises(ValueError):
        transfer.write(tmp_path / "a", pieces())
    assert names(tmp_path) == []
    assert transfer.write(tmp_path / "a", [b"half", b"half"]) == 8
    assert (tmp_path / "a").read_bytes() == b"halfhalf"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="there is no folder"):
        transfer.write(tmp_path / "nowhere" / "a", [b""])
