import csv
import io
import random
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.domain.csv_grammar import Grammar
from runtime.domain.errors import Rejected
from runtime.processors.api import Outcome
from runtime.processors.delimited import Delimited
from runtime.processors.dialect import read_dialect, recognise
from tests.processors.cutting import BOUNDED, WHOLE, check_law, head_of, parts_of, run, split

CSV = Delimited()
# What breaks readers, in the proportions that break them.
PIECES = ["a", "b", "12", " ", ",", ",", ",", '"', '""', '","', ',"', '",', '"\n', "\n", "\n", "\r", "\r\n", "é", "\0"]
PIECES += ["x,y,z\n", '"q\nq",2,3\r\n', "\udcff"]
HEADERS = ["h1,h2,h3\n", "h1,h2,h3\r\n", "h1,h2,h3\r", '\ufeff"h,1",h2,"h\n3"\n', "\nh1,h2,h3\n"]


def to_bytes(text: str) -> bytes:
    """A lone surrogate stands for a byte that is not UTF-8."""
    return text.encode("utf-8", "surrogateescape")


def by_the_csv_module(data: bytes, delimiter: str) -> tuple[list[str], list[tuple[int, str]]]:
    """What must come out, as the csv module has it: the kept records, and line and text of the refused ones."""
    lines = list(io.StringIO(data.decode("utf-8", "surrogateescape"), newline=""))
    reader = csv.reader(iter(lines), delimiter=delimiter)
    kept: list[str] = []
    refused: list[tuple[int, str]] = []
    columns = begin = 0
    for record in reader:
        raw, line = "".join(lines[begin : reader.line_num]), begin + 1
        begin = reader.line_num
        if not record:
            continue
        columns = columns or len(record)
        if _is_good(raw, delimiter, columns):
            kept.append(raw)
        else:
            refused.append((line, raw))
    return kept, refused


def _is_good(raw: str, delimiter: str, columns: int) -> bool:
    if "\0" in raw or any("\udc80" <= char <= "\udcff" for char in raw):
        return False
    try:
        [record] = csv.reader(io.StringIO(raw, newline=""), delimiter=delimiter, strict=True)
    except csv.Error:
        return False
    return len(record) == columns


def shown(raw: str) -> str:
    return to_bytes(raw).decode("utf-8", "backslashreplace")


def test_agrees_with_the_csv_module_on_10_000_files() -> None:
    rng = random.Random(3)
    number = rows = 0
    while number < 10_000:
        delimiter = rng.choice(",;\t|")
        text = rng.choice(HEADERS[:3]) + "".join(rng.choices(PIECES, k=rng.randrange(30)))
        data = to_bytes(text.replace(",", delimiter))
        if recognise(head_of(data, "x.csv")) is None:
            continue  # more NULs than text
        number += 1
        kept, refused = by_the_csv_module(data, delimiter)
        result, context = parts_of(CSV, data, name="x.csv", part_bytes=rng.choice((1, 7, WHOLE)))
        assert context["delimiter"] == delimiter, number
        assert (result.accepted, result.rejected) == (len(kept) - 1, len(refused)), (number, data)
        clean = "".join(kept)
        newline = "" if clean.endswith(("\n", "\r")) else context["newline"]
        assert result.clean == to_bytes(clean + newline), (number, data)
        assert [each["line"] for each in result.rejects] == [line for line, _ in refused], (number, data)
        for reject, (_, raw) in zip(result.rejects, refused, strict=True):
            # All of the record is there; its line end may be missing.
            assert shown(raw).startswith(reject["raw"]) and not shown(raw)[len(reject["raw"]) :].strip("\r\n")
        rows += len(kept) + len(refused)
    assert rows > 20_000


@BOUNDED
@given(st.sampled_from(HEADERS), st.lists(st.sampled_from(PIECES), max_size=30), st.integers(1, 50))
def test_split_then_merge_is_the_identity(header: str, pieces: list[str], feed_bytes: int) -> None:
    check_law(CSV, to_bytes(header + "".join(pieces)), name="x.csv", feed_bytes=feed_bytes)


