"""Packages of functions, unpacked once for each content."""

import hashlib
import io
import shutil
import threading
import zipfile
from collections import defaultdict
from pathlib import Path

from local.kept_files import KeptFiles

_UNPACKED_LIMIT_BYTES = 250 * 1024 * 1024


class Unusable(Exception):
    """The function cannot run here; `kind` is the error's type as AWS names it."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class OnDisk(bytes):
    """Stands where a package's bytes were: it is unpacked, and nobody needs them any more."""


class Code:
    """Unpacked packages, one folder for each content; what many of them have is on disk once, among `kept`."""

    def __init__(self, folder: Path, kept: KeptFiles) -> None:
        self._folder, self._kept = folder, kept
        self._locks: dict[str, threading.Lock] = defaultdict(threading.Lock)

    def unpacked(self, code_zip: bytes, digest: str) -> Path:
        """The folder of a package; `digest` is its `CodeSha256`. Raises `Unusable`.

        `code_zip` may be `OnDisk` for a package that was unpacked before.
        """
        name = hashlib.sha256((digest or hashlib.sha256(code_zip).hexdigest()).encode()).hexdigest()[:16]
        target = self._folder / name
        if target.exists():
            return target
        with self._locks[name]:
            if not target.exists():
                partial = target.with_suffix(".partial")
                shutil.rmtree(partial, ignore_errors=True)
                try:
                    with zipfile.ZipFile(io.BytesIO(code_zip)) as archive:
                        if sum(info.file_size for info in archive.infolist()) > _UNPACKED_LIMIT_BYTES:
                            raise Unusable("InvalidParameterValueException", "unzipped code exceeds 250 MB")
                        partial.mkdir(parents=True)
                        self._kept.extract(archive, partial)
                except zipfile.BadZipFile as error:
                    raise Unusable("Runtime.ImportModuleError", f"the package is not a ZIP: {error}") from None
                partial.rename(target)
        return target
