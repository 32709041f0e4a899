"""What functions weigh: the size of their packages, and what importing their handlers costs."""

import tempfile
import zipfile
from pathlib import Path

from benchmarks.cold_start import PEER, handler, least
from components.packaging import ROOT, UNZIPPED_LIMIT
from local.kept_files import KeptFiles
from local.runtime_path import sdk
from tests.recorder import recording

ROOMY = 100_000_000
# Functions that cannot stay below it, each with the reason.
HEAVY: dict[str, str] = {}
# How often the CPU of importing boto3 and making one client a handler may take to import. All take less than once.
IMPORT_CEILING = 1.5
HEAVY_LIBRARIES = {"duckdb", "_duckdb", "pyvips", "psycopg", "PIL", "pydantic"}

KEPT = KeptFiles(ROOT / "build/unpacked")
# Nothing that these do can be done without it, and nobody waits for them.
AT_ONCE = {"catalogue": {"psycopg"}, "migrate": {"psycopg"}}


def packages(stack: str) -> dict[str, Path]:
    """Function to package, for all of a stack."""
    functions = recording(stack).of("lambda.Function")
    return {one.inputs["handler"].split(".")[2]: ROOT / one.inputs["code"].path for one in functions}


def test_every_package_leaves_room_below_lambdas_limit() -> None:
    sizes = {}
    for name, path in packages("prod").items():
        with zipfile.ZipFile(path) as archive:
            sizes[name] = sum(member.file_size for member in archive.infolist())
    assert len(sizes) > 10
    assert {name: size for name, size in sizes.items() if size > ROOMY and name not in HEAVY} == {}
    assert {name for name in HEAVY if sizes[name] <= ROOMY} == set(), "no exception is needed any more"
    assert max(sizes.values()) < UNZIPPED_LIMIT


def test_no_handler_takes_longer_to_import_than_the_sdk_by_half() -> None:
    """Heavy libraries wait until they are needed: the ceiling alone would notice one only on a slow day."""
    ratios = {}
    with tempfile.TemporaryDirectory() as root:
        peer = {"": (PEER, sdk(Path(root) / "sdk"))}
        usual = least(peer, 3)[""]
        for name, path in packages("local").items():
            # One at a time, and not below pytest's folder, which is kept: together they take a gigabyte.
            with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path) as archive:
                KEPT.extract(archive, Path(folder))
                late = sorted(HEAVY_LIBRARIES - AT_ONCE.get(name, set()))
                alone = f"{handler(name)}; import sys; assert not set({late}) & sys.modules.keys()"
                ours = {name: (alone, Path(folder))}
                ratio = least(ours, 1)[name] / usual
                if ratio > IMPORT_CEILING:
                    # Something else may have been in the way: side by side, and the least of three.
                    taken = least(peer | ours, 3)
                    ratio = taken[name] / taken[""]
            ratios[name] = round(ratio, 2)
    print(f"\n{ratios}")
    assert len(ratios) > 10
    assert {name: ratio for name, ratio in ratios.items() if ratio > IMPORT_CEILING} == {}
