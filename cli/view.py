"""What people see: tables and sentences. Nothing is cut off where the output is no terminal."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli import units
from cli.deleting import Gone
from cli.platform import Link
from cli.putting import Outcome
from cli.records import Record
from cli.redriving import Again, Moved
from cli.transfer import Member

STYLES = {
    "succeeded": "green",
    "rejected": "yellow",
    "failed": "red",
    "timed out": "red",
    "not started": "red",
    "not uploaded": "red",
    "unknown": "red",
}
SHORT = 12


def table(*columns: str, right: Sequence[str] = ()) -> Table:
    """A table without lines; columns named in `right` hold figures."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return made


def state(name: str) -> Text:
    """A state in its colour."""
    return Text(name, style=STYLES.get(name, ""))


def number(value: int | None) -> str:
    """A count with thousands apart; "" for None."""
    return "" if value is None else f"{value:,}"


def counts(record: Record | None) -> tuple[str, str]:
    """Accepted and rejected records; nothing for a file that has no records at all."""
    if record is None or not (record.accepted or record.rejected):
        return "", ""
    return number(record.accepted), number(record.rejected)


def show_outcomes(console: Console, outcomes: Sequence[Outcome]) -> None:
    """The results of `put`: one line each, then links and reasons in full."""
    made = table(
        "file", "version", "kind", "state", "accepted", "rejected", "time", "archive", "sha-256",
        right=("accepted", "rejected", "time", "archive"),
    )  # fmt: skip
    for outcome in outcomes:
        made.add_row(*outcome_cells(outcome))
    console.print(made)
    for outcome in outcomes:
        if outcome.link is not None:
            _labelled(console, outcome.job.label, outcome.link.url)
        elif outcome.reason:
            _labelled(console, outcome.job.label, outcome.reason)
        elif outcome.state == "succeeded":
            _labelled(console, outcome.job.label, "a newer version has taken its place; its link was in its message")


def outcome_cells(outcome: Outcome) -> tuple[Text, ...]:
    """One line of the table of results."""
    record = outcome.record
    plain = (
        outcome.job.label,
        (outcome.version or "")[:SHORT],
        (record.kind if record else None) or "",
    )
    figures = (
        *counts(record),
        "" if outcome.seconds is None else units.duration(outcome.seconds),
        units.size(record.archive_bytes if record else None),
        ((record.archive_sha256 if record else None) or "")[:SHORT],
    )
    return (*map(Text, plain), state(outcome.state), *map(Text, figures))


def _labelled(console: Console, label: str, text: str) -> None:
    console.print(f"\n{label}\n  {text}", markup=False, soft_wrap=True)


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """The same for programs."""
    return {
        "name": outcome.job.name,
        "path": str(outcome.job.path),
        "version": outcome.version,
        "state": outcome.state,
        "size": outcome.size,
        "upload_seconds": round(outcome.upload_seconds, 3),
        "seconds": None if outcome.seconds is None else round(outcome.seconds, 3),
        "reason": outcome.reason,
        "link": None if outcome.link is None else outcome.link.url,
        "expires": None if outcome.link is None else outcome.link.expires,
        "record": None if outcome.record is None else outcome.record.as_json(),
    }


def show_files(console: Console, records: Sequence[Record], more: int) -> None:
    """`ls`."""
    made = table(
        "file", "state", "kind", "size", "accepted", "rejected", "received", right=("size", "accepted", "rejected")
    )
    for one in records:
        words = state(one.state)
        if one.state == "processing" and one.stage:
            words.append(f" ({one.stage})", style="dim")
        made.add_row(
            Text(one.name), words, one.kind or "", units.size(one.size), *counts(one),
            one.received_at or "",
        )  # fmt: skip
    console.print(made if records else "There are no such files.")
    if more:
        console.print(f"… and {more:,} more; --limit shows them", style="dim")


