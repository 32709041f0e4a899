"""How a run that succeeded ends: the backup, `result.json`, the link, and what is told of them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from runtime.domain import notices, origins, places, results
from runtime.domain.archiving import Archived
from runtime.domain.identity import FileVersion
from runtime.domain.parts import Merged
from runtime.domain.planning import Plan
from runtime.domain.ports import Buckets, Json, Objects, Place, Signer


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
    objects.copy(places.original(file), Place(buckets.backup, file.backup_key), size=made.size)
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
            origin=results.Origin(**origin.shown()) if (origin := origins.of(file, objects)) else None,
        ),
        counts=results.Counts(accepted=merged.accepted if merged else 0, rejected=merged.rejected if merged else 0),
        totals=merged.totals if merged else {},
        summary=merged.summary if merged else dict(summary or made.context.get("summary", {})),
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
        objects.put_once(Place(buckets.output, result_key), body, content_type=places.JSON), type=results.Result
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
