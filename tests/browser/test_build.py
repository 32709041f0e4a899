"""The page is built twice to the same bytes. It needs npm's registry, or what was installed from it before."""

import hashlib
import shutil
from pathlib import Path

import pytest

from components.page import PageError, build, files
from components.page.build import NOT_SOURCES, ROOT, SOURCES

pytestmark = pytest.mark.browser


def digests(folder: Path) -> dict[str, str]:
    """Name to SHA-256 of all files below a folder."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files.names(folder)}


def test_the_same_sources_give_the_same_bytes_elsewhere(tmp_path: Path) -> None:
    try:
        here = build()
    except PageError as error:
        pytest.skip(str(error))
    other = tmp_path / "elsewhere"
    shutil.copytree(ROOT / SOURCES, other / SOURCES, ignore=shutil.ignore_patterns(*NOT_SOURCES))
    (other / "requirements").symlink_to(ROOT / "requirements")
    (other / "build").mkdir()
    for node in (ROOT / "build").glob("node-*"):
        (other / "build" / node.name).symlink_to(node)
    shutil.copytree(ROOT / SOURCES / "node_modules", other / SOURCES / "node_modules", symlinks=True)
    there = build(other)
    assert there.version == here.version
    found = digests(other / there.folder)
    assert len(found) > 3
    assert found == digests(ROOT / here.folder)
