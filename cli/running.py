"""The note that a running local cloud leaves in the project's folder, so that `penstock` finds it."""

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cli.problems import Code, Problem
from local.processes import alive

ROOT = Path(__file__).resolve().parent.parent
NOTE = "PENSTOCK_NOTE"


def place() -> Path:
    """Where the note is: in the project's folder, unless PENSTOCK_NOTE names another file."""
    return Path(os.environ.get(NOTE) or ROOT / ".penstock" / "local.json")


@dataclass(frozen=True, kw_only=True)
class Running:
    """Where the local cloud is, and the process that it lives in. `access_key` is its root's, for both halves."""

    endpoint: str
    region: str
    access_key: str
    pid: int
    outputs: Mapping[str, Any]


def read() -> Running:
    """The local cloud that runs now. Raises `Problem` (UNREACHABLE) when there is none."""
    found = _load(place())
    if found is None:
        raise Problem(
            Code.UNREACHABLE,
            "no local cloud is running; start one with `penstock up`, or name a deployed stack with --stack",
        )
    if not alive(found.pid):
        raise Problem(
            Code.UNREACHABLE,
            f"the local cloud of process {found.pid} is gone without a farewell; start one with `penstock up`",
        )
    return found


def refuse_second() -> None:
    """Raises `Problem` (USAGE) when a local cloud of this project runs already."""
    found = _load(place())
    if found is not None and alive(found.pid):
        raise Problem(
            Code.USAGE, f"a local cloud runs already at {found.endpoint} (process {found.pid}); use it, or stop it"
        )


@contextlib.contextmanager
def published(running: Running) -> Iterator[None]:
    """Leaves the note while the block runs; only its owner may read it. Raises `Problem` like `refuse_second`."""
    refuse_second()
    note = place()
    own_folder = not note.parent.exists()
    note.parent.mkdir(parents=True, exist_ok=True)
    # Whole or not at all, whoever reads it meanwhile. `mkstemp` makes files of mode 0600.
    handle, temporary = tempfile.mkstemp(dir=note.parent, prefix=f"{note.name}.")
    with os.fdopen(handle, "w") as file:
        json.dump(asdict(running), file, indent=2)
    Path(temporary).replace(note)
    try:
        yield
    finally:
        left = _load(note)
        if left is not None and left.pid == running.pid:
            note.unlink(missing_ok=True)
            if own_folder:
                with contextlib.suppress(OSError):
                    note.parent.rmdir()


def _load(note: Path) -> Running | None:
    try:
        return Running(**json.loads(note.read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        raise Problem(
            Code.UNREACHABLE, f"{note} is not a note of a local cloud; remove it and run `penstock up`"
        ) from None
