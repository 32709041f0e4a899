"""What becomes of one group of parts, and how groups add up."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from isal import isal_zlib

from runtime.domain import distinct, tabling
from runtime.domain.crc import crc32_combine
from runtime.domain.errors import Corrupt, Rejected
from runtime.domain.planning import Group, Plan
from runtime.domain.ports import Tables
from runtime.domain.tables import joined, no_table
from runtime.domain.zipwriter import FragmentDeflater, level_for
from runtime.processors import by_kind
from runtime.processors.api import Outcome, Processor


@dataclass(kw_only=True)
class Sum:
    """Size in bytes, CRC-32 and SHA-256 of some bytes."""

    size: int = 0
    crc32: int = 0
    sha256: str = ""

    @classmethod
    def of(cls, data: bytes | bytearray) -> "Sum":
        return cls(size=len(data), crc32=isal_zlib.crc32(data), sha256=hashlib.sha256(data).hexdigest())

    def check(self, data: bytes, what: str) -> bytes:
        """`data`, if it is what was summed up; raises `Corrupt` otherwise."""
        if len(data) != self.size or hashlib.sha256(data).hexdigest() != self.sha256:
            raise Corrupt(f"{what} is not what was written: its SHA-256 or size has changed")
        return data


@dataclass(kw_only=True)
class Report:
    """What a group came to. `refused` is the reason for which the whole file must be rejected, if there is one.

    `columns` are those of its accepted records, `table` sums up its rows in the table, `footer` (base64) tells of them,
    `sketches` (see `distinct`) of how many different values each column has.
    `cuts` are its parts, as `Group.as_json` has them, for whoever must process it again. `clean` is empty if the plan
    does not keep it.
    """

    n: int
    accepted: int = 0
    rejected: int = 0
    totals: dict[str, int] = field(default_factory=dict)
    clean: Sum = field(default_factory=Sum)
    rejects: Sum = field(default_factory=Sum)
    fragment: Sum = field(default_factory=Sum)
    table: Sum = field(default_factory=Sum)
    columns: dict[str, str] = field(default_factory=dict)
    footer: str = ""
    sketches: list[str] = field(default_factory=list)
    cuts: list[list[int]] = field(default_factory=list)
    refused: str | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Report":
        sums = {name: Sum(**data[name]) for name in ("clean", "rejects", "fragment", "table")}
        return cls(**{**data, **sums})


@dataclass(kw_only=True)
class GroupResult:
    """A group's report and the bytes that go with it; `fragment` is `clean`, deflated (see `zipwriter`).

    `table` are its rows in the table, without the footer.
    """

    report: Report
    clean: bytes = b""
    rejects: bytes = b""
    fragment: bytes = b""
    table: bytes = b""


def process_group(plan: Plan, group: Group, pieces: Iterable[bytes], tables: Tables | None) -> GroupResult:
    """Processes the bytes `[group.start, group.end)`, given in pieces of any size.

    Holds at most one group in memory. Without `tables` its rows are not written as a table yet. Raises `Corrupt` when
    a part is not the one that was planned.
    """
    report = Report(n=group.n, columns=dict(plan.context.get("table", {})), cuts=group.as_json()["cuts"])
    data = _planned(group, pieces)
    makes_table = tables is not None and plan.tables
    if tables and makes_table and (table := tabling.evident(plan, report.columns, data, tables)):
        result = GroupResult(report=report, clean=_framed(plan, group, [data]) if plan.keeps_clean else b"")
        report.accepted = table.rows
        _keep_table(result, table)
        makes_table = False
    else:
        try:
            result = _processed(plan, group, data, report)
        except Rejected as rejected:
            return GroupResult(report=Report(n=group.n, refused=rejected.reason))
    del data
    report.rejects = Sum.of(result.rejects)
    if plan.keeps_clean:
        report.clean = Sum.of(result.clean)
    if plan.clean:
        deflater = FragmentDeflater(level_for(plan.kind))
        result.fragment = deflater.compress(result.clean) + deflater.flush()
        report.fragment = Sum.of(result.fragment)
    if tables and makes_table and no_table(plan.context, report.columns) is None:
        write_table(plan, result, report.columns, tables)
    return result


def _planned(group: Group, pieces: Iterable[bytes]) -> bytes:
    """The bytes of all parts, which follow one another."""
    data = b"".join(pieces)
    if len(data) < group.end - group.start:
        raise Corrupt(f"the object ended {group.end - group.start - len(data)} bytes before the end of a planned part")
    with memoryview(data) as view:
        for cut in group.cuts:
            if isal_zlib.crc32(view[cut.start - group.start : cut.end - group.start]) != cut.crc32:
                raise Corrupt(f"bytes {cut.start} to {cut.end} are not those that were planned: CRC-32 differs")
    return data


def _processed(plan: Plan, group: Group, data: bytes, report: Report) -> GroupResult:
    processor = by_kind(plan.kind)
    clean: list[bytes] = []
    rejects: list[bytes] = []
    for cut in group.cuts:
        outcome = processor.process(data[cut.start - group.start : cut.end - group.start], cut, plan.context)
        clean.append(outcome.clean)
        rejects.append(outcome.rejects)
        _add(report, outcome)
    return GroupResult(report=report, clean=_framed(plan, group, clean), rejects=b"".join(rejects))


def _framed(plan: Plan, group: Group, clean: list[bytes]) -> bytes:
    """Clean bytes, with what begins and ends the whole result if they are the first or the last."""
    processor = by_kind(plan.kind)
    begin = processor.begin(plan.context) if group.n == 0 else b""
    end = processor.end(plan.context) if group.n == plan.groups - 1 else b""
    return b"".join([begin, *clean, end])


def records(plan: Plan, n: int, clean: bytes) -> bytes:
    """What a group's clean bytes hold beside what begins and ends the whole result."""
    processor = by_kind(plan.kind)
    start = len(processor.begin(plan.context)) if n == 0 else 0
    end = len(processor.end(plan.context)) if n == plan.groups - 1 else 0
    return clean[start : len(clean) - end]


