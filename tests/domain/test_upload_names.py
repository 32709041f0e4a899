"""Which names uploads may have."""

import pytest

from runtime.domain.upload_names import faults_of


@pytest.mark.parametrize(
    "name",
    ["a.csv", "in/a b.csv", "ä/日本.csv", "..a", "a..", "e\u0301.csv", "\N{GRINNING FACE}.jpg", "%2e%2e", "a\\b"],
)
def test_names_that_people_give_are_taken(name: str) -> None:
    assert faults_of(name, "acme") == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("\ufffe.csv", "cannot be seen"),
        ("\U0001ffff.csv", "cannot be seen"),
        ("\ufdd0", "cannot be seen"),
        ("a\nb", "cannot be seen"),
        ("a\u2028b", "cannot be seen"),
        ("\u202egnp.csv", "turn the direction"),
        (" ", "blanks alone"),
        ("a/\u3000/b", "blanks alone"),
        ("/a", "slash"),
        ("a//b", "slash"),
        ("a/../b", "between slashes"),
        ("a" * 513, "1 to 512 characters"),
        ("", "1 to 512 characters"),
        ("日" * 342, "more than 1,024 bytes"),
        (7, "text"),
    ],
)
def test_others_are_refused_with_the_reason(name: object, said: str) -> None:
    (fault,) = faults_of(name, "acme")
    assert said in fault.detail and fault.pointer == "/name"
