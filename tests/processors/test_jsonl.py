import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.domain.errors import Rejected
from runtime.processors.api import Outcome
from runtime.processors.jsonl import MAX_DEPTH, JsonLines
from tests.processors.cutting import BOUNDED, WHOLE, check_law, head_of, parts_of, run

LINES = JsonLines()
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
GOOD = VALUES.map(lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
BAD = st.sampled_from(
    [b"{", b'{"a":1,}', b"\xff", b'"\xff"', b"1 2", b"NaN", b"nul", b"\xef\xbb\xbf1", b"[" * 70, b"01"]
)
BLANK = st.sampled_from([b"", b" ", b"\t\r"])


@BOUNDED
@given(
    st.lists(GOOD | BAD | BLANK, max_size=8),
    st.sampled_from([b"\n", b"\r\n"]),
    st.booleans(),
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
    st.integers(1, 60),
)
def test_split_then_merge_is_the_identity(
    lines: list[bytes], newline: bytes, ends: bool, mark: bytes, feed_bytes: int
) -> None:
    data = mark + newline.join(lines) + (newline if ends else b"")
    if data:
        check_law(LINES, data, name="x.jsonl", feed_bytes=feed_bytes)


@BOUNDED
@given(st.lists(GOOD, min_size=1, max_size=8), st.booleans())
def test_good_lines_are_kept_as_they_are(lines: list[bytes], ends: bool) -> None:
    data = b"\r\n".join(lines) + (b"\r\n" if ends else b"")
    result = run(LINES, data, part_bytes=5, feed_bytes=3)
    assert result.clean == b"".join(line + b"\n" for line in lines)
    assert (result.accepted, result.rejected) == (len(lines), 0)


def test_agrees_with_the_json_module_on_5_000_damaged_lines() -> None:
    rng = random.Random(4)
    outcomes = set()
    for _ in range(5_000):
        line = bytearray(json.dumps({"a": [1, 2.5e3, -0, None, True], "b\\": 'x"é\n', "c": {}}).encode())
        for _ in range(rng.randrange(3)):
            line[rng.randrange(len(line))] = rng.choice(b'{}[]",:\\ 0x1-.e\xc3\x01')
        result = run(LINES, bytes(line))
        assert result.accepted == _json_module_takes(bytes(line)), bytes(line)
        outcomes.add(result.accepted)
    assert outcomes == {0, 1}


def _json_module_takes(line: bytes) -> bool:
    def refuse(name: str) -> None:
        raise ValueError(name)

    try:
        json.loads(line.decode(), parse_constant=refuse)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("line", "code", "reason"),
    [
        (b'{"a" 1}', "rejected_json", "JSON is malformed: expected ':' (byte 5)"),
        (b'{"a": NaN}', "rejected_json", "JSON is malformed: invalid character (byte 6)"),
        (b'{"a": "\xff"}', "rejected_encoding", "not valid UTF-8"),
        (b"[" * 65 + b"]" * 65, "rejected_depth", "nested more than 64 levels deep"),
    ],
)
def test_a_bad_line_is_set_aside_with_number_and_reason(line: bytes, code: str, reason: str) -> None:
    result = run(LINES, b'{"a":1}\n\n' + line + b"\r\n[2]", part_bytes=1)
    assert result.rejects == [{"line": 3, "reason": reason, "raw": line.decode("utf-8", "backslashreplace")}]
    assert result.clean == b'{"a":1}\n[2]\n'
    assert result.totals == {"blank_lines": 1, code: 1}
    assert result.summary == {"lines": 3, "blank_lines": 1, "rejected_because": {code: 1}}


def test_brackets_in_strings_do_not_nest() -> None:
    deep = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    flat = b'["' + b"[" * 100 + b'\\"' + b"{" * 100 + b'"]'
    wide = b"[" + b",".join([b"{}"] * 100) + b"]"
    assert run(LINES, b"\n".join([deep, flat, wide])).accepted == 3


def test_a_line_of_a_hundred_thousand_brackets_is_refused_and_nothing_worse() -> None:
    assert run(LINES, b"[1]\n" + b"[" * 100_000 + b"\n").rejects[0]["reason"].startswith("nested")


def test_nothing_but_bad_lines_rejects_the_file() -> None:
    result, context = parts_of(LINES, b"{\n\xff\n")
    outcome = Outcome(accepted=result.accepted, rejected=result.rejected, totals=result.totals)
    with pytest.raises(Rejected, match="None of the 2 lines could be read: 1 not JSON, 1 not valid UTF-8"):
        LINES.summary(outcome, context)


def test_a_line_may_be_longer_than_a_part_but_not_than_the_limit() -> None:
    small = JsonLines(max_record_bytes=40)
    for size, refused in ((37, False), (39, True), (300, True)):
        data = b'[1]\n"' + b"x" * size + b'"\n[2]\n'
        for part_bytes in (*range(1, 60), WHOLE):
            result = run(small, data, part_bytes=part_bytes, feed_bytes=9)
            assert (result.refused, result.accepted) == (refused, 0 if refused else 3)


@pytest.mark.parametrize(
    ("name", "data", "taken"),
    [
        ("events", b'{"a":1}\n\n[2]\n', True),
        ("events", b'\xef\xbb\xbf{"a":1}\r\n{"a":2}', True),
        ("events", b'{"a":1}\n', False),
        ("events", b"1\n2\n", False),
        ("events", b'{"a":1}\n{"a":\n', False),
        ("events.jsonl", b'{"a":1}\n{"a":\n', True),
        ("events.NDJSON", b"1\n", True),
        ("events.jsonl", b"\n", False),
        ("events.jsonl", b'{"a":1,}\n{"a":2,}\n', True),
        ("events.jsonl", b'{"v":NaN}\n{"v":NaN}\n{"v":1}\n', True),
        ("events.ndjson", '{"v":"Müller"}\n'.encode("latin-1"), True),
        ("events.jsonl", b'[\n{"a":1,},\n{"a":2}\n]\n', False),
        ("events.jsonl", b'{\n"a": 1\n}\n', False),
        ("events.jsonl", b"not json\n{}\n", False),
        ("events.jsonl", b'{"a":"' + b"x" * 300_000 + b'"}\n', True),
        ("events", b'{"a":1}\n{"b":2}\n{"c":"' + b"x" * 300_000 + b'"}\n', True),
        ("pretty.json", b'{\n  "a": 1\n}\n', False),
    ],
)
def test_recognised_by_content_first(name: str, data: bytes, taken: bool) -> None:
    assert LINES.detect(head_of(data, name)) is taken
