"""From events to runs."""

import json
from typing import Any

import pytest

from runtime.domain.starts import NotAnEvent, from_event


def event(**thing: Any) -> dict[str, Any]:
    return {
        "id": "1",
        "time": "2026-01-02T03:04:05Z",
        "detail-type": "Object Created",
        "detail": {
            "bucket": {"name": "up"},
            "object": {"key": "a b/ü+.csv", "size": 7, "etag": "e", "version-id": "v1", "sequencer": "0A", **thing},
        },
    }


def test_the_same_version_is_the_same_run_whatever_the_event() -> None:
    first, again = event(), event() | {"id": "2"}
    start, repeat = from_event(json.dumps(first)), from_event(json.dumps(again))
    assert start is not None and start == repeat
    state = json.loads(start.input)
    assert state["file"]["key"] == "a b/ü+.csv"
    assert state["entries"]["received"] < state["entries"]["ended"]
    assert len(start.name) <= 80
    other = from_event(json.dumps(event(**{"version-id": "v2"})))
    assert other is not None and other.name != start.name


def test_a_folder_is_no_file() -> None:
    assert from_event(json.dumps(event(key="folder/", size=0))) is None
    assert from_event(json.dumps(event(key="folder/", size=1))) is not None


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"detail-type": "Object Deleted"}', '{"detail-type": "Object Created"}']
)
def test_anything_else_is_refused(body: str) -> None:
    with pytest.raises(NotAnEvent):
        from_event(body)