@BOUNDED
@given(st.lists(st.lists(st.text(max_size=12), min_size=3, max_size=3), min_size=1, max_size=8), st.integers(1, 99))
def test_what_the_csv_module_writes_is_kept(rows: list[list[str]], feed_bytes: int) -> None:
    rows = [[cell.replace("\0", "") for cell in row] for row in rows]
    file = io.StringIO()
    csv.writer(file).writerows([["a", "b", "c"], *rows])
    data = file.getvalue().encode()
    result = check_law(CSV, data, name="x.csv", feed_bytes=feed_bytes)
    assert (result.clean, result.accepted) == (data, len(rows))


@BOUNDED
@given(st.lists(st.sampled_from(PIECES), max_size=60), st.sampled_from([1, 2, 3, 70]), st.integers(0, 99))
def test_patterns_mean_the_same_without_possessive_groups(pieces: list[str], columns: int, end: int) -> None:
    data = to_bytes("".join(pieces))
    one, other = Grammar(",", possessive=True), Grammar(",", possessive=False)
    for left, right in (
        (one.skim, other.skim),
        (one.rest, other.rest),
        (one.record, other.record),
        (one.strict, other.strict),
        (one.good(columns), other.good(columns)),
    ):
        assert str(left.match(data, 0, end)).replace(left.pattern.decode(), "") == str(right.match(data, 0, end))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"1,2", "expected 3 fields, found 2"),
        (b"1,2,3,4", "expected 3 fields, found 4"),
        (b"1,\xe9,3", "not valid UTF-8: byte 0xE9 at byte 3 of the row"),
        (b"1,2,\x003", "NUL byte at byte 5 of the row"),
        (b'1,"2"x,3', "text after a closing quote"),
        (b'1,"2" ,3', "text after a closing quote"),
    ],
)
def test_a_bad_row_is_set_aside_with_line_and_reason(row: bytes, reason: str) -> None:
    result = run(CSV, b'a,b,c\r\n"x\r\ny",2,3\r\n\r\n' + row + b"\r\n4,5,6", name="x.csv")
    assert result.clean == b'a,b,c\r\n"x\r\ny",2,3\r\n4,5,6\r\n'
    assert result.rejects == [{"line": 5, "reason": reason, "raw": row.decode("utf-8", "backslashreplace")}]
    assert (result.accepted, result.rejected, result.totals["blank_lines"]) == (2, 1, 1)


def test_a_quote_that_is_never_closed_takes_the_rest() -> None:
    result = run(CSV, b'a,b\n1,2\n3,"4\n5,6\n7,8\n', name="x.csv", part_bytes=1)
    reason = "a quote is never closed: it takes in the last 3 lines to the end of the file"
    assert result.rejects == [{"line": 3, "reason": reason, "raw": '3,"4\n5,6\n7,8\n'}]
    assert result.accepted == 1


def test_quotes_in_the_middle_of_a_field_are_plain_characters() -> None:
    data = b'a,b\n5" pipe,x\n6"",y"\n'
    assert run(CSV, data, name="x.csv", part_bytes=1).clean == data


def test_wide_tables_are_counted_too() -> None:
    row = b",".join(b"%d" % n for n in range(300)) + b"\n"
    result = run(CSV, row * 5 + b'"1\n",2\n' + row, name="x.csv", part_bytes=900)
    assert (result.clean, result.accepted, result.rejected) == (row * 6, 5, 1)


def test_summary_says_what_the_header_and_the_rows_are() -> None:
    result = run(CSV, b"\xef\xbb\xbf\na;b;a;\n1;2;3;4\n1;2\n", name="x.csv")
    assert result.clean == b"a;b;a;\n1;2;3;4\n"
    assert result.summary == {
        "delimiter": ";",
        "line_end": "LF",
        "byte_order_mark": True,
        "columns": ["a", "b", "a", ""],
        "rows": 2,
        "blank_lines": 1,
        "rejected_because": {"rejected_fields": 1},
        "warnings": ["no name in the header for column 4", "more than one column is named 'a'"],
    }


