"""Declared tables: what the settings take, refuse with the key's name, and hand to the functions."""

import json
from pathlib import Path
from typing import Any

import pytest

from components import declared
from components.settings import SettingsError, parse
from runtime.domain.column_types import decimal
from runtime.domain.planning import Wishes
from runtime.domain.tables import Schema


def settings(tables: dict[str, Any]) -> Any:
    return parse({"penstock:tables": json.dumps(tables)}, project="penstock", stack="dev").tables


def test_columns_reach_the_functions_as_they_are_declared() -> None:
    tables = settings(
        {
            "results": "parquet",
            "declared": [
                {
                    "prefix": "sales/",
                    "columns": {"id": "BIGINT NOT NULL", "größe": "DOUBLE", "paid": "DECIMAL(10, 2) NOT NULL"},
                },
                {
                    "prefix": "",
                    "json_schema": {
                        "type": "object",
                        "required": ["id", "at"],
                        "properties": {
                            "id": {"type": "integer", "title": "Number"},
                            "at": {"type": ["string", "null"], "format": "date-time"},
                            "note": {"type": "string"},
                            "price": {"type": ["null", "number"], "format": "decimal(38,0)"},
                        },
                    },
                },
            ],
        }
    )
    ((name, content),) = declared.files([(table.prefix, table.found) for table in tables.declared]).items()
    assert name == "declared_tables.json"
    sales, rest = [Schema.from_json(each) for each in json.loads(content)]
    assert {name: (column.type, column.nullable) for name, column in sales.columns.items()} == {
        "id": ("i", False),
        "größe": ("f", True),
        "paid": (decimal(10, 2), False),
    }
    found = [(column.type, column.nullable) for column in rest.columns.values()]
    assert found == [("i", False), ("z", True), ("s", True), (decimal(38, 0), True)]
    assert Wishes.of(tables.results) == Wishes(clean=False, tables=True)


def test_without_settings_both_are_made_and_nothing_is_declared() -> None:
    tables = settings({})
    assert (tables.results, tables.declared) == ("both", [])
    assert declared.files([]) == {"declared_tables.json": b"[]"}


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"prefix": "a/"}, "'a/': either columns or json_schema is given"),
        ({"prefix": "a/", "columns": {"x": "INT"}}, "column x: 'INT' is not a type; there are BOOLEAN"),
        ({"prefix": "a/", "columns": {"x": "DECIMAL"}}, "column x: 'DECIMAL' is not a type; there are BOOLEAN"),
        ({"prefix": "a/", "columns": {"x": "decimal(5,2)"}}, "column x: 'decimal(5,2)' is not a type"),
        ({"prefix": "a/", "columns": {"x": "DECIMAL(39,2)"}}, "x: decimal(39,2): a DECIMAL has 1 to 38 digits"),
        (
            {
                "prefix": "a/",
                "json_schema": {"type": "object", "properties": {"x": {"type": "number", "format": "decimal(2,3)"}}},
            },
            "json_schema: x: decimal(2,3): a DECIMAL has 1 to 38 digits",
        ),
        (
            {
                "prefix": "a/",
                "json_schema": {"type": "object", "properties": {"x": {"type": "integer", "format": "decimal(5,2)"}}},
            },
            "json_schema: x: type 'integer' and format 'decimal(5,2)' are no type of a column",
        ),
        ({"prefix": "a/", "columns": {"x": "DATE", "X": "DATE"}}, "differ in more than their case"),
        ({"prefix": "a/", "columns": {str(n): "DATE" for n in range(1001)}}, "1000 columns at most"),
        ({"prefix": "a/", "json_schema": {"type": "array"}}, "json_schema: it has to be of type object"),
        (
            {"prefix": "a/", "json_schema": {"type": "object", "properties": {"x": {"type": "integer", "minimum": 0}}}},
            "json_schema: x: minimum is not checked here",
        ),
        (
            {"prefix": "a/", "json_schema": {"type": "object", "properties": {"x": {"type": "object"}}}},
            "json_schema: x: type 'object' and format None are no type of a column",
        ),
        (
            {"prefix": "a/", "json_schema": {"type": "object", "properties": {"x": {"type": "null"}}, "required": "y"}},
            "y is required, but is no property",
        ),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_with_its_key(table: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingsError) as refused:
        settings({"declared": [table]})
    assert says in str(refused.value) and "penstock:tables.declared.0" in str(refused.value)


def test_a_prefix_is_declared_once() -> None:
    table = {"prefix": "a/", "columns": {"x": "DATE"}}
    with pytest.raises(SettingsError, match="declared has a prefix twice"):
        settings({"declared": [table, table]})


def test_the_file_lies_where_functions_look_for_it(tmp_path: Path) -> None:
    from runtime.adapters import wishes

    assert Path(wishes.__file__).resolve().parents[2] == Path(declared.__file__).resolve().parents[1], (
        "the package's root is the project's"
    )
