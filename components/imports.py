"""Which of our own modules a function's package carries, and which services of AWS they name.

Parsing takes nearly all of the time, and functions share most of their modules: each is parsed once in a process.
"""

import ast
import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROCESSORS = "runtime.processors"
# Service models that a function may carry. A function gets those whose names stand as strings in its own modules.
SERVICES = frozenset(
    {"cloudfront", "dynamodb", "events", "kms", "rds", "s3", "secretsmanager", "sns", "sqs", "stepfunctions", "sts"}
)
DATA_SUFFIXES = frozenset({".pem", ".sql"})


class PackagingError(Exception):
    """A package cannot be built, or Lambda would refuse it."""


@dataclass(frozen=True, slots=True)
class _Module:
    """Names of `runtime` modules, or of what is in them, that a module imports; the services that it names."""

    imports: tuple[str, ...]
    services: frozenset[str]


def closure(module: str, root: Path = ROOT) -> dict[str, Path]:
    """Archive name to file of `module` and all that it imports from `runtime`. Raises `PackagingError`.

    A function that uses processors gets all of them, because they are looked up by kind. With a package come the files
    beside its modules that are no code: migrations, certificates.
    """
    found: dict[str, Path] = {}
    waiting, done = [module], set[str]()
    while waiting:
        name = waiting.pop()
        if name in done:
            continue
        done.add(name)
        path = _file(name, root)
        if path is None:
            if name == module:
                raise PackagingError(f"{module}: there is no such module")
            continue
        found[path.relative_to(root).as_posix()] = path
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        waiting += _parsed(path.read_bytes(), str(path), package).imports
        waiting += [name.rpartition(".")[0]] if "." in name else []
        if path.name == "__init__.py":
            found |= {file.relative_to(root).as_posix(): file for file in path.parent.iterdir() if _is_data(file)}
        if name == PROCESSORS:
            waiting += [f"{name}.{file.stem}" for file in path.parent.glob("*.py") if file.stem != "__init__"]
    return dict(sorted(found.items()))


def services(sources: Mapping[str, Path]) -> frozenset[str]:
    """Services that the modules among the sources name."""
    named = frozenset[str]()
    for name, path in sources.items():
        if path.suffix == ".py":
            package = ".".join(Path(name).parent.parts)
            named |= _parsed(path.read_bytes(), str(path), package).services
    return named


def _file(module: str, root: Path) -> Path | None:
    base = root.joinpath(*module.split("."))
    for candidate in (base / "__init__.py", base.with_suffix(".py")):
        if candidate.is_file():
            return candidate
    return None


def _is_data(path: Path) -> bool:
    return path.suffix in DATA_SUFFIXES and path.is_file()


@cache
def _parsed(source: bytes, path: str, package: str) -> _Module:
    """Of the text itself, so that a change is never missed. `package` is what relative imports are of."""
    nodes = list(ast.walk(ast.parse(source, path)))
    strings = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return _Module(tuple(_imported(nodes, package)), SERVICES & strings)


def _imported(nodes: list[ast.AST], package: str) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "runtime")
        elif isinstance(node, ast.ImportFrom):
            base = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            if base.split(".")[0] == "runtime":
                yield base
                yield from (f"{base}.{alias.name}" for alias in node.names)
