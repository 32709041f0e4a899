"""The beginning of a result, for a person who wants to see whether it is what they meant."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runtime.domain.ports import Objects, Place

ROWS = 20
VALUE_LETTERS = 200
HEAD_BYTES = 256 * 1024
"""Read of each object. Where fewer rows fit into it, fewer are shown."""
LONGEST = 128 * 1024
"""A field with more letters ends the preview: a person would not see where its row ends."""

Columns = list[dict[str, str]]


def preview(result: Mapping[str, Any], bucket: str, objects: Objects) -> dict[str, Any]:
    """Columns, first rows, first rejected ones and sums, from a `result.json` and what lies beside it.

    A table that is delivered as Parquet alone has columns here, and no rows: they are not read for a look. Of a text
    there are the first lines.
    """
    made = {artifact["role"]: artifact for artifact in result["artifacts"] if artifact["store"] == "output"}
    typed = {column["name"]: column["type"] for column in (result.get("table") or {}).get("columns", [])}
    columns: Columns = [{"name": name, "type": kind} for name, kind in typed.items()]
    rows: list[list[str]] = []
    if "clean" in made:
        head, whole = _head(made["clean"], bucket, objects)
        if result["kind"] == "csv":
            columns, rows = _of_csv(head, whole, result["summary"]["delimiter"], columns)
        else:
            # A line of JSON Lines is a row of the table; one of another kind has more in it.
            columns, rows = _of_lines(list(_lines(head, whole)), columns if result["kind"] == "jsonl" else [])
    rejects = list(_lines(*_head(made["rejects"], bucket, objects)))[:ROWS] if "rejects" in made else []
    shown: dict[str, Any] = {"columns": columns, "rows": rows, "rejects": [_reject(one) for one in rejects]}
    more = {"totals": result["summary"].get("totals"), "text": result["summary"].get("beginning")}
    return {**shown, **{name: value for name, value in more.items() if value}}


def _head(artifact: Mapping[str, Any], bucket: str, objects: Objects) -> tuple[str, bool]:
    """The first bytes as text, and whether they are all there are. A letter that was cut in two is left out."""
    end = min(artifact["size"], HEAD_BYTES)
    data = b"".join(objects.read(Place(bucket, artifact["key"]), end=end)) if end else b""
    return data.decode("utf-8", "ignore"), end == artifact["size"]


def _of_csv(head: str, whole: bool, delimiter: str, columns: Columns) -> tuple[Columns, list[list[str]]]:
    records = list(_records(head.removeprefix("\ufeff"), delimiter))
    if not whole:
        records = records[:-1]
    if not records:
        return columns, []
    header, *rows = records
    # A table's columns have names that are not empty and differ; there are as many, in the same order.
    shown = columns if len(columns) == len(header) else [{"name": cut(name)} for name in header]
    return shown, [[cut(value) for value in row] for row in rows[:ROWS]]


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    """The header, as many rows as are shown, and one that may be cut off. Empty lines are none."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found = 0
    while found < ROWS + 2:
        try:
            record = next(reader)
        except (StopIteration, csv.Error):
            return
        # The module's own limit is what some other module may have changed.
        if any(len(value) > LONGEST for value in record):
            return
        if record:
            found += 1
            yield record


def _lines(head: str, whole: bool) -> Iterator[Any]:
    """The values of the first lines of JSON Lines."""
    lines = head.split("\n")
    for line in (lines if whole else lines[:-1])[: ROWS * 2]:
        if line.strip():
            try:
                yield json.loads(line)
            except (ValueError, RecursionError):
                return


def _of_lines(values: Sequence[Any], columns: Columns) -> tuple[Columns, list[list[str]]]:
    """Objects by their members; anything else as one column."""
    values = values[:ROWS]
    if not all(isinstance(value, dict) for value in values):
        return [{"name": "value"}], [[cut(_text(value))] for value in values]
    if not columns:
        columns = [{"name": name} for name in dict.fromkeys(name for value in values for name in value)]
    return columns, [[cut(_text(value.get(column["name"], ""))) for column in columns] for value in values]


def _reject(value: Mapping[str, Any]) -> dict[str, Any]:
    """Records of a JSON array have a number and a path instead of a line."""
    reason = value["reason"]
    if "element" in value:
        reason = f"record {value['element']}, {value.get('path', '$')}: {reason}"
    members = {"line": value.get("line"), "reason": reason, "raw": cut(value["raw"]) if "raw" in value else None}
    return {name: member for name, member in members.items() if member is not None}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def cut(value: str) -> str:
    """At most so many letters, with a mark where some are left out."""
    return value if len(value) <= VALUE_LETTERS else f"{value[: VALUE_LETTERS - 1]}…"
