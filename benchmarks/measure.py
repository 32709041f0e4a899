"""What a benchmark tells."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

_AIM = re.compile(r"(?P<sign>≤|≥|>) (?P<ratio>[0-9.]+)(?:, under (?P<most>[0-9.]+) (?P<unit>\S+))?")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """Our figure and the peer's, in the same unit; `aim` says what the ratio ours / theirs should be.

    An aim is "≤ 1.5", "≥ 1" or "> 1", and may go on with ", under 200 ms" for our own figure; or there is none.
    """

    what: str
    ours: float
    theirs: float
    unit: str
    peer: str
    aim: str = ""

    def __post_init__(self) -> None:
        found = _AIM.fullmatch(self.aim)
        if self.aim and (not found or found["unit"] not in (None, self.unit)):
            raise ValueError(f"{self.what}: {self.aim!r} is no aim for figures in {self.unit}")

    @property
    def ratio(self) -> float:
        """Ours to the peer's."""
        return self.ours / self.theirs

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; None if there is none."""
        found = _AIM.fullmatch(self.aim)
        if not found:
            return None
        wanted = float(found["ratio"])
        near = {"≤": self.ratio <= wanted, "≥": self.ratio >= wanted, ">": self.ratio > wanted}[found["sign"]]
        return near and (found["most"] is None or self.ours < float(found["most"]))

    def line(self) -> str:
        """The figure for a person."""
        compared = f"{self.what}: {self.ours:.3g} {self.unit}, {self.peer} {self.theirs:.3g}, ratio {self.ratio:.3g}"
        return f"{compared}; aim {self.aim}: {'met' if self.met else 'MISSED'}" if self.aim else f"{compared}; no aim"


def seconds(work: Callable[[], object]) -> float:
    """How long a call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
