"""Generated CSV files, hostile ones among them: no row is lost, and well-formed files are what DuckDB reads itself.

Some in every run, 20,000 with `-m slow`.
"""

import csv
import io
import random
from pathlib import Path
from typing import Any

import pytest

from runtime.domain.errors import Rejected
from runtime.processors.delimited import Delimited
from tests.processors.cutting import parts_of
from tests.tabling import make, rows_of

ALWAYS, ALL = 80, 20_000
WORDS = ["north", "São Paulo", 'the "best"', "a, b", "two\nlines", "x" * 80, "Ålesund", "O'Neil", "-", "1 of 2", "№ 5"]
# What both agree on; where they do not, `column_types` says why.
COLUMNS: dict[str, Any] = {
    "BIGINT": lambda rng: str(rng.randint(-(2**62), 2**62) if rng.random() < 0.2 else rng.randint(-99, 99)),
    "DOUBLE": lambda rng: repr(rng.uniform(-1e6, 1e6)) if rng.random() < 0.7 else f"{rng.uniform(-1, 1):.3e}",
    "DATE": lambda rng: f"{rng.randint(1900, 2100):04d}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}",
    "TIMESTAMP": lambda rng: (
        f"{rng.randint(1970, 2037)}-0{rng.randint(1, 9)}-1{rng.randint(0, 9)} 0{rng.randint(0, 9)}:30:15"
    ),
    "BOOLEAN": lambda rng: rng.choice(["true", "false"]),
    "VARCHAR": lambda rng: rng.choice(WORDS),
}
HOSTILE = [
    *("", ",", '"', '""', '"a', 'a"b', '"a"b', "\0", "\udcff", "\r", "\n", "\r\n", ";", "\t", "\ufeff", "=1+1"),
    *("nan", "inf", "NULL", "007", "-0", "0x1f", "1_0", " 5", "5 ", "epoch", "infinity", "yes", "1e999"),
    *(
        ' "a"',
        ' "a',
        '  "a"b',
        ' ""',
        ' "',
        '\t"a"',
        '\xa0"a"',
        "12345678901234567890",
        "1e-400",
        "-9223372036854775809",
    ),
    *(
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-05:00",
        "2020-01-01T00:00:00Z",
        "0001-01-01",
        "9999-12-31 10:00",
    ),
    *("2020-02-30", "99999-01-01", '"x\ny"', '"x\r\ny"', '"say ""a"""'),
]


def well_formed(rng: random.Random) -> tuple[bytes, list[str], list[list[str]]]:
    kinds = [rng.choice(list(COLUMNS)) for _ in range(rng.randint(2, 6))]
    rows = [["" if rng.random() < 0.1 else COLUMNS[kind](rng) for kind in kinds] for _ in range(rng.randint(1, 40))]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=rng.choice(["\n", "\r\n"]), quoting=rng.choice([0, 1]))
    writer.writerows([[f"column{n}" for n in range(len(kinds))], *rows])
    return text.getvalue().encode(), kinds, rows


def hostile(rng: random.Random) -> bytes:
    lines = [b"a,b,c\n"]
    for _ in range(rng.randint(1, 30)):
        cells = [
            rng.choice(HOSTILE) if rng.random() < 0.3 else str(rng.randint(0, 9))
            for _ in range(rng.choice([3, 3, 3, 2, 4]))
        ]
        lines.append(",".join(cells).encode("utf-8", "surrogateescape") + rng.choice([b"\n", b"\n", b"\r\n", b"\r"]))
    return b"".join(lines)


def check_well_formed(seed: int, folder: Path) -> None:
    rng = random.Random(seed)
    body, kinds, rows = well_formed(rng)
    made = make(body, part_bytes=rng.choice([None, rng.randint(1, len(body))]), results="parquet")
    assert made.record["counts"] == {"accepted": len(rows), "rejected": 0}
    source = folder / "source.csv"
    source.write_bytes(body)
    # Told to take the same types, because its guess depends on the order of rows.
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in made.types.items())
    theirs = f"read_csv('{source}', header = true, delim = ',', quote = '\"', escape = '\"', columns = {{{types}}})"
    assert made.rows(folder) == rows_of(theirs), seed
    for kind, name, values in zip(kinds, made.types, zip(*rows, strict=True), strict=True):
        found = made.types[name]
        if any(values):
            narrower = {"DOUBLE": {"BIGINT", "DOUBLE"}}.get(kind, {kind})
            assert found in narrower, (seed, name)


def check_hostile(seed: int, folder: Path) -> None:
    rng = random.Random(seed)
    body = hostile(rng)
    try:
        counted, _ = parts_of(Delimited(), body, name="data.csv")
        made = make(body, part_bytes=rng.choice([None, rng.randint(1, len(body))]), results="parquet")
    except Rejected:
        return
    counts = made.record["counts"]
    assert counts == {"accepted": counted.accepted, "rejected": counted.rejected}, seed
    assert len(made.rejects) == counts["rejected"]
    rows = made.rows(folder)
    assert len(rows) == made.record["table"]["rows"] == counts["accepted"], seed
    text = counted.clean.decode().partition("\n")[2]
    kept = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    for at, kind in enumerate(made.types.values()):
        values = [row[at] or None for row in kept]
        assert [row[at] is None for row in rows] == [value is None for value in values], seed
        if kind == "VARCHAR":
            assert [row[at] for row in rows] == values, seed


@pytest.mark.parametrize("check", [check_well_formed, check_hostile])
def test_generated_files(check: Any, tmp_path: Path) -> None:
    for seed in range(ALWAYS):
        check(seed, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("check", [check_well_formed, check_hostile])
def test_twenty_thousand_generated_files(check: Any, tmp_path: Path) -> None:
    for seed in range(ALWAYS, ALL // 2):
        check(seed, tmp_path)
