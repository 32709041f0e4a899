"""Regular expressions that never go back, on every supported Python."""

import re

# CPython before 3.11.5 (Debian 12 has 3.11.2) ends a possessive group in the wrong place (gh-106052); an atomic group
# around a greedy one means the same, a little slower.
POSSESSIVE_WORKS = re.fullmatch(r"(?:ab?c)*+", "a") is None


def many(pattern: bytes, *, possessive: bool = POSSESSIVE_WORKS) -> bytes:
    """`pattern` as often as it matches, without ever going back: linear time for any input."""
    return b"(?:" + pattern + b")*+" if possessive else b"(?>(?:" + pattern + b")*)"
