"""Declared tables: what the settings take, refuse with the key's name, and hand to the functions."""

import json
import re
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
    assert (tables.results, tables.distinct, tables.declared) == ("both", False, [])
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


SALES = {
    "prefix": "sales/",
    "columns": {
        "id": "BIGINT NOT NULL", "day": "DATE", "at": "TIMESTAMP", "seen": "TIMESTAMPTZ", "share": "DOUBLE",
        "paid": "DECIMAL(12,2)", "new": "BOOLEAN", "note": "VARCHAR",
    },
}  # fmt: skip


def whole(rows: list[dict[str, Any]], *, results: str = "both", declared: list[dict[str, Any]] | None = None) -> Any:
    tables = {"results": results, "declared": [SALES] if declared is None else declared}
    settings = {
        "penstock:tables": json.dumps(tables),
        "penstock:catalogue": json.dumps({"enabled": True, "rows": rows}),
        "penstock:functions": '{"in_vpc": true}',
    }
    return parse(settings, project="penstock", stack="dev")


def test_a_table_for_rows_takes_the_columns_that_its_files_must_have() -> None:
    rows = [
        {"prefix": "sales/north/", "table": "north"},
        {"prefix": "other/", "table": "other", "columns": {"n": "numeric(5,0)"}},
    ]
    north, other = whole(rows).rows_tables()
    assert (north.prefix, north.table) == ("sales/north/", "north")
    assert north.columns == {
        "id": "bigint",
        "day": "date",
        "at": "timestamp without time zone",
        "seen": "timestamp with time zone",
        "share": "double precision",
        "paid": "numeric(12,2)",
        "new": "boolean",
        "note": "text",
    }
    assert other.columns == {"n": "numeric(5,0)"}
    nearer = {"prefix": "sales/no", "columns": {"x": "DATE"}}
    (north,) = whole(
        rows[:1], declared=[nearer, SALES, {"prefix": "sales/north/east", "columns": {"y": "DATE"}}]
    ).rows_tables()
    assert north.columns == {"x": "date"}, "the longest beginning that all of its files have"


@pytest.mark.parametrize(
    ("rows", "more", "says"),
    [
        ({}, {"declared": []}, "catalogue.rows: sales has no columns, and tables.declared has none for 'sales/'"),
        ({"prefix": "sal"}, {}, "tables.declared has none for 'sal'"),
        ({}, {"results": "parquet"}, "catalogue.rows needs tables.results to be both or clean"),
        (
            {},
            {"declared": [{"prefix": "", "columns": {"file_id": "BIGINT"}}]},
            "catalogue.rows: sales: column: Value error, the table sales has a column file_id of its own",
        ),
        ({}, {"declared": [{"prefix": "", "columns": {"x" * 64: "BIGINT"}}]}, "should have at most 63 characters"),
        ({"columns": {"n": "int"}}, {}, "catalogue.rows.0.columns.n: 'int' is not a type; there are bigint"),
        ({"columns": {"n": "numeric(10, 2)"}}, {}, "'numeric(10, 2)' is not a type"),
    ],
)
def test_a_table_for_rows_that_cannot_be_is_refused(rows: dict[str, Any], more: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(says)):
        whole([{"prefix": "sales/", "table": "sales", **rows}], **more)


def test_a_prefix_is_declared_once() -> None:
    table = {"prefix": "a/", "columns": {"x": "DATE"}}
    with pytest.raises(SettingsError, match="declared has a prefix twice"):
        settings({"declared": [table, table]})


def test_the_file_lies_where_functions_look_for_it(tmp_path: Path) -> None:
    from runtime.adapters import wishes

    assert Path(wishes.__file__).resolve().parents[2] == Path(declared.__file__).resolve().parents[1], (
        "the package's root is the project's"
    )
