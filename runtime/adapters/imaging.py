"""Images are decoded, and documents read, in a process of their own that inherits nothing (ADR 11 and 13).

It knows no credentials, may use so much memory and time and no more, and if a hostile file makes its decoder fail,
that file is refused and this function lives on.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger

from runtime.domain.errors import Rejected, Transient
from runtime.domain.ports import Developed, Picture
from runtime.imaging import worker
from runtime.imaging.request import ABOUT, DOCUMENT, Request

# 100 megapixels of the most demanding format (AVIF) take 1.5 GB; the function has 3 GB.
MEMORY_BYTES = 2400 * 1024**2
SECONDS = 100
# A document that needs more than these means harm, or its first page does not matter.
DOCUMENT_MEMORY_BYTES = 1024**3
DOCUMENT_SECONDS = 20
_BROKEN = {signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV, signal.SIGTRAP}
_TOO_LONG = f"The image takes longer than {SECONDS} seconds to decode. Save it anew, not progressive, and upload that."
_FAILS = "The image makes its decoder fail. Open it, save it anew, and upload that."
_UNREADABLE = "The document takes too long to be read. Save it anew, and upload that."
_BREAKS = "The document makes its reader fail, or needs more memory than there is. Save it anew, and upload that."
_CONTENT_TYPES = {"webp": "image/webp", "avif": "image/avif"}

logger = Logger(utc=True, child=True)


class WorkerPictures:
    """`Pictures` (see `runtime/domain/ports.py`). `sizes` maps roles to the longest side in pixels."""

    def __init__(self, *, sizes: Mapping[str, int], encoding: str, quality: int, max_pixels: int) -> None:
        self._sizes, self._encoding, self._quality, self._max_pixels = sizes, encoding, quality, max_pixels
        self.content_type, self.suffix = _CONTENT_TYPES[encoding], f".{encoding}"

    def develop(self, source: Path, form: str) -> Developed:
        with tempfile.TemporaryDirectory(prefix="developed-") as folder:
            request = Request(
                source=str(source),
                format=form,
                folder=folder,
                sizes=self._sizes,
                encoding=self._encoding,
                quality=self._quality,
                max_pixels=self._max_pixels,
                memory_bytes=DOCUMENT_MEMORY_BYTES if form == DOCUMENT else MEMORY_BYTES,
                seconds=DOCUMENT_SECONDS if form == DOCUMENT else SECONDS,
            )
            answer = _run(request, folder)
            return Developed(
                about=answer["about"],
                pictures=[
                    Picture(
                        role=size["role"],
                        data=(Path(folder) / size["file"]).read_bytes(),
                        width=size["width"],
                        height=size["height"],
                    )
                    for size in answer["sizes"]
                ],
            )


def _run(request: Request, folder: str) -> dict[str, Any]:
    # -S and -P: the search path is the one given, without anything that the folder or the machine would add.
    command = [sys.executable, "-S", "-P", "-m", worker.__name__, request.text()]
    try:
        done = subprocess.run(
            command,
            env=_environment(folder),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _too_long(request)
    if done.stderr:
        logger.warning("the decoder said something", extra={"said": done.stderr[-1000:]})
    if done.returncode == -signal.SIGXCPU:
        return _too_long(request)
    if -done.returncode in _BROKEN:
        raise Rejected(_BREAKS if request.format == DOCUMENT else _FAILS)
    if done.returncode:
        raise Transient(f"the decoding process ended with {done.returncode}")
    answer: dict[str, Any] = json.loads(done.stdout)
    if "refused" in answer:
        logger.info("the file was refused", extra={"because": answer["because"]})
        raise Rejected(answer["refused"])
    return answer


def _too_long(request: Request) -> dict[str, Any]:
    """Of a document there may be all but the preview; an image is nothing without its sizes."""
    if request.format != DOCUMENT:
        raise Rejected(_TOO_LONG)
    about = Path(request.folder) / ABOUT
    if not about.exists():
        raise Rejected(_UNREADABLE)
    return {"about": json.loads(about.read_text()), "sizes": []}


def _environment(folder: str) -> dict[str, str]:
    """Where the code is, and what makes memory small and decoders quiet. No variable of the function's own."""
    path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    own = {"PYTHONPATH": path, "TMPDIR": folder, "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2", "VIPS_WARNING": "0"}
    # Lambda's interpreter finds its own library by it.
    return {**own, **{name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}}
