"""Byte code: the same bytes whatever was compiled before, taken by the import system without a look at the source."""

import subprocess
import sys
from pathlib import Path

import pytest

from components import bytecode

SOURCE = "word = 'pong'\ndef answer(word='pong', *, other=(1, 'pong')):\n    return word, other\n"


def made(folder: Path, *names: str) -> dict[str, bytes]:
    contents = {}
    for name in names:
        path = folder / "sources" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("not python:" if "broken" in name else SOURCE)
        contents[name] = path
    return {name: path.read_bytes() for name, path in bytecode.added(contents, folder / "kept").items()}


def test_it_lies_where_the_import_system_looks(tmp_path: Path) -> None:
    tag = sys.implementation.cache_tag
    found = made(tmp_path, "pack/ping.py", "pack/broken.py", "pack/data.json")
    assert list(found) == [f"pack/__pycache__/ping.{tag}.pyc", "pack/broken.py", "pack/data.json", "pack/ping.py"]
    assert not list((tmp_path / "kept").glob(".making-*"))


def test_it_is_used_instead_of_the_source(tmp_path: Path) -> None:
    for name, content in made(tmp_path, "pong.py").items():
        path = tmp_path / "unpacked" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.replace(b"'pong'", b"'ping'") if name == "pong.py" else content)
    script = "import pong; print(pong.word, pong.answer.__code__.co_filename)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path / "unpacked", capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["pong", str(tmp_path / "unpacked/pong.py")]


def test_it_does_not_depend_on_what_was_compiled_before(tmp_path: Path) -> None:
    alone = made(tmp_path / "one", "x.py")
    compile(SOURCE, "other", "exec")
    after = made(tmp_path / "two", "a.py", "b.py", "x.py")
    assert alone.items() <= after.items()


@pytest.mark.parametrize("seed", ["1", "2"])
def test_it_does_not_depend_on_the_process(tmp_path: Path, seed: str) -> None:
    (tmp_path / "x.py").write_text(SOURCE)
    script = (
        "import sys, pathlib; from components import bytecode; p = pathlib.Path(sys.argv[1]);"
        "print(*(f.read_bytes().hex() for f in bytecode.added({'x.py': p / 'x.py'}, p / 'kept').values()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
        env={"PYTHONHASHSEED": seed},
    )
    assert [bytes.fromhex(each) for each in done.stdout.split()] == list(made(tmp_path / "here", "x.py").values())
