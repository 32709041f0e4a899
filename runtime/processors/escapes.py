"""Halves of characters: JSON's grammar has `\\ud800` by itself, but no text has such a character, and no
decoder of ours takes it.
"""

import re

HALF_A_PAIR = "half of a pair of \\u escapes, which is no character"
# Pairs and all other escapes come first, so that what is left over is by itself.
_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.", re.DOTALL
)
_REPLACEMENT = rb"\ufffd"


def with_whole_escapes(text: bytes) -> bytes:
    """JSON with U+FFFD for each half; everything stays where it is."""
    return _ESCAPE.sub(lambda found: _REPLACEMENT if found[1] else found[0], text)
