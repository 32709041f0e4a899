"""Every reason for which a file is refused is a sentence for the person who sent it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What a person cannot do anything with: names of classes, of S3 and of our own parts.
JARGON = re.compile(r"\w(Error|Exception)\b|Traceback|\bNone\b(?! of)|\bs3://|\bkey\b|\bbucket\b|\blambda\b")
VALUE = "7"


def reasons() -> Iterator[tuple[str, str]]:
    """Where each is raised, and its text with a number in the place of every value."""
    for path in sorted((ROOT / "runtime").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Rejected" and node.args:
                text = text_of(node.args[0])
                if text is not None:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", text


def text_of(node: ast.expr) -> str | None:
    """Of a literal or a formatted one; what is handed on from elsewhere was one of these."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else VALUE for part in node.values)
    return None


REASONS = dict(reasons())


def test_they_are_found() -> None:
    assert len(REASONS) > 40


@pytest.mark.parametrize("place", sorted(REASONS))
def test_a_reason_is_a_sentence_that_a_person_understands(place: str) -> None:
    text = REASONS[place]
    assert len(text.split()) >= 4, "it says what is wrong"
    assert not JARGON.search(text), "in words of the file, not of the platform"
    whole = text[0].isupper() and text.endswith((".", "?", "!", VALUE))
    # What the page and the command make a sentence of.
    part = text[0].islower() and not text.endswith(".")
    assert whole or part, "it is a sentence, or the rest of one"
