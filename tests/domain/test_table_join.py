"""What groups keep for the table, and what becomes of those that have to be processed again."""

import json

import pytest

from runtime.adapters.duckdb import tables
from runtime.domain import steps
from runtime.domain.errors import Corrupt
from runtime.domain.planning import Wishes
from tests.fakes import FakeLedger, FakeObjects, version
from tests.tabling import BUCKETS, RUN

# Past the rows whose types are known from the start.
WIDER_AT_THE_END = b"n,d\n" + b"1,2020-01-01\n" * 250 + b"x,y\n"


def grouped(data: bytes, *, name: str = "data.csv", results: str = "parquet") -> tuple[FakeObjects, FakeLedger, str]:
    """A file up to its groups' reports; also the prefix of what they keep."""
    objects, ledger, file = FakeObjects(), FakeLedger(), version(data, name=name)
    objects.add(file, data)
    plan = steps.plan(
        file, RUN, objects=objects, ledger=ledger, buckets=BUCKETS, part_bytes=30, parts_per_group=3,
        inline_parts=1000, max_file_bytes=1 << 30, wishes=Wishes.of(results),
    )  # fmt: skip
    for group in plan["groups"]:
        steps.part(file, group, objects=objects, buckets=BUCKETS, tables=tables())
    return objects, ledger, file.work_key("groups/")


def kept(objects: FakeObjects, prefix: str) -> set[str]:
    return {key.rpartition(".")[2] for bucket, key in objects.stored if bucket == "work" and key.startswith(prefix)}


def test_text_is_kept_only_where_it_may_be_delivered() -> None:
    lines = b'{"a": 1}\n' * 20
    assert kept(*grouped(WIDER_AT_THE_END)[::2]) == {"parquet", "json"}
    assert kept(*grouped(WIDER_AT_THE_END, results="both")[::2]) == {"parquet", "json", "clean", "z"}
    # A later line may hold what no table holds.
    assert kept(*grouped(lines, name="data.jsonl")[::2]) == {"parquet", "json", "clean"}


def test_a_group_that_comes_out_otherwise_is_not_joined() -> None:
    objects, ledger, prefix = grouped(WIDER_AT_THE_END)
    report = json.loads(objects.stored["work", f"{prefix}00000.json"])
    objects.stored["work", f"{prefix}00000.json"] = json.dumps({**report, "accepted": 1}).encode()
    file = version(WIDER_AT_THE_END)
    with pytest.raises(Corrupt, match="group 0 came out otherwise"):
        steps.merge(file, objects=objects, ledger=ledger, buckets=BUCKETS, tables=tables())
