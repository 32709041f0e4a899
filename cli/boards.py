"""Live progress of many files: a table that moves on a terminal, lines on changes elsewhere, or nothing."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from cli import units
from cli.following import Progress

_STYLES = {"succeeded": "green", "rejected": "yellow", "failed": "red", "timed out": "red"}
_ON_THE_WAY = {"uploaded", "received", "scanning", "processing", "deleting"}
_BAR_WIDTH = 24
_OTHER_LINES = 4


class Board(AbstractContextManager["Board"], Protocol):
    """Is told by many threads at once."""

    def sent(self, label: str, done: int, total: int) -> None:
        """So many bytes of a file are over."""
        ...

    def moved(self, label: str, progress: Progress) -> None:
        """A file is at another point of its way."""
        ...


class Silent(Board):
    """Says nothing."""

    def __exit__(self, *exc_info: object) -> None: ...

    def sent(self, label: str, done: int, total: int) -> None: ...

    def moved(self, label: str, progress: Progress) -> None: ...


class Lines(Board):
    """One line for each change, for logs: `  12.3 s  big.csv  processing 24/60 parts`."""

    def __init__(
        self,
        console: Console,
        *,
        verb: str = "uploading",
        since: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console, self._verb, self._clock = console, verb, clock
        self._since = clock() if since is None else since
        self._said: dict[str, str] = {}
        self._lock = threading.Lock()

    def __exit__(self, *exc_info: object) -> None: ...

    def sent(self, label: str, done: int, total: int) -> None:
        self._say(label, f"{self._verb} {units.size(total)}")

    def moved(self, label: str, progress: Progress) -> None:
        self._say(label, str(progress))

    def _say(self, label: str, text: str) -> None:
        with self._lock:
            if self._said.get(label) == text:
                return
            self._said[label] = text
            seconds = self._clock() - self._since
            self._console.print(f"{seconds:6.1f} s  {label}  {text}", markup=False, highlight=False, soft_wrap=True)


@dataclass(slots=True)
class _Row:
    total: int | None = None
    done: int = 0
    progress: Progress | None = None
    since: float = 0.0
    seconds: float = 0.0
    ended: bool = False


class Moving(Board):
    """A table with a bar for each file. Where the terminal is too low for all, those that have ended leave first."""

    def __init__(
        self, console: Console, *, verb: str = "uploading", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._console, self._verb, self._clock = console, verb, clock
        self._rows: dict[str, _Row] = {}
        self._lock = threading.Lock()
        self._live = Live(console=console, get_renderable=self.render, refresh_per_second=8, transient=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._live.stop()

    def sent(self, label: str, done: int, total: int) -> None:
        with self._lock:
            row = self._row(label)
            row.done, row.total = done, total

    def moved(self, label: str, progress: Progress) -> None:
        with self._lock:
            row = self._row(label)
            row.progress, row.ended = progress, progress.state not in _ON_THE_WAY
            row.seconds = self._clock() - row.since

    def _row(self, label: str) -> _Row:
        if label not in self._rows:
            self._rows[label] = _Row(since=self._clock())
        return self._rows[label]

    def render(self) -> RenderableType:
        """The table as it is now."""
        with self._lock:
            rows = list(self._rows.items())
            room = max(self._console.height - _OTHER_LINES, 4)
            shown = rows
            if len(rows) > room:
                shown = [one for one in rows if not one[1].ended][:room]
            table = Table(box=None, pad_edge=False, show_header=False)
            for column in ("name", "size", "bar", "words", "time"):
                table.add_column(column, justify="right" if column in ("size", "time") else "left", no_wrap=True)
            for label, row in shown:
                table.add_row(*self._cells(label, row))
            ended = sum(row.ended for _, row in rows)
            return Group(table, Text(f"{ended} of {len(rows)} ended", style="dim"))

    def _cells(self, label: str, row: _Row) -> tuple[RenderableType, ...]:
        seconds = row.seconds if row.ended else self._clock() - row.since
        progress = row.progress
        bar: RenderableType = Text("")
        if progress is None:
            words = Text(self._verb)
            bar = ProgressBar(total=max(row.total or 0, 1), completed=row.done, width=_BAR_WIDTH)
        else:
            words = Text(str(progress), style=_STYLES.get(progress.state, ""))
            if progress.done is not None and progress.total:
                bar = ProgressBar(total=progress.total, completed=progress.done, width=_BAR_WIDTH)
        name = Text(label, overflow="ellipsis", no_wrap=True)
        size = Text("" if row.total is None else units.size(row.total))
        return name, size, bar, words, Text(units.duration(seconds))


def board(console: Console, *, verb: str = "uploading", lines_since: float | None = None) -> Board:
    """The board that fits: moving on a terminal, elsewhere nothing, or lines timed from `lines_since`.

    `verb` says what happens to a file's bytes.
    """
    if console.is_terminal:
        return Moving(console, verb=verb)
    return Silent() if lines_since is None else Lines(console, verb=verb, since=lines_since)
