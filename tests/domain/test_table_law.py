"""The law of tables: same types, rows and statistics, however a file is cut; and nothing lost on the way."""

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tabling import Made, make

VALUES = [
    *("", "0", "1", "7", "-0", "007", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "1.5"),
    *("1e3", "1e307", "1e400", "-.5", "5.", "nan", "inf", "true", "False", "yes", "NULL", "2020-02-29", "2021-02-29"),
    *("0001-01-01", "2020-01-02 03:04", "2020-01-02T03:04:05.123456", "2020-01-02 03:04:05.1234567", "é", "x" * 300),
    *("2020-01-02T03:04:05Z", "2020-01-02 03:04:05+05:30", "01/02/2020", "epoch", " 5", "0x10", "1,5"),
    *('a"b', "two\nlines"),
]  # fmt: skip
WEIGHTED = st.one_of(st.sampled_from(VALUES), st.integers(-5, 5).map(str), st.just(""))


def written(rows: list[list[str]], newline: str = "\n") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=newline)
    for row in rows:
        writer.writerow(row)
    return text.getvalue().encode()


def table_of(made: Made, folder: Path) -> Any:
    (folder / "arrow.parquet").write_bytes(made.results["table.parquet"])
    return pyarrow.parquet.read_table(folder / "arrow.parquet")


@settings(max_examples=60, deadline=None, database=None)
@given(
    columns=st.integers(1, 4),
    data=st.data(),
    newline=st.sampled_from(["\n", "\r\n"]),
    part_bytes=st.integers(1, 200),
    per_group=st.integers(1, 4),
)
def test_a_table_is_the_same_however_its_file_is_cut(
    tmp_path_factory: pytest.TempPathFactory,
    columns: int,
    data: st.DataObject,
    newline: str,
    part_bytes: int,
    per_group: int,
) -> None:
    kinds = [data.draw(st.lists(WEIGHTED, min_size=1, max_size=4)) for _ in range(columns)]
    rows = [
        [data.draw(st.sampled_from(kinds[at])) for at in range(columns)] for _ in range(data.draw(st.integers(0, 12)))
    ]
    body = written([[f"c{n}" for n in range(columns)], *rows], newline)
    folder = tmp_path_factory.mktemp("law")
    whole = make(body, distinct=True)
    cut = make(body, part_bytes=part_bytes, parts_per_group=per_group, distinct=True)
    assert whole.record == cut.record
    ours = whole.rows(folder)
    assert ours == cut.rows(folder)
    kept = [row for row in csv.reader(io.StringIO(body.decode(), newline="")) if row][1:]
    assert len(ours) == len(kept) == whole.record["counts"]["accepted"]
    arrow = table_of(cut, folder)
    assert arrow.num_rows == len(kept) and arrow.schema == table_of(whole, folder).schema
    for at, (name, kind) in enumerate(whole.types.items()):
        values = [row[at] for row in kept]
        nulls = sum(not value for value in values)
        assert [row[at] is None for row in ours] == [not value for value in values], name
        told = whole.record["table"]["columns"][at]
        assert told["nulls"] == nulls
        # So few that they are told apart; rows that are equal as text may be so as numbers.
        assert abs(told["distinct"] - len({row[at] for row in ours} - {None})) <= 1
        if kind == "VARCHAR":
            assert [row[at] for row in ours] == [value or None for value in values]
        if kind == "BIGINT":
            assert [row[at] for row in ours] == [int(value) if value else None for value in values]
        if kind == "DOUBLE" and "NaN" not in [row[at] for row in ours]:
            assert [row[at] for row in ours] == [float(value) if value else None for value in values]
            assert told["least"] == min(float(value) for value in values if value)


MEMBERS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from([2**63 - 1, 2**63, 1.5, 1e300, "", "5", "é"])
)  # fmt: skip


