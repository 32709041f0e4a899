"""The names that uploads may have, and their parts: small rules that hold whoever asks."""

import math
import re
import unicodedata

from runtime.domain.refusals import Fault

MIB = 1024 * 1024
NAME_MOST = 512
KEY_MOST = 1024
"""Bytes of UTF-8 in a key of S3."""
PART_LEAST = 8 * MIB
PARTS_MOST = 10_000
NAMED_SUM = "penstock-sha256"
"""Metadata of an object: the SHA-256 that its uploader named for it."""
_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
# Control, surrogate, unassigned-for-ever; line and paragraph separators.
_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}
# Code points that are no characters and never will be: XML, in which S3 answers, cannot write them.
_NO_CHARACTER = re.compile(
    "[\ufdd0-\ufdef"
    + "".join(chr(plane | last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))
    + "]"
)
# Letters that turn the direction of those after them, so that `gpj.exe` reads as a picture's name.
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def part_bytes(size: int) -> int:
    """Size of each part but the last: whole MiB, so that 10,000 parts are enough."""
    return max(PART_LEAST, math.ceil(size / PARTS_MOST / MIB) * MIB)


def parts_of(size: int, each: int) -> int:
    """How many parts there are. An empty file is one part without bytes."""
    return max(1, math.ceil(size / each))


def bytes_of(number: int, *, size: int, each: int) -> int:
    """Bytes of one part; numbers begin at 1."""
    return min(each, size - (number - 1) * each)


def faults_of(name: object, folder: str) -> list[Fault]:
    """What is wrong with a name within a folder; nothing for a good one."""
    if not isinstance(name, str) or not 1 <= len(name) <= NAME_MOST:
        return [_fault(f"name must be a text of 1 to {NAME_MOST} characters")]
    found = []
    if _NO_CHARACTER.search(name) or any(unicodedata.category(letter) in _UNPRINTABLE for letter in name):
        found.append(_fault("name has characters that cannot be seen, such as a line end"))
    elif len(f"{folder}/{name}".encode()) > KEY_MOST:
        found.append(_fault(f"name is too long: with its folder it has more than {KEY_MOST:,} bytes"))
    if TURNING.search(name):
        found.append(_fault("name has characters that turn the direction of writing"))
    segments = name.split("/")
    if "" in segments:
        found.append(_fault("name must not begin or end with a slash, nor have two in a row"))
    elif not all(segment.strip() for segment in segments):
        found.append(_fault("name must not have blanks alone between slashes"))
    if {".", ".."} & set(segments):
        found.append(_fault("name must not have . or .. between slashes"))
    return found


def type_faults(given: object) -> list[Fault]:
    """What is wrong with a media type."""
    if isinstance(given, str) and len(given) <= 127 and _TYPE.fullmatch(given):
        return []
    return [Fault(detail="type must be a media type such as text/csv", pointer="/type")]


def sha256_faults(given: object, pointer: str) -> list[Fault]:
    """What is wrong with a checksum."""
    if isinstance(given, str) and _SHA256.fullmatch(given):
        return []
    return [Fault(detail="sha256 must be 64 hexadecimal digits in lower case", pointer=pointer)]


def _fault(detail: str) -> Fault:
    return Fault(detail=detail, pointer="/name")