@pytest.mark.parametrize("header", [b"a,b", b"a,b\n", b"\xef\xbb\xbfa,b\r\n\r\n\r\n"])
def test_a_header_alone_is_fine(header: bytes) -> None:
    result = check_law(CSV, header, name="x.csv", feed_bytes=3)
    assert (result.refused, result.accepted, result.summary["columns"]) == (False, 0, ["a", "b"])


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\n\r\n", "no header"),
        (b"\xef\xbb\xbf", "no header"),
        (b"caf\xe9,b\n1,2\n", "Save the file as UTF-8"),
        (b"a\0,b,c,d,e,f\n1,2\n", "NUL"),
        (b'a,"b\n1,2\n', "never closed"),
        (b'a,"b"c\n1,2\n', "text after a closing quote"),
        (b"a," + b"b" * 49_200 + b"\n1,2\n", "longer than 48 KiB"),
        (b"a," * 140_000, "longer than 48 KiB"),
    ],
)
def test_a_header_that_is_not_intact_rejects_the_file(data: bytes, says: str) -> None:
    with pytest.raises(Rejected, match=says):
        CSV.splitter(head_of(data, "x.csv"), 10)


def test_a_file_of_bad_rows_only_is_rejected_with_the_reasons() -> None:
    result, context = parts_of(CSV, b"a,b\n1\n2\n3,\xff\n", name="x.csv")
    outcome = Outcome(accepted=result.accepted, rejected=result.rejected, totals=result.totals)
    with pytest.raises(Rejected, match=r"None of the 3 rows .* 2 with the wrong number of fields, 1 not valid UTF-8"):
        CSV.summary(outcome, context)


def test_a_row_may_be_longer_than_a_part_but_not_than_the_limit() -> None:
    small = Delimited(max_record_bytes=40)
    fits = b'a,b\n1,"' + b"x" * 35 + b'"\n2,3\n'
    check_law(small, fits, name="x.csv", feed_bytes=5)
    assert run(small, fits, name="x.csv").accepted == 2
    for size in (36, 37, 200):
        data = b'a,b\n1,"' + b"x" * size + b'"\n2,3\n'
        for part_bytes in (*range(1, 60), WHOLE):
            for feed_bytes in (1, 16, WHOLE):
                assert run(small, data, name="x.csv", part_bytes=part_bytes, feed_bytes=feed_bytes).refused


@pytest.mark.parametrize(
    ("name", "data", "delimiter"),
    [
        ("people", b"name,age\nAda,36\nAlan,41\n", ","),
        ("people", b"name;age\nAda;36,5\nAlan;41,5\n", ";"),
        ("people", b"name\tage\nAda, Countess\t36\n", "\t"),
        ("people", b'name|note\nAda|"a,b|c"\nAlan|x\n', "|"),
        ("people", b'name,note\nAda,"line\nbreak"\nAlan,\n', ","),
        ("one.csv", b"name\nAda\n", ","),
        ("one.TSV", b"name\nAda, Countess\n", "\t"),
        ("ragged.csv", b"a,b,c\n1\n2\n", ","),
        ("nul.csv", b"a,b,c\n1,2,3\n4,\x00,6\n" * 5, ","),
        ("prose.txt", b"Dear Ada,\nthis, as you know, is prose.\nYours\n", None),
        ("app.log", b"2026-01-02 10:00:00,123 start\n2026-01-02 10:00:01,456 stop\n", None),
        ("one line", b"a,b,c\n", None),
        ("page.html", b"<p>one, two</p>\n<p>three, four</p>\n", None),
        ("data.csv", b'{"a": 1, "b": 2}\n', None),
        ("photo.csv", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x02\x03\x04" * 10, None),
        ("data", b"a,b\n1,2\n3,\x004\n", None),
    ],
)
def test_recognised_by_content_first(name: str, data: bytes, delimiter: str | None) -> None:
    assert recognise(head_of(data, name)) == delimiter
    assert CSV.detect(head_of(data, name)) == (delimiter is not None)


def test_a_sample_that_ends_in_the_middle_of_a_row_does_not_count_against_it() -> None:
    data = b"a,b\n" + b"1,2\n" * 100_000
    assert recognise(head_of(data)) == ","
    assert read_dialect(head_of(data)).columns == 2


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
def test_a_cut_never_stands_between_the_halves_of_crlf(newline: bytes) -> None:
    data = newline.join([b"a,b", *[b"%d,x" % n for n in range(30)], b""])
    for feed_bytes in range(1, 12):
        cuts, _ = split(CSV, data, name="x.csv", part_bytes=7, feed_bytes=feed_bytes)
        assert all(data[: cut.end].endswith(newline) for cut in cuts)
        lines = [data[: cut.start].count(newline) + 1 for cut in cuts]
        assert [cut.first for cut in cuts] == list(islice(lines, len(cuts)))
