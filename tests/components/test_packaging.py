"""Packages: only what a function needs, the same bytes wherever they are built, and never more than Lambda takes."""

import base64
import hashlib
import os
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from components import bytecode, wheels
from components.imports import PackagingError, closure
from components.malware import SCAN, VERDICT
from components.packaging import ROOT, UNZIPPED_LIMIT, ZIPPED_LIMIT, build
from components.pipeline.specs import SPECS, UNPACK

Project = Callable[[str], Path]
SOURCES = {
    "runtime/__init__.py": "",
    "runtime/handlers/__init__.py": "",
    "runtime/handlers/ping.py": "from runtime.domain import answers\n\ndef handler(event, context):\n    return 's3'\n",
    "runtime/handlers/other.py": "import runtime.domain.unused\n",
    "runtime/handlers/kinds.py": "from ..processors import by_kind\n",
    "runtime/domain/__init__.py": "",
    "runtime/domain/answers.py": "from runtime.domain.deep import word\n",
    "runtime/domain/deep.py": "word = 'pong'\n",
    "runtime/domain/unused.py": "",
    "runtime/processors/__init__.py": "by_kind = {}\n",
    "runtime/processors/csv.py": "",
    "runtime/processors/jsonl.py": "",
}
WHEEL = {
    "botocore/__init__.py": "",
    "botocore/data/endpoints.json": "{}",
    "botocore/data/s3/2006-03-01/service-2.json": "{}",
    "botocore/data/s3/2006-03-01/examples-1.json": "{}",
    "botocore/data/ec2/2016-11-15/service-2.json": "{}",
    "botocore/tests/test_it.py": "",
    "botocore/types.pyi": "",
}


def wheel(path: Path, contents: dict[str, str]) -> str:
    """Writes a wheel of these files; its line in a lock file."""
    info = "botocore-1.0.dist-info"
    files = {
        **contents,
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: botocore\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }

    def line(name: str, text: str) -> str:
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        return f"{name},sha256={digest},{len(text)}\n"

    files[f"{info}/RECORD"] = "".join(line(*file) for file in files.items()) + f"{info}/RECORD,,\n"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return f"botocore @ {path.as_uri()} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Makes a project of that name with functions, and a lock file `libs` of one library."""
    line = wheel(tmp_path / "botocore-1.0-py3-none-any.whl", WHEEL)

    def make(name: str) -> Path:
        root = tmp_path / name
        for file, text in {**SOURCES, "requirements/functions/libs.txt": line}.items():
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            (root / file).write_text(text)
        return root

    return make


def names(root: Path, path: str) -> list[str]:
    with zipfile.ZipFile(root / path) as archive:
        return archive.namelist()


def test_the_same_source_in_two_folders_gives_the_same_bytes(project: Project) -> None:
    first, second = project("one"), project("two/deeper")
    packages = [build("ping", ("libs",), "host", root) for root in (first, second)]
    assert packages[0] == packages[1]
    assert (first / packages[0].path).read_bytes() == (second / packages[1].path).read_bytes()


def test_the_bytes_do_not_depend_on_times_and_modes(project: Project) -> None:
    first, second = project("one"), project("two")
    (second / "runtime/domain/deep.py").chmod(0o755)
    assert build("ping", (), "host", first).sha256 == build("ping", (), "host", second).sha256
    with zipfile.ZipFile(first / build("ping", (), "host", first).path) as archive:
        members = archive.infolist()
    assert [one.filename for one in members] == sorted(one.filename for one in members)
    assert {one.date_time for one in members} == {(1980, 1, 1, 0, 0, 0)}
    assert {one.compress_type for one in members} == {zipfile.ZIP_STORED}
    assert {stat.S_IMODE(one.external_attr >> 16) for one in members} == {0o644}


def test_a_changed_source_gives_another_package(project: Project) -> None:
    root = project("one")
    before = build("ping", (), "host", root)
    (root / "runtime/domain/deep.py").write_text("word = 'peng'\n")
    after = build("ping", (), "host", root)
    assert before.path != after.path
    assert before.sha256 != after.sha256


def test_a_change_of_what_is_not_needed_gives_the_same_package(project: Project) -> None:
    root = project("one")
    before = build("ping", (), "host", root)
    (root / "runtime/domain/unused.py").write_text("now = 'something'\n")
    assert build("ping", (), "host", root) == before


def test_only_the_modules_that_a_handler_imports_are_in_it(project: Project) -> None:
    root = project("one")
    assert names(root, build("ping", (), "host", root).path) == [
        "runtime/__init__.py",
        "runtime/domain/__init__.py",
        "runtime/domain/answers.py",
        "runtime/domain/deep.py",
        "runtime/handlers/__init__.py",
        "runtime/handlers/ping.py",
    ]


def test_who_looks_processors_up_gets_all_of_them(project: Project) -> None:
    assert {"runtime/processors/csv.py", "runtime/processors/jsonl.py"} <= closure(
        "runtime.handlers.kinds", project("one")
    ).keys()


