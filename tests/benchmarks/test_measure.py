"""Figures beside their aims."""

import pytest

from benchmarks.measure import Figure


def figure(ours: float, aim: str) -> Figure:
    return Figure(what="it", ours=ours, theirs=100, unit="ms", peer="the other", aim=aim)


@pytest.mark.parametrize(
    ("ours", "aim", "met"),
    [
        (150, "≤ 1.5", True),
        (151, "≤ 1.5", False),
        (100, "≥ 1", True),
        (99, "≥ 1", False),
        (100, "> 1", False),
        (101, "> 1", True),
        (199, "≤ 2, under 199.5 ms", True),
        (200, "≤ 2, under 200 ms", False),
        (1, "", None),
    ],
)
def test_an_aim_is_met_or_missed(ours: float, aim: str, met: bool | None) -> None:
    assert figure(ours, aim).met is met


def test_a_line_says_what_came_of_it() -> None:
    assert figure(160, "≤ 1.5").line() == "it: 160 ms, the other 100, ratio 1.6; aim ≤ 1.5: MISSED"
    assert figure(140, "≤ 1.5").line().endswith("aim ≤ 1.5: met")
    assert figure(140, "").line().endswith("; no aim")


@pytest.mark.parametrize("aim", ["<= 1.5", "1.5", "≤ 2, under 200 s", "as little as can be"])
def test_an_aim_that_cannot_be_held_is_none(aim: str) -> None:
    with pytest.raises(ValueError, match="no aim"):
        figure(1, aim)
