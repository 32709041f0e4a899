"""Large files of wheels go into packages as the wheel has them."""

import zipfile
from pathlib import Path

import pytest

from components import packed

LARGE = bytes(range(256)) * (packed.LEAST_BYTES // 256) + b"the end"


def wheel(folder: Path) -> Path:
    folder.mkdir()
    with zipfile.ZipFile(folder / "one-1-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("one/large.so", LARGE)
        archive.writestr("one/small.py", b"x = 1\n" * 100)
        archive.writestr("one/gone.so", LARGE)
    return folder


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    folder = tmp_path / "installed"
    (folder / "one").mkdir(parents=True)
    (folder / "one/large.so").write_bytes(LARGE)
    (folder / "one/small.py").write_bytes(b"x = 1\n" * 100)
    packed.keep(wheel(tmp_path / "wheels"), folder)
    return folder


def test_only_what_is_large_and_installed_is_kept(installed: Path) -> None:
    kept = [path.name for path in installed.rglob("*") if path.name.endswith(packed.SUFFIX)]
    assert kept == ["large.so.deflated"]
    assert packed.has_large(installed)
    assert packed.deflated(installed / "one/small.py") is None


def test_a_member_is_read_by_others(installed: Path, tmp_path: Path) -> None:
    deflated = packed.deflated(installed / "one/large.so")
    assert deflated is not None and len(deflated) < len(LARGE) / 50
    with zipfile.ZipFile(tmp_path / "package.zip", "w") as archive:
        archive.writestr("first", b"1")
        packed.add(archive, zipfile.ZipInfo("one/large.so", (1980, 1, 1, 0, 0, 0)), LARGE, deflated)
        archive.writestr("last", b"2")
    with zipfile.ZipFile(tmp_path / "package.zip") as archive:
        assert archive.testzip() is None
        assert [archive.read(name) for name in archive.namelist()] == [b"1", LARGE, b"2"]
        assert archive.getinfo("one/large.so").compress_size == len(deflated)


def test_bytes_of_another_file_are_refused(installed: Path, tmp_path: Path) -> None:
    deflated = packed.deflated(installed / "one/large.so") or b""
    with (
        zipfile.ZipFile(tmp_path / "package.zip", "w") as archive,
        pytest.raises(ValueError, match="of another file"),
    ):
        packed.add(archive, zipfile.ZipInfo("x"), LARGE + b"!", deflated)
