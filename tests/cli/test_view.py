"""What people see."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from cli import options, view
from cli.platform import Link
from cli.problems import Code, Problem
from cli.putting import Job, Outcome
from cli.records import Record
from cli.redriving import Again, Moved

JOB = Job(path=Path("orders.csv"), name="in/orders.csv", label="in/orders.csv")
RECORD = Record(
    name="in/orders.csv", version="v" * 40, state="succeeded", attempt=1, at="2026-01-01T00:00:02.500Z",
    received_at="2026-01-01T00:00:00Z", kind="csv", accepted=1_234_567, rejected=12, size=60_000_000,
    archive_bytes=9_000_000, archive_sha256="ab" * 32,
)  # fmt: skip
LINK = Link(url="http://localhost:1/archives/[x]/a.zip?" + "s" * 400, expires="then", sha256="ab" * 32, size=1)


def console() -> Console:
    return Console(file=io.StringIO(), width=10_000)


def text_of(shown: Console) -> str:
    assert isinstance(shown.file, io.StringIO)
    return shown.file.getvalue()


def test_results_have_one_line_each_and_links_in_full() -> None:
    good = Outcome(job=JOB, state="succeeded", version="v" * 40, seconds=12.3, record=RECORD, link=LINK)
    bad = Outcome(job=replace(JOB, label="b"), state="rejected", record=replace(RECORD, reason="line 2 is cut off"))
    out = console()
    view.show_outcomes(out, [good, bad])
    text = text_of(out)
    (line,) = [line for line in text.splitlines() if line.startswith("in/orders.csv ")]
    assert line.split() == [
        "in/orders.csv", "v" * 12, "csv", "succeeded", "1,234,567", "12", "12.3", "s", "9.00", "MB", "ab" * 6,
    ]  # fmt: skip
    assert f"  {LINK.url}\n" in text
    assert "b\n  line 2 is cut off\n" in text


def test_a_success_without_a_link_says_why() -> None:
    out = console()
    view.show_outcomes(out, [Outcome(job=JOB, state="succeeded", record=RECORD)])
    assert "a newer version has taken its place" in text_of(out)


def test_files_are_listed_with_their_stage_and_what_is_left_out_is_counted() -> None:
    out = console()
    view.show_files(out, [replace(RECORD, name="[b]odd[/b].csv", state="processing", stage="merging")], 1_500)
    text = text_of(out)
    assert "[b]odd[/b].csv" in text
    assert "processing (merging)" in text
    assert "60.0 MB" in text
    assert "1,500 more" in text


def test_what_strangers_wrote_moves_no_cursor_and_turns_no_writing(capsys: pytest.CaptureFixture[str]) -> None:
    odd = replace(RECORD, name="a\x1b[2Jb\x07\u202egnp.csv\x9b", reason="bad \x1b[31mvalue\r")
    view.show_files(options.console(), [odd], 0)
    options.console().print("name\x1b[2J", style="red", markup=False)
    shown = capsys.readouterr().out
    assert "a\ufffd[2Jb\ufffdgnp" in shown
    assert not {"\x1b", "\x07", "\u202e", "\x9b", "\r"} & set(shown)


def test_no_files_is_a_sentence() -> None:
    out = console()
    view.show_files(out, [], 0)
    assert text_of(out) == "There are no such files.\n"


def test_the_ledger_is_shown_with_the_time_between_its_steps() -> None:
    entries = [replace(RECORD, state="received", at="2026-01-01T00:00:00.100Z"), RECORD]
    assert view.pauses(entries) == [None, 2.4]
    assert view.pauses([]) == []
    out = console()
    result = {"artifacts": [{"role": "archive", "store": "delivery", "key": "archives/x.zip", "size": 5}]}
    view.show_status(out, replace(RECORD, reason="[odd]"), entries, result, ["v0"])
    text = text_of(out)
    for said in ("2.4 s", "archives/x.zip", "Other versions: v0", "[odd]", "1,234,567 accepted, 12 set aside"):
        assert said in text


def test_what_was_started_again_is_told_and_why_not() -> None:
    shown = console()
    moved = [Moved(queue="catalogue", moved=1_234, refused=2)]
    problem = Problem(Code.USAGE, "b.csv was rejected: it is empty")
    again = [
        Again(name="a.csv", state="succeeded", version="v", attempt=2, run="r"),
        Again(name="b.csv", state="not started", problem=problem),
    ]
    view.show_redriven(shown, moved, again)
    text = text_of(shown)
    assert "catalogue: 1,234 of its dead letters sent back; 2 could not be sent, and stay" in text
    assert [line.split() for line in text.splitlines() if line.startswith("a.csv")] == [["a.csv", "2", "succeeded"]]
    assert "it is empty" in text


def test_nothing_to_start_again_is_a_sentence() -> None:
    shown = console()
    view.show_redriven(shown, [], [])
    assert text_of(shown).strip() == "No file has failed."
