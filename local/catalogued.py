"""What the catalogue says of the demo's files: read with SQL, as anyone would who may read it."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from rich.console import Console
from rich.text import Text

from cli import view
from cli.putting import Outcome
from local.checks import Check
from runtime.adapters.postgres import Target, connect
from runtime.domain.catalogue import READER

ROWS_TABLE, ROWS_PREFIX = "reports", "reports/"
SECONDS = 60.0
QUERY = """
SELECT f.filename, f.version, f.status, f.rows_count, f.rows_rejected,
    (SELECT count(*) FROM reports AS r WHERE r.file_id = f.id)
FROM file_metadata AS f ORDER BY f.filename, f.sequencer
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A row of `file_metadata`, and how many rows of the file's own lie in the table for them."""

    name: str
    version: str
    status: str
    accepted: int | None
    rejected: int | None
    loaded: int


def read(outputs: Mapping[str, Any], outcomes: Sequence[Outcome], *, seconds: float = SECONDS) -> list[Row]:
    """All rows, once the catalogue has heard how each version ended and has its rows, or after `seconds`."""
    target = Target(
        host=str(outputs["catalogue_host"]),
        port=int(outputs["catalogue_port"]),
        name=str(outputs["catalogue_name"]),
        user=READER,
    )
    until = time.monotonic() + seconds
    with connect(target, "", application="penstock-demo") as connection:
        while True:
            rows = _rows(connection)
            if all(check.holds for check in checks(rows, outcomes)) or time.monotonic() > until:
                return rows
            time.sleep(0.2)


def checks(rows: Sequence[Row], outcomes: Sequence[Outcome]) -> Iterator[Check]:
    """One row for each version, which says what the ledger says; and the rows of files that have a table."""
    for outcome in outcomes:
        found = [row for row in rows if row.version == outcome.version]
        record = outcome.record
        yield Check(
            text=f"{outcome.job.label}: {len(found)} row in the catalogue"
            + "".join(
                f", {row.status}, {_count(row.accepted)} accepted, {_count(row.rejected)} set aside" for row in found
            ),
            holds=record is not None
            and [(row.name, row.status, row.accepted, row.rejected) for row in found]
            == [(record.name, outcome.state, record.accepted, record.rejected)],
        )
        if record is not None and outcome.job.name.startswith(ROWS_PREFIX):
            loaded = sum(row.loaded for row in found)
            yield Check(
                text=f"{outcome.job.label}: {loaded:,} rows of it in the table {ROWS_TABLE}",
                holds=loaded == record.accepted,
            )
    yield Check(text=f"the catalogue has {len(rows)} rows", holds=len(rows) == len(outcomes))


def show(console: Console, outputs: Mapping[str, Any], rows: Sequence[Row]) -> None:
    """The rows, and how to get there."""
    figures = ("accepted", "rejected", f"in {ROWS_TABLE}")
    made = view.table("in PostgreSQL", "version", "status", *figures, right=figures)
    for row in rows:
        counts = (view.number(row.accepted), view.number(row.rejected), view.number(row.loaded or None))
        made.add_row(Text(row.name), row.version[: view.SHORT], view.state(row.status), *counts)
    console.print(made)
    console.print(
        f"psql -h {outputs['catalogue_host']} -p {outputs['catalogue_port']} -U {READER} {outputs['catalogue_name']}\n",
        markup=False,
        soft_wrap=True,
    )


def _rows(connection: psycopg.Connection[Any]) -> list[Row]:
    return [
        Row(name=name, version=version, status=status, accepted=accepted, rejected=rejected, loaded=loaded)
        for name, version, status, accepted, rejected, loaded in connection.execute(QUERY)
    ]


def _count(number: int | None) -> str:
    return "none" if number is None else f"{number:,}"
