"""Signs a fresh link for a file that has succeeded; for the command and the API."""

from functools import cache
from typing import Any

from runtime import environment
from runtime.adapters.clients import client
from runtime.adapters.gate import DynamoVerdicts
from runtime.adapters.signing import signer
from runtime.domain import deletions, verdicts


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
    if item is None or item["State"]["S"] in deletions.GONE:
        return {"error": f"there is no file named {name}", "code": "unknown"}
    state = item["State"]["S"]
    if state != "succeeded":
        return {"error": f"{name} is {state}: only a file that has succeeded has a link", "code": "not-ready"}
    # Scanned anew, a version may turn out infected long after it was delivered.
    transactions = DynamoVerdicts(client("dynamodb"), transactions=settings.transactions_table)
    known = transactions.known(name, item["VersionId"]["S"])
    if known is not None and known.status == verdicts.INFECTED:
        found = verdicts.named(known.threats)
        return {"error": f"{name} has no link any more: malware was found in it{found}", "code": "withdrawn"}
    link, expires = signer(settings).sign(item["ArchiveKey"]["S"])
    return {
        "link": link,
        "expires": expires,
        "sha256": item["ArchiveSha256"]["S"],
        "size": int(item["ArchiveBytes"]["N"]),
    }
