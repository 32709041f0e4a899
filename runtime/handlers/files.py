"""API Gateway: who calls, and what became of files."""

import json
from functools import cache
from typing import Any

from runtime import environment
from runtime.adapters.attempts import DynamoAttempts
from runtime.adapters.clients import client
from runtime.adapters.deletions import DynamoRegister
from runtime.adapters.files import DynamoFiles
from runtime.adapters.gate import DynamoVerdicts
from runtime.adapters.marks import S3Marks
from runtime.adapters.runs import StepFunctionsRuns
from runtime.adapters.s3 import objects
from runtime.adapters.signing import signer
from runtime.adapters.telemetry import logger
from runtime.api.requests import Request, wrong_parameter
from runtime.api.serving import Answer, etag, serve
from runtime.domain import access, cursors, deletions, deliverables, file_ids, file_lists, previews, redrive
from runtime.domain.ports import Place
from runtime.domain.refusals import Changed, Forbidden, NotFound

PREFIX_MOST = 512
_TIME_MOST = 40


@cache
def _settings() -> environment.Files:
    return environment.read(environment.Files)


@cache
def _files() -> DynamoFiles:
    settings = _settings()
    return DynamoFiles(client("dynamodb"), files=settings.files_table, transactions=settings.transactions_table)


def _item(operation: str, request: Request, *, or_going: bool = False) -> file_lists.Item:
    """The file that the request is about. It is read only if the caller may see it. Raises `NotFound`, `Forbidden`.

    One that was deleted is not there, unless its deletion is still going on and that will do.
    """
    name = file_ids.name_of(request.path.get("file", ""))
    if name is None:
        raise NotFound("There is nothing of this id.")
    access.check(operation, request.caller, name)
    item = _files().item(name)
    if item is None or (item["State"] in deletions.GONE and not (or_going and item["State"] == deletions.DELETING)):
        raise NotFound("There is nothing of this id.")
    return item


def _result(operation: str, request: Request) -> str:
    """The file's `result.json`. Raises `Conflict` before it has succeeded, `Gone` if it was found infected since."""
    item, settings = _item(operation, request), _settings()
    transactions = DynamoVerdicts(client("dynamodb"), transactions=settings.transactions_table)
    deliverables.must_be_there(item, transactions.known(item["FileName"], item["VersionId"]))
    return objects().get(Place(settings.output_bucket, item["ResultKey"])).decode()


def get_me(request: Request) -> Answer:
    """Who calls, and what limits hold."""
    caller, settings = request.caller, _settings()
    return Answer(
        value={
            "name": caller.name,
            "folder": caller.folder,
            "operator": caller.operator,
            "may_delete": settings.deletes == "true",
            "max_file_bytes": settings.max_file_bytes,
        }
    )


def list_files(request: Request) -> Answer:
    """Files, newest first."""
    cursor, after = request.cursor(), None
    if cursor is not None and (after := cursors.read(cursor)) is None:
        wrong_parameter("cursor", "is none that was given out")
    state = request.text("state", most=_TIME_MOST)
    if state is not None and state not in file_lists.STATES:
        wrong_parameter("state", f"must be one of {', '.join(file_lists.STATES)}")
    wanted = file_lists.Wanted(
        limit=request.limit(),
        after=after,
        state=state,
        prefix=request.text("prefix", most=PREFIX_MOST),
        since=request.time("since"),
        until=request.time("until"),
    )
    found, position = file_lists.page(request.caller, wanted, index=_files())
    shown: dict[str, Any] = {"files": [file_lists.shown(item) for item in found]}
    if position is not None:
        shown["next"] = cursors.write(position)
    return Answer(value=shown, tagged=True)


def get_file(request: Request) -> Answer:
    """One file, with its ledger."""
    return _told(_item("getFile", request))


def _told(item: file_lists.Item) -> Answer:
    entries = _files().entries(item["FileName"])
    return Answer(
        value={"file": file_lists.shown(item), "ledger": [file_lists.entry(one) for one in entries]}, tagged=True
    )


def get_links(request: Request) -> Answer:
    """Signed links to everything that was made of a file."""
    result = json.loads(_result("getLinks", request))
    return Answer(value={"links": list(deliverables.links(result, signer(_settings())))})


def get_preview(request: Request) -> Answer:
    """The first rows and the first rejected ones."""
    result = json.loads(_result("getPreview", request))
    return Answer(value=previews.preview(result, _settings().output_bucket, objects()), tagged=True)


def get_result(request: Request) -> Answer:
    """The file's result.json, as it was written."""
    return Answer(text=_result("getResult", request), tagged=True)


def delete_file(request: Request) -> Answer:
    """Notes that a file is to be gone; from then on it is not shown, and the function `delete` does the rest."""
    item, settings = _item("deleteFile", request, or_going=True), _settings()
    if settings.deletes != "true":
        raise Forbidden("This stack's settings do not allow files to be deleted.")
    if item["State"] != deletions.DELETING and request.lacks_tag(etag(_told(item).body())):
        raise Changed("The file has changed since you looked at it.")
    register = DynamoRegister(
        client("dynamodb"),
        files=settings.files_table,
        transactions=settings.transactions_table,
        bucket=settings.upload_bucket,
    )
    deletions.ask(item, request.caller.name, register=register)
    return Answer(status=202)


def redrive_file(request: Request) -> Answer:
    """Starts a file again that has failed."""
    name, settings = _item("redriveFile", request)["FileName"], _settings()
    done = redrive.redrive(
        name,
        None,
        attempts=DynamoAttempts(
            client("dynamodb"),
            files=settings.files_table,
            transactions=settings.transactions_table,
            bucket=settings.upload_bucket,
        ),
        runs=StepFunctionsRuns(client("stepfunctions"), settings.state_machine_arn),
        marks=S3Marks(client("s3")),
    )
    logger.info("started again", extra={"run": done.run, "started": done.started})
    return Answer(value={"file": file_ids.of_name(name), "version": done.version, "attempt": done.attempt}, status=202)


OPERATIONS = {
    "getMe": get_me,
    "listFiles": list_files,
    "getFile": get_file,
    "deleteFile": delete_file,
    "getLinks": get_links,
    "getPreview": get_preview,
    "getResult": get_result,
    "redriveFile": redrive_file,
}


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """A request of API Gateway (Lambda proxy) to its answer."""
    return serve(OPERATIONS, event, context)
