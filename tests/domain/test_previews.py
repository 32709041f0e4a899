"""What is shown of a result's beginning."""

import json
from typing import Any

import pytest

from runtime.domain.previews import HEAD_BYTES, ROWS, VALUE_LETTERS, cut, preview
from tests.fakes import FakeObjects


def seen(
    kind: str, clean: bytes | None, *, rejects: bytes = b"", table: list[str] | None = None, **summary: Any
) -> dict[str, Any]:
    objects, artifacts = FakeObjects(), [{"role": "archive", "store": "delivery", "key": "a", "size": 1}]
    for role, data in (("clean", clean), ("rejects", rejects or None)):
        if data is not None:
            objects.stored["output", role] = data
            artifacts.append({"role": role, "store": "output", "key": role, "size": len(data)})
    columns = [{"name": name, "type": "VARCHAR"} for name in table or []]
    result = {
        "kind": kind,
        "summary": summary,
        "table": {"columns": columns} if table else None,
        "artifacts": artifacts,
    }
    shown = preview(result, "output", objects)
    assert objects.read_bytes <= 2 * HEAD_BYTES
    return shown


def test_rows_of_csv_are_as_they_stand_in_the_file() -> None:
    shown = seen("csv", b'\xef\xbb\xbfa,b\r\n"1,5","x\ny"\r\n\r\n007,\r\n', table=["a", "b"], delimiter=",")
    assert shown["rows"] == [["1,5", "x\ny"], ["007", ""]]
    assert shown["columns"] == [{"name": "a", "type": "VARCHAR"}, {"name": "b", "type": "VARCHAR"}]


def test_without_a_table_the_header_names_the_columns() -> None:
    assert seen("csv", b"a;b\n1;2\n", delimiter=";")["columns"] == [{"name": "a"}, {"name": "b"}]


@pytest.mark.parametrize("rows", [0, 1, ROWS, ROWS + 1, 200_000])
def test_only_the_first_rows_are_shown(rows: int) -> None:
    lines = b"".join(b"%d,x\n" % n for n in range(rows))
    shown = seen("csv", b"a,b\n" + lines, delimiter=",")
    assert [row[0] for row in shown["rows"]] == [str(n) for n in range(min(rows, ROWS))]


def test_a_row_that_is_cut_off_is_not_shown() -> None:
    first, second = b"1," + b"x" * 100, b"2," + "ü".encode() * HEAD_BYTES
    shown = seen("csv", b"a,b\n" + first + b"\n" + second + b"\n", delimiter=",")
    assert [row[0] for row in shown["rows"]] == ["1"]


def test_a_field_that_is_too_long_to_be_read_ends_the_preview() -> None:
    shown = seen("csv", b"a,b\n1,x\n2," + b"y" * 140_000 + b"\n3,z\n", delimiter=",")
    assert shown["rows"] == [["1", "x"]]


def test_objects_are_rows_by_their_members() -> None:
    lines = [{"a": 1, "b": None}, {"a": "x", "c": [1, {"d": "ü"}]}, {"b": 1.5, "a": True}]
    shown = seen("jsonl", "".join(f"{json.dumps(line)}\n" for line in lines).encode())
    assert [column["name"] for column in shown["columns"]] == ["a", "b", "c"]
    assert shown["rows"] == [["1", "null", ""], ["x", "", '[1, {"d": "ü"}]'], ["true", "1.5", ""]]


def test_what_are_no_objects_are_one_column() -> None:
    assert seen("jsonl", b"[1, 2]\n3\n") == {"columns": [{"name": "value"}], "rows": [["[1, 2]"], ["3"]], "rejects": []}


def test_a_table_alone_has_columns_and_no_rows() -> None:
    shown = seen("csv", None, table=["a"], delimiter=",")
    assert shown == {"columns": [{"name": "a", "type": "VARCHAR"}], "rows": [], "rejects": []}


def test_a_recipe_shows_its_members_not_those_that_count_them_in_its_table() -> None:
    shown = seen("recipe", b'{"ingredients": [1], "title": "Soup"}\n', table=["title", "ingredients", "milligrams"])
    assert shown["columns"] == [{"name": "ingredients"}, {"name": "title"}]
    assert shown["rows"] == [["[1]", "Soup"]]


def test_a_picture_has_neither() -> None:
    assert seen("image", None) == {"columns": [], "rows": [], "rejects": []}


def test_rejected_ones_say_where_and_why() -> None:
    by_line = {"line": 3, "reason": "not JSON", "raw": "x" * 900}
    by_element = {"element": 2, "path": "$.title", "reason": "blank", "raw": "{}"}
    shown = seen(
        "recipe", b"", rejects=f"{json.dumps(by_line)}\n{json.dumps(by_element)}\n".encode(), totals={"steps": 3}
    )
    assert shown["rejects"] == [
        {"line": 3, "reason": "not JSON", "raw": cut("x" * 900)},
        {"reason": "record 2, $.title: blank", "raw": "{}"},
    ]
    assert shown["totals"] == {"steps": 3}


def test_only_the_first_rejected_ones_are_shown() -> None:
    many = b"".join(b'{"line": %d, "reason": "r", "raw": "%s"}\n' % (n, b"x" * 50_000) for n in range(1, 100))
    assert [one["line"] for one in seen("csv", None, rejects=many, delimiter=",")["rejects"]] == [1, 2, 3, 4, 5]


def test_long_values_are_cut() -> None:
    assert (cut("x" * VALUE_LETTERS), len(cut("x" * 900))) == ("x" * VALUE_LETTERS, VALUE_LETTERS)


def test_the_first_lines_of_a_text_are_shown_as_they_were_noted() -> None:
    assert seen("text", None, beginning="Dear Ada,\nyours")["text"] == "Dear Ada,\nyours"
    assert "text" not in seen("text", None, beginning="")