def show_status(
    console: Console, shown: Record, entries: Sequence[Record], result: Mapping[str, Any] | None, others: Sequence[str]
) -> None:
    """`status`: what is known of a version, its ledger, and what was made of it."""
    facts = Table(box=None, pad_edge=False, show_header=False)
    facts.add_column(style="bold")
    facts.add_column(overflow="fold")
    rows: list[tuple[str, str | Text]] = [("file", shown.name), ("version", shown.version)]
    rows.append(("state", state(shown.state)))
    if shown.state == "processing" and shown.stage:
        rows.append(("stage", shown.stage))
    rows += [("reason", shown.reason or ""), ("kind", shown.kind or ""), ("size", units.size(shown.size))]
    if any(counts(shown)):
        rows.append(("records", f"{number(shown.accepted)} accepted, {number(shown.rejected)} set aside"))
    rows += [("sha-256", shown.sha256 or ""), ("attempt", str(shown.attempt) if shown.attempt > 1 else "")]
    for label, value in rows:
        if value:
            facts.add_row(label, value if isinstance(value, Text) else Text(value))
    console.print(facts)

    console.print()
    ledger = table("step", "at", "after", "attempt", right=("after", "attempt"))
    for entry, pause in zip(entries, pauses(entries), strict=True):
        ledger.add_row(state(entry.state), entry.at, "" if pause is None else units.duration(pause), str(entry.attempt))
    console.print(ledger)

    if result is not None:
        console.print()
        made = table("artifact", "store", "size", "key", right=("size",))
        for one in result["artifacts"]:
            made.add_row(one["role"], one["store"], units.size(one["size"]), Text(one["key"]))
        console.print(made)
    if others:
        console.print("\nOther versions: " + ", ".join(others), markup=False, soft_wrap=True)


def show_redriven(console: Console, moved: Sequence[Moved], again: Sequence[Again]) -> None:
    """`redrive`."""
    for queue in moved:
        refused = f"; {number(queue.refused)} could not be sent, and stay" if queue.refused else ""
        console.print(f"{queue.queue}: {number(queue.moved)} of its dead letters sent back{refused}")
    if again:
        made = table("file", "attempt", "state", right=("attempt",))
        for one in again:
            made.add_row(Text(one.name), str(one.attempt or ""), state(one.state))
        console.print(made)
    elif not moved:
        console.print("No file has failed.")
    for one in again:
        if said := one.problem or one.reason:
            _labelled(console, one.name, str(said))


def show_deleted(console: Console, gone: Sequence[Gone]) -> None:
    """`delete`."""
    made = table("file", "state")
    for one in gone:
        made.add_row(Text(one.name), state(one.state))
    console.print(made)
    for one in gone:
        if one.problem is not None:
            _labelled(console, one.name, str(one.problem))


def pauses(entries: Sequence[Record]) -> list[float | None]:
    """Seconds between each entry and the one before it."""
    times = [datetime.fromisoformat(one.at) for one in entries]
    steps = [(later - earlier) / timedelta(seconds=1) for earlier, later in pairwise(times)]
    return [None, *steps] if times else []


def show_link(console: Console, link: Link) -> None:
    """`link`: the link alone on standard output, so that it can be piped; the rest is said by the caller."""
    console.print(link.url, markup=False, soft_wrap=True)


def show_members(console: Console, where: str, members: Sequence[Member]) -> None:
    """`get`."""
    made = table("verified", "size", "sha-256", right=("size",))
    for member in members:
        made.add_row(Text(member.name), units.size(member.size), member.sha256)
    console.print(where, markup=False, soft_wrap=True)
    console.print(made)


def show_pairs(console: Console, pairs: Mapping[str, Any]) -> None:
    """Names and values."""
    made = Table(box=None, pad_edge=False, show_header=False)
    made.add_column(style="bold", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in pairs.items():
        made.add_row(name, Text(str(value)))
    console.print(made)
