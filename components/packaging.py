"""Functions' packages: stored ZIPs, equal byte for byte when nothing that is in them has changed (ADR 5).

`build(function, platform)` gathers the modules that the function's handler imports and the wheels of its lock files.
Everything lies under `build/` in the project's folder; what has been built before is found again without a network.
"""

import contextlib
import hashlib
import os
import sys
import tempfile
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

from components import bytecode, imports, packed, wheels
from components.imports import ROOT, PackagingError, closure
from components.wheels import Platform, installed

# Lambda's limits: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
ZIPPED_LIMIT = 50 * 1024**2
UNZIPPED_LIMIT = 250 * 1024**2
EPOCH = (1980, 1, 1, 0, 0, 0)
STALE_SECONDS = 1800
SHARED_MODELS = frozenset({"_retry.json", "endpoints.json", "partitions.json", "sdk-default-configuration.json"})
UNUSED_FOLDERS = frozenset({"__pycache__", "bin", "tests", "test", "examples"})
UNUSED_SUFFIXES = frozenset({packed.SUFFIX, ".pyc", ".pyi", ".c", ".h", ".pxd", ".pyx", ".js", ".css"})
# Parts of libraries that nothing of ours imports, directly or not: DuckDB's imitation of Spark, Powertools' router of
# HTTP requests, and what makes bindings to C rather than uses them (who is bound needs `_cffi_backend` only).
UNUSED_PARTS = ("duckdb/experimental/", "aws_lambda_powertools/event_handler/", "cffi/", "pycparser/")


@dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """A built package: `path` is relative to the project's folder, `sha256` is of the ZIP, in hexadecimal."""

    path: str
    sha256: str
    services: frozenset[str]


def build(
    function: str,
    locks: tuple[str, ...],
    platform: Platform,
    root: Path = ROOT,
    *,
    files: Mapping[str, bytes] | None = None,
) -> Package:
    """The package of `runtime/handlers/FUNCTION.py` with the wheels of `locks`. Raises `PackagingError`.

    `files` are further ones by their names in the package: what is too long for the environment.
    """
    sources = closure(f"runtime.handlers.{function}", root) | _given(files or {}, root)
    libraries = [installed(lock, platform, root) for lock in locks]
    called = imports.services(sources)
    compiles = platform == "aws" and bytecode.possible()
    key = _key(sources, libraries, called, sys.version if compiles else "")
    folder = Path("build/packages") / platform
    path = folder / f"{function}-{key}.zip"
    (root / folder).mkdir(parents=True, exist_ok=True)
    if not _kept(root / path):
        contents = _contents(sources, libraries, called)
        _write(root / path, bytecode.added(contents, root / "build/bytecode") if compiles else contents)
        _prune(root / folder, function)
    about = (root / path).stat()
    return Package(path=path.as_posix(), sha256=_digest(root / path, about.st_ino, about.st_size), services=called)


@cache
def _digest(path: Path, _inode: int, _size: int) -> str:
    """SHA-256 of a package, which is never changed, only replaced as a whole."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _given(files: Mapping[str, bytes], root: Path) -> dict[str, Path]:
    """The files, each below a name that its content gives it."""
    paths = {}
    for name, content in files.items():
        path = root / "build/files" / hashlib.sha256(content).hexdigest()[:16] / PurePosixPath(name).name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        paths[name] = path
    return paths


def _contents(sources: Mapping[str, Path], libraries: list[Path], services: frozenset[str]) -> dict[str, Path]:
    contents = dict(sources)
    for folder in libraries:
        for path in folder.rglob("*"):
            name = path.relative_to(folder)
            if (
                not path.is_file()
                or path.suffix == packed.SUFFIX
                or not _wanted(_source(PurePosixPath(name)), services)
            ):
                continue
            other = contents.setdefault(name.as_posix(), path)
            if other != path and other.read_bytes() != path.read_bytes():
                raise PackagingError(f"{name}: two lock files give different versions of it; compile them together")
    return dict(sorted(contents.items()))


def _source(name: PurePosixPath) -> PurePosixPath:
    """The module that byte code was made from; byte code goes where its module goes."""
    if name.suffix == ".pyc" and name.parent.name == "__pycache__":
        return name.parent.parent / f"{name.name.partition('.')[0]}.py"
    return name


def _wanted(name: PurePosixPath, services: frozenset[str]) -> bool:
    top, parents = name.parts[0], name.parts[:-1]
    unused = UNUSED_FOLDERS.intersection(parents) or name.suffix in UNUSED_SUFFIXES
    if unused or name.as_posix().startswith(UNUSED_PARTS):
        return False
    if top.endswith(".dist-info"):
        return name.name == "METADATA"
    if name.parts[:2] == ("boto3", "data"):
        return False
    if name.parts[:2] == ("botocore", "data"):
        if len(name.parts) == 3:
            return name.name in SHARED_MODELS
        return name.parts[2] in services and not name.name.startswith("examples-")
    return True


def _key(sources: Mapping[str, Path], libraries: list[Path], services: frozenset[str], compiler: str) -> str:
    """Changes with anything that may change the package: the sources, the wheels, and the rules of this module."""
    digest = hashlib.sha256(b"".join(Path(module).read_bytes() for module in _RULES))
    for part in (compiler, *sorted(folder.name for folder in libraries), *sorted(services)):
        digest.update(part.encode() + b"\0")
    for name, path in sources.items():
        digest.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


_MODULES = (imports, packed, bytecode, wheels)
_RULES = tuple(path for path in (__file__, *(module.__file__ for module in _MODULES)) if path)


def _write(path: Path, contents: Mapping[str, Path]) -> None:
    unzipped = sum(file.stat().st_size for file in contents.values())
    if unzipped > UNZIPPED_LIMIT:
        raise PackagingError(f"{path.name}: {unzipped} bytes unzipped, Lambda takes {UNZIPPED_LIMIT}")
    descriptor, scratch = tempfile.mkstemp(dir=path.parent, prefix=".making-")
    try:
        with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for name, source in contents.items():
                info = zipfile.ZipInfo(name, EPOCH)
                info.external_attr = 0o100644 << 16
                info.create_system = 3
                if deflated := packed.deflated(source):
                    packed.add(archive, info, source.read_bytes(), deflated)
                else:
                    archive.writestr(info, source.read_bytes())
        zipped = Path(scratch).stat().st_size
        if zipped > ZIPPED_LIMIT:
            raise PackagingError(f"{path.name}: {zipped} bytes zipped, Lambda takes {ZIPPED_LIMIT} by direct upload")
        Path(scratch).chmod(0o644)
        Path(scratch).replace(path)
    finally:
        Path(scratch).unlink(missing_ok=True)


def _kept(path: Path) -> bool:
    """Whether the package is there; then no process that prunes takes it away for the next half hour."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _prune(folder: Path, function: str) -> None:
    """Removes packages of the function that nobody has asked for in the last half hour. Several processes may."""
    for path in folder.glob(f"{function}-*.zip"):
        with contextlib.suppress(FileNotFoundError):
            if path.stem.rpartition("-")[0] == function and path.stat().st_mtime < time.time() - STALE_SECONDS:
                path.unlink()
