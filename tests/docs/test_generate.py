"""Pages and schemas that are made from code are as the code says, and all of them are."""

from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from docs.generate import DOCS, PAGES
from runtime.domain import announcements, results


@pytest.mark.parametrize(("page", "render"), PAGES.items(), ids=lambda value: getattr(value, "name", ""))
def test_a_page_is_fresh(page: Path, render: Callable[[], str]) -> None:
    assert page.read_text() == render(), "run: make docs"


def test_every_published_schema_is_made_from_code() -> None:
    assert {path for path in PAGES if path.suffix == ".json"} == set((DOCS / "schemas").iterdir())


@pytest.mark.parametrize("schema", [announcements.schema(), results.schema()])
def test_a_schema_is_one(schema: dict[str, object]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)


def test_events_page_names_every_type_and_member() -> None:
    page = PAGES[DOCS / "events.md"]()
    for name in (*announcements.TYPES.values(), *announcements.schema()["properties"]):
        assert f"`{name}`" in page
