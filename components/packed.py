"""Large files of wheels, kept as the wheel has them: deflated.

A package is stored, because deflating differs between builds of zlib and its bytes must not (ADR 5). What somebody
else has deflated once and for all, and the lock file's hash vouches for, may stay as it is: so DuckDB's 67 MB take 20
in a package, which Lambda then takes by direct upload.
"""

import struct
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

from isal import isal_zlib

LEAST_BYTES = 1024**2
SUFFIX = ".deflated"
_HEADER = "<4s5H3L2H"


def keep(wheels: Path, folder: Path) -> None:
    """Puts the deflated bytes of the large files of `wheels` beside the files themselves, below `folder`."""
    for wheel in sorted(wheels.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive, wheel.open("rb") as raw:
            for info in archive.infolist():
                target = folder / info.filename
                if info.file_size < LEAST_BYTES or info.compress_type != zipfile.ZIP_DEFLATED or not target.exists():
                    continue
                raw.seek(info.header_offset)
                name, extra = struct.unpack(_HEADER, raw.read(struct.calcsize(_HEADER)))[-2:]
                raw.seek(name + extra, 1)
                target.with_name(target.name + SUFFIX).write_bytes(raw.read(info.compress_size))


def has_large(folder: Path) -> bool:
    """True if a file below `folder` is worth it."""
    return any(path.stat().st_size >= LEAST_BYTES for path in folder.rglob("*") if path.is_file())


def download(arguments: Sequence[str], target: Path) -> subprocess.CompletedProcess[str]:
    """The wheels themselves, for `pip install`'s arguments; pip has them in its cache by now."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"]
    return subprocess.run([*command, "--dest", str(target), *arguments], capture_output=True, text=True, check=False)


def deflated(source: Path) -> bytes | None:
    """The deflated bytes of a file, if they are kept."""
    path = source.with_name(source.name + SUFFIX)
    return path.read_bytes() if path.exists() else None


def add(archive: zipfile.ZipFile, info: zipfile.ZipInfo, content: bytes, packed: bytes) -> None:
    """Adds a member that is deflated already. Raises `ValueError` if it is not what it should be."""
    if isal_zlib.decompress(packed, -isal_zlib.MAX_WBITS) != content:
        raise ValueError(f"{info.filename}: its deflated bytes are of another file")
    if archive.fp is None:
        raise ValueError("the archive is closed")
    info.compress_type = zipfile.ZIP_DEFLATED
    info.CRC, info.file_size, info.compress_size = isal_zlib.crc32(content), len(content), len(packed)
    info.header_offset = archive.fp.tell()
    archive.fp.write(info.FileHeader(zip64=False) + packed)
    archive.filelist.append(info)
    archive.NameToInfo[info.filename] = info
    # Where the directory goes: behind what was written last.
    archive.start_dir = archive.fp.tell()
