"""The page on security names files that exist: a measure whose file is gone is a promise that nobody keeps."""

import re

from local.deploy import ROOT

PAGE = ROOT / "docs" / "security.md"


def test_every_file_that_is_named_exists() -> None:
    text = PAGE.read_text()
    named = set(re.findall(r"`([\w./-]+\.(?:py|yml|yaml|md|txt))`", text))
    linked = {target for target in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in target}
    assert len(named) > 20
    assert sorted(name for name in named if not (ROOT / name).is_file()) == []
    assert sorted(name for name in linked if not (PAGE.parent / name).is_file()) == []


def test_every_theme_of_the_policies_is_named() -> None:
    """A theme that the page does not know stands for a measure that it does not tell."""
    themes = {
        path.name
        for path in (ROOT / "policies").glob("*.py")
        if re.search(r"^@(each|whole_stack)", path.read_text(), re.M)
    }
    assert themes
    assert {name for name in themes if f"policies/{name}" not in PAGE.read_text()} == set()
