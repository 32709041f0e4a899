"""CSV that every reader takes for the same rows.

Accepted rows are as they were written: lines may end in several ways, and a quote within a field that is not quoted is
a character to us and to DuckDB, but PostgreSQL takes it away or reads on over the end of the line.
"""

import csv
import io
from collections.abc import Iterable, Iterator

from runtime.domain.csv_grammar import good_records, grammar


def plain_csv(pieces: Iterable[bytes], delimiter: str, columns: int) -> Iterator[bytes]:
    """The records with line feeds at their ends and quotes only around fields; holds at most a record and a piece.

    `pieces` are of any size and hold records of so many columns that a processor has accepted, the header too.
    """
    held = b""
    for piece in pieces:
        held += piece
        # A carriage return that is the last byte may be the first half of CRLF.
        end = max(held.rfind(b"\n"), held.rfind(b"\r", 0, len(held) - 1)) + 1
        done, whole = _rewritten(held[:end], delimiter, columns)
        yield whole
        held = held[done:]
    yield _rewritten(held, delimiter, columns, final=True)[1]


def with_line_feeds(records: bytes) -> bytes:
    """Records with quotes only around fields and in pairs within them, whatever their lines end with."""
    # So every second piece lies outside of quotes.
    pieces = records.split(b'"')
    pieces[::2] = [piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n") for piece in pieces[::2]]
    return b'"'.join(pieces)


def _rewritten(data: bytes, delimiter: str, columns: int, *, final: bool = False) -> tuple[int, bytes]:
    """How much of `data` is complete records, and these. A line end at its end may be one within a quoted field."""
    rules = grammar(delimiter)
    # Seen at the quotes alone, which is several times sooner than at the records.
    if b'"' not in data or rules.neat.fullmatch(data):
        return len(data), with_line_feeds(data) if b"\r" in data else data
    good = good_records(delimiter, columns)
    made, at = [], 0
    while at < len(data):
        found = good.match(data, at)
        end = found.end() if found else at
        if end > at:
            made.append(with_line_feeds(data[at:end]))
        else:
            record = rules.record.match(data, at)
            end = record.end() if record else len(data)
            raw = data[at:end]
            if end == len(data) and not final and rules.unclosed.fullmatch(raw):
                break
            made.append(_quoted(raw, delimiter))
        at = end
    return at, b"".join(made)


def _quoted(raw: bytes, delimiter: str) -> bytes:
    text = io.StringIO(newline="")
    rows = csv.reader(io.StringIO(raw.decode(), newline=""), delimiter=delimiter)
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
