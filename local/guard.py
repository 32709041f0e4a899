"""What stands in front of ministack: refuses S3 requests that it would misunderstand.

ministack ignores a sub-resource that it does not know, so that `DELETE /bucket?inventory` would delete the bucket.
Such requests are answered with 501, as S3 itself answers what it does not implement.
"""

import importlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_EVERYWHERE = frozenset({"acl", "tagging"})
_BUCKET_CONFIGURATION = _EVERYWHERE | {
    "accelerate", "cors", "encryption", "lifecycle", "logging", "notification", "object-lock", "ownershipControls",
    "policy", "publicAccessBlock", "replication", "versioning", "website",
}  # fmt: skip
# What ministack's S3 routes by, for each method, on buckets and on objects (`services/s3.py`, `_dispatch`).
KNOWN: dict[tuple[str, str], frozenset[str]] = {
    ("GET", "bucket"): _BUCKET_CONFIGURATION | {"location", "uploads", "versions", "list-type"},
    ("PUT", "bucket"): _BUCKET_CONFIGURATION | {"requestPayment"},
    ("DELETE", "bucket"): frozenset(
        {"cors", "encryption", "lifecycle", "ownershipControls", "policy", "publicAccessBlock", "replication",
         "tagging", "website"}
    ),
    ("POST", "bucket"): frozenset({"delete"}),
    ("GET", "object"): _EVERYWHERE | {"attributes", "annotation", "legal-hold", "retention", "uploadId", "partNumber"},
    ("PUT", "object"): _EVERYWHERE | {"annotation", "legal-hold", "retention", "uploadId", "partNumber"},
    ("DELETE", "object"): frozenset({"annotation", "tagging", "uploadId"}),
    ("POST", "object"): frozenset({"restore", "uploads", "uploadId"}),
}  # fmt: skip
# Every sub-resource that S3 has (a test compares this with botocore's model). Other parameters are ignored by S3 too.
SUBRESOURCES = frozenset().union(*KNOWN.values()) | {
    "abac", "analytics", "intelligent-tiering", "inventory", "metadataAnnotationTable", "metadataConfiguration",
    "metadataInventoryTable", "metadataJournalTable", "metadataTable", "metrics", "policyStatus", "renameObject",
    "select", "session", "torrent",
}  # fmt: skip

_PIECE_BYTES = 1024 * 1024
_REFUSAL = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NotImplemented</Code><Message>The local cloud does not '
    b"implement this operation.</Message><Resource>%s</Resource></Error>"
)
# Headers by which a proxy would speak for a viewer; on a loopback port nobody stands in front of us.
_NOT_FROM_CLIENTS = frozenset({b"x-viewer-host", b"x-forwarded-host", b"x-forwarded-for", b"x-forwarded-port"})


def refused(method: str, level: str, names: set[str]) -> bool:
    """True when a request with the query parameters `names` means something that ministack does not know.

    `level` is "bucket" or "object".
    """
    unknown = (names & SUBRESOURCES) - KNOWN.get((method, level), frozenset())
    # OPTIONS is a browser's question whether it may send; it names what it will send, and changes nothing.
    return bool(unknown) and method not in {"HEAD", "OPTIONS"}


class Guard:
    """ASGI: `app` with the requests in front of it checked and cleaned."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = [(name, value) for name, value in scope["headers"] if name not in _NOT_FROM_CLIENTS]
        if not any(name == b"x-forwarded-proto" for name, _ in headers):
            # Loopback stands for TLS, or every TLS-only bucket policy would refuse everything. A client that wants
            # to see the refusal says `x-forwarded-proto: http`.
            headers.append((b"x-forwarded-proto", b"https"))
        scope = {**scope, "headers": headers}
        if _refuses(scope):
            await _refuse(scope, send)
        else:
            await self._app(scope, receive, _in_pieces(send))


def _in_pieces(send: Send) -> Send:
    """ministack sends an object as one message; the server would copy it whole, several times."""

    async def send_pieces(message: MutableMapping[str, Any]) -> None:
        body = message.get("body", b"")
        if len(body) > _PIECE_BYTES:
            view = memoryview(body)
            last = (len(body) - 1) // _PIECE_BYTES * _PIECE_BYTES
            for start in range(0, last, _PIECE_BYTES):
                await send({**message, "body": view[start : start + _PIECE_BYTES], "more_body": True})
            message = {**message, "body": view[last:]}
        await send(message)

    return send_pieces


def _refuses(scope: Scope) -> bool:
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    if not SUBRESOURCES & query.keys():
        return False
    # Not at the top: ministack reads its settings from the environment when it is imported.
    app, router = importlib.import_module("ministack.app"), importlib.import_module("ministack.core.router")
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    if router.detect_service(scope["method"], scope["path"], headers, query) != "s3":
        return False
    in_host = app._extract_s3_vhost_bucket(headers.get("host", "")) is not None
    pieces = scope["path"].lstrip("/").split("/", 0 if in_host else 1)
    level = "object" if pieces[-1] and (in_host or len(pieces) == 2) else "bucket"
    return refused(scope["method"], level, set(query))


async def _refuse(scope: Scope, send: Send) -> None:
    body = _REFUSAL % escape(scope["path"]).encode("ascii", "xmlcharrefreplace")
    headers = [(b"content-type", b"application/xml"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 501, "headers": headers})
    await send({"type": "http.response.body", "body": body})
