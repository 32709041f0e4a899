"""The page about the command is the one that the command makes."""

from cli.reference import PAGE, render


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text() == render(), "docs/cli.md is stale: run `python -m cli.reference`"


def test_the_page_names_every_command_and_status() -> None:
    page = render()
    for command in ("up", "put", "ls", "status", "get", "link", "redrive", "delete", "generate", "outputs"):
        assert f"## `penstock {command}" in page
    for status in (0, 1, 2, 3, 4, 5, 6, 7, 8, 130):
        assert f"\n| {status} | " in page
