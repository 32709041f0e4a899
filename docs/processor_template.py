"""Logs of web servers, as an example of a processor: a module to copy. It is not one of the platform's kinds.

One line a request, as Apache and nginx write it ("common log format"):

    203.0.113.9 - ada [10/Oct/2026:13:55:36 +0000] "GET /index.html HTTP/1.1" 200 2326

Good lines are kept as they are, others are set aside; answers and bytes are summed up.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec

from runtime.domain.errors import Rejected
from runtime.domain.text import readable
from runtime.processors.api import MAX_RECORD_BYTES, Cut, Head, NoTable, Outcome, Splitter
from runtime.processors.jsonl import LineBoundary
from runtime.processors.parts import RecordSplitter, too_long

# Possessive repeats (`++`) would be broken in Python before 3.11.5, and these cannot backtrack: no two neighbours match
# the same byte.
_REQUEST = re.compile(
    rb'[!-~]{1,255} [!-~]{1,64} [!-~]{1,255} \[[ -Z\\^-~]{1,64}\] "[^"\r\n]{0,8192}" ([1-5]\d\d) (\d{1,15}|-)'
)
_SAMPLE_LINES = 10


class LogLines(NoTable):
    """The processor. `max_record_bytes` bounds one line."""

    kind = "log"
    clean_name = "requests.log"
    splits = True

    def __init__(self, max_record_bytes: int = MAX_RECORD_BYTES) -> None:
        self._max_record_bytes = max_record_bytes

    def detect(self, head: Head) -> bool:
        """True if most of the first lines are requests; what the file is called is of no concern."""
        lines = head.data.split(b"\n")[: _SAMPLE_LINES + 1]
        # The last piece is what follows the last line end, or a line that goes on beyond the head.
        if len(lines) > 1:
            lines.pop()
        return 2 * sum(_REQUEST.fullmatch(line.removesuffix(b"\r")) is not None for line in lines) > len(lines)

    def splitter(self, head: Head, part_bytes: int) -> Splitter:
        """A splitter over lines, numbered from 1."""
        return RecordSplitter(
            boundary=LineBoundary(),
            count=lambda data, start, end: data.count(b"\n", start, end),
            skip=0,
            first=1,
            part_bytes=part_bytes,
            max_record_bytes=self._max_record_bytes,
            context={},
        )

    def begin(self, context: Mapping[str, Any]) -> bytes:
        """Nothing precedes the first line."""
        return b""

    def process(self, data: bytes, cut: Cut, context: Mapping[str, Any]) -> Outcome:
        """Sorts the lines of one part into good and bad."""
        clean: list[bytes] = []
        rejects: list[bytes] = []
        totals: Counter[str] = Counter()
        for number, line in enumerate(data.removesuffix(b"\n").split(b"\n"), cut.first):
            if len(line) > self._max_record_bytes:
                raise Rejected(too_long(number, self._max_record_bytes))
            kept = line.removesuffix(b"\r")
            if request := _REQUEST.fullmatch(kept):
                clean.append(kept + b"\n")
                totals[f"answers_{request[1].decode()[0]}xx"] += 1
                totals["bytes"] += 0 if request[2] == b"-" else int(request[2])
            else:
                reject = {"line": number, "reason": "not a request in common log format", "raw": readable(kept)}
                rejects.append(msgspec.json.encode(reject) + b"\n")
        return Outcome(
            clean=b"".join(clean),
            rejects=b"".join(rejects),
            accepted=len(clean),
            rejected=len(rejects),
            totals={name: total for name, total in totals.items() if total},
        )

    def end(self, context: Mapping[str, Any]) -> bytes:
        """Nothing follows the last line."""
        return b""

    def summary(self, outcome: Outcome, context: Mapping[str, Any]) -> Mapping[str, Any]:
        """Requests, answers and bytes. Raises `Rejected` when no line is a request."""
        if outcome.rejected and not outcome.accepted:
            raise Rejected(f"None of the {outcome.rejected:,} lines is a request in common log format.")
        answers = {name: total for name, total in sorted(outcome.totals.items()) if name.startswith("answers_")}
        return {"requests": outcome.accepted, "bytes": outcome.totals.get("bytes", 0), **answers}
