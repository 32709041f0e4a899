"""Byte code for functions' packages: without it Lambda compiles every module anew at each cold start (ADR 5).

Only the Python that the functions run under can make it. It is written in a form of `marshal` that does not depend on
what else the process holds, and checked by nothing at run time: source and byte code come in one package.
"""

import hashlib
import marshal
import os
import sys
import tempfile
import warnings
from collections.abc import Mapping
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from pathlib import Path, PurePosixPath

FUNCTIONS_PYTHON = (3, 13)
# Later forms refer back to objects that have more than one owner, which depends on what was compiled before.
_MARSHAL = 2
_UNCHECKED_HASH = 0b01


def possible() -> bool:
    """True if this is the functions' Python."""
    return sys.version_info[:2] == FUNCTIONS_PYTHON


def added(contents: Mapping[str, Path], folder: Path) -> dict[str, Path]:
    """`contents` of a package with the byte code of its modules, which is kept in `folder` for the next time."""
    folder.mkdir(parents=True, exist_ok=True)
    found = dict(contents)
    for name, path in contents.items():
        if path.suffix == ".py" and (made := _compiled(name, path.read_bytes(), folder)):
            # Where the import system looks for it, by the name of this Python.
            found[PurePosixPath(cache_from_source(name)).as_posix()] = made
    return dict(sorted(found.items()))


def _compiled(name: str, source: bytes, folder: Path) -> Path | None:
    key = hashlib.sha256(sys.version.encode() + b"\0" + name.encode() + b"\0" + source).hexdigest()[:32]
    target = folder / f"{key}.pyc"
    if target.exists():
        return target
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code = compile(source, name, "exec", dont_inherit=True, optimize=0)
    except (SyntaxError, ValueError):
        return None  # a template, or a module for another Python
    head = MAGIC_NUMBER + _UNCHECKED_HASH.to_bytes(4, "little") + source_hash(source)
    descriptor, scratch = tempfile.mkstemp(dir=folder, prefix=".making-")
    with os.fdopen(descriptor, "wb") as file:
        file.write(head + marshal.dumps(code, _MARSHAL))
    Path(scratch).replace(target)
    return target
