"""The steps of a run, each with its ports as arguments. A handler reads the event, calls one of them and returns.

Every step may run twice, at any time: what it writes has a key that the file's version and attempt fix, and the same
bytes. State between steps lies in the work bucket; the state machine carries keys and counts only.
"""

import io
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

import msgspec

from runtime.domain import archiving, notices, parts, planning, results, table_join
from runtime.domain.archiving import REJECTS_NAME, Archived
from runtime.domain.errors import Corrupt, IsImage
from runtime.domain.identity import FileVersion
from runtime.domain.parts import Merged, Report
from runtime.domain.planning import NOTHING_ELSE, Group, Plan, Unpacked, Wishes
from runtime.domain.ports import Buckets, Json, Ledger, Objects, Piece, Place, Signer, Tables, pieces_of
from runtime.domain.tables import TABLE_NAME
from runtime.domain.unpacking import Limits
from runtime.processors import by_kind

OCTETS = "application/octet-stream"
JSON = "application/json"
ZIP = "application/zip"
# Reports are small and S3 answers each in some 20 ms; a group of many gigabytes has a thousand of them.
REPORT_READERS = 16
# Held in memory, and processed within a minute.
UNPACKED_AT_ONCE = Limits(
    most_bytes=128 * 1024**2,
    advice="Upload it unpacked, so that it is processed in parts.",
)


def original(file: FileVersion) -> Place:
    """The very version that the event was about."""
    return Place(file.bucket, file.key, file.version)


def plan(
    file: FileVersion,
    run: str,
    *,
    objects: Objects,
    ledger: Ledger,
    buckets: Buckets,
    part_bytes: int,
    parts_per_group: int,
    inline_parts: int,
    max_file_bytes: int,
    wishes: Wishes = NOTHING_ELSE,
) -> Json:
    """Plans a large file. Returns `mode` (inline, distributed, whole), `groups` (inline only) and `groups_key`.

    The mode of an image is `image`, and nothing else is known of it.
    """
    ledger.processing(file, run)
    ledger.stage(file, "planning", {})
    try:
        made, groups = planning.plan(
            file,
            objects.read(original(file)),
            part_bytes=part_bytes,
            parts_per_group=parts_per_group,
            max_file_bytes=max_file_bytes,
            wishes=wishes,
            unpacked=Unpacked(
                keep=lambda: objects.write(_unpacked(buckets, file), content_type=OCTETS),
                limits=Limits(most_bytes=max_file_bytes),
            ),
        )
    except IsImage:
        return {"mode": "image"}
    _put(objects, buckets, file, "plan.json", planning.as_json(made))
    mode = "whole" if not groups else "inline" if made.parts <= inline_parts else "distributed"
    items = [group.as_json() for group in groups]
    if mode == "distributed":
        _put(objects, buckets, file, "groups.json", items)
    ledger.stage(file, "processing", {"Parts": made.parts, "Groups": made.groups})
    return {
        "mode": mode,
        "kind": made.kind,
        "parts": made.parts,
        "groups": items if mode == "inline" else [],
        "groups_key": file.work_key("groups.json"),
    }


def part(file: FileVersion, item: Json, *, objects: Objects, buckets: Buckets, tables: Tables | None = None) -> Json:
    """Processes one group. A file that must be refused is noted in the report: the Map would hide the reason."""
    made, group = _plan(objects, buckets, file), Group.from_json(item)
    source = _unpacked(buckets, file) if made.layers else original(file)
    pieces = objects.read(source, start=group.start, end=group.end) if group.cuts else iter(())
    result = parts.process_group(made, group, pieces, tables)
    report = result.report
    for suffix, data, made_of in (
        ("clean", result.clean, report.clean),
        ("z", result.fragment, report.fragment),
        ("rejects", result.rejects, report.rejects),
        ("parquet", result.table, report.table),
    ):
        if data:
            place = _group_place(buckets, file, group.n, suffix)
            objects.put(place, data, content_type=OCTETS, sha256=made_of.sha256)
    # The report is last: where it is, the rest is.
    _put(objects, buckets, file, f"groups/{group.n:05d}.json", report.as_json())
    return {}


