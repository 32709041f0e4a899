"""The steps of a large file's run, each with its ports as arguments. A handler reads the event and calls one of them.

Every step may run twice, at any time: what it writes has a key that the file's version and attempt fix, and the same
bytes. State between steps lies in the work bucket; the state machine carries keys and counts only.
"""

from runtime.domain import archiving, declared_sums, member_files, members, parts, places, planning, table_join
from runtime.domain.archiving import REJECTS_NAME, Archived
from runtime.domain.errors import Corrupt, IsImage, IsPdf
from runtime.domain.identity import FileVersion
from runtime.domain.outcome import billed_for, conclude
from runtime.domain.parts import Merged
from runtime.domain.planning import NOTHING_ELSE, Group, Unpacked, Wishes
from runtime.domain.ports import Buckets, Json, Ledger, Objects, Piece, Place, Signer, Tables
from runtime.domain.tables import TABLE_NAME
from runtime.domain.unpacking import Limits
from runtime.processors import by_kind
from runtime.processors.zipped import KIND as ARCHIVE


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
    direct_limit_bytes: int = 0,
    wishes: Wishes = NOTHING_ELSE,
) -> Json:
    """Plans a large file. Returns `mode` (inline, distributed, members, whole), `groups` (unless distributed) and
    `groups_key`.

    The mode of an image or a PDF is `image`, and nothing else is known of it.
    """
    ledger.processing(file, run)
    ledger.stage(file, "planning", {})
    try:
        made, groups = planning.plan(
            file,
            objects.read(places.original(file)),
            part_bytes=part_bytes,
            parts_per_group=parts_per_group,
            max_file_bytes=max_file_bytes,
            wishes=wishes,
            takes_archives=True,
            unpacked=Unpacked(
                keep=lambda: objects.write(places.unpacked(buckets, file), content_type=places.OCTETS),
                limits=Limits(most_bytes=max_file_bytes),
            ),
        )
    except (IsImage, IsPdf):
        return {"mode": "image"}
    declared_sums.compare(file, made.sha256, objects)
    if wishes.apart and made.kind == ARCHIVE:
        groups = member_files.planned(made, file, wishes, objects, direct_limit_bytes)
    places.put(objects, buckets, file, "plan.json", planning.as_json(made))
    mode = "whole" if not groups else "inline" if made.parts <= inline_parts else "distributed"
    if made.context.get("apart"):
        mode = "members"
    items = [group.as_json() for group in groups]
    if mode == "distributed":
        places.put(objects, buckets, file, "groups.json", items)
    ledger.stage(file, "processing", {"Parts": made.parts, "Groups": made.groups})
    return {
        "mode": mode,
        "kind": made.kind,
        "parts": made.parts,
        "groups": [] if mode == "distributed" else items,
        "groups_key": file.work_key("groups.json"),
    }


def part(file: FileVersion, item: Json, *, objects: Objects, buckets: Buckets, tables: Tables | None = None) -> Json:
    """Processes one group. A file that must be refused is noted in the report: the Map would hide the reason."""
    made, group = places.plan(objects, buckets, file), Group.from_json(item)
    if made.kind == ARCHIVE:
        original = places.original(file)
        result = members.list_all(made, lambda start, end: objects.read(original, start=start, end=end))
    else:
        source = places.records(buckets, file, made)
        pieces = objects.read(source, start=group.start, end=group.end) if group.cuts else iter(())
        result = parts.process_group(made, group, pieces, tables)
    places.keep(objects, buckets, file, result)
    return {}


def merge(
    file: FileVersion, *, objects: Objects, ledger: Ledger, buckets: Buckets, tables: Tables | None = None
) -> Json:
    """Joins the groups' results in the output bucket. Raises `Rejected` when any group was refused."""
    ledger.stage(file, "merging", {})
    made = places.plan(objects, buckets, file)
    merged = parts.merge(made, places.reports(objects, buckets, file, made.groups))
    if merged.columns and tables:
        table_join.join_table(
            made,
            merged,
            Place(buckets.output, file.result_key(TABLE_NAME)),
            source=places.records(buckets, file, made),
            objects=objects,
            tables=tables,
            place=lambda n, suffix: places.of_group(buckets, file, n, suffix),
        )
    clean = [(by_kind(made.kind).clean_name, "clean")] if parts.delivers_text(made, merged) else []
    for name, suffix in (*clean, (REJECTS_NAME, "rejects")):
        sums = [(report.n, getattr(report, suffix)) for report in merged.reports]
        pieces = [
            Piece(place=places.of_group(buckets, file, n, suffix), size=total.size, crc32=total.crc32)
            for n, total in sums
            if total.size
        ]
        if pieces or suffix == "clean":
            objects.join(Place(buckets.output, file.result_key(name)), pieces, content_type=places.OCTETS)
    places.put(objects, buckets, file, "merged.json", merged.as_json())
    return {}


def archive(file: FileVersion, *, objects: Objects, ledger: Ledger, buckets: Buckets) -> Json:
    """Writes the ZIP into the delivery bucket, streamed."""
    ledger.stage(file, "archiving", {})
    made = places.plan(objects, buckets, file)
    target = Place(buckets.delivery, file.archive_key)
    with objects.write(target, content_type=places.ZIP, filename=places.download_name(file)) as writer:
        if made.groups:
            merged = Merged.from_json(places.get(objects, buckets, file, "merged.json"))
            archived = archiving.archive_results(
                writer,
                file,
                made,
                merged,
                fragments=(objects.get(places.of_group(buckets, file, n, "z")) for n in range(made.groups)),
                rejects=objects.read(Place(buckets.output, file.result_key(REJECTS_NAME))),
                clean=objects.read(Place(buckets.output, file.result_key(by_kind(made.kind).clean_name))),
                table=objects.read(Place(buckets.output, file.result_key(TABLE_NAME))),
                original=objects.read(places.original(file)),
            )
        else:
            archived = archiving.archive_original(writer, file, made, objects.read(places.original(file)))
    places.put(objects, buckets, file, "archive.json", archived.as_json())
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
    made = places.plan(objects, buckets, file)
    archived = Archived.from_json(places.get(objects, buckets, file, "archive.json"))
    merged = Merged.from_json(places.get(objects, buckets, file, "merged.json")) if made.groups else None
    # Another function wrote it, a while ago; the store compares what was sent with its checksum only once.
    stored = objects.stat(Place(buckets.delivery, file.archive_key))
    if stored.size != archived.size or stored.crc32 not in (None, archived.crc32):
        raise Corrupt(f"{file.name}: the archive in the delivery bucket is not the one that was written")
    detour: int = made.context.get("detour", 0)
    transitions = 10 + made.groups + detour if made.groups else 8
    calls = 5 + made.groups + detour if made.groups else 4
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
