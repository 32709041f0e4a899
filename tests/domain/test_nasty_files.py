"""Files as strangers make them: each is delivered or rejected with a reason, and no row of it is lost without one."""

import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from backports import zstd

from runtime.domain.errors import Rejected
from tests.tabling import make

ROWS = b"a,b\n" + b"".join(b"%d,%d\n" % (n, n * 7919 % 1000) for n in range(3000))
MANY = b"a,b\n" + b"".join(b"%d,%d\n" % (n, n * n) for n in range(40_000))
PACKED = gzip.compress(ROWS)
RECIPE = {
    "id": "1",
    "title": "Soup",
    "servings": 1,
    "ingredients": [{"name": "x", "quantity": 1, "unit": "g"}],
    "steps": ["Stir."],
}


def recipes(*each: Any) -> bytes:
    return json.dumps({"recipes": each}).encode()


# Rows as the table has them, and what the rejected ones' reasons begin with, by line.
TAKEN: dict[str, tuple[bytes, list[tuple[Any, ...]], list[tuple[int, str]]]] = {
    "mark.csv": (b"\xef\xbb\xbfa,b\n1,2\n", [(1, 2)], []),
    "mixed-ends.csv": (b"a,b\r\n1,2\n3,4\r5,6\r\n7,8", [(1, 2), (3, 4), (5, 6), (7, 8)], []),
    "returns.csv": (b"a,b\r1,2\r3,4\r", [(1, 2), (3, 4)], []),
    "returns-in-quotes.csv": (b'a,b\n1,"x\ry"\n2,"x\r\ny"\n', [(1, "x\ry"), (2, "x\r\ny")], []),
    "nul.csv": (b"a,b\n1,\x002\n3,4\n", [(3, 4)], [(2, "NUL byte at byte 3")]),
    "quotes.csv": (b'a,b\n5"x5",2\n"a"b,c\nx,"q""q"\n', [('5"x5"', "2"), ("x", 'q"q')], [(3, "text after a closing")]),
    "decimal-comma.csv": (b"name;price\nx;1,5\n", [("x", "1,5")], []),
    "said.csv": (b"\xef\xbb\xbfsep=;\r\na;b\r\nx;1,5\r\ny\r\n", [("x", "1,5")], [(4, "expected 2 fields, found 1")]),
    "said-against-all-looks": (b"Sep=|\na,b|c\n1,2|3\n", [("1,2", 3)], []),
    "pipes.csv": (b"a|b\n1|2\n", [(1, 2)], []),
    "tabs.csv": (b"a\tb\n1\t2\n", [(1, 2)], []),
    "header.csv": (b"a,b", [], []),
    "columns-twice.csv": (b"a,a,A,\n1,2,3,4\n", [(1, 2, 3, 4)], []),
    "one-column.csv": (b'a\n1\n\n2\n""\n', [(1,), (2,), (None,)], []),
    "cards.csv": (b"card,id\n4111111111111111,9007199254740993\n", [(4111111111111111, 9007199254740993)], []),
    "codes.csv": (b"zip,n\n01234,1\n99999,2\n", [("01234", 1), ("99999", 2)], []),
    "infinite.csv": (b"a,b\n1e400,inf\n1.5,2\n", [("1e400", "inf"), ("1.5", "2")], []),
    "no-number.csv": (b"a,b\nNaN,1\n1.5,2\n", [("NaN", 1), (1.5, 2)], []),
    "minus-nothing.csv": (b"a,b\n-0,-0.0\n", [(0, -0.0)], []),
    "no-day.csv": (b"d,n\n0000-00-00,1\n2020-01-01,2\n", [("0000-00-00", 1), ("2020-01-01", 2)], []),
    "beyond.csv": (b"a,b\n9223372036854775808,%s\n" % (b"9" * 400), [(str(2**63), "9" * 400)], []),
    "sim-cards.csv": (
        b"a,b\n89490200001234567890,1\n89490200001234567891,2\n",
        [("89490200001234567890", 1), ("89490200001234567891", 2)],
        [],
    ),
    "blank-quote.csv": (b'a,b\n1, "q"\n2,z\n', [(1, ' "q"'), (2, "z")], []),
    "blank-quote-comma.csv": (b'a,b,c\n1, "x,y"\n2,u,v\n', [(1, ' "x', 'y"'), (2, "u", "v")], []),
    "blank-quote-line.csv": (b'a,b\n1,  "x\n 2,y"\n 3,"z"\r\n', [("1", '  "x'), (" 2", 'y"'), (" 3", "z")], []),
    "blank-quote-first.csv": (b'a,b\n "x",1\n "y,2\n"k "" l",3\n', [(' "x"', 1), (' "y', 2), ('k " l', 3)], []),
    "dotnet.csv": (
        b"a,b\n1,2024-01-01T00:00:00+01:00\n2,0001-01-01T00:00:00+01:00\n",
        [(1, "2024-01-01T00:00:00+01:00"), (2, "0001-01-01T00:00:00+01:00")],
        [],
    ),
    "booleans.csv": (b"a,b\ntrue,true\nFALSE,1\n", [(True, "true"), (False, "1")], []),
    "trailing.csv": (b"a,b,\n1,2,\n", [(1, 2, None)], []),
    "comment.csv": (b"a,b\n1,2\n# end\n", [(1, 2)], [(3, "expected 2 fields, found 1")]),
    "control-z.csv": (b"alpha,beta\n1,2\n3,4\n\x1a", [(1, 2), (3, 4)], [(4, "expected 2 fields, found 1")]),
    "unclosed.csv": (b'a,b\n1,2\n"3,4\n5,6\n', [(1, 2)], [(3, "a quote is never closed: it takes in the last 2")]),
    "latin.csv": ("n,b\nMüller,1\nx,2\n".encode("latin-1"), [("x", 2)], [(2, "not valid UTF-8: byte 0xFC at byte 2")]),
    "surrogate.csv": (b"a,b\n\xed\xa0\x80,1\n\xc0\x80,2\n3,4\n", [(3, 4)], [(2, "not valid"), (3, "not valid")]),
    "separators.csv": ("a,b\n1\x85,2\u2028\n3,4\n".encode(), [("1\x85", "2\u2028"), ("3", "4")], []),
    "sql.csv": (b'select,"; DROP TABLE x --","a""b"\n1,2,3\n', [(1, 2, 3)], []),
    "wide.csv": (b"a,b\n1,2\n".decode().encode("utf-16"), [(1, 2)], []),
    "packed.csv.gz": (gzip.compress(b"a,b\n1,2\n") + gzip.compress(b"3,4\n"), [(1, 2), (3, 4)], []),
    "padded.csv.gz": (gzip.compress(b"a,b\n1,2\n") + b"\0" * 512, [(1, 2)], []),
    "packed.csv.zst": (zstd.compress(b"a,b\n1,2\n"), [(1, 2)], []),
    "mark.jsonl": (b'\xef\xbb\xbf{"a":1}\r\n{"a":2}', [(1,), (2,)], []),
    "no-number.jsonl": (b'{"a":NaN}\n{"a":1}\n{"a":2}\n', [(1,), (2,)], [(1, "JSON is malformed: invalid char")]),
    "comma.jsonl": (b'{"a":1,}\n{"a":2}\n{"a":3}\n', [(2,), (3,)], [(1, "JSON is malformed: trailing comma")]),
    "comment.jsonl": (b'// x\n{"a":1}\n{}\n', [(1,), (None,)], [(1, "JSON is malformed")]),
    "half.jsonl": (b'{"a":"\\ud83d\\ude00"}\n{"a":"\\ud800"}\n', [("\U0001f600",)], [(2, "half of a pair of \\u")]),
    "mixed.jsonl": (b'{"a":1}\n{"a":"x"}\n{"a":true}\n{}\n', [("1",), ("x",), ("true",), (None,)], []),
    "twice.jsonl": (b'{"a":1,"a":2}\n', [(2,)], []),
    "nul.jsonl": (b'{"a":"\\u0000"}\n{"a":"x\0"}\n', [("\0",)], [(2, "JSON is malformed: invalid character")]),
    "deep.jsonl": (b'{"a":1}\n' + b"[" * 99 + b"]" * 99, [(1,)], [(2, "nested more than 64 levels deep")]),
    "others.json": (recipes(RECIPE, None, {**RECIPE, "servings": -1}), [("1", "Soup", None, 1, 0, 0, 1, 1, 1000, 0, 0)],
                    [(1, "must be an object, and is nothing"), (2, "must be a whole number of 1 or more")]),
    "halves.json": (recipes({**RECIPE, "title": "\ud83d"}, RECIPE, {**RECIPE, "steps": ["\\ud83d", "\ude00"]}),
                    [("1", "Soup", None, 1, 0, 0, 1, 1, 1000, 0, 0)], [(0, "half of a pair"), (2, "half of a pair")]),
    "half-around.json": (recipes(RECIPE).replace(b'{"recipes"', b'{"by": "\\ud800", "recipes"'),
                         [("1", "Soup", None, 1, 0, 0, 1, 1, 1000, 0, 0)], []),
    "latin.json": (json.dumps({"recipes": [{**RECIPE, "title": "Käse"}, RECIPE]}, ensure_ascii=False).encode("latin-1"),
                   [("1", "Soup", None, 1, 0, 0, 1, 1, 1000, 0, 0)], [(0, "not valid UTF-8")]),
}  # fmt: skip

