"""Progress on a terminal and elsewhere."""

import io

from rich.console import Console

from cli.boards import Lines, Moving, Silent, board
from cli.following import Progress


def text_of(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def terminal(height: int = 20) -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=100, height=height, color_system=None)


def plain() -> Console:
    return Console(file=io.StringIO(), width=1000)


def shown(moving: Moving) -> str:
    console = plain()
    console.print(moving.render())
    return text_of(console)


def test_lines_come_with_time_and_only_once_for_an_upload() -> None:
    now = iter([100.0, 100.0, 112.3, 113.0])
    console = plain()
    lines = Lines(console, clock=lambda: next(now))
    lines.sent("big.csv", 0, 60_000_000)
    lines.sent("big.csv", 8_000_000, 60_000_000)
    lines.moved("big.csv", Progress(state="processing", stage="processing", done=24, total=60))
    lines.moved("big.csv", Progress(state="processing", stage="processing", done=24, total=60))
    lines.moved("[red]odd.csv", Progress(state="rejected"))
    assert text_of(console).splitlines() == [
        "   0.0 s  big.csv  uploading 60.0 MB",
        "  12.3 s  big.csv  processing 24/60 parts",
        "  13.0 s  [red]odd.csv  rejected",
    ]


def test_the_table_shows_each_file_where_it_is() -> None:
    moving = Moving(terminal(), clock=lambda: 0.0)
    moving.sent("a.csv", 1_000, 2_000)
    moving.sent("b.csv", 5, 5)
    moving.moved("b.csv", Progress(state="succeeded"))
    text = shown(moving)
    assert "uploading" in text
    assert "2.00 kB" in text
    assert "succeeded" in text
    assert "1 of 2 ended" in text


def test_the_clock_of_a_file_stops_at_its_end() -> None:
    now = [0.0]
    moving = Moving(terminal(), clock=lambda: now[0])
    moving.sent("a.csv", 0, 1)
    now[0] = 5.0
    moving.moved("a.csv", Progress(state="succeeded"))
    now[0] = 50.0
    assert "5.0 s" in shown(moving)


def test_on_a_low_terminal_those_that_ended_leave() -> None:
    moving = Moving(terminal(height=10), clock=lambda: 0.0)
    for number in range(30):
        moving.sent(f"file-{number:02}", 0, 1)
    for number in range(28):
        moving.moved(f"file-{number:02}", Progress(state="succeeded"))
    text = shown(moving)
    assert "file-00" not in text
    assert "file-29" in text
    assert "28 of 30 ended" in text


def test_a_download_is_called_one() -> None:
    moving = Moving(terminal(), verb="downloading", clock=lambda: 0.0)
    moving.sent("a.zip", 0, 1)
    assert "downloading" in shown(moving)


def test_it_draws_on_a_terminal_until_it_is_left() -> None:
    console = terminal()
    with Moving(console) as moving:
        moving.sent("a.csv", 0, 1)
        moving.moved("a.csv", Progress(state="succeeded"))
    assert "a.csv" in text_of(console)


def test_the_board_fits_where_it_is_shown() -> None:
    assert isinstance(board(terminal()), Moving)
    assert isinstance(board(plain()), Silent)
    assert isinstance(board(plain(), lines_since=0.0), Lines)
