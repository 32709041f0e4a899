"""Bytes to the platform and back, each of them checked.

boto3's own transfers do not say which version they made, and that is what a caller must wait for; so parts are sent
here, under a CRC-32 for each and one for the whole object, which S3 checks.
"""

import base64
import contextlib
import hashlib
import json
import os
import tempfile
import threading
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cli.platform import Link
from cli.problems import Code, Problem
from runtime.domain.crc import crc32_combine
from runtime.domain.member_names import MANIFEST_NAME, SUMS_NAME

MIB = 1024 * 1024
PART_BYTES = 8 * MIB
PARTS_MOST = 10_000
SENDERS = 4
READ_BYTES = MIB
_SECONDS = 60.0

Count = Callable[[int], None]
"""Told how many more bytes are over."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Uploaded:
    """The version that an upload made; `size` in bytes."""

    name: str
    version: str
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """A file in an archive, as it was found there; `size` in bytes."""

    name: str
    size: int
    sha256: str


def upload(s3: Any, bucket: str, name: str, path: Path, *, count: Count) -> Uploaded:
    """Uploads a file: one request up to 8 MiB, in parts beyond. Raises `Problem` when the file changes meanwhile."""
    with path.open("rb") as file:
        before = os.fstat(file.fileno())
        if before.st_size <= PART_BYTES:
            body = file.read(PART_BYTES + 1)
            made = s3.put_object(Bucket=bucket, Key=name, Body=body, ChecksumCRC32=_base64(zlib.crc32(body)))
            sent = len(body)
            count(sent)
        else:
            made, sent = _in_parts(s3, {"Bucket": bucket, "Key": name}, file.fileno(), before.st_size, count)
        after = os.fstat(file.fileno())
    if sent != before.st_size or (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise Problem(Code.UNEXPECTED, f"{path} changed while it was being uploaded; upload it again")
    return Uploaded(name=name, version=made.get("VersionId", "null"), size=sent)


def _in_parts(s3: Any, target: dict[str, str], file: int, size: int, count: Count) -> tuple[dict[str, Any], int]:
    each = max(PART_BYTES, -(-size // PARTS_MOST // MIB) * MIB)
    identity = s3.create_multipart_upload(**target, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")["UploadId"]
    given_up = threading.Event()

    def send(number: int) -> tuple[dict[str, Any], int, int]:
        if given_up.is_set():
            raise KeyboardInterrupt
        data = os.pread(file, each, (number - 1) * each)
        crc32 = zlib.crc32(data)
        answer = s3.upload_part(**target, UploadId=identity, PartNumber=number, Body=data, ChecksumCRC32=_base64(crc32))
        count(len(data))
        return {"PartNumber": number, "ETag": answer["ETag"], "ChecksumCRC32": _base64(crc32)}, crc32, len(data)

    try:
        with ThreadPoolExecutor(SENDERS, thread_name_prefix="upload") as pool:
            try:
                parts = list(pool.map(send, range(1, -(-size // each) + 1)))
            except BaseException:
                given_up.set()
                raise
        whole = 0
        for _, crc32, length in parts:
            whole = crc32_combine(whole, crc32, length)
        made = s3.complete_multipart_upload(
            **target,
            UploadId=identity,
            MultipartUpload={"Parts": [part for part, _, _ in parts]},
            ChecksumType="FULL_OBJECT",
            ChecksumCRC32=_base64(whole),
        )
    except BaseException:
        with contextlib.suppress(Exception):  # the bucket's lifecycle removes what stays behind
            s3.abort_multipart_upload(**target, UploadId=identity)
        raise
    return made, sum(length for _, _, length in parts)


def _base64(crc32: int) -> str:
    return base64.b64encode(crc32.to_bytes(4, "big")).decode()


def download(link: Link, target: Path, *, force: bool = False, count: Count = lambda _: None) -> list[Member]:
    """Downloads an archive to `target` and verifies all of it; returns what is in it.

    Nothing stands at `target` before everything is verified. Raises `Problem`: USAGE when there is something already
    (unless `force`), UNVERIFIED when size, SHA-256 or any member is not what it must be.
    """
    with _whole(target, force) as temporary:
        digest, size = hashlib.sha256(), 0
        with temporary.open("wb") as file:
            for piece in fetch(link.url):
                file.write(piece)
                digest.update(piece)
                size += len(piece)
                count(len(piece))
        if size != link.size:
            raise Problem(Code.UNVERIFIED, f"the archive has {size:,} bytes and not {link.size:,}; nothing was kept")
        if digest.hexdigest() != link.sha256:
            raise Problem(Code.UNVERIFIED, f"the archive's SHA-256 is not {link.sha256}; nothing was kept")
        return verify(temporary)


def write(target: Path, pieces: Iterable[bytes], *, force: bool = False) -> int:
    """Writes a file, whole or not at all; returns its size. Raises `Problem` (USAGE) when there is one already."""
    with _whole(target, force) as temporary, temporary.open("wb") as file:
        return sum(file.write(piece) for piece in pieces)


@contextlib.contextmanager
def _whole(target: Path, force: bool) -> Iterator[Path]:
    """A file beside `target` that takes its place when the block ends well, and goes when it does not."""
    _free(target, force)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}.", suffix=".part")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        _free(target, force)
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def verify(archive: Path) -> list[Member]:
    """Checks every member of an archive against its `SHA256SUMS` and its manifest. Raises `Problem` (UNVERIFIED)."""
    try:
        with zipfile.ZipFile(archive) as zipped:
            sums = _sums(zipped.read(SUMS_NAME).decode())
            members = [_summed(zipped, info) for info in zipped.infolist() if info.filename != SUMS_NAME]
            listed = json.loads(zipped.read(MANIFEST_NAME))["members"]
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, EOFError, NotImplementedError) as error:
        raise Problem(Code.UNVERIFIED, f"the archive is damaged: {error}; nothing was kept") from error
    names = [member.name for member in members]
    if len(set(names)) != len(names) or set(names) != set(sums):
        raise Problem(Code.UNVERIFIED, f"the archive holds other files than its {SUMS_NAME} says; nothing was kept")
    for member in members:
        if sums[member.name] != member.sha256:
            raise Problem(
                Code.UNVERIFIED,
                f"{member.name} in the archive has not the SHA-256 that {SUMS_NAME} says; nothing was kept",
            )
    told = {(one["name"], one["size"], one["sha256"]) for one in listed}
    if told != {(one.name, one.size, one.sha256) for one in members if one.name != MANIFEST_NAME}:
        raise Problem(Code.UNVERIFIED, f"the archive holds other files than its {MANIFEST_NAME} says; nothing was kept")
    return members


def fetch(url: str) -> Iterator[bytes]:
    """The body of a GET, in pieces. Raises `Problem` when the answer is not 200."""
    try:
        with _open(url) as answer:
            while piece := answer.read(READ_BYTES):
                yield piece
    except urllib.error.HTTPError as error:
        with error:
            raise Problem(Code.UNEXPECTED, f"the link was refused: HTTP {error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise Problem(Code.UNREACHABLE, f"{urlsplit(url).netloc} does not answer: {error.reason}") from error


def status(url: str) -> int:
    """The HTTP status that a GET of `url` is answered with."""
    try:
        with _open(url) as answer:
            # Whoever hangs up in the middle makes the other side complain.
            while answer.read(READ_BYTES):
                pass
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def _open(url: str) -> Any:
    parts = urlsplit(url)
    here = parts.hostname == "localhost"
    if parts.scheme != "https" and not here:
        raise Problem(Code.UNEXPECTED, f"the link {url} is not https")
    # A proxy has no business between this machine and itself.
    proxies = [urllib.request.ProxyHandler({})] if here else []
    return urllib.request.build_opener(*proxies).open(url, timeout=_SECONDS)


def _sums(text: str) -> dict[str, str]:
    """Name to SHA-256, from the lines of `sha256sum`. Only a line feed ends a line: names may hold odd characters."""
    lines = [line.partition("  ") for line in text.split("\n") if line]
    return {name: digest for digest, _, name in lines}


def _summed(zipped: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    digest, size = hashlib.sha256(), 0
    with zipped.open(info) as file:
        while piece := file.read(READ_BYTES):
            digest.update(piece)
            size += len(piece)
    return Member(name=info.filename, size=size, sha256=digest.hexdigest())


def _free(target: Path, force: bool) -> None:
    if target.is_dir():
        raise Problem(Code.USAGE, f"{target} is a folder")
    if not force and target.exists():
        raise Problem(Code.USAGE, f"{target} is there already; --force writes over it")
    if not target.parent.is_dir():
        raise Problem(Code.USAGE, f"there is no folder {target.parent}")


def _umask() -> int:
    """The process's own; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
