"""Text is recognised by its content; a text's name only says that other bytes than UTF-8 are letters too."""

import pytest

from runtime.processors import detect
from runtime.processors.api import HEAD_BYTES, Head
from tests.processors.cutting import head_of

PROSE = "Dear Zoë,\nthe harbour was grey, and so was the sea.\n"


@pytest.mark.parametrize("name", ["a.txt", "a", "a.bin", "a.csv.old"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_prose_is_text_by_any_name(name: str, codec: str) -> None:
    assert detect(head_of(PROSE.encode(codec), name)).kind == "text"


@pytest.mark.parametrize(("name", "kind"), [("a.txt", "text"), ("A.LOG", "text"), ("a", "other"), ("a.bin", "other")])
def test_older_encodings_are_text_by_a_texts_name(name: str, kind: str) -> None:
    assert detect(head_of(PROSE.encode("latin-1"), name)).kind == kind


@pytest.mark.parametrize(
    "data",
    [
        b"\x7fELF\x02\x01\x01" + bytes(60),
        bytes(range(256)) * 4,
        b"letters\0and NUL",
        b"\x01\x02\x03",
        PROSE.encode("utf-16-le"),
        b"\xff\xfe" + bytes(range(256)) * 4,
    ],
)
def test_what_is_no_text_is_none_under_a_texts_name(data: bytes) -> None:
    """It is delivered as it is, and nothing is said or shown of it."""
    assert detect(head_of(data, "notes.txt")).kind == "other"


def test_colours_in_a_log_are_no_reason_against_it() -> None:
    assert (
        detect(head_of(b"\x1b[32mINFO\x1b[0m everything is as it should be, and has been so for long\n" * 9, "a")).kind
        == "text"
    )


@pytest.mark.parametrize("cut", range(4))
def test_a_head_may_end_within_a_letter(cut: int) -> None:
    data = ("x" * cut + "\N{GRINNING FACE}" * HEAD_BYTES).encode()[:HEAD_BYTES]
    assert detect(Head(name="a", size=10**9, data=data)).kind == "text"
    assert detect(Head(name="a", size=len(data), data=data)).kind == ("text" if cut == 0 else "other")
