"""The demo's files, and the counts that the platform's are held against."""

import json
from pathlib import Path

import pytest

from local.samples import SAMPLES, Counts, counts, csv_rows, write


def test_a_sample_is_the_same_for_the_same_seed_and_another_for_another(tmp_path: Path) -> None:
    sample = SAMPLES[4]
    first, second, third = (
        write(sample, tmp_path, number=number, seed=seed, scale=0.05).read_bytes()
        for number, seed in ((1, 7), (2, 6), (3, 7))
    )
    assert first == second != third


def test_one_name_is_uploaded_twice_with_different_content() -> None:
    names = [sample.name for sample in SAMPLES]
    (twice,) = {name for name in names if names.count(name) > 1}
    first, second = (sample for sample in SAMPLES if sample.name == twice)
    assert first.size != second.size
    assert len({sample.shown for sample in SAMPLES}) == len(SAMPLES)


@pytest.mark.parametrize(
    ("text", "total", "rejected"),
    [
        ("a,b\n1,2\n3,4\n", 2, 0),
        ('a,b\n"1\n,2",3\n', 1, 0),
        ("a,b\n1\n1,2,3\n1,2\n", 3, 2),
        ('a,b\n"1"x,2\n3,4\n', 2, 1),
        ("a,b\n\udcff,2\n3,4\n", 2, 1),
        ("a,b\n", 0, 0),
    ],
)
def test_rows_are_counted_strictly(text: str, total: int, rejected: int) -> None:
    assert csv_rows(text.splitlines(keepends=True)) == Counts(total=total, rejected=rejected)


def test_lines_that_are_no_json_are_bad(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a": 1}\n{"a": NaN}\n{"a"\n{"a": "\xff"}\n{}')
    assert counts("jsonl", path) == Counts(total=5, rejected=3)


@pytest.mark.parametrize("number", [0, 1, 7])
def test_recipes_are_counted_one_by_one(tmp_path: Path, number: int) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"source": "x", "recipes": [{"steps": ["[, ]"]}] * number, "end": True}, indent=1))
    assert counts("recipe", path) == Counts(total=number, rejected=None)


def test_what_has_no_records_has_no_counts(tmp_path: Path) -> None:
    assert counts("photo", tmp_path) is None
