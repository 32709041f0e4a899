"""The last step of a table: groups that were too narrow are written anew, and all are joined."""

import base64
from collections.abc import Callable

from isal import isal_zlib

from runtime.domain import distinct, parquet, parts, places, tabling
from runtime.domain.crc import crc32_of
from runtime.domain.errors import Corrupt
from runtime.domain.parts import GroupResult, Merged, Report
from runtime.domain.planning import Group, Plan
from runtime.domain.ports import Objects, Piece, Place, Tables

PARQUET = "application/vnd.apache.parquet"


def join_table(
    plan: Plan,
    merged: Merged,
    target: Place,
    *,
    source: Place,
    objects: Objects,
    tables: Tables,
    place: Callable[[int, str], Place],
) -> None:
    """Writes the table to `target` and notes in `merged` what it is; `place` says where a group's things are.

    Groups that were too narrow are processed again from `source`, where parts had their bytes from. Large pieces are
    copied by the store; only those that have to be written anew pass through.
    """
    pieces: list[Piece] = []
    told: list[tuple[int, bytes]] = []
    sketches: list[list[bytes]] = []
    wanted = list(tabling.settled(merged.columns).items())
    # A group without rows adds nothing; one is needed to tell of the columns.
    for report in [report for report in merged.reports if report.accepted] or merged.reports[:1]:
        suffix = "parquet"
        if not report.footer or list(tabling.settled(report.columns).items()) != wanted:
            suffix = "retyped"
            result = _again(plan, report, source, objects)
            parts.write_table(plan, result, merged.columns, tables)
            objects.put(place(report.n, suffix), result.table, content_type=places.OCTETS, sha256=report.table.sha256)
        pieces.append(Piece(place=place(report.n, suffix), size=report.table.size, crc32=report.table.crc32))
        told.append((report.table.size, base64.b64decode(report.footer)))
        sketches.append([distinct.from_text(text) for text in report.sketches])
    footer = parquet.join(told)
    merged.table = tabling.table(merged.columns, footer, sketches)
    tail = parquet.tail(footer)
    end = place(plan.groups, "tail")
    objects.put(end, tail, content_type=places.OCTETS)
    pieces.append(Piece(place=end, size=len(tail), crc32=isal_zlib.crc32(tail)))
    objects.join(target, pieces, content_type=PARQUET)
    merged.table.size = sum(piece.size for piece in pieces)
    merged.table.crc32 = crc32_of((piece.crc32, piece.size) for piece in pieces)
    for report in merged.reports:
        report.footer, report.cuts, report.sketches = "", [], []


def _again(plan: Plan, report: Report, source: Place, objects: Objects) -> GroupResult:
    """A group's result as its part made it. Raises `Corrupt` if it comes out otherwise."""
    group = Group.from_json({"n": report.n, "cuts": report.cuts})
    pieces = objects.read(source, start=group.start, end=group.end) if group.cuts else ()
    result = parts.process_group(plan, group, pieces, None)
    if (result.report.accepted, result.report.rejects) != (report.accepted, report.rejects):
        raise Corrupt(f"group {group.n} came out otherwise when it was processed again")
    result.report = report
    return result


def whole_table(plan: Plan, merged: Merged, clean: bytes, tables: Tables) -> bytes:
    """The table of a file that is held in memory; notes in `merged` what it is."""
    piece = tabling.piece(plan, merged.columns, clean, merged.accepted, tables)
    merged.table = tabling.table(merged.columns, piece.footer, [piece.sketches])
    data = piece.body + parquet.tail(piece.footer)
    merged.table.size, merged.table.crc32 = len(data), isal_zlib.crc32(data)
    return data
