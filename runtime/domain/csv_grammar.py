"""How Python's `csv.reader` sees bytes (excel dialect with any one-byte delimiter), as regular expressions.

The reader's rules, without `strict`: a quote opens a quoted field only at the start of a field; inside, a doubled
quote is a quote; after the closing quote everything up to the next delimiter or line end belongs to the field, further
quotes included; a line end (LF, CRLF or a lone CR) outside of quotes ends the record. Delimiter, quote and line ends
are ASCII, so bytes of UTF-8, valid or not, frame exactly as their text does.
"""

import re
from functools import lru_cache

from runtime.domain.column_types import NULL, USUAL, VARCHAR, form_of
from runtime.domain.patterns import POSSESSIVE_WORKS, many
from runtime.domain.text import count_lines

_NO_MARKS = bytes(byte for byte in range(256) if byte not in b'"\n')
_BLANK = ord(" ")
_UNROLLED = 64
"""Up to this many columns a record is written out field by field, which is faster than a counted repeat."""


class Grammar:
    """Compiled patterns for one delimiter. All match from the position given to `match`."""

    def __init__(self, delimiter: str, *, possessive: bool = POSSESSIVE_WORKS) -> None:
        def repeat(pattern: bytes) -> bytes:
            return many(pattern, possessive=possessive)

        self._repeat = repeat
        self._letter = delimiter.encode("ascii")
        cut = re.escape(self._letter)
        self._delimiter = cut
        stop = rb"%s\r\n" % cut
        inside = rb'[^"]*+' + repeat(rb'""[^"]*+')
        newline = rb"(?:\n|\r\n?+)"
        # A quote and the rest of its field. The look-ahead holds back a closing quote that is the last byte in sight:
        # the next byte may make it a doubled one.
        opened = rb'(?:(?<![^%s])"%s"(?=[^"])|(?<=[^%s])")[^%s]*+' % (stop, inside, stop, stop)

        self.skim = re.compile(repeat(rb'[^"]*+' + opened))
        """As many fields with quotes in them as are complete; ends outside of quotes, anywhere in a record."""
        self.rest = re.compile(repeat(rb'[^"\r\n]*+' + opened) + rb'[^"\r\n]*+' + newline)
        """What remains of a record, from any place outside of quotes, its line end included."""

        lenient = rb'(?:(?!")[^%s]*+|"%s(?:"[^%s]*+|\Z))' % (stop, inside, stop)
        self.record = re.compile(lenient + repeat(cut + lenient) + rb"(?:\n|\r\n?+|\Z)")
        """One record with its line end; at the end of the data a line end or a closing quote may be missing."""

        closed = rb'(?:(?!")[^%s]*+|"%s"[^%s]*+)' % (stop, inside, stop)
        self.unclosed = re.compile(repeat(closed + cut) + rb'"%s\Z' % inside)
        """A whole record whose last quote is never closed."""

        strict = rb'(?:(?!")[^%s]*+|"%s")' % (stop, inside)
        self.strict = re.compile(strict + repeat(cut + strict) + rb"(?:\n|\r\n?+|\Z)")
        """One record that the reader accepts with `strict=True`."""
        self.neat = re.compile(repeat(rb'[^"]*+(?<![^%s])"%s"(?![^%s])' % (stop, inside, stop)) + rb'[^"]*+')
        """Any bytes whose quotes stand only around whole fields, and in pairs within them."""
        self._marks = bytes(byte for byte in range(256) if byte not in b'"\r\n' + self._letter)
        self._plain = rb'[^"%s\0]' % stop
        self._quoted = rb'"[^"\0]*+' + repeat(rb'""[^"\0]*+') + rb'"'
        self._newline = rb"(?:\n|\r\n?+|\Z)"

    def has_quote_behind_blanks(self, data: bytes) -> bool:
        """Whether a quote has nothing but blanks before it in its field, or in what looks like one within quotes."""
        stops = self._letter + b"\r\n"
        at = data.find(b' "')
        while at >= 0:
            begin = at
            while begin and data[begin - 1] == _BLANK:
                begin -= 1
            if not begin or data[begin - 1] in stops:
                return True
            at = data.find(b' "', at + 2)
        return False

    def good(self, columns: int) -> re.Pattern[bytes]:
        """As many records as there are with exactly `columns` fields, no NUL, and quotes only around whole fields."""
        if columns == 1:
            # An empty line is no record, an empty quoted field is one.
            record = rb"(?:%s++|%s)" % (self._plain, self._quoted)
        else:
            field = rb"(?:%s*+|%s)" % (self._plain, self._quoted)
            if columns <= _UNROLLED:
                record = self._delimiter.join([field] * columns)
            else:
                record = rb"%s(?>(?:%s%s){%d})" % (field, self._delimiter, field, columns - 1)
        return re.compile(self._repeat(record + self._newline))

    def typed(self, types: str, required: str = "") -> re.Pattern[bytes]:
        """As `good`, with values of these types only (see `column_types`), or none. `required` has a letter for each
        column, "!" for those that must have a value; without it, types are found and not declared.
        """
        alone = len(types) == 1
        needs = required or [""] * len(types)
        columns = zip(types, needs, strict=True)
        record = self._delimiter.join(self._typed(each, need, alone) for each, need in columns)
        return re.compile(self._repeat(record + self._newline))

    def _typed(self, wanted: str, need: str, alone: bool) -> bytes:
        required = need == "!"
        # Alone in its row, a value that is nothing has to be quoted: an empty line is no record.
        if wanted == VARCHAR:
            quoted = rb'(?!"")' + self._quoted if required else self._quoted
            return rb"(?:%s%s|%s)" % (self._plain, b"++" if alone or required else b"*+", quoted)
        if wanted == NULL:
            return b'""' if alone else b'(?:"")?'
        form = form_of(wanted, declared=bool(need)).encode()
        # What most values look like is tried first, without the rest of what there may be.
        usual = rb"%s(?=%s|[\r\n])|" % (USUAL[wanted].encode(), self._delimiter) if wanted in USUAL else b""
        if required:
            return rb'(?:%s%s|"%s")' % (usual, form, form)
        return rb'(?:%s%s|"(?:%s)?")%s' % (usual, form, form, b"" if alone else b"?")

    def even(self, data: bytes, columns: int) -> int | None:
        """Number of records, if marks alone say that each has `columns` fields (two or more) and a line end.

        None if they do not: there may be none that is wrong.
        """
        if columns < 2 or b"\0" in data or (b'"' in data and not self.neat.fullmatch(data)):
            return None
        if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
            return None
        # Two quotes side by side, once all else is gone, have no say in which of the others are inside.
        marks = data.translate(None, self._marks).replace(b'""', b"")
        outside = b"".join(marks.split(b'"')[::2]).replace(b"\r\n", b"\n")
        record = self._letter * (columns - 1) + b"\n"
        rows, rest = divmod(len(outside), columns)
        return rows if not rest and outside == record * rows else None

    @staticmethod
    def rows(data: bytes) -> int:
        """Number of records in `data`, which `good` has matched whole."""
        outside = data
        if b'"' in data:
            # Two quotes side by side, once all else is gone, have no line end between them and no say in which of the
            # others are inside. (CRLF must stay together, so this is for files without.)
            marks = data if b"\r" in data else data.translate(None, _NO_MARKS).replace(b'""', b"")
            # Quotes stand only around fields and in pairs within them, so every second piece lies outside of them.
            outside = b"".join(marks.split(b'"')[::2])
        lines = count_lines(outside)
        return lines if data.endswith((b"\n", b"\r")) else lines + bool(data)


@lru_cache(maxsize=16)
def grammar(delimiter: str) -> Grammar:
    """The patterns for `delimiter`, compiled once."""
    return Grammar(delimiter)


@lru_cache(maxsize=16)
def good_records(delimiter: str, columns: int) -> re.Pattern[bytes]:
    """`Grammar.good`, compiled once."""
    return grammar(delimiter).good(columns)


@lru_cache(maxsize=64)
def typed_records(delimiter: str, types: str, required: str = "") -> re.Pattern[bytes]:
    """`Grammar.typed`, compiled once."""
    return grammar(delimiter).typed(types, required)