@settings(max_examples=40, deadline=None, database=None)
@given(
    records=st.lists(st.dictionaries(st.sampled_from(["a", "b", "c"]), MEMBERS), min_size=1, max_size=10),
    part_bytes=st.integers(1, 100),
)
def test_json_lines_are_tables_too(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]], part_bytes: int
) -> None:
    body = b"".join(json.dumps(record).encode() + b"\n" for record in [{"first": 1}, *records])
    folder = tmp_path_factory.mktemp("lines")
    whole, cut = make(body, name="data.jsonl"), make(body, name="data.jsonl", part_bytes=part_bytes)
    assert whole.record == cut.record
    rows = whole.rows(folder)
    assert rows == cut.rows(folder) and len(rows) == len(records) + 1
    for at, (name, kind) in enumerate(whole.types.items()):
        for row, record in zip(rows[1:], records, strict=True):
            value = record.get(name)
            if value is None or kind in ("BIGINT", "BOOLEAN"):
                assert row[at] == value and type(row[at]) is type(value)
            elif kind == "DOUBLE":
                assert row[at] == float(value)
            elif kind == "VARCHAR":
                assert row[at] == (value if isinstance(value, str) else json.dumps(value))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('{"a": {"b": 1}}', "nested values, as in 'a'"),
        ('{"a": [1]}', "nested values"),
        ("[1, 2]", "made of such lines"),
        ('{"A": 1}', "differ in case"),
    ],
)
@pytest.mark.parametrize("part_bytes", [None, 1])
@pytest.mark.parametrize("results", ["both", "parquet"])
def test_where_there_can_be_no_table_text_is_delivered_and_it_says_why(
    line: str, why: str, part_bytes: int | None, results: str
) -> None:
    body = b'{"a": 1}\n' * 3 + line.encode() + b"\n"
    made = make(body, name="data.jsonl", part_bytes=part_bytes, results=results)
    assert set(made.results) == {"clean.jsonl"} and made.results["clean.jsonl"] == body
    assert made.record["table"] is None and any(why in warning for warning in made.record["summary"]["warnings"])
    assert zipfile.ZipFile(io.BytesIO(made.archive)).read("clean.jsonl") == body


@pytest.mark.parametrize("part_bytes", [None, 7])
@pytest.mark.parametrize(
    ("results", "names"),
    [("both", {"clean.csv", "table.parquet"}), ("parquet", {"table.parquet"}), ("clean", {"clean.csv"})],
)
def test_what_is_delivered_is_what_is_wanted(results: str, names: set[str], part_bytes: int | None) -> None:
    made = make(b"a,b\n1,x\n2,y\nbad\n", part_bytes=part_bytes, results=results)
    assert set(made.results) == names | {"rejects.jsonl"}
    archive = zipfile.ZipFile(io.BytesIO(made.archive))
    assert set(archive.namelist()) == names | {"rejects.jsonl", "manifest.json", "SHA256SUMS"}
    assert archive.testzip() is None
    for name in names:
        assert archive.read(name) == made.results[name]
        assert archive.getinfo(name).compress_type == (0 if name.endswith("parquet") else 8)


@pytest.mark.parametrize("results", ["both", "parquet"])
@pytest.mark.parametrize("part_bytes", [None, 1, 30])
def test_a_late_value_widens_the_whole_column(tmp_path: Path, part_bytes: int | None, results: str) -> None:
    body = b"n,d\n" + b"1,2020-01-01\n" * 20 + b"0.5,2020-01-01T10:00\n"
    made = make(body, part_bytes=part_bytes, results=results)
    assert made.types == {"n": "DOUBLE", "d": "TIMESTAMP"}
    assert made.rows(tmp_path)[0][0] == 1.0 and made.rows(tmp_path)[-1][0] == 0.5
    made = make(body + b"bad\n007,x\n", part_bytes=part_bytes, results=results)
    assert set(made.types.values()) == {"VARCHAR"} and made.rows(tmp_path)[0] == ("1", "2020-01-01")


@pytest.mark.parametrize("number", ["9" * 200, "9" * 400, "-" + "9" * 5000, "1e400", "-1e999"])
@pytest.mark.parametrize("part_bytes", [None, 1])
def test_numbers_of_json_that_would_be_infinite_are_text(tmp_path: Path, number: str, part_bytes: int | None) -> None:
    body = b'{"n": 1.5}\n{"n": %s}\n{"n": 2}\n' % number.encode()
    made = make(body, name="data.jsonl", part_bytes=part_bytes)
    assert made.types == {"n": "VARCHAR"} and made.rows(tmp_path) == [("1.5",), (number,), ("2",)]
    assert make(b'{"n": 1%s.0}\n' % (b"0" * 198), name="a.jsonl").rows(tmp_path) == [(1e198,)]


@pytest.mark.parametrize("part_bytes", [None, 1])
def test_whole_numbers_beyond_integers_keep_their_digits(tmp_path: Path, part_bytes: int | None) -> None:
    body = b'{"n": 89490200001234567890}\n{"n": 89490200001234567891}\n'
    made = make(body, name="data.jsonl", part_bytes=part_bytes)
    assert made.rows(tmp_path) == [("89490200001234567890",), ("89490200001234567891",)]