def test_what_lies_beside_a_packages_modules_and_is_no_code_comes_along(project: Project) -> None:
    root = project("one")
    (root / "runtime/domain/0001_first.sql").write_text("SELECT 's3'")
    (root / "runtime/domain/notes.txt").write_text("not needed")
    package = build("ping", ("libs",), "host", root)
    assert "runtime/domain/0001_first.sql" in names(root, package.path)
    assert "runtime/domain/notes.txt" not in names(root, package.path)
    (root / "runtime/domain/0001_first.sql").write_text("SELECT 's4'")
    assert build("ping", ("libs",), "host", root).sha256 != package.sha256


def test_only_the_models_of_services_that_are_called_are_in_it(project: Project) -> None:
    root = project("one")
    package = build("ping", ("libs",), "host", root)
    assert package.services == {"s3"}
    assert [
        name for name in names(root, package.path) if name.startswith("botocore") and "__pycache__" not in name
    ] == [
        "botocore-1.0.dist-info/METADATA",
        "botocore/__init__.py",
        "botocore/data/endpoints.json",
        "botocore/data/s3/2006-03-01/service-2.json",
    ]


def test_packages_for_this_machine_carry_its_byte_code(project: Project) -> None:
    root = project("one")
    compiled = f"botocore/__pycache__/__init__.{sys.implementation.cache_tag}.pyc"
    assert compiled in names(root, build("ping", ("libs",), "host", root).path)


@pytest.mark.parametrize("possible", [True, False])
def test_packages_for_aws_carry_byte_code_if_this_is_the_functions_python(
    project: Project, monkeypatch: pytest.MonkeyPatch, possible: bool
) -> None:
    assert bytecode.possible() == (sys.version_info[:2] == (3, 13))
    monkeypatch.setattr(bytecode, "possible", lambda: possible)
    root = project("one")
    found = names(root, build("ping", (), "aws", root).path)
    modules = [name for name in found if name.endswith(".py")]
    compiled = [name for name in found if name.endswith(".pyc")]
    assert len(compiled) == (len(modules) if possible else 0) and len(modules) == 6


def test_wheels_are_fetched_once(project: Project, tmp_path: Path) -> None:
    root = project("one")
    build("ping", ("libs",), "host", root)
    (tmp_path / "botocore-1.0-py3-none-any.whl").unlink()
    assert build("other", ("libs",), "host", root).path


def test_builds_at_the_same_time_do_not_disturb_each_other_and_wheels_are_installed_once(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, ran, run = project("one"), [], subprocess.run

    def counted(command: list[str], **more: Any) -> Any:
        ran.append("install" in command)
        return run(command, **more)

    monkeypatch.setattr(wheels.subprocess, "run", counted)
    with ThreadPoolExecutor(4) as pool:
        packages = list(pool.map(lambda _: build("ping", ("libs",), "host", root), range(4)))
    assert len(set(packages)) == 1
    assert sum(ran) == 1
    assert not list(root.rglob(".making-*"))


def test_packages_that_nobody_asks_for_any_more_go_and_what_another_process_removed_is_no_matter(
    project: Project,
) -> None:
    root = project("one")
    old = root / build("ping", ("libs",), "host", root).path
    os.utime(old, (0, 0))
    # What a listing still has, and is gone when it is looked at.
    (old.parent / "ping-0000.zip").symlink_to("gone")
    (root / "runtime/domain/deep.py").write_text("word = 'other'\n")
    new = root / build("ping", ("libs",), "host", root).path
    assert (old.exists(), new.exists()) == (False, True)


def test_a_wheel_that_is_not_the_locked_one_is_refused(project: Project, tmp_path: Path) -> None:
    root = project("one")
    wheel(tmp_path / "botocore-1.0-py3-none-any.whl", {"botocore/__init__.py": "import evil"})
    with pytest.raises(PackagingError, match=r"libs\.txt for host: pip failed"):
        build("ping", ("libs",), "host", root)
    assert not list((root / "build/wheels").iterdir())


def test_a_function_that_does_not_exist_is_named(project: Project) -> None:
    with pytest.raises(PackagingError, match=r"runtime\.handlers\.pong: there is no such module"):
        build("pong", (), "host", project("one"))


@pytest.mark.parametrize(
    ("size", "message"),
    [(UNZIPPED_LIMIT + 1, f"unzipped, Lambda takes {UNZIPPED_LIMIT}"), (ZIPPED_LIMIT, "by direct upload")],
)
def test_what_lambda_would_refuse_is_refused(project: Project, size: int, message: str) -> None:
    root = project("one")
    build("ping", ("libs",), "host", root)
    (folder,) = (root / "build/wheels").iterdir()
    with (folder / "botocore/large.py").open("wb") as file:
        file.truncate(size)
    with pytest.raises(PackagingError, match=message):
        build("other", ("libs",), "host", root)
    assert not list((root / "build/packages/host").glob("other-*"))


@pytest.mark.parametrize("function", [*SPECS, UNPACK.name, "rotate_key", "signing_key", SCAN.name, VERDICT.name])
def test_a_package_holds_nothing_of_the_program_that_deploys_it(function: str) -> None:
    sources = closure(f"runtime.handlers.{function}")
    assert f"runtime/handlers/{function}.py" in sources
    assert {name.split("/")[0] for name in sources} == {"runtime"}
    assert [name for name in sources if name.startswith("runtime/handlers/")] == [
        "runtime/handlers/__init__.py",
        f"runtime/handlers/{function}.py",
    ]
    assert all(path.is_relative_to(ROOT) for path in sources.values())
