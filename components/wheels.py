"""Wheels of the functions' lock files, installed into folders of their own: `python -m components.wheels` does all.

They lie under `build/wheels` in the project's folder, a folder for each lock file and platform.
"""

import contextlib
import hashlib
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, get_args

from components import bytecode, packed
from components.imports import ROOT, PackagingError

try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None  # type: ignore[assignment]

Platform = Literal["aws", "host"]

LOCKS = Path("requirements/functions")
PYTHON = ".".join(map(str, bytecode.FUNCTIONS_PYTHON))
AWS_WHEELS = [
    *("--platform", "manylinux_2_28_aarch64", "--platform", "manylinux_2_17_aarch64"),
    *("--platform", "manylinux2014_aarch64", "--implementation", "cp", "--python-version", PYTHON),
]
AT_ONCE = 2


def main() -> int:
    """Installs what is not there yet; the exit status."""
    locks = sorted(path.stem for path in (ROOT / LOCKS).glob("*.txt"))
    wanted = [(lock, platform) for lock in locks for platform in get_args(Platform)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            list(pool.map(lambda one: installed(*one), wanted))
        except PackagingError as error:
            print(f"wheels: {error}", file=sys.stderr)
            return 1
    return 0


def installed(lock: str, platform: Platform, root: Path = ROOT) -> Path:
    """Folder with the installed wheels of a lock file. Made once; several processes may ask at the same time.

    Raises `PackagingError`.
    """
    text = (root / LOCKS / f"{lock}.txt").read_bytes()
    target = "arm64-cp313" if platform == "aws" else f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}"
    target += f"-{packed.LEAST_BYTES}"
    base = root / "build/wheels"
    folder = base / f"{platform}-{hashlib.sha256(target.encode() + text).hexdigest()[:16]}"
    if folder.exists():
        return folder
    base.mkdir(parents=True, exist_ok=True)
    lock_file = base.parent / f".{folder.name}.lock"
    # Who comes second waits and finds it made, where the system has such locks.
    with _alone(lock_file), tempfile.TemporaryDirectory(dir=base, prefix=".making-") as scratch:
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


if __name__ == "__main__":
    sys.exit(main())
