"""Hostile files of every kind: each ends rejected with a reason, or delivered with what is bad set aside."""

import pytest

from cli.generate import KINDS, generate
from cli.hostile import HOSTILE
from runtime.processors import PROCESSORS
from tests.flow.driver import Driver

pytestmark = pytest.mark.flow

# Kinds of test files by the processor that takes them. What none takes is delivered as it is, unless the malware gate
# refuses it: it cannot look into archives that are locked or bombs.
_TAKEN_BY = {"csv": "csv", "jsonl": "jsonl", "recipe": "recipe", "zip": "zip", "pdf": "pdf"}
_KNOWN = {processor.kind for processor in PROCESSORS}


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
        known = _TAKEN_BY.get(kind, "image") in _KNOWN
        wanted = {HOSTILE[kind][variant].ends, *([] if known else ["succeeded"])}
        if entry["State"] not in wanted or (entry["State"] == "rejected" and len(entry["Reason"]) < 20):
            wrong[name] = entry
    assert wrong == {}