def recipe(n: int, **more: Any) -> dict[str, Any]:
    units = [("g", 1.5), ("ml", 20), ("", 2), ("kg", 0.25), ("cup", 1)]
    ingredients = [
        {"name": f"thing {at}", "quantity": units[at % 5][1], "unit": units[at % 5][0]} for at in range(1 + n % 7)
    ]
    return {
        "id": f"r{n}",
        "title": f"Soup {n}",
        "servings": 1 + n % 5,
        "ingredients": ingredients,
        "steps": ["Stir."] * (1 + n % 3),
        "prep_minutes": n,
        **more,
    }


RECIPES = [
    *map(recipe, range(25)),
    recipe(25, cuisine="  "),
    recipe(26, cuisine="Thai", title='the "best", \u0000 of\u2028all; é'),
    recipe(27, title=""),
    recipe(28, cuisine='"', title="'"),
]


@pytest.mark.parametrize("part_bytes", [None, 1, 900])
@pytest.mark.parametrize("results", ["both", "parquet"])
def test_recipes_are_tables_whose_columns_add_up_to_their_totals(
    tmp_path: Path, part_bytes: int | None, results: str
) -> None:
    body = json.dumps({"recipes": RECIPES}).encode()
    made = make(body, name="soups.json", part_bytes=part_bytes, results=results)
    assert set(made.results) == {"recipes.jsonl", "table.parquet", "rejects.jsonl"}, "steps are in the text only"
    assert made.record == make(body, name="soups.json", part_bytes=70, results=results).record
    texts = [json.loads(line) for line in made.results["recipes.jsonl"].splitlines()]
    rows = [dict(zip(made.types, row, strict=True)) for row in made.rows(tmp_path)]
    assert table_of(made, tmp_path).to_pylist() == rows
    assert made.record["counts"] == {"accepted": len(rows), "rejected": 1} and len(rows) == len(RECIPES) - 1
    for row, text in zip(rows, texts, strict=True):
        for name in ("id", "title", "cuisine", "servings", "prep_minutes", "cook_minutes"):
            assert row[name] == text[name]
        assert (row["ingredients"], row["steps"]) == (len(text["ingredients"]), len(text["steps"]))
    for name in ("ingredients", "steps", "servings", "milligrams", "microlitres", "piece_thousandths"):
        assert sum(row[name] for row in rows) == made.record["totals"][name], name
    plain = make(body, name="soups.json", part_bytes=part_bytes, results="clean")
    assert set(plain.results) == {"recipes.jsonl", "rejects.jsonl"}
    assert plain.results["recipes.jsonl"] == made.results["recipes.jsonl"]
    assert {**made.record, "table": None} == plain.record


def test_headers_that_no_table_can_have_are_mended(tmp_path: Path) -> None:
    made = make(b'a,A,,a_2,"quo""te\'s; DROP"\n1,2,3,4,5\n')
    assert list(made.types) == ["a", "A_3", "column_3", "a_2", "quo\"te's; DROP"]
    assert made.rows(tmp_path) == [(1, 2, 3, 4, 5)]


def test_a_file_of_a_header_is_a_table_without_rows(tmp_path: Path) -> None:
    made = make(b"a,b\n", part_bytes=10)
    assert made.record["table"]["rows"] == 0 and made.types == {"a": "VARCHAR", "b": "VARCHAR"}
    assert table_of(made, tmp_path).num_rows == 0


def test_too_many_columns_are_delivered_as_text() -> None:
    made = make(b",".join(b"c%d" % n for n in range(1001)) + b"\n" + b",".join([b"1"] * 1001) + b"\n")
    assert set(made.results) == {"clean.csv"} and "1,000 columns" in made.record["summary"]["warnings"][-1]


def test_a_row_longer_than_the_readers_buffer_is_read(tmp_path: Path) -> None:
    long = b"x" * 3_000_000
    made = make(b"a,b\n1," + long + b'\n2,"' + b"y\n" * 10 + b'"\n')
    assert [row[1] for row in made.rows(tmp_path)] == [long.decode(), "y\n" * 10]


def test_what_looks_like_a_mark_in_the_first_row_is_content(tmp_path: Path) -> None:
    made = make("a,b\n\ufeffx,1\n".encode())
    assert made.rows(tmp_path) == [("\ufeffx", 1)]
