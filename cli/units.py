"""Sizes and times as people write and read them."""

import re

from cli.problems import Code, Problem

_UNITS = {"": 1, "B": 1}
_UNITS |= {f"{letter}{suffix}": 1000**n for n, letter in enumerate("KMGT", 1) for suffix in ("", "B")}
_UNITS |= {f"{letter}IB": 1024**n for n, letter in enumerate("KMGT", 1)}


def parse_size(text: str) -> int:
    """`60MB`, `5MiB`, `1.5 GB`, `700` as bytes. Raises `Problem` (USAGE) for anything else."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*", text)
    if match is None or match[2].upper() not in _UNITS:
        raise Problem(Code.USAGE, f"{text!r} is no size; write it like 700, 60MB or 5MiB")
    return int(float(match[1]) * _UNITS[match[2].upper()])


def parse_pixels(text: str) -> tuple[int, int]:
    """`4000x3000` as width and height. Raises `Problem` (USAGE) for anything else."""
    match = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})", text.strip())
    if match is None:
        raise Problem(Code.USAGE, f"{text!r} is no width and height; write them like 4000x3000")
    return int(match[1]), int(match[2])


def size(count: int | None) -> str:
    """Bytes with three figures and a decimal unit; "" for None."""
    if count is None:
        return ""
    if count < 1000:
        return f"{count} B"
    value, units = count / 1000, ["kB", "MB", "GB", "TB"]
    while value >= 999.5 and len(units) > 1:
        value /= 1000
        units.pop(0)
    return f"{value:.{2 if value < 9.995 else 1 if value < 99.95 else 0}f} {units[0]}"


def duration(seconds: float) -> str:
    """Seconds with what matters: `0.31 s`, `12.4 s`, `3 min 05 s`, `2 h 10 min`."""
    if seconds < 59.95:
        return f"{seconds:.{2 if seconds < 1 else 1}f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"
