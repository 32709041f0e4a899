"""Sends a file through the API, waits for what becomes of it, and fetches the archive. Python's own library is enough.

PENSTOCK_URL=https://d111111abcdef8.cloudfront.net PENSTOCK_KEY=… python3 upload.py orders.csv
"""

import hashlib
import json
import os
import sys
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

ENDED = ("succeeded", "rejected", "failed")
AT_ONCE = 50
WAIT_SECONDS = 600


def call(
    method: str, path: str, body: Mapping[str, Any] | None = None, *, accepted: tuple[int, ...] = (), **headers: str
) -> Any:
    """One request to the API; None for a refusal that is `accepted`. Others end the program with what the API says."""
    content = None if body is None else json.dumps(body).encode()
    request = Request(f"{os.environ['PENSTOCK_URL']}/api{path}", content, method=method)  # noqa: S310
    request.add_header("Authorization", f"Bearer {os.environ['PENSTOCK_KEY']}")
    for name, value in {"Content-Type": "application/json", **headers}.items():
        request.add_header(name.replace("_", "-"), value)
    try:
        with urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.loads(answer.read() or b"null")
    except HTTPError as refusal:
        if refusal.code in accepted:
            return None
        problem = json.load(refusal)
        sys.exit(f"{problem['status']} {problem['title']}: {problem.get('detail', '')}")


def send(path: Path) -> str:
    """Sends the file in parts; its id."""
    new = {"name": path.name, "size": path.stat().st_size, "sha256": digest_of(path)}
    # Were this program stopped and started with the same key, it would find the same upload again.
    upload = call("POST", "/uploads", new, Idempotency_Key=str(uuid.uuid4()))
    numbers = range(1, upload["parts"] + 1)
    with path.open("rb") as file:
        for first in range(0, len(numbers), AT_ONCE):
            chosen = numbers[first : first + AT_ONCE]
            parts = [{"number": number, "sha256": part_digest(file, upload, number)} for number in chosen]
            for signed in call("POST", f"/uploads/{upload['id']}/parts", {"parts": parts})["parts"]:
                content = part_of(file, upload, signed["number"])
                request = Request(signed["url"], content, signed["headers"], method="PUT")  # noqa: S310
                urlopen(request, timeout=300).close()  # noqa: S310
    return str(call("POST", f"/uploads/{upload['id']}/complete")["file"])


def digest_of(path: Path) -> str:
    """SHA-256 of a whole file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def part_of(file: Any, upload: Mapping[str, Any], number: int) -> bytes:
    """The bytes of a part; all parts but the last are of one size."""
    file.seek((number - 1) * upload["part_bytes"])
    content: bytes = file.read(upload["part_bytes"])
    return content


def part_digest(file: Any, upload: Mapping[str, Any], number: int) -> str:
    """SHA-256 of a part, which S3 holds against what arrives."""
    return hashlib.sha256(part_of(file, upload, number)).hexdigest()


def ended(file: str) -> Mapping[str, Any]:
    """The file, once its processing has ended."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        # S3 tells the platform of a new file a moment later; until then there is nothing of this name.
        found = call("GET", f"/files/{file}", accepted=(404,))
        if found and found["file"]["state"] in ENDED:
            ending: Mapping[str, Any] = found["file"]
            return ending
        time.sleep(1)
    sys.exit(f"{file} has not ended after {WAIT_SECONDS} seconds")


def fetch(link: Mapping[str, Any]) -> Path:
    """Fetches what a link leads to into this folder, and holds it against its checksum."""
    target = Path(Path(link["name"]).name)
    with urlopen(link["url"], timeout=300) as answer, target.open("wb") as file:  # noqa: S310
        while block := answer.read(1 << 20):
            file.write(block)
    if link.get("sha256") not in (None, digest_of(target)):
        sys.exit(f"{target} is not what was written")
    return target


def main() -> None:
    """The whole way, for the file that is named on the command line."""
    file = ended(send(Path(sys.argv[1])))
    print(f"{file['name']}: {file['state']}")
    if file["state"] != "succeeded":
        sys.exit(file.get("reason", "nobody said why"))
    archive = call("GET", f"/files/{file['id']}/links")["links"][0]
    print(f"{fetch(archive)}: {archive['size']} bytes, checksum as it was written")


if __name__ == "__main__":
    main()