REFUSED = {
    "side-by-side.jsonl": (b'{"a":1}{"a":2}\n', "could be read: 1 not JSON"),
    "no-numbers.jsonl": (b'{"a":NaN}\n{"a":NaN}\n{"a":1,}\n', "could be read: 3 not JSON"),
    "empty.csv": (b"", "The file is empty"),
    "said-and-nothing.csv": (b"sep=;\n", "nothing but empty lines"),
    "blank.csv": (b"\n\r\n\n", "nothing but empty lines"),
    "very-wide.csv": (b",".join(b"c%d" % n for n in range(10_000)) + b"\n", "longer than 48 KiB"),
    "latin-header.csv": ("größe,b\n1,2\n".encode("latin-1"), "header .* not valid UTF-8 at byte 3"),
    "ragged.csv": (b"a,b\n1,2,\n3,4,\n", "2 with the wrong number of fields. The header has 2 fields"),
    "title.csv": (b"Report\n\na,b\n1,2\n", "The header has 1 field, delimited by ','"),
    "unmarked.csv": ("a,b\n1,ü\n".encode("utf-16-le"), "text in UTF-16. Save it as UTF-8"),
    "odd.csv": (b"\xff\xfe" + "a,b\n1,2\n".encode("utf-16-le") + b"x", "not valid UTF-16 throughout"),
    "broken-off.csv.gz": (PACKED[:-400], "ends in the middle. Was it uploaded whole"),
    "without-its-sum.csv.gz": (PACKED[:-4], "ends in the middle. Was it uploaded whole"),
    "wrong-sum.csv.gz": (PACKED[:-6] + bytes([PACKED[-6] ^ 1]) + PACKED[-5:], "gzip data is damaged: .*checksum"),
    "followed.csv.gz": (PACKED + b"and more", "Behind the end of the file's gzip data is something else"),
    "broken-off.csv.zst": (zstd.compress(MANY)[:-400], "Zstandard data ends in the middle"),
    "small-and-broken-off.csv.zst": (zstd.compress(b"a,b\n1,2\n")[:-3], "Zstandard data ends in the middle"),
    "damaged.jsonl.gz": (PACKED[:10] + b"\xff" * 40, "gzip data is damaged"),
    "empty.csv.gz": (gzip.compress(b""), "nothing in the packed file"),
    "comma.json": (recipes(RECIPE)[:-2] + b",]}", "the list ends with a comma"),
    "broken-off.json": (recipes(RECIPE, RECIPE)[:-20], "it is truncated"),
    "two.json": (recipes(RECIPE) * 2, "not valid JSON before or after its list"),
    "no-number.json": (recipes(RECIPE).replace(b'"quantity": 1', b'"quantity": NaN'), "not valid JSON: invalid char"),
}  # fmt: skip

