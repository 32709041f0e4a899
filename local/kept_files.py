"""Files of functions' packages, kept between starts: most packages have the same ones, and so does the next start.

A package is unpacked as links to them. Without that, starting the whole platform writes 25,000 files and its end
removes as many.
"""

import contextlib
import hashlib
import os
import tempfile
import time
import zipfile
from pathlib import Path, PurePosixPath

LEAST_BYTES = 1_000_000
"""Packages below are unpacked without more ado; tests make hundreds."""
STALE_SECONDS = 24 * 3600
# A file that was written to has another time, and is not used again.
_TIME = 1_000_000_000


class KeptFiles:
    """Files in `folder`, which processes share. One that nobody has had a link to for a day goes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def extract(self, archive: zipfile.ZipFile, target: Path) -> None:
        """Unpacks into `target`. Raises `zipfile.BadZipFile`."""
        members = archive.infolist()
        if sum(info.file_size for info in members) < LEAST_BYTES:
            archive.extractall(target)
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        made = {target}
        for info in members:
            name = PurePosixPath(info.filename)
            path = target / name
            if path.parent not in made:
                path.parent.mkdir(parents=True, exist_ok=True)
                made.add(path.parent)
            # The module is more careful with odd names, and no package of ours has any.
            if info.is_dir() or name.is_absolute() or ".." in name.parts or not self._linked(archive, info, path):
                archive.extract(info, target)

    def prune(self) -> None:
        """Removes what is stale. Another process may do so at the same time, or look for what is being removed."""
        before = time.time() - STALE_SECONDS
        with contextlib.suppress(FileNotFoundError):
            for entry in os.scandir(self._folder):
                with contextlib.suppress(FileNotFoundError):
                    about = entry.stat(follow_symlinks=False)
                    # The links' number changes this time, too.
                    if about.st_nlink == 1 and about.st_ctime < before:
                        Path(entry).unlink()

    def _linked(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> bool:
        """False where a file cannot be linked: on another file system, say."""
        name = hashlib.sha256(info.filename.encode()).hexdigest()[:16]
        kept = self._folder / f"{name}-{info.file_size}-{info.CRC:08x}"
        if not _whole(kept, info.file_size):
            self._keep(archive, info, kept)
        try:
            path.hardlink_to(kept)
        except OSError:
            return False
        return True

    def _keep(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, kept: Path) -> None:
        descriptor, scratch = tempfile.mkstemp(dir=self._folder, prefix=".making-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(archive.read(info))
            Path(scratch).chmod(0o444)
            os.utime(scratch, (_TIME, _TIME))
            Path(scratch).replace(kept)
        finally:
            Path(scratch).unlink(missing_ok=True)


def _whole(kept: Path, size: int) -> bool:
    try:
        about = kept.stat()
    except FileNotFoundError:
        return False
    return (about.st_size, about.st_mtime) == (size, _TIME)
