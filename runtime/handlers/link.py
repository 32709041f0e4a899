"""Signs a fresh link for a file that has succeeded; for the command and the API."""

from functools import cache
from typing import Any

from runtime import environment
from runtime.adapters.clients import client
from runtime.adapters.signing import signer


@cache
def _settings() -> environment.Link:
    return environment.read(environment.Link)


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """`{"name"}` to `{"link", "expires", "sha256", "size"}` of the archive, or `{"error", "code"}` that says why."""
    settings, name = _settings(), event["name"]
    item = (
        client("dynamodb")
        .get_item(TableName=settings.files_table, Key={"FileName": {"S": name}}, ConsistentRead=True)
        .get("Item")
    )
    if item is None:
        return {"error": f"there is no file named {name}", "code": "unknown"}
    state = item["State"]["S"]
    if state != "succeeded":
        return {"error": f"{name} is {state}: only a file that has succeeded has a link", "code": "not-ready"}
    link, expires = signer(settings).sign(item["ArchiveKey"]["S"])
    return {
        "link": link,
        "expires": expires,
        "sha256": item["ArchiveSha256"]["S"],
        "size": int(item["ArchiveBytes"]["N"]),
    }
