"""The environment of each function, named in one place.

A handler reads its class with `read`; the component that makes the function sets exactly `variables(cls)`. A contract
test feeds the one to the other.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TypeVar

PREFIX = "PENSTOCK_"
DECLARED = "declared_tables.json"
"""A file in the packages of functions that plan: the tables that are declared for prefixes of names."""
CLIENTS = "api_clients.json"
"""A file in the package of `authorize`: the programs that may use the API, name to `{"folder", "operator"}`."""
NOBODY = "none"
"""What stands for the address of a sign-in that there is not."""


@dataclass(frozen=True, kw_only=True)
class Ingest:
    """The function that reads the queue and starts the state machine."""

    state_machine_arn: str


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """Where the state of files is kept; used by every function of the flow."""

    files_table: str
    transactions_table: str


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What it takes to sign a link. `signing_secret` is the secret's ARN, never the key."""

    delivery_domain: str
    signing_secret: str
    link_seconds: int


@dataclass(frozen=True, kw_only=True)
class Scan(Ledger):
    """Lets a run wait for the verdict of the malware scan. `unscannable` is "accept" or "reject"."""

    unscannable: str


@dataclass(frozen=True, kw_only=True)
class Verdict(Ledger):
    """Takes the verdicts of the malware scan and ends the waiting of runs."""

    unscannable: str


@dataclass(frozen=True, kw_only=True)
class Ending(Ledger, Delivery):
    """Where the results of a run that succeeds go."""

    output_bucket: str
    delivery_bucket: str
    backup_bucket: str


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What is to be made of files. `results` is "clean", "parquet" or "both"; up to where archives are taken.

    `distinct` is 1 if different values are to be estimated, else 0.
    """

    results: str
    distinct: int
    archive_members: int
    archive_unpacked_bytes: int
    archive_ratio: int
    archive_nesting: int


@dataclass(frozen=True, kw_only=True)
class Process(Ending, Wishes):
    """Whole small file in one call: plan, process, archive, back up, publish."""

    work_bucket: str
    part_bytes: int
    max_file_bytes: int


@dataclass(frozen=True, kw_only=True)
class Image(Ending):
    """An image in one call: decode, archive, back up, publish. Sizes are the longest side's pixels."""

    direct_limit_bytes: int
    max_file_bytes: int
    web_pixels: int
    preview_pixels: int
    thumbnail_pixels: int
    image_format: str
    image_quality: int
    max_megapixels: int


@dataclass(frozen=True, kw_only=True)
class Plan(Ledger, Wishes):
    """Reads a large file once, decides its kind, and says where it is cut."""

    work_bucket: str
    part_bytes: int
    parts_per_group: int
    inline_parts: int
    max_file_bytes: int
    direct_limit_bytes: int


@dataclass(frozen=True, kw_only=True)
class Part:
    """Processes one group of parts."""

    work_bucket: str


@dataclass(frozen=True, kw_only=True)
class Unpack:
    """Makes members of an archive files of their own."""

    work_bucket: str


@dataclass(frozen=True, kw_only=True)
class Merge(Ledger):
    """Joins the groups' results in the output bucket."""

    work_bucket: str
    output_bucket: str


@dataclass(frozen=True, kw_only=True)
class Archive(Ledger):
    """Writes the ZIP, streamed, into the delivery bucket."""

    work_bucket: str
    output_bucket: str
    delivery_bucket: str


@dataclass(frozen=True, kw_only=True)
class Publish(Ending):
    """Backs up, writes `result.json`, verifies the archive and signs its link."""

    work_bucket: str


@dataclass(frozen=True, kw_only=True)
class Fail(Ledger):
    """Records how a run ended badly, tags the object, and tells people where the state machine could not."""

    notifications_topic: str


@dataclass(frozen=True, kw_only=True)
class Announce:
    """Archives the entries of the ledger's stream and turns them into events."""

    event_bus: str
    ledger_bucket: str


@dataclass(frozen=True, kw_only=True)
class Link(Delivery):
    """Signs a fresh link for a file that has succeeded."""

    files_table: str
    transactions_table: str


@dataclass(frozen=True, kw_only=True)
class Redrive(Ledger):
    """Starts a file again that has failed."""

    state_machine_arn: str
    upload_bucket: str


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """Makes the first key pair of the signed links, at deployment. Names of public keys begin with `key_stem`."""

    signing_secret: str
    key_stem: str


@dataclass(frozen=True, kw_only=True)
class RotateKey(SigningKey):
    """Changes the key pair of the signed links. `key_group` and `distribution` are CloudFront's ids."""

    key_group: str
    distribution: str
    link_seconds: int


@dataclass(frozen=True, kw_only=True)
class Database:
    """Where the catalogue is. `rows_tables` is the setting `catalogue.rows` as JSON."""

    database_host: str
    database_port: int
    database_name: str
    rows_tables: str


@dataclass(frozen=True, kw_only=True)
class Catalogue(Database):
    """Brings the catalogue up to the platform's events."""

    database_user: str
    output_bucket: str
    catalogue_queue: str


@dataclass(frozen=True, kw_only=True)
class Migrate(Database):
    """Makes users and tables, at deployment. `master_secret` is the ARN of the secret that RDS keeps."""

    master_secret: str


@dataclass(frozen=True, kw_only=True)
class Authorize:
    """Says who calls the API. `client_keys` is JSON: name of a program to the SHA-256 of its key, in base64.

    `issuer` and `people_client` are of the access tokens of people; both are `NOBODY` when no people sign in.
    `people_key` is the key of the usage plan under which people's requests count; it opens nothing.
    """

    client_keys: str
    issuer: str
    people_client: str
    people_key: str


@dataclass(frozen=True, kw_only=True)
class Uploads:
    """The way in for browsers and programs: starts uploads, signs their parts, completes them."""

    upload_bucket: str
    uploads_table: str
    max_file_bytes: int


@dataclass(frozen=True, kw_only=True)
class Files(Delivery):
    """What became of files: lists, ledger, links, previews; and starting again. `deletes` is "true" or "false"."""

    files_table: str
    transactions_table: str
    upload_bucket: str
    output_bucket: str
    state_machine_arn: str
    max_file_bytes: int
    deletes: str


@dataclass(frozen=True, kw_only=True)
class Delete(Ledger):
    """Takes away what there is of a file that somebody has deleted. `distribution` is CloudFront's id."""

    upload_bucket: str
    output_bucket: str
    delivery_bucket: str
    backup_bucket: str
    distribution: str


_T = TypeVar("_T")


class MissingVariable(Exception):
    """A variable that the function needs is not set, or is not of its type."""


def variables(cls: type) -> dict[str, str]:
    """Field name to variable name, for all that `cls` needs."""
    return {field.name: PREFIX + field.name.upper() for field in fields(cls)}


def read(cls: type[_T], environ: Mapping[str, str] = os.environ) -> _T:
    """The environment as a `cls`. Raises `MissingVariable` that names what is missing or wrong."""
    values: dict[str, object] = {}
    types = {field.name: field.type for field in fields(cls)}  # type: ignore[arg-type]
    for name, variable in variables(cls).items():
        raw = environ.get(variable)
        if raw is None:
            raise MissingVariable(f"{variable} is not set; the {cls.__name__} function needs it")
        if types[name] in (int, "int"):
            try:
                values[name] = int(raw)
            except ValueError:
                raise MissingVariable(f"{variable} must be a whole number, not {raw!r}") from None
        else:
            values[name] = raw
    return cls(**values)