NO_TABLES = {
    "nameless.jsonl": (b'{"":1}\n{"":2}\n', "members without a name"),
    "lists.jsonl": (b"[1,2]\n[3,4]\n", "made of such lines"),
    "cases.jsonl": (b'{"A":1,"a":2}\n', "names differ in case only"),
    "nothing.jsonl": (b"{}\n{}\n", "records without members"),
    "many.jsonl": (b"".join(b'{"k%d":1}\n' % n for n in range(1001)), "more than 1,000 columns"),
}

# What looks like records by its name only, or is packed twice, is delivered as it is.
AS_THEY_ARE = {
    "pretty.jsonl": b'{\n "a": 1\n}\n',
    "twice.csv.gz": gzip.compress(PACKED),
    "list.json": b'[{"a":1},{"a":2}]',
}

CUTS = pytest.mark.parametrize("part_bytes", [None, 5])


@CUTS
@pytest.mark.parametrize("name", TAKEN)
def test_every_row_is_in_the_table_or_among_the_rejected(tmp_path: Path, name: str, part_bytes: int | None) -> None:
    body, rows, reasons = TAKEN[name]
    made = make(body, name=name, part_bytes=part_bytes)
    found = [(one.get("line", one.get("element")), one["reason"]) for one in made.rejects]
    assert [line for line, _ in found] == [line for line, _ in reasons]
    assert all(given.startswith(wanted) for (_, given), (_, wanted) in zip(found, reasons, strict=True)), found
    assert made.rows(tmp_path) == rows
    assert made.record["counts"] == {"accepted": len(rows), "rejected": len(reasons)}


@CUTS
@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_rejected_in_words(name: str, part_bytes: int | None) -> None:
    body, says = REFUSED[name]
    with pytest.raises(Rejected, match=says):
        make(body, name=name, part_bytes=part_bytes)


@CUTS
@pytest.mark.parametrize("name", NO_TABLES)
def test_what_is_no_table_is_text_and_it_says_why(name: str, part_bytes: int | None) -> None:
    body, says = NO_TABLES[name]
    made = make(body, name=name, part_bytes=part_bytes)
    assert set(made.results) == {"clean.jsonl"} and made.results["clean.jsonl"] == body
    assert says in made.record["summary"]["warnings"][-1]


@CUTS
@pytest.mark.parametrize("name", AS_THEY_ARE)
def test_the_rest_is_delivered_as_it_is(name: str, part_bytes: int | None) -> None:
    made = make(AS_THEY_ARE[name], name=name, part_bytes=part_bytes)
    assert made.record["kind"] == ("other" if name.endswith(".gz") else "text")
    assert zipfile.ZipFile(io.BytesIO(made.archive)).read(name) == AS_THEY_ARE[name]
