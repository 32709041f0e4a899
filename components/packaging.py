"""Functions' packages: stored ZIPs, equal byte for byte when nothing that is in them has changed (ADR 5).

`build(function, platform)` gathers the modules that the function's handler imports and the wheels of its lock files.
Everything lies under `build/` in the project's folder; what has been built before is found again without a network.
"""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Literal

from components import bytecode, imports, packed
from components.imports import ROOT, PackagingError, closure

try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None  # type: ignore[assignment]

Platform = Literal["aws", "host"]

LOCKS = Path("requirements/functions")
# Lambda's limits: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
ZIPPED_LIMIT = 50 * 1024**2
UNZIPPED_LIMIT = 250 * 1024**2
PYTHON = ".".join(map(str, bytecode.FUNCTIONS_PYTHON))
EPOCH = (1980, 1, 1, 0, 0, 0)
STALE_SECONDS = 1800
AWS_WHEELS = [
    *("--platform", "manylinux_2_28_aarch64", "--platform", "manylinux_2_17_aarch64"),
    *("--platform", "manylinux2014_aarch64", "--implementation", "cp", "--python-version", PYTHON),
]
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
    wheels = [_wheels(lock, platform, root) for lock in locks]
    called = imports.services(sources)
    compiles = platform == "aws" and bytecode.possible()
    key = _key(sources, wheels, called, sys.version if compiles else "")
    folder = Path("build/packages") / platform
    path = folder / f"{function}-{key}.zip"
    (root / folder).mkdir(parents=True, exist_ok=True)
    if not _kept(root / path):
        contents = _contents(sources, wheels, called)
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


def _wheels(lock: str, platform: Platform, root: Path) -> Path:
    """Folder with the installed wheels of a lock file. Made once; several processes may ask at the same time."""
    text = (root / LOCKS / f"{lock}.txt").read_bytes()
    target = "arm64-cp313" if platform == "aws" else f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}"
    target += f"-{packed.LEAST_BYTES}"
    base = root / "build/wheels"
    folder = base / f"{platform}-{hashlib.sha256(target.encode() + text).hexdigest()[:16]}"
    if folder.exists():
        return folder
    base.mkdir(parents=True, exist_ok=True)
    # Who comes second waits and finds it made, where the system has such locks.
    with _alone(root / "build/wheels.lock"), tempfile.TemporaryDirectory(dir=base, prefix=".making-") as scratch:
        if folder.exists():
            return folder
        made = Path(scratch) / "wheels"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
        chosen = ["--no-deps", "--only-binary=:all:", "--require-hashes"]
        chosen += [*(AWS_WHEELS if platform == "aws" else []), "-r", str(root / LOCKS / f"{lock}.txt")]
        command += ["--target", str(made), "--no-compile", *chosen]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if not done.returncode and packed.has_large(made):
            done = packed.download(chosen, Path(scratch) / "packed")
            packed.keep(Path(scratch) / "packed", made)
        if done.returncode:
            raise PackagingError(f"{lock}.txt for {platform}: pip failed:\n{done.stderr.strip()[-2000:]}")
        if platform == "host":
            _compile(made)
        try:
            made.rename(folder)
        except OSError:
            # Another process was faster after all; what it made is the same.
            if not folder.exists():
                raise
            shutil.rmtree(made)
    return folder


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Only one process at a time gets into the block; the end of a process lets the next one in."""
    with path.open("a") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _compile(folder: Path) -> None:
    """Byte code for the interpreter of this machine, which would otherwise be made anew by each function's first start.

    For AWS see `bytecode`.
    """
    command = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    subprocess.run([*command, "-s", str(folder), str(folder)], capture_output=True, check=False)


def _contents(sources: Mapping[str, Path], wheels: list[Path], services: frozenset[str]) -> dict[str, Path]:
    contents = dict(sources)
    for folder in wheels:
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


def _key(sources: Mapping[str, Path], wheels: list[Path], services: frozenset[str], compiler: str) -> str:
    """Changes with anything that may change the package: the sources, the wheels, and the rules of this module."""
    digest = hashlib.sha256(b"".join(Path(module).read_bytes() for module in _RULES))
    for part in (compiler, *sorted(folder.name for folder in wheels), *sorted(services)):
        digest.update(part.encode() + b"\0")
    for name, path in sources.items():
        digest.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


_RULES = tuple(file for file in (__file__, imports.__file__, packed.__file__, bytecode.__file__) if file)


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
