"""Runs the steps on stores in memory and reads the tables that come out."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb

from runtime.adapters.duckdb import tables
from runtime.domain import steps
from runtime.domain.at_once import whole
from runtime.domain.planning import Wishes
from runtime.domain.ports import Buckets
from runtime.domain.tables import Schema
from tests.fakes import FakeLedger, FakeObjects, FakeSigner, version

BUCKETS = Buckets(work="work", output="output", delivery="delivery", backup="backup")
RUN = "run-1@2026-01-02T03:04:05.000Z"


@dataclass(frozen=True, kw_only=True)
class Made:
    """`results` are the objects by name, `record` is `result.json` without what differs between two runs."""

    results: dict[str, bytes]
    record: dict[str, Any]
    archive: bytes

    @property
    def rejects(self) -> list[dict[str, Any]]:
        """The refused records."""
        return [json.loads(line) for line in self.results.get("rejects.jsonl", b"").splitlines()]

    @property
    def types(self) -> dict[str, str]:
        """Of the table's columns, as `result.json` has them."""
        return {column["name"]: column["type"] for column in self.record["table"]["columns"]}

    def rows(self, folder: Any) -> list[tuple[Any, ...]]:
        """The table's rows, as DuckDB reads them."""
        path = folder / "read.parquet"
        path.write_bytes(self.results["table.parquet"])
        return rows_of(f"read_parquet('{path}')")


@cache
def reader() -> duckdb.DuckDBPyConnection:
    """A DuckDB of the tests' own."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def rows_of(source: str) -> list[tuple[Any, ...]]:
    """All rows of something that can be selected from; NaN as text, because it does not equal itself."""
    answer = reader().execute(f"SELECT * FROM {source}")
    casts = [f'"{name}"::VARCHAR' if "ZONE" in str(kind) else f'"{name}"'
             for name, kind in ((d[0].replace('"', '""'), d[1]) for d in answer.description)]  # fmt: skip
    rows = reader().execute(f"SELECT {', '.join(casts)} FROM {source}").fetchall()
    return [tuple("NaN" if isinstance(value, float) and math.isnan(value) else value for value in row) for row in rows]


def make(
    data: bytes,
    *,
    name: str = "data.csv",
    part_bytes: int | None = None,
    parts_per_group: int = 3,
    results: str = "both",
    schemas: Sequence[Schema] = (),
    distinct: bool = False,
) -> Made:
    """A file's whole way; cut into parts if `part_bytes` is given. Raises `Rejected`."""
    objects, ledger, file = FakeObjects(), FakeLedger(), version(data, name=name)
    objects.add(file, data)
    wishes = Wishes.of(results, schemas, distinct=distinct)
    if part_bytes is None:
        whole(
            file, RUN, objects=objects, ledger=ledger, signer=FakeSigner(), buckets=BUCKETS, part_bytes=1 << 20,
            max_file_bytes=1 << 30, wishes=wishes, tables=tables(),
        )  # fmt: skip
    else:
        plan = steps.plan(
            file, RUN, objects=objects, ledger=ledger, buckets=BUCKETS, part_bytes=part_bytes,
            parts_per_group=parts_per_group, inline_parts=1 << 20, max_file_bytes=1 << 30, wishes=wishes,
        )  # fmt: skip
        for group in plan["groups"]:
            steps.part(file, group, objects=objects, buckets=BUCKETS, tables=tables())
        if plan["mode"] != "whole":
            steps.merge(file, objects=objects, ledger=ledger, buckets=BUCKETS, tables=tables())
        steps.archive(file, objects=objects, ledger=ledger, buckets=BUCKETS)
        steps.publish(file, RUN, objects=objects, ledger=ledger, signer=FakeSigner(), buckets=BUCKETS)
    prefix = file.result_key("")
    stored = {key.removeprefix(prefix): each for (bucket, key), each in objects.stored.items() if bucket == "output"}
    record = json.loads(stored.pop("result.json"))
    for changing in ("timings", "cost", "artifacts"):
        del record[changing]
    return Made(results=stored, record=record, archive=objects.stored["delivery", file.archive_key])
