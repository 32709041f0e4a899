"""Hostile files of every kind: each ends rejected with a reason, or delivered with what is bad set aside."""

import pytest

from cli.generate import KINDS, generate
from cli.hostile import HOSTILE
from tests.flow.driver import Driver

pytestmark = pytest.mark.flow


def test_hostile_files_end_as_they_are_said_to(driver: Driver) -> None:
    uploaded = {}
    for kind, variants in HOSTILE.items():
        for variant in variants:
            name = f"hostile/{kind}-{variant}.{KINDS[kind].extension}"
            content = b"".join(generate(kind, size=20_000, seed=5, hostile=variant))
            uploaded[kind, variant] = name, driver.put(name, content)
    wrong = {}
    for (kind, variant), (name, version) in uploaded.items():
        entry = driver.wait(name, version)
        if entry["State"] != HOSTILE[kind][variant].ends or (
            entry["State"] == "rejected" and len(entry["Reason"]) < 20
        ):
            wrong[name] = entry
    assert wrong == {}


@pytest.mark.parametrize(
    "name", ["odd/two\nlines.csv", "odd/last\n", "odd/\x1b[2J\u202egnp.csv", "odd/ .csv", "odd/%0A+&?#.csv"]
)
def test_a_file_of_any_name_goes_through(driver: Driver, name: str) -> None:
    entry = driver.wait(name, driver.put(name, b"a,b\n1,2\n"))
    assert entry["State"] == "succeeded", entry
    assert driver.archive(name).testzip() is None
