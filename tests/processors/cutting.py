"""Runs a processor over bytes the way the functions do: split in a stream, process each part, add up."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from hypothesis import settings

from runtime.domain.errors import Rejected
from runtime.processors.api import HEAD_BYTES, Cut, Head, Outcome, Processor

BOUNDED = settings(max_examples=120, deadline=None, database=None)
WHOLE = 1 << 40


@dataclass(kw_only=True)
class Result:
    """What came out of a whole file. `refused` is set if it was rejected."""

    clean: bytes = b""
    rejects: list[dict[str, Any]] = field(default_factory=list)
    accepted: int = 0
    rejected: int = 0
    totals: dict[str, int] = field(default_factory=dict)
    summary: Mapping[str, Any] = field(default_factory=dict)
    refused: bool = False


def head_of(data: bytes, name: str = "file") -> Head:
    return Head(name=name, size=len(data), data=data[:HEAD_BYTES])


def split(
    processor: Processor, data: bytes, *, name: str, part_bytes: int, feed_bytes: int
) -> tuple[list[Cut], Mapping[str, Any]]:
    """The cuts and the context; checks what every splitter owes."""
    splitter = processor.splitter(head_of(data, name), part_bytes)
    cuts: list[Cut] = []
    for at in range(0, len(data), feed_bytes):
        cuts += splitter.feed(data[at : at + feed_bytes])
    cuts += splitter.finish()
    assert all(left.end == right.start for left, right in pairwise(cuts))
    assert all(cut.start < cut.end and cut.crc32 == zlib.crc32(data[cut.start : cut.end]) for cut in cuts)
    assert all(cut.end - cut.start >= part_bytes for cut in cuts[:-1])
    context = splitter.context
    assert json.loads(json.dumps(context)) == context
    return cuts, context


def parts_of(
    processor: Processor, data: bytes, *, name: str = "file", part_bytes: int = WHOLE, feed_bytes: int = WHOLE
) -> tuple[Result, Mapping[str, Any]]:
    """All parts, processed and added up, before the summary. Raises `Rejected`."""
    cuts, context = split(processor, data, name=name, part_bytes=part_bytes, feed_bytes=feed_bytes)
    result = Result(clean=processor.begin(context))
    for cut in cuts:
        outcome = processor.process(data[cut.start : cut.end], cut, context)
        result.clean += outcome.clean
        result.rejects += [json.loads(line) for line in outcome.rejects.splitlines()]
        result.accepted += outcome.accepted
        result.rejected += outcome.rejected
        for key, value in outcome.totals.items():
            result.totals[key] = result.totals.get(key, 0) + value
    result.clean += processor.end(context)
    assert len(result.rejects) == result.rejected
    return result, context


def run(
    processor: Processor, data: bytes, *, name: str = "file", part_bytes: int = WHOLE, feed_bytes: int = WHOLE
) -> Result:
    """A whole file, rejection included."""
    try:
        result, context = parts_of(processor, data, name=name, part_bytes=part_bytes, feed_bytes=feed_bytes)
    except Rejected:
        return Result(refused=True)
    try:
        counts = Outcome(accepted=result.accepted, rejected=result.rejected, totals=result.totals)
        result.summary = processor.summary(counts, context)
    except Rejected:
        result.refused = True
    return result


def check_law(processor: Processor, data: bytes, *, name: str, feed_bytes: int, most_parts: int = 300) -> Result:
    """Split then merge is the identity, at every part size from 1 byte up (as many as `most_parts`)."""
    whole = run(processor, data, name=name)
    for part_bytes in range(1, min(len(data), most_parts) + 2):
        assert run(processor, data, name=name, part_bytes=part_bytes, feed_bytes=feed_bytes) == whole
    return whole
