import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.domain.text import control_share, count_lines, is_utf8, readable, wide_encoding
from tests.processors.cutting import BOUNDED


@BOUNDED
@given(st.lists(st.sampled_from([b"a", b"\n", b"\r", b"\r\n"])).map(b"".join), st.integers(0, 20), st.integers(0, 20))
def test_lines_are_counted_as_python_splits_them(data: bytes, start: int, size: int) -> None:
    ended = [line for line in io.StringIO(data.decode(), newline="") if line.endswith(("\n", "\r"))]
    assert count_lines(data) == len(ended)
    assert count_lines(bytearray(data), start, start + size) == count_lines(data[start : start + size])


@pytest.mark.parametrize(("data", "valid"), [(b"", True), (b"abc", True), ("é".encode(), True), (b"\xe9", False)])
def test_utf8(data: bytes, valid: bool) -> None:
    assert is_utf8(data) is valid


def test_bytes_that_are_not_text_are_shown_escaped() -> None:
    assert readable(b"caf\xe9 \xc3\xa9") == "caf\\xe9 é"


def test_share_of_control_characters() -> None:
    assert control_share(b"a\tb\r\n\x0c") == 0
    assert control_share(b"ab\0\x1b") == 0.5
    assert control_share(b"") == 0


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_encodings_are_told_apart(codec: str) -> None:
    assert wide_encoding("Grüße an alle, 123".encode(codec)) == codec
    assert wide_encoding("\ufeff文".encode(codec)) == codec


@pytest.mark.parametrize("data", [b"", b"plain text", b"one\0NUL in a text", bytes(64), bytes(range(256))])
def test_nothing_else_is_taken_for_wide_text(data: bytes) -> None:
    assert wide_encoding(data) is None