def merge(
    file: FileVersion, *, objects: Objects, ledger: Ledger, buckets: Buckets, tables: Tables | None = None
) -> Json:
    """Joins the groups' results in the output bucket. Raises `Rejected` when any group was refused."""
    ledger.stage(file, "merging", {})
    made = _plan(objects, buckets, file)
    merged = parts.merge(made, _reports(objects, buckets, file, made.groups))
    if merged.columns and tables:
        table_join.join_table(
            made,
            merged,
            Place(buckets.output, file.result_key(TABLE_NAME)),
            objects=objects,
            tables=tables,
            place=lambda n, suffix: _group_place(buckets, file, n, suffix),
        )
    clean = [(by_kind(made.kind).clean_name, "clean")] if made.clean or not merged.table else []
    for name, suffix in (*clean, (REJECTS_NAME, "rejects")):
        sums = [(report.n, getattr(report, suffix)) for report in merged.reports]
        pieces = [
            Piece(place=_group_place(buckets, file, n, suffix), size=total.size, crc32=total.crc32)
            for n, total in sums
            if total.size
        ]
        if pieces or suffix == "clean":
            objects.join(Place(buckets.output, file.result_key(name)), pieces, content_type=OCTETS)
    _put(objects, buckets, file, "merged.json", merged.as_json())
    return {}


def archive(file: FileVersion, *, objects: Objects, ledger: Ledger, buckets: Buckets) -> Json:
    """Writes the ZIP into the delivery bucket, streamed."""
    ledger.stage(file, "archiving", {})
    made = _plan(objects, buckets, file)
    target = Place(buckets.delivery, file.archive_key)
    with objects.write(target, content_type=ZIP, filename=download_name(file)) as writer:
        if made.groups:
            merged = Merged.from_json(_get(objects, buckets, file, "merged.json"))
            archived = archiving.archive_results(
                writer,
                file,
                made,
                merged,
                fragments=(objects.get(_group_place(buckets, file, n, "z")) for n in range(made.groups)),
                rejects=objects.read(Place(buckets.output, file.result_key(REJECTS_NAME))),
                clean=objects.read(Place(buckets.output, file.result_key(by_kind(made.kind).clean_name))),
                table=objects.read(Place(buckets.output, file.result_key(TABLE_NAME))),
            )
        else:
            archived = archiving.archive_original(writer, file, made, objects.read(original(file)))
    _put(objects, buckets, file, "archive.json", archived.as_json())
    return {}


def publish(
    file: FileVersion,
    run: str,
    *,
    objects: Objects,
    ledger: Ledger,
    signer: Signer,
    buckets: Buckets,
    scanned: bool = False,
) -> Json:
    """Backs the original up, writes `result.json`, verifies the archive and signs its link."""
    ledger.stage(file, "publishing", {})
    made = _plan(objects, buckets, file)
    archived = Archived.from_json(_get(objects, buckets, file, "archive.json"))
    merged = Merged.from_json(_get(objects, buckets, file, "merged.json")) if made.groups else None
    # Another function wrote it, a while ago; the store compares what was sent with its checksum only once.
    stored = objects.stat(Place(buckets.delivery, file.archive_key))
    if stored.size != archived.size or stored.crc32 not in (None, archived.crc32):
        raise Corrupt(f"{file.name}: the archive in the delivery bucket is not the one that was written")
    transitions = 10 + made.groups if made.groups else 8
    calls = 5 + made.groups if made.groups else 4
    return conclude(
        file,
        run,
        made,
        merged,
        archived,
        objects=objects,
        signer=signer,
        buckets=buckets,
        billed=billed_for(transitions, calls, scanned=scanned),
    )


def whole(
    file: FileVersion,
    run: str,
    *,
    objects: Objects,
    ledger: Ledger,
    signer: Signer,
    buckets: Buckets,
    part_bytes: int,
    max_file_bytes: int,
    scanned: bool = False,
    wishes: Wishes = NOTHING_ELSE,
    tables: Tables | None = None,
) -> Json:
    """All steps for a small file, in one call, with everything between them in memory. Raises `IsImage`."""
    ledger.processing(file, run)
    data = b"".join(objects.read(original(file)))
    inside = io.BytesIO()
    made, groups = planning.plan(
        file,
        pieces_of(data),
        part_bytes=part_bytes,
        parts_per_group=2**31,
        max_file_bytes=max_file_bytes,
        wishes=wishes,
        unpacked=Unpacked(keep=lambda: nullcontext(inside), limits=UNPACKED_AT_ONCE),
    )
    records = inside.getvalue() if made.layers else data
    zipped = io.BytesIO()
    merged: Merged | None = None
    if groups:
        done = [parts.process_group(made, group, [records[group.start : group.end]], None) for group in groups]
        merged = parts.merge(made, [result.report for result in done])
        clean = b"".join(result.clean for result in done)
        rejects = b"".join(result.rejects for result in done)
        table = b""
        if merged.columns and tables:
            rows = b"".join(parts.records(made, result.report.n, result.clean) for result in done)
            table = table_join.whole_table(made, merged, rows, tables)
        archived = archiving.archive_results(
            zipped,
            file,
            made,
            merged,
            fragments=[result.fragment for result in done],
            rejects=[rejects],
            clean=[clean],
            table=[table],
        )
        clean_name = by_kind(made.kind).clean_name
        for name, made_of in ((clean_name, clean), (TABLE_NAME, table), (REJECTS_NAME, rejects)):
            if (made.clean or not table) if name == clean_name else made_of:
                objects.put(Place(buckets.output, file.result_key(name)), made_of, content_type=OCTETS)
    else:
        archived = archiving.archive_original(zipped, file, made, pieces_of(data))
    target = Place(buckets.delivery, file.archive_key)
    with objects.write(target, content_type=ZIP, filename=download_name(file)) as writer:
        writer.write(zipped.getvalue())
    billed = billed_for(5, 2, scanned=scanned)
    return conclude(file, run, made, merged, archived, objects=objects, signer=signer, buckets=buckets, billed=billed)


