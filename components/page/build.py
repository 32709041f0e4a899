"""Builds the page, once for each state of its sources; the same sources give the same bytes.

Everything lies under `build/` in the project's folder. What has been built before is found again without Node and
without a network.
"""

import fcntl
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from components.page import node
from components.page.files import refuse_unknown

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = Path("web")
INDEX = "index.html"
# Tests are sources as well: Tailwind looks for names of classes in whatever lies here.
NOT_SOURCES = frozenset({"node_modules", "dist", "coverage"})
KEPT = 3
"""How many builds stay, the newest."""


class PageError(Exception):
    """The page cannot be built."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Built:
    """The page's files lie in `folder`, which is relative to the project's; `version` changes with its sources."""

    folder: Path
    version: str

    @classmethod
    def of(cls, folder: Path, root: Path = ROOT) -> "Built":
        """A page that was built before. Raises `PageError` for a folder without one."""
        if not (root / folder / INDEX).is_file():
            raise PageError(f"{folder} has no {INDEX}; build the page with make page, and say where it lies")
        return cls(folder=folder, version=_digest(root, files_below(root / folder)))


def build(root: Path = ROOT) -> Built:
    """The page, built. Raises `PageError`, when npm's registry cannot be reached for one."""
    version = version_of(root)
    folder = Path("build") / f"page-{version}"
    with _alone(root / "build"):
        if not (root / folder).exists():
            _make(root, root / folder)
        (root / folder).touch()
        _prune(root / "build", root / folder)
    return Built(folder=folder, version=version)


def version_of(root: Path) -> str:
    """Changes with whatever the page of the project in `root` is made of."""
    return _digest(root, files_below(root / SOURCES))


def files_below(folder: Path) -> list[Path]:
    """All files below a folder that are made by hand, sorted."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if NOT_SOURCES.isdisjoint(path.relative_to(folder).parts))


def _digest(root: Path, paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two processes that build at once would install into the same folder."""
    folder.mkdir(exist_ok=True)
    with (folder / ".page-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(root: Path, folder: Path) -> None:
    web, tool = root / SOURCES, ready(root)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".making-") as scratch:
        made = Path(scratch) / "page"
        done = tool.run("node_modules/vite/bin/vite.js", "build", "--outDir", str(made), "--emptyOutDir", cwd=web)
        if done.returncode:
            raise PageError(f"vite failed:\n{(done.stderr or done.stdout).strip()[-2000:]}")
        refuse_unknown(made)
        made.replace(folder)


def ready(root: Path) -> node.Node:
    """Node, once it is there and has the page's libraries. Raises `PageError`."""
    try:
        tool = node.find(root)
    except node.NoNode as error:
        raise PageError(str(error)) from error
    _install(tool, root / SOURCES)
    return tool


def _install(tool: node.Node, web: Path) -> None:
    """The locked libraries, once for each lock file."""
    lock = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
    stamp = web / "node_modules/.penstock"
    if stamp.exists() and stamp.read_text() == lock:
        return
    # Not `npm ci`, which refuses a lock file without the parts for other systems, and some registries have not got all
    # of them. What the lock file has is taken as it says, and no library's own script runs.
    done = tool.run(tool.npm, "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", cwd=web)
    if done.returncode:
        raise PageError(f"npm could not install the page's libraries:\n{done.stderr.strip()[:2000]}")
    stamp.write_text(lock)


def _prune(folder: Path, current: Path) -> None:
    others = [path for path in folder.glob("page-*") if path != current]
    for path in sorted(others, key=lambda one: one.stat().st_mtime)[: -KEPT + 1]:
        shutil.rmtree(path, ignore_errors=True)
