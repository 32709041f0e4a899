"""The page about settings says what the settings are."""

from components.settings import Client, DeclaredTable, RowsTable, sections
from components.settings_reference import PAGE, render


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text() == render(), "run: python -m components.settings_reference"


def test_every_setting_has_its_row() -> None:
    rows = {line.split("|")[1].strip() for line in render().splitlines() if line.startswith("| `")}
    fields = {f"`{field}`" for _, section in sections() for field in section.model_fields}
    assert rows == fields | {f"`{field}`" for of in (Client, DeclaredTable, RowsTable) for field in of.model_fields}