def billed_for(transitions: int, calls: int, *, scanned: bool) -> tuple[int, int]:
    """Transitions and calls of a run. The malware gate adds a state and two functions: one waits, the other answers."""
    return (transitions + 1, calls + 2) if scanned else (transitions, calls)


def conclude(
    file: FileVersion,
    run: str,
    made: Plan,
    merged: Merged | None,
    archived: Archived,
    *,
    objects: Objects,
    signer: Signer,
    buckets: Buckets,
    billed: tuple[int, int],
    summary: Mapping[str, Any] | None = None,
    more: Sequence[results.Artifact] = (),
) -> Json:
    """Backs up, writes `result.json`, signs the link. `summary` and `more` artifacts are of what is not merged."""
    objects.copy(original(file), Place(buckets.backup, file.backup_key), size=made.size)
    now = datetime.now(UTC)
    seconds = max((now - datetime.fromisoformat(file.received_at)).total_seconds(), 0.0)
    record = results.Result(
        run=run,
        attempt=file.attempt,
        status="succeeded",
        kind=made.kind,
        file=results.File(
            name=file.name,
            version=file.version,
            size=made.size,
            sha256=made.sha256,
            received_at=file.received_at,
        ),
        counts=results.Counts(accepted=merged.accepted if merged else 0, rejected=merged.rejected if merged else 0),
        totals=merged.totals if merged else {},
        summary=merged.summary if merged else dict(summary or {}),
        table=results.table(merged),
        artifacts=results.artifacts(file, made, merged, archived, more),
        timings=results.Timings(
            received_at=file.received_at, completed_at=now.isoformat(timespec="milliseconds"), seconds=seconds
        ),
        cost=results.Cost(transitions=billed[0], function_calls=billed[1]),
    )
    body = msgspec.json.format(msgspec.json.encode(record), indent=2)
    result_key = file.result_key("result.json")
    # A repeated step keeps the first record: its times are the true ones.
    kept = msgspec.json.decode(
        objects.put_once(Place(buckets.output, result_key), body, content_type=JSON), type=results.Result
    )
    link, expires = signer.sign(file.archive_key)
    told: dict[str, Any] = {
        "kind": kept.kind,
        "sha256": kept.file.sha256,
        "accepted": kept.counts.accepted,
        "rejected": kept.counts.rejected,
    }
    return {
        **told,
        "archive_key": file.archive_key,
        "archive_bytes": archived.size,
        "archive_sha256": archived.sha256,
        "result_key": result_key,
        "notification": notices.succeeded(file, **told, link=link, expires=expires),
    }


def download_name(file: FileVersion) -> str:
    return f"{archiving.member_name(file.name)}.zip"


def _unpacked(buckets: Buckets, file: FileVersion) -> Place:
    return Place(buckets.work, file.work_key("unpacked"))


def _group_place(buckets: Buckets, file: FileVersion, n: int, suffix: str) -> Place:
    return Place(buckets.work, file.work_key(f"groups/{n:05d}.{suffix}"))


def _put(objects: Objects, buckets: Buckets, file: FileVersion, name: str, value: object) -> None:
    objects.put(Place(buckets.work, file.work_key(name)), msgspec.json.encode(value), content_type=JSON)


def _get(objects: Objects, buckets: Buckets, file: FileVersion, name: str) -> Json:
    value: Json = msgspec.json.decode(objects.get(Place(buckets.work, file.work_key(name))))
    return value


def _plan(objects: Objects, buckets: Buckets, file: FileVersion) -> Plan:
    return Plan(**_get(objects, buckets, file, "plan.json"))


def _reports(objects: Objects, buckets: Buckets, file: FileVersion, groups: int) -> list[Report]:
    def report(n: int) -> Report:
        return Report.from_json(_get(objects, buckets, file, f"groups/{n:05d}.json"))

    with ThreadPoolExecutor(REPORT_READERS) as pool:
        return list(pool.map(report, range(groups)))
