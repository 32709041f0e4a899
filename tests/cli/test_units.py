"""Sizes and times in words."""

import pytest

from cli.problems import Code, Problem
from cli.units import duration, parse_pixels, parse_size, size


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("0", 0),
        ("700", 700),
        ("700B", 700),
        ("60MB", 60_000_000),
        ("60m", 60_000_000),
        ("5MiB", 5 * 1024**2),
        ("5mib", 5 * 1024**2),
        ("1.5 GB", 1_500_000_000),
        ("2KiB", 2048),
        (" 3 k ", 3000),
        ("1TiB", 1024**4),
    ],
)
def test_a_size_is_read(text: str, count: int) -> None:
    assert parse_size(text) == count


@pytest.mark.parametrize("text", ["", "MB", "-1", "1e6", "5 XB", "5MiBs", "1,000"])
def test_what_is_no_size_is_a_usage_error_that_quotes_it(text: str) -> None:
    with pytest.raises(Problem) as caught:
        parse_size(text)
    assert caught.value.code == Code.USAGE
    assert repr(text) in str(caught.value)


def test_width_and_height_are_read() -> None:
    assert (parse_pixels("4000x3000"), parse_pixels(" 1x99999 ")) == ((4000, 3000), (1, 99_999))
    for text in ("", "0x5", "5", "5x", "5*5", "-5x5", "100000x1"):
        with pytest.raises(Problem, match="write them like 4000x3000"):
            parse_pixels(text)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (None, ""),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.00 kB"),
        (9_994, "9.99 kB"),
        (9_996, "10.0 kB"),
        (99_960, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.00 MB"),
        (60_000_072, "60.0 MB"),
        (5_000_000_000_000, "5.00 TB"),
        (7_000_000_000_000_000, "7000 TB"),
    ],
)
def test_a_size_is_written_with_three_figures(count: int | None, text: str) -> None:
    assert size(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.305, "0.30 s"),
        (12.44, "12.4 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (185, "3 min 05 s"),
        (3599.7, "1 h 00 min"),
        (7800, "2 h 10 min"),
    ],
)
def test_a_duration_has_what_matters(seconds: float, text: str) -> None:
    assert duration(seconds) == text
