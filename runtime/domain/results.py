"""`result.json`: what became of a file, for programs. Its schema is published under `docs/schemas/`."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from runtime.domain.archiving import REJECTS_NAME, Archived
from runtime.domain.identity import FileVersion
from runtime.domain.parts import Merged
from runtime.domain.planning import Plan
from runtime.domain.tables import TABLE_NAME
from runtime.processors import by_kind

SCHEMA_VERSION = 1

Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Count = Annotated[int, msgspec.Meta(ge=0)]


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """The archive that a file was unpacked from, by its object's metadata; `depth` counts the archives around it."""

    archive: str
    version: str
    member: str
    depth: Annotated[int, msgspec.Meta(ge=1)]


class File(msgspec.Struct, frozen=True, kw_only=True):
    """The object version that was processed; `size` is in bytes."""

    name: str
    version: str
    size: Count
    sha256: Sha256
    received_at: str
    origin: Origin | None = None


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Records (rows, lines, recipes, members of an archive): every one is either accepted or rejected."""

    accepted: Count
    rejected: Count


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """An object that was made. `store` is `delivery`, `output` or `backup`; a link is signed for `delivery` keys."""

    role: str
    store: str
    key: str
    size: Count
    sha256: Sha256 | None = None


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column of `table.parquet`. `least` and `greatest` are given where there is an order that people share:
    not for text, nor where a value is not a number. Dates and times are ISO 8601.
    """

    name: str
    type: str
    nulls: Count
    least: bool | int | float | str | None = None
    greatest: bool | int | float | str | None = None
    distinct: (
        Annotated[int, msgspec.Meta(ge=0, description="how many different values, within some percent")] | None
    ) = None


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """`table.parquet`: the accepted records, with types that all values of a column have."""

    rows: Count
    columns: list[Column]


class Timings(msgspec.Struct, frozen=True, kw_only=True):
    """`seconds` from the upload's event to this record."""

    received_at: str
    completed_at: str
    seconds: Annotated[float, msgspec.Meta(ge=0)]


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What the run is billed for by count: Step Functions transitions and function calls, retries not included."""

    transitions: Count
    function_calls: Count


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The whole record. `summary` and `totals` are the kind's own."""

    schema: Annotated[int, msgspec.Meta(description="version of this schema")] = SCHEMA_VERSION
    run: str
    attempt: Annotated[int, msgspec.Meta(ge=1)]
    status: str
    kind: str
    file: File
    counts: Counts
    totals: dict[str, int]
    summary: dict[str, Any]
    table: Table | None = None
    artifacts: list[Artifact]
    timings: Timings
    cost: Cost


def schema() -> dict[str, Any]:
    """The JSON Schema of `result.json`."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Result)}


def table(merged: Merged | None) -> Table | None:
    """What a record tells of the table, if there is one."""
    if merged is None or merged.table is None:
        return None
    return Table(rows=merged.table.rows, columns=msgspec.convert(merged.table.columns, list[Column]))


def artifacts(
    file: FileVersion, plan: Plan, merged: Merged | None, archived: Archived, more: Sequence[Artifact] = ()
) -> list[Artifact]:
    """Everything that is made for a file, as a person would look for it; `more` is the kind's own."""
    sums = {member.name: member for member in archived.members}
    made = [
        Artifact(role="archive", store="delivery", key=file.archive_key, size=archived.size, sha256=archived.sha256)
    ]
    if merged is not None:
        roles = {by_kind(plan.kind).clean_name: "clean", TABLE_NAME: "table", REJECTS_NAME: "rejects"}
        made += [
            Artifact(
                role=role,
                store="output",
                key=file.result_key(name),
                size=sums[name].size,
                sha256=sums[name].sha256,
            )
            for name, role in roles.items()
            if name in sums
        ]
    made += more
    made.append(Artifact(role="original", store="backup", key=file.backup_key, size=plan.size, sha256=plan.sha256))
    return made
