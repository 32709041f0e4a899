"""Opens ZIPs with every program there is here: Python's zipfile, Info-ZIP's `unzip` and 7-Zip."""

import shutil
import subprocess
import zipfile
from pathlib import Path

SEVEN_ZIP = ("7zz", "7z", "7za")


def missing() -> list[str]:
    """Which of the programs are not installed (Debian: `unzip`, `7zip`)."""
    return [name for name, found in (("unzip", shutil.which("unzip")), ("7-Zip", _seven_zip())) if not found]


def openers(path: Path) -> list[str]:
    """Names of the programs that read every member and found its sums right; an `AssertionError` says what did not."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        count = len(archive.namelist())
    opened = ["zipfile"]
    if shutil.which("unzip"):
        result = _run("unzip", "-tq", str(path))
        assert (result.returncode, "No errors detected" in result.stdout) == (0, True), result.stdout[-500:]
        opened.append("unzip")
    if program := _seven_zip():
        result = _run(program, "t", str(path))
        assert (result.returncode, "Everything is Ok" in result.stdout) == (0, True), result.stdout[-500:]
        assert count == 1 or f"Files: {count}" in result.stdout, result.stdout[-500:]
        assert "Warnings" not in result.stdout, result.stdout[-500:]
        opened.append("7-Zip")
    return opened


def _seven_zip() -> str | None:
    return next((name for name in SEVEN_ZIP if shutil.which(name)), None)


def _run(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, timeout=900)
