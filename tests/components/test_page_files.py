"""What browsers are told of the page's files, what is built, and the API's reference."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from components.api.document import load, operations
from components.page import Built, PageError, build, files, reference
from components.page.build import KEPT, version_of


def test_what_carries_its_hash_is_kept_for_a_year_and_nothing_else() -> None:
    assert "immutable" in files.cache_control("assets/index-0a1b2c3d.js")
    assert {files.cache_control(name) for name in ("index.html", "config.json", "icon.svg")} == {"no-cache"}


def test_a_file_whose_type_is_not_known_is_refused(tmp_path: Path) -> None:
    (tmp_path / "odd.xyz").touch()
    with pytest.raises(ValueError, match=r"odd\.xyz: add the type of \.xyz"):
        files.refuse_unknown(tmp_path)


def project(root: Path, *, page: str = "export {}") -> Path:
    """A project with sources of a page, whose build nobody has made yet."""
    (root / "web/node_modules/thing").mkdir(parents=True)
    (root / "web/node_modules/thing/index.js").write_text("ignored")
    (root / "web/main.ts").write_text(page)
    return root


def made(root: Path, version: str) -> Path:
    folder = root / "build" / f"page-{version}"
    folder.mkdir(parents=True)
    (folder / "index.html").touch()
    return folder


def test_what_was_built_from_the_same_sources_is_found_again(tmp_path: Path) -> None:
    root = project(tmp_path)
    with pytest.raises((PageError, FileNotFoundError)):
        # There is neither a lock file nor a package.json, so nothing can be built here.
        build(root)
    version = version_of(root)
    made(root, version)
    assert build(root) == Built(folder=Path(f"build/page-{version}"), version=version)
    (root / "web/node_modules/thing/index.js").write_text("still ignored")
    assert build(root).version == version
    (root / "web/main.ts").write_text("export {};")
    with pytest.raises((PageError, FileNotFoundError)):
        build(root)


def test_old_builds_go(tmp_path: Path) -> None:
    root = project(tmp_path)
    old = [made(root, f"old{number}") for number in range(5)]
    version = version_of(root)
    current = made(root, version)
    build(root)
    assert current.is_dir()
    assert sum(one.is_dir() for one in old) == KEPT - 1


def test_a_folder_without_a_page_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PageError, match=r"nothing has no index\.html"):
        Built.of(Path("nothing"), tmp_path)


class Marks(HTMLParser):
    """What the reference refers to, and what it would run."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids |= {given["id"]} if given.get("id") else set()
        self.links |= {given["href"]} if tag == "a" and given.get("href") else set()
        if tag in ("script", "style") or "style" in given or any(name.startswith("on") for name in given):
            self.inline.append(tag)


def test_the_reference_has_every_route_and_nothing_that_the_policy_refuses() -> None:
    marks = Marks()
    marks.feed(reference.as_html(load()))
    ids = {operation.id for operation in operations(load())}
    assert ids <= marks.ids
    assert {link[1:] for link in marks.links if link.startswith("#")} <= marks.ids
    assert marks.inline == []


def test_the_page_of_the_docs_has_every_route_and_schema() -> None:
    text = reference.as_markdown(load())
    for operation in operations(load()):
        assert f"### `{operation.method.upper()} {operation.path}`" in text
    for name in load()["components"]["schemas"]:
        assert re.search(rf"^### {name}$", text, re.MULTILINE)


def test_the_document_for_programs_is_the_document() -> None:
    assert json.loads(reference.as_json(load())) == load()
