"""What a benchmark tells."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Figure:
    """Our figure and the peer's, in the same unit; `aim` says what the ratio ours / theirs should be."""

    what: str
    ours: float
    theirs: float
    unit: str
    peer: str
    aim: str = ""


def seconds(work: Callable[[], object]) -> float:
    """How long a call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
