"""Packages are links to files that stay, and what was written to or has no reader is not used again."""

import io
import time
import zipfile
from pathlib import Path

import pytest

from local import kept_files
from local.kept_files import LEAST_BYTES, STALE_SECONDS, KeptFiles

LARGE = b"x" * LEAST_BYTES


def package(**members: bytes) -> zipfile.ZipFile:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/"), data)
    return zipfile.ZipFile(file)


@pytest.fixture
def kept(tmp_path: Path) -> KeptFiles:
    return KeptFiles(tmp_path / "kept")


def unpacked(kept: KeptFiles, archive: zipfile.ZipFile, folder: Path) -> dict[str, Path]:
    folder.mkdir()
    kept.extract(archive, folder)
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def test_what_two_packages_have_is_there_once(kept: KeptFiles, tmp_path: Path) -> None:
    first = unpacked(kept, package(lib__large=LARGE, index=b"first"), tmp_path / "a")
    second = unpacked(kept, package(lib__large=LARGE, index=b"other"), tmp_path / "b")
    assert [path.read_bytes() for path in (first["lib/large"], first["index"], second["index"])] == [
        LARGE,
        b"first",
        b"other",
    ]
    assert first["lib/large"].samefile(second["lib/large"])


def test_a_file_that_a_function_wrote_to_is_not_used_again(kept: KeptFiles, tmp_path: Path) -> None:
    archive = package(large=LARGE)
    spoilt = unpacked(kept, archive, tmp_path / "a")["large"]
    spoilt.chmod(0o644)
    with spoilt.open("r+b") as file:
        file.write(b"y")
    assert unpacked(kept, archive, tmp_path / "b")["large"].read_bytes() == LARGE


def test_where_nothing_can_be_linked_it_is_unpacked(
    kept: KeptFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, target: Path) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    found = unpacked(kept, package(large=LARGE, folder__small=b"s"), tmp_path / "a")
    assert {name: path.read_bytes() for name, path in found.items()} == {"large": LARGE, "folder/small": b"s"}


def test_a_small_package_keeps_nothing(kept: KeptFiles, tmp_path: Path) -> None:
    unpacked(kept, package(index=b"small"), tmp_path / "a")
    assert not (tmp_path / "kept").exists()


def test_a_damaged_package_is_noticed(kept: KeptFiles, tmp_path: Path) -> None:
    archive = package(large=LARGE)
    assert isinstance(archive.fp, io.BytesIO)
    archive.fp.seek(500)
    archive.fp.write(b"y")
    with pytest.raises(zipfile.BadZipFile):
        unpacked(kept, archive, tmp_path / "a")
    assert list((tmp_path / "kept").iterdir()) == []


def test_no_member_leads_out_of_the_folder(kept: KeptFiles, tmp_path: Path) -> None:
    unpacked(kept, package(**{"..__out": b"o", "__root": b"r", "large": LARGE}), tmp_path / "a")
    assert {path.name for path in tmp_path.iterdir()} == {"a", "kept"}


def test_only_what_nobody_has_for_a_day_goes(kept: KeptFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    used = unpacked(kept, package(large=LARGE), tmp_path / "a")["large"]
    unpacked(kept, package(large=LARGE[1:] + b"ab"), tmp_path / "b")["large"].unlink()
    kept.prune()
    assert len(list((tmp_path / "kept").iterdir())) == 2
    later = time.time() + STALE_SECONDS + 60
    monkeypatch.setattr(kept_files.time, "time", lambda: later)
    kept.prune()
    (left,) = (tmp_path / "kept").iterdir()
    assert left.samefile(used)
