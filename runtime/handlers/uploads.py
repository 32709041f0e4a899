"""API Gateway: the operations on uploads."""

import re
from functools import cache
from typing import Any

from runtime import environment
from runtime.adapters import uploads as adapter
from runtime.adapters.telemetry import logger
from runtime.api.requests import Request, wrong_parameter
from runtime.api.serving import Answer, serve
from runtime.domain import cursors
from runtime.domain.refusals import NotFound
from runtime.domain.uploads import Uploads

_KEY = re.compile(r"[A-Za-z0-9_.:-]{8,128}")
_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")
_NUMBER = re.compile(r"[0-9]{1,5}")


@cache
def _uploads() -> Uploads:
    return adapter.uploads(environment.read(environment.Uploads))


def _id(request: Request) -> str:
    given = request.path.get("upload", "")
    if not _ID.fullmatch(given):
        raise NotFound("There is nothing of this id.")
    return given


def list_uploads(request: Request) -> Answer:
    """The caller's uploads that are not complete."""
    limit, cursor, after = request.limit(), request.cursor(), None
    if cursor is not None and (after := cursors.read(cursor)) is None:
        wrong_parameter("cursor", "is none that was given out")
    found = _uploads().listed(request.caller, limit, after)
    shown: dict[str, Any] = {"uploads": [upload.shown(request.now) for upload in found]}
    if len(found) == limit:
        shown["next"] = cursors.write((found[-1].created_at, found[-1].id))
    return Answer(value=shown)


def create_upload(request: Request) -> Answer:
    """Starts an upload, or finds it again."""
    key = request.headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        wrong_parameter("Idempotency-Key", "must have 8 to 128 letters, digits or _.:-")
    upload = _uploads().create(request.caller, request.json(), key)
    return Answer(value=upload.shown(request.now), status=201, headers={"Location": f"/api/uploads/{upload.id}"})


def get_upload(request: Request) -> Answer:
    """One upload."""
    return Answer(value=_uploads().get("getUpload", request.caller, _id(request)).shown(request.now))


def abort_upload(request: Request) -> Answer:
    """Gives an upload up."""
    _uploads().abort(request.caller, _id(request))
    return Answer(status=204)


def list_parts(request: Request) -> Answer:
    """The parts that have arrived."""
    cursor = request.cursor()
    if cursor is not None and not _NUMBER.fullmatch(cursor):
        wrong_parameter("cursor", "is none that was given out")
    found, more = _uploads().parts(request.caller, _id(request), int(cursor or 0))
    shown: dict[str, Any] = {
        "parts": [
            {"number": part.number, "size": part.size, **({"sha256": part.sha256} if part.sha256 else {})}
            for part in found
        ]
    }
    return Answer(value=shown if more is None else {**shown, "next": str(more)})


def sign_parts(request: Request) -> Answer:
    """Links by which parts are sent."""
    return Answer(value={"parts": _uploads().sign(request.caller, _id(request), request.json())})


def complete_upload(request: Request) -> Answer:
    """Makes a file of the parts."""
    done = _uploads().complete(request.caller, _id(request)).shown(request.now)
    return Answer(value={name: done[name] for name in ("file", "name", "version")})


OPERATIONS = {
    "listUploads": list_uploads,
    "createUpload": create_upload,
    "getUpload": get_upload,
    "abortUpload": abort_upload,
    "listParts": list_parts,
    "signParts": sign_parts,
    "completeUpload": complete_upload,
}


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """A request of API Gateway (Lambda proxy) to its answer."""
    return serve(OPERATIONS, event, context)