def write_table(plan: Plan, result: GroupResult, columns: Mapping[str, str], tables: Tables) -> None:
    """Writes a group's rows as a table of these columns."""
    report = result.report
    _keep_table(result, tabling.piece(plan, columns, records(plan, report.n, result.clean), report.accepted, tables))


def _keep_table(result: GroupResult, piece: tabling.Piece) -> None:
    result.table, result.report.table = piece.body, Sum.of(piece.body)
    result.report.footer = base64.b64encode(piece.footer).decode()
    result.report.sketches = [distinct.as_text(each) for each in piece.sketches]


def _add(report: Report, outcome: Outcome) -> None:
    report.accepted += outcome.accepted
    report.rejected += outcome.rejected
    for name, value in outcome.totals.items():
        report.totals[name] = report.totals.get(name, 0) + value
    report.columns = joined(report.columns, outcome.columns)


@dataclass(kw_only=True)
class Merged:
    """All groups together. Sums have no SHA-256 yet: that takes a pass over the bytes.

    `columns` are those of the table, if there is to be one; `table` tells of it when it is made.
    """

    accepted: int
    rejected: int
    totals: dict[str, int]
    summary: dict[str, Any]
    clean: Sum
    rejects: Sum
    reports: list[Report]
    columns: dict[str, str] = field(default_factory=dict)
    table: tabling.Table | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Merged":
        sums = {name: Sum(**data[name]) for name in ("clean", "rejects")}
        table = tabling.Table(**data["table"]) if data["table"] else None
        reports = [Report.from_json(report) for report in data["reports"]]
        return cls(**{**data, **sums, "reports": reports, "table": table})


def delivers_text(plan: Plan, merged: Merged) -> bool:
    """Whether the accepted records are delivered as text: where it is wanted, and where no table could be made."""
    return plan.clean or merged.table is None


def merge(plan: Plan, reports: list[Report]) -> Merged:
    """Adds the groups up, in order. Raises `Rejected` when one was refused, or nothing of the file is usable."""
    if [report.n for report in reports] != list(range(plan.groups)):
        raise Corrupt(f"{plan.groups} groups were planned, but reports of {len(reports)} groups are there")
    for report in reports:
        if report.refused:
            raise Rejected(report.refused)
    whole = Report(n=0)
    for report in reports:
        sums = Outcome(accepted=report.accepted, rejected=report.rejected, totals=report.totals, columns=report.columns)
        _add(whole, sums)
        whole.clean = _joined(whole.clean, report.clean)
        whole.rejects = _joined(whole.rejects, report.rejects)
    processor: Processor = by_kind(plan.kind)
    outcome = Outcome(accepted=whole.accepted, rejected=whole.rejected, totals=whole.totals)
    summary = dict(processor.summary(outcome, plan.context))
    if plan.layers:
        summary["unpacked_from"] = plan.layers
    obstacle = no_table(plan.context, whole.columns) if plan.tables else None
    if obstacle:
        summary["warnings"] = [*summary.get("warnings", []), obstacle]
    return Merged(
        accepted=whole.accepted,
        rejected=whole.rejected,
        totals=dict(sorted(whole.totals.items())),
        summary=summary,
        clean=whole.clean,
        rejects=whole.rejects,
        columns=whole.columns if plan.tables and not obstacle else {},
        reports=reports,
    )


def _joined(left: Sum, right: Sum) -> Sum:
    return Sum(size=left.size + right.size, crc32=crc32_combine(left.crc32, right.crc32, right.size))
