"""CSV and its relatives: rows counted and checked, bad rows set aside, good rows kept byte for byte.

Which bytes are one row, and how many fields it has, is what Python's csv module says. A row is set aside when its
number of fields is not the header's, when it is not UTF-8, when it holds a NUL, when text follows a closing quote, or
when a quote is never closed. Empty lines are neither rows nor kept.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from runtime.domain.csv_grammar import Grammar, good_records, grammar
from runtime.domain.errors import Rejected
from runtime.domain.plain_csv import plain_csv, with_line_feeds
from runtime.domain.tables import MOST_COLUMNS, TOO_WIDE, Rows, Schema
from runtime.domain.text import count_lines, is_utf8, readable
from runtime.processors.api import MAX_RECORD_BYTES, Cut, Head, Outcome, Splitter
from runtime.processors.columns import Columns, floor, names_of
from runtime.processors.dialect import fields, read_dialect, recognise
from runtime.processors.parts import RecordSplitter, too_long

_BECAUSE = {
    "rejected_fields": "with the wrong number of fields",
    "rejected_encoding": "not valid UTF-8",
    "rejected_nul": "with NUL bytes",
    "rejected_stray_text": "with text after a closing quote",
    "rejected_unclosed_quote": "with a quote that is never closed",
    "rejected_value": "with a value that is not as declared",
}
_FLOOR_ROWS = 200
_LINE_ENDS = {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}


class RowBoundary:
    """Where rows end. Quoted fields are stepped over, runs without quotes are searched from behind."""

    def __init__(self, delimiter: str) -> None:
        self._grammar = grammar(delimiter)
        self.at = 0

    def forget(self) -> None:
        """The buffer begins with a new part now."""
        self.at = 0

    def find(self, data: bytearray, target: int, final: bool) -> int:
        """The end of the first row that ends at or after `target`, or -1."""
        outside = self.at
        quote = data.find(b'"', outside, target)
        if quote >= 0 and (found := self._grammar.skim.match(data, outside, target)):
            outside = found.end()
            quote = data.find(b'"', outside, target)
        # The last row that begins before the target, or before the quoted field that reaches over it.
        until = quote if quote >= 0 else target - 1
        newline = max(data.rfind(b"\n", outside, until), data.rfind(b"\r", outside, until))
        self.at = max(outside, newline + 1)
        # A carriage return that is the last byte in sight may be the first half of CRLF.
        sight = len(data) if final or not data.endswith(b"\r") else len(data) - 1
        row = self._grammar.rest.match(data, self.at, sight)
        return row.end() if row else -1


class Delimited:
    """The CSV processor. `max_record_bytes` bounds one row."""

    kind = "csv"
    clean_name = "clean.csv"
    splits = True

    def __init__(self, max_record_bytes: int = MAX_RECORD_BYTES) -> None:
        self._max_record_bytes = max_record_bytes

    def detect(self, head: Head) -> bool:
        """True for text whose records agree on two columns or more, or that is named as CSV."""
        return recognise(head) is not None

    def splitter(self, head: Head, part_bytes: int) -> Splitter:
        """A splitter over rows; parts are numbered by physical lines from 1. Raises `Rejected` for a bad header."""
        dialect = read_dialect(head)
        return RecordSplitter(
            boundary=RowBoundary(dialect.delimiter),
            count=count_lines,
            skip=dialect.data_start,
            first=dialect.first_line,
            part_bytes=part_bytes,
            max_record_bytes=self._max_record_bytes,
            context=dialect.context(),
        )

    def begin(self, context: Mapping[str, Any]) -> bytes:
        """The header as it was written, with a line end."""
        header: str = context["header"]
        return (header if header.endswith(("\n", "\r")) else header + context["newline"]).encode()

    def tabular(self, head: Head, context: Mapping[str, Any], schema: Schema | None) -> Mapping[str, Any]:
        """With the declared types and what must have a value, or with the types that the first rows have."""
        names = names_of(context["header"], context["delimiter"])
        if schema is not None:
            schema.compare(names)
            columns = {name: schema.columns[name] for name in names}
            return {
                **context,
                "table": {name: column.type for name, column in columns.items()},
                "declared": {name: column.nullable for name, column in columns.items()},
            }
        if len(names) > MOST_COLUMNS:
            return {**context, "no_table": TOO_WIDE}
        return {**context, "table": dict(zip(names, self._floor(head, context), strict=True))}

    def _floor(self, head: Head, context: Mapping[str, Any]) -> str:
        start = read_dialect(head).data_start
        good = good_records(context["delimiter"], context["columns"])
        lines = head.data[start : _end(good, head.data, start)].splitlines(keepends=True)[:_FLOOR_ROWS]
        text = b"".join(lines)
        # The last row in sight may go on behind it.
        rows = list(fields(text.decode(), context["delimiter"]))[:-1] if is_utf8(text) else []
        return floor(rows, context["columns"])

    def evident(self, data: bytes, context: Mapping[str, Any]) -> int | None:
        """By the marks between fields alone; whether it is all UTF-8 is left to whoever reads the values."""
        if len(data) > self._max_record_bytes or "table" not in context:
            return None
        return grammar(context["delimiter"]).even(data, context["columns"])

    def rows(self, clean: bytes, names: Sequence[str], context: Mapping[str, Any]) -> Rows:
        """As they are, but for line ends (a file may mix them, and a reader takes them for content then), and quotes
        behind blanks at a field's beginning, which are characters to us, and open a quoted field to the engine.
        """
        if grammar(context["delimiter"]).has_quote_behind_blanks(clean):
            return Rows(
                data=b"".join(plain_csv([clean], context["delimiter"], context["columns"])),
                delimiter=context["delimiter"],
            )
        if b"\r" in clean:
            clean = self._with_line_feeds(clean, context)
        return Rows(data=clean, delimiter=context["delimiter"])

    def _with_line_feeds(self, clean: bytes, context: Mapping[str, Any]) -> bytes:
        if grammar(context["delimiter"]).neat.fullmatch(clean):
            return with_line_feeds(clean)
        rows, at, record = [], 0, grammar(context["delimiter"]).record
        while at < len(clean):
            end = _end(record, clean, at)
            rows.append(_without_line_end(clean[at:end]))
            at = end
        return b"\n".join([*rows, b""])

    def process(self, data: bytes, cut: Cut, context: Mapping[str, Any]) -> Outcome:
        """Sorts the rows of one part into good and bad."""
        rules = grammar(context["delimiter"])
        valid = is_utf8(data)
        columns = Columns(context)
        if len(data) > self._max_record_bytes:
            self._refuse_long_rows(data, cut, rules)
        outcome = Outcome()
        clean: list[bytes] = []
        rejects: list[bytes] = []
        totals: Counter[str] = Counter()
        at, line, counted = 0, cut.first, 0
        while at < len(data):
            # The good rows from here on, at once; if there is none, or the part is not all UTF-8, one row by itself.
            end = _end(columns.pattern, data, at) if valid else at
            if end > at:
                good = data[at:end]
                outcome.accepted += rules.rows(good)
                clean.append(good)
                if not columns.exact:
                    columns.take(good)
                at = end
                continue
            end = _end(rules.record, data, at)
            raw = data[at:end]
            if raw in (b"\n", b"\r\n", b"\r"):
                totals["blank_lines"] += 1
            elif fault := find_fault(raw, rules, context, columns):
                line += count_lines(data, counted, at)
                counted = at
                code, reason = fault
                totals[code] += 1
                outcome.rejected += 1
                # In a quote that is never closed the last line end is content.
                row = raw if code == "rejected_unclosed_quote" else _without_line_end(raw)
                reject = {"line": line, "reason": reason, "raw": readable(row)}
                rejects.append(msgspec.json.encode(reject) + b"\n")
            else:
                outcome.accepted += 1
                clean.append(raw)
                columns.take(raw)
            at = end
        if clean and not clean[-1].endswith((b"\n", b"\r")):
            clean.append(context["newline"].encode())
        outcome.clean, outcome.rejects = b"".join(clean), b"".join(rejects)
        outcome.totals = dict(totals)
        outcome.columns = columns.found
        return outcome

    def end(self, context: Mapping[str, Any]) -> bytes:
        """Nothing follows the last row."""
        return b""

    def summary(self, outcome: Outcome, context: Mapping[str, Any]) -> Mapping[str, Any]:
        """Columns, dialect and what was set aside why. Raises `Rejected` when every row was refused."""
        because = {code: outcome.totals[code] for code in _BECAUSE if outcome.totals.get(code)}
        if outcome.rejected and not outcome.accepted:
            reasons = ", ".join(f"{count:,} {_BECAUSE[code]}" for code, count in because.items())
            raise Rejected(
                f"None of the {outcome.rejected:,} rows could be read: {reasons}. "
                f"The header has {_fields(context['columns'])}, delimited by {context['delimiter']!r}."
            )
        columns = next(fields(context["header"], context["delimiter"]))
        return {
            "delimiter": context["delimiter"],
            "line_end": _LINE_ENDS[context["newline"]],
            "byte_order_mark": context["byte_order_mark"],
            "columns": columns,
            "rows": outcome.accepted + outcome.rejected,
            "blank_lines": context["blank_lines"] + outcome.totals.get("blank_lines", 0),
            "rejected_because": because,
            "warnings": _header_warnings(columns),
        }

    def _refuse_long_rows(self, data: bytes, cut: Cut, rules: Grammar) -> None:
        at = 0
        while at < len(data):
            end = _end(rules.record, data, at)
            if end - at > self._max_record_bytes:
                raise Rejected(too_long(cut.first + count_lines(data, 0, at), self._max_record_bytes))
            at = end


def find_fault(raw: bytes, rules: Grammar, context: Mapping[str, Any], columns: Columns) -> tuple[str, str] | None:
    """Why a row is refused, as the key of its total and a reason; None for a good row."""
    nul = raw.find(b"\0")
    if nul >= 0:
        return "rejected_nul", f"NUL byte at byte {nul + 1} of the row"
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        at = error.start
        return "rejected_encoding", f"not valid UTF-8: byte 0x{raw[at]:02X} at byte {at + 1} of the row"
    if rules.unclosed.fullmatch(raw):
        lines = count_lines(raw) + (not raw.endswith((b"\n", b"\r")))
        return "rejected_unclosed_quote", f"a quote is never closed: it takes in {_lines(lines)} to the end of the file"
    if not rules.strict.fullmatch(raw):
        return "rejected_stray_text", "text after a closing quote"
    found, expected = len(next(fields(text, context["delimiter"]))), context["columns"]
    if found != expected:
        return "rejected_fields", f"expected {_fields(expected)}, found {found}"
    objection = columns.objection(raw)
    return ("rejected_value", objection) if objection else None


def _end(pattern: re.Pattern[bytes], data: bytes, at: int) -> int:
    found = pattern.match(data, at)
    end: int = found.end() if found else at
    return end


def _without_line_end(raw: bytes) -> bytes:
    if raw.endswith(b"\r\n"):
        return raw[:-2]
    return raw[:-1] if raw.endswith((b"\n", b"\r")) else raw


def _lines(count: int) -> str:
    return "the last line" if count == 1 else f"the last {count} lines"


def _fields(count: int) -> str:
    return "1 field" if count == 1 else f"{count} fields"


def _header_warnings(columns: list[str]) -> list[str]:
    warnings = []
    empty = [str(index) for index, name in enumerate(columns, 1) if not name.strip()]
    if empty:
        warnings.append(f"no name in the header for column {', '.join(empty)}")
    twice = [name for name, count in Counter(columns).items() if count > 1 and name.strip()]
    if twice:
        warnings.append(f"more than one column is named {', '.join(map(repr, twice))}")
    return warnings
