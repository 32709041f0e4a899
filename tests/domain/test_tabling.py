"""Groups whose rows are evident: the same results as from a look at each row, and without one."""

import csv
import io
import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import pytest

from runtime.adapters.duckdb import tables
from runtime.domain import parts, planning
from runtime.domain.column_types import BIGINT, DATE, VARCHAR
from runtime.domain.parts import GroupResult
from runtime.domain.planning import Group, Plan, Wishes
from runtime.domain.ports import pieces_of
from runtime.domain.tables import Column, Rows, Schema
from tests.fakes import version

TEXTS = ["north", "São Paulo", 'the "best"', "a, b", "two\nlines", "x" * 80, "", "-", "007", " 5", "1e3", "true"]
DECLARED = [
    Schema(
        prefix="",
        columns={
            "n": Column(type=BIGINT, nullable=False),
            "d": Column(type=DATE),
            "a": Column(type=VARCHAR, nullable=False),
            "t": Column(type=VARCHAR),
        },
    )
]


@dataclass
class Engine:
    """The engine, which may be `unsure` of all values; `told` are the rows whose types it was told."""

    unsure: bool = False
    told: list[Rows] = field(default_factory=list)

    def parquet(self, rows: Rows, columns: Mapping[str, str]) -> bytes:
        self.told.append(rows)
        return tables().parquet(rows, columns)

    def checked(self, rows: Rows, columns: Mapping[str, str], required: Collection[str]) -> bytes | None:
        return None if self.unsure else tables().checked(rows, columns, required)

    def distinct(self, file: bytes, columns: Collection[str]) -> list[bytes]:
        return tables().distinct(file, columns)


def written(rng: random.Random, rows: int, odd: float, newline: str = "\n") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=newline)
    writer.writerow(["n", "d", "a", "t"])
    for n in range(rows):
        day = f"20{rng.randint(10, 30)}-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}"
        row = [str(n), day, f"{rng.randint(0, 9999)}.{rng.randint(10, 99)}", rng.choice(TEXTS)]
        if rng.random() < odd:
            row[rng.randrange(4)] = rng.choice(["", "1.5", "-0", "x", " 7", "infinity", "1_0", "2020-1-1", '"', "\r"])
        if rng.random() < odd / 4:
            row.pop()
        writer.writerow(row)
    body = text.getvalue().encode()
    return body.replace(b"x", b"\xff", 1) if rng.random() < odd else body


def groups_of(data: bytes, wishes: Wishes, part_bytes: int) -> tuple[Plan, list[Group]]:
    return planning.plan(
        version(data, name="data.csv"), pieces_of(data), part_bytes=part_bytes, parts_per_group=4,
        max_file_bytes=1 << 30, wishes=wishes,
    )  # fmt: skip


def process(plan: Plan, groups: list[Group], data: bytes, engine: Engine) -> list[GroupResult]:
    return [parts.process_group(plan, group, pieces_of(data[group.start : group.end], 700), engine) for group in groups]


@pytest.mark.parametrize("results", ["parquet", "both"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("schemas", [[], DECLARED])
@pytest.mark.parametrize("odd", [0.0, 0.002, 0.3])
def test_results_are_those_of_a_look_at_each_row(results: str, newline: str, schemas: list[Schema], odd: float) -> None:
    rng = random.Random(f"{results}{newline}{len(schemas)}{odd}")
    data = written(rng, 600, odd, newline)
    plan, groups = groups_of(data, Wishes.of(results, schemas), 1000)
    sure, unsure = Engine(), Engine(unsure=True)
    kept = process(plan, groups, data, sure)
    looked_at = process(plan, groups, data, unsure)
    for one, other in zip(kept, looked_at, strict=True):
        assert one.report == other.report
        assert (one.table, one.rejects, one.fragment) == (other.table, other.rejects, other.fragment)
        if plan.keeps_clean:
            assert one.clean == other.clean
    assert len(unsure.told) == len(groups)
    assert len(sure.told) < len(groups) or odd == 0.3


def test_of_well_formed_rows_none_is_looked_at() -> None:
    data = written(random.Random(1), 600, 0.0)
    plan, groups = groups_of(data, Wishes.of("parquet"), 1000)
    engine = Engine()
    results = process(plan, groups, data, engine)
    assert len(groups) > 3 and not engine.told
    assert sum(result.report.accepted for result in results) == 600
    assert not any(result.clean for result in results)


def test_without_tables_nothing_is_evident() -> None:
    data = written(random.Random(1), 60, 0.0)
    plan, groups = groups_of(data, Wishes.of("clean"), 1000)
    assert b"".join(result.clean for result in process(plan, groups, data, Engine())) == data
