"""JSON Lines: one JSON value a line, each checked by itself, good lines kept as they were written.

Lines end with LF (a carriage return before it is dropped); empty lines are skipped. Set aside are lines that are not
JSON (NaN and Infinity are not), not UTF-8, or nested more than 64 levels deep.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import PurePosixPath
from typing import Any

import msgspec

from runtime.domain.column_types import NULL
from runtime.domain.errors import Rejected
from runtime.domain.patterns import many
from runtime.domain.tables import Rows, Schema
from runtime.domain.text import BOM, is_utf8, readable
from runtime.processors.api import MAX_RECORD_BYTES, Cut, Head, NothingEvident, Outcome, Splitter
from runtime.processors.escapes import HALF_A_PAIR, with_whole_escapes
from runtime.processors.members import Members, as_rows
from runtime.processors.parts import RecordSplitter, too_long

MAX_DEPTH = 64

NAMES = (".jsonl", ".ndjson")
_SAMPLE_LINES = 20
_BLANK = b" \t\r\n"
_STRING = re.compile(rb'"' + many(rb'[^"\\]++|\\.') + rb'"?', re.DOTALL)
_BECAUSE = {
    "rejected_json": "not JSON",
    "rejected_encoding": "not valid UTF-8",
    "rejected_depth": f"nested more than {MAX_DEPTH} levels deep",
    "rejected_value": "with a value that is not as declared",
}
# Raw checks the whole grammar without building values.
_SYNTAX = msgspec.json.Decoder(msgspec.Raw)


class LineBoundary:
    """Where lines end."""

    def __init__(self) -> None:
        self.at = 0

    def forget(self) -> None:
        """The buffer begins with a new part now."""
        self.at = 0

    def find(self, data: bytearray, target: int, final: bool) -> int:
        """The end of the first line that ends at or after `target`, or -1."""
        newline = data.find(b"\n", max(self.at, target - 1))
        self.at = len(data) if newline < 0 else newline
        return newline + 1 if newline >= 0 else -1


class JsonLines(NothingEvident):
    """The JSON Lines processor. `max_record_bytes` bounds one line."""

    kind = "jsonl"
    clean_name = "clean.jsonl"
    splits = True

    def __init__(self, max_record_bytes: int = MAX_RECORD_BYTES) -> None:
        self._max_record_bytes = max_record_bytes

    def detect(self, head: Head) -> bool:
        """True if the first lines are an object or array each (two or more), or by its name if most look like that."""
        lines = head.data.removeprefix(BOM).split(b"\n")
        if not head.whole:
            lines.pop()
        lines = [line for line in lines if line.strip(_BLANK)][:_SAMPLE_LINES]
        named = PurePosixPath(head.name).suffix.lower() in NAMES
        if named and not lines:
            # The first line alone is longer than the head.
            return head.data.removeprefix(BOM).lstrip()[:1] in (b"{", b"[")
        good = [line.lstrip()[:1] in (b"{", b"[") and find_fault(line) is None for line in lines]
        if named:
            # The first may be the bad one, and all may be: what looks like a value on each line was meant to be one. A
            # list over several lines has good ones, too, but few.
            meant = [_is_closed(line.strip(_BLANK)) for line in lines]
            return find_fault(lines[0]) is None or 2 * max(sum(good), sum(meant)) > len(lines)
        return len(lines) >= 2 and all(good)

    def splitter(self, head: Head, part_bytes: int) -> Splitter:
        """A splitter over lines, numbered from 1."""
        return RecordSplitter(
            boundary=LineBoundary(),
            count=lambda data, start, end: data.count(b"\n", start, end),
            skip=len(BOM) if head.data.startswith(BOM) else 0,
            first=1,
            part_bytes=part_bytes,
            max_record_bytes=self._max_record_bytes,
            context={},
        )

    def begin(self, context: Mapping[str, Any]) -> bytes:
        """Nothing precedes the first line."""
        return b""

    def tabular(self, head: Head, context: Mapping[str, Any], schema: Schema | None) -> Mapping[str, Any]:
        """With the declared members, or with a place for those that are found."""
        if schema is None:
            return {**context, "table": {}}
        return {
            **context,
            "table": {name: column.type for name, column in schema.columns.items()},
            "declared": {name: column.nullable for name, column in schema.columns.items()},
        }

    def rows(self, clean: bytes, names: Sequence[str], context: Mapping[str, Any]) -> Rows:
        """Each object as a row; members that it lacks are NULL."""
        types: Mapping[str, str] = context.get("table", {})
        columns = {name: types.get(name, NULL) for name in names}
        return Rows(data=as_rows(clean.split(b"\n")[:-1], columns), empty_text=True, padded=True)

    def process(self, data: bytes, cut: Cut, context: Mapping[str, Any]) -> Outcome:
        """Sorts the lines of one part into good and bad."""
        clean: list[bytes] = []
        rejects: list[bytes] = []
        totals: Counter[str] = Counter()
        members = Members(context)
        lines = data.split(b"\n")
        if not lines[-1]:
            lines.pop()
        for number, line in enumerate(lines, cut.first):
            if len(line) > self._max_record_bytes:
                raise Rejected(too_long(number, self._max_record_bytes))
            if not line.strip(_BLANK):
                totals["blank_lines"] += 1
                continue
            kept = line.removesuffix(b"\r")
            fault = find_fault(kept)
            if fault is None and (objection := members.objection(kept)):
                fault = "rejected_value", objection
            if fault is None:
                clean.append(kept)
                members.take(kept)
                continue
            code, reason = fault
            totals[code] += 1
            rejects.append(msgspec.json.encode({"line": number, "reason": reason, "raw": readable(kept)}))
        return Outcome(
            clean=_joined(clean),
            rejects=_joined(rejects),
            accepted=len(clean),
            rejected=len(rejects),
            totals=dict(totals),
            columns=members.found,
        )

    def end(self, context: Mapping[str, Any]) -> bytes:
        """Nothing follows the last line."""
        return b""

    def summary(self, outcome: Outcome, context: Mapping[str, Any]) -> Mapping[str, Any]:
        """What was set aside why. Raises `Rejected` when every line was refused."""
        because = {code: outcome.totals[code] for code in _BECAUSE if outcome.totals.get(code)}
        if outcome.rejected and not outcome.accepted:
            reasons = ", ".join(f"{count:,} {_BECAUSE[code]}" for code, count in because.items())
            raise Rejected(f"None of the {outcome.rejected:,} lines could be read: {reasons}.")
        return {
            "lines": outcome.accepted + outcome.rejected,
            "blank_lines": outcome.totals.get("blank_lines", 0),
            "rejected_because": because,
        }


def _is_closed(line: bytes) -> bool:
    return (line[:1], line[-1:]) in ((b"{", b"}"), (b"[", b"]"))


def find_fault(line: bytes) -> tuple[str, str] | None:
    """Why a line is refused, as the key of its total and a reason; None for a good line."""
    if not is_utf8(line):
        return "rejected_encoding", "not valid UTF-8"
    if line.count(b"{") + line.count(b"[") > MAX_DEPTH and _is_deep(line):
        return "rejected_depth", f"nested more than {MAX_DEPTH} levels deep"
    try:
        _SYNTAX.decode(line)
    except msgspec.DecodeError as error:
        return "rejected_json", HALF_A_PAIR if _has_half_a_pair(line) else str(error)
    return None


def _has_half_a_pair(line: bytes) -> bool:
    """True if all that is wrong with a line is a character that is none; the decoder would call it truncated."""
    if (whole := with_whole_escapes(line)) == line:
        return False
    try:
        _SYNTAX.decode(whole)
    except msgspec.DecodeError:
        return False
    return True


def _is_deep(line: bytes) -> bool:
    brackets = _STRING.sub(b"", line)
    depths = accumulate(1 if byte in b"{[" else -1 for byte in brackets if byte in b"{}[]")
    return any(depth > MAX_DEPTH for depth in depths)


def _joined(lines: list[bytes]) -> bytes:
    return b"\n".join([*lines, b""])
