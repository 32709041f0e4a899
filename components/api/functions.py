"""The functions behind the API: what each of them is, knows and may do."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pulumi

from components.distribution import Links
from components.function import Function, FunctionArgs, FunctionSpec, Home
from components.grants import Statement
from components.ledger import Ledger
from components.pipeline.machine import machine_arn
from components.pipeline.roles import ABORT, GET, PUT, RESULTS, ingest
from components.settings import Api
from components.storage import SecureStorage
from components.stores import Table
from runtime import environment as env
from runtime.adapters.uploads import OPEN_INDEX
from runtime.domain.file_lists import BY_FOLDER, BY_TIME

AUTHORIZE = FunctionSpec(
    name="authorize", environment=env.Authorize, locks=("token",), timeout_seconds=10, memory_mb=512, quick=True
)
UPLOADS = FunctionSpec(
    # The gateway stops waiting after 29 seconds; a large upload is completed all the same.
    name="uploads",
    environment=env.Uploads,
    locks=("core",),
    timeout_seconds=120,
    memory_mb=512,
)
FILES = FunctionSpec(
    name="files", environment=env.Files, locks=("sign",), timeout_seconds=29, memory_mb=512, quick=True
)
SPECS = {spec.name: spec for spec in (AUTHORIZE, UPLOADS, FILES)}
SERVES = {"caller": FILES.name, "uploads": UPLOADS.name, "files": FILES.name}
"""Which function serves the operations of each of the document's tags."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SignIn:
    """Where people sign in: the issuer of their tokens (`https://…`), and the id of the page's client."""

    issuer: pulumi.Input[str]
    client: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiFunctionsArgs:
    """`keys` are the values of the programs' keys, by their names; `people_key` is the one under which people count.

    Without `sign_in` no people are known.
    """

    home: Home
    storage: SecureStorage
    ledger: Ledger
    uploads: Table
    links: Links
    api: Api
    keys: Mapping[str, pulumi.Input[str]]
    people_key: pulumi.Input[str]
    sign_in: SignIn | None
    max_file_bytes: int


def make_functions(args: ApiFunctionsArgs, parent: pulumi.Resource) -> dict[str, Function]:
    """Name to function. `authorize` runs outside of the VPC: it asks Cognito for the keys that sign tokens."""
    values: dict[str, pulumi.Input[str] | int] = {
        "client_keys": _digests(args.keys),
        "issuer": args.sign_in.issuer if args.sign_in else env.NOBODY,
        "people_client": args.sign_in.client if args.sign_in else env.NOBODY,
        "people_key": args.people_key,
        "upload_bucket": args.storage.upload.name,
        "uploads_table": args.uploads.name,
        "max_file_bytes": args.max_file_bytes,
        "files_table": args.ledger.files.name,
        "transactions_table": args.ledger.transactions.name,
        "output_bucket": args.storage.output.name,
        "state_machine_arn": machine_arn(args.home),
        "deletes": "true" if args.api.deletes else "false",
        "delivery_domain": args.links.domain,
        "signing_secret": args.links.secret.arn,
        "link_seconds": args.links.seconds,
    }
    grants = {"authorize": [], "uploads": _uploads(args), "files": _files(args)}
    outside = replace(args.home, placement=None)
    return {
        name: Function(
            name,
            FunctionArgs(
                home=outside if spec is AUTHORIZE else args.home,
                spec=spec,
                values=values,
                grants=grants[name],
                files={env.CLIENTS: _clients(args.api)} if spec is AUTHORIZE else None,
            ),
            pulumi.ResourceOptions(parent=parent),
        )
        for name, spec in SPECS.items()
    }


def _uploads(args: ApiFunctionsArgs) -> list[Statement]:
    """What it sends nobody may replace by hand: it writes as the links that it signs, and reads tags, not content."""
    tags = ("s3:GetObjectTagging", "s3:GetObjectVersionTagging", "s3:PutObjectTagging")
    return [
        *args.storage.upload.allow("", PUT, ABORT, "s3:ListMultipartUploadParts", *tags),
        *args.uploads.allow("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
        *args.uploads.allow_index(OPEN_INDEX),
    ]


def _files(args: ApiFunctionsArgs) -> list[Statement]:
    return [
        *args.ledger.files.allow("dynamodb:BatchGetItem", "dynamodb:GetItem"),
        *args.ledger.files.allow_index(BY_FOLDER, BY_TIME),
        *args.ledger.transactions.allow("dynamodb:GetItem", "dynamodb:Query"),
        *args.storage.output.allow(RESULTS, GET),
        *args.links.secret.allow_read(),
        # Starting again a file that has failed: for operators, who are told apart in `access`.
        *args.ledger.transactions.allow("dynamodb:ConditionCheckItem", "dynamodb:PutItem"),
        *args.storage.upload.allow("", "s3:GetObjectVersionTagging", "s3:PutObjectVersionTagging"),
        *ingest(machine_arn(args.home)),
        # Noting that a file is to be gone; what takes it away is another function.
        *(args.ledger.files.allow("dynamodb:UpdateItem") if args.api.deletes else []),
    ]


def _clients(api: Api) -> bytes:
    """Who the programs are. It travels in the package: the environment holds 4 KiB, and their digests need half."""
    known = {client.name: {"folder": client.folder, "operator": client.operator} for client in api.clients}
    return json.dumps(known, sort_keys=True).encode()


def _digests(keys: Mapping[str, pulumi.Input[str]]) -> pulumi.Output[str]:
    def digests(values: Mapping[str, str]) -> str:
        made = {name: hashlib.sha256(value.encode()).digest() for name, value in sorted(values.items())}
        return json.dumps({name: base64.b64encode(digest).decode() for name, digest in made.items()})

    return pulumi.Output.all(**keys).apply(digests) if keys else pulumi.Output.from_input("{}")
