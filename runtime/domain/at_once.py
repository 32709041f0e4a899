"""All steps of a small file in one call."""

import io
from contextlib import nullcontext

from runtime.domain import archiving, declared_sums, members, parts, places, planning, table_join
from runtime.domain.archiving import REJECTS_NAME
from runtime.domain.identity import FileVersion
from runtime.domain.outcome import billed_for, conclude
from runtime.domain.parts import Merged
from runtime.domain.planning import NOTHING_ELSE, Unpacked, Wishes
from runtime.domain.ports import Buckets, Json, Ledger, Objects, Place, Signer, Tables, pieces_of
from runtime.domain.tables import TABLE_NAME
from runtime.domain.unpacking import Limits
from runtime.processors import by_kind
from runtime.processors.zipped import KIND as ARCHIVE

# Held in memory, and processed within a minute.
UNPACKED_AT_ONCE = Limits(
    most_bytes=128 * 1024**2,
    advice="Upload it unpacked, so that it is processed in parts.",
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
    """All steps for a small file, in one call, with everything between them in memory. Raises `IsImage`, `IsPdf`."""
    ledger.processing(file, run)
    data = b"".join(objects.read(places.original(file)))
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
    declared_sums.compare(file, made.sha256, objects)
    records = inside.getvalue() if made.layers else data
    zipped = io.BytesIO()
    merged: Merged | None = None
    if groups:
        if made.kind == ARCHIVE:
            done = [members.list_all(made, lambda start, end: [data[start:end]])]
        else:
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
            original=pieces_of(data),
        )
        kept = {name: content for name, content in ((TABLE_NAME, table), (REJECTS_NAME, rejects)) if content}
        if parts.delivers_text(made, merged):
            kept[by_kind(made.kind).clean_name] = clean
        for name, content in kept.items():
            objects.put(Place(buckets.output, file.result_key(name)), content, content_type=places.OCTETS)
    else:
        archived = archiving.archive_original(zipped, file, made, pieces_of(data))
    target = Place(buckets.delivery, file.archive_key)
    with objects.write(target, content_type=places.ZIP, filename=places.download_name(file)) as writer:
        writer.write(zipped.getvalue())
    billed = billed_for(5, 2, scanned=scanned)
    return conclude(file, run, made, merged, archived, objects=objects, signer=signer, buckets=buckets, billed=billed)
