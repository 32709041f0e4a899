"""The page about the local cloud is what the code says."""

import pytest

from local.reference import PAGE, render


def test_the_page_is_up_to_date() -> None:
    page = PAGE.read_text()
    assert render(page) == page, "run python -m local.reference"


def test_a_page_without_a_section_is_refused() -> None:
    with pytest.raises(ValueError, match="'limits'"):
        render("<!-- types -->\n<!-- /types -->\n<!-- skipped -->\n<!-- /skipped -->\n")
