"""What is wrong with settings, in words that name the key."""

import difflib
from typing import cast, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails


def worded(detail: ErrorDetails, project: str, model: type[BaseModel]) -> str:
    """One line: the key, what has to be true of it, and what it is."""
    path = ".".join(str(part) for part in detail["loc"])
    key, got, context = f"{project}:{path}", detail["input"], detail.get("ctx", {})
    known = {
        "greater_than_equal": "must be at least {ge}",
        "less_than_equal": "must be at most {le}",
        "literal_error": "must be one of {expected}",
        "model_type": "must be a map of settings",
        "string_pattern_mismatch": "does not look right",
    }
    match detail["type"]:
        case "extra_forbidden":
            return f"{key}: there is no such setting{_meant(detail['loc'], project, model)}"
        case "value_error":
            # A rule between settings: what it got is whole sections, which say nothing.
            return f"{key.removesuffix(':')}: {context['error']}"
        case kind:
            message = known.get(kind, f"{detail['msg'][:1].lower()}{detail['msg'][1:]}").format(**context)
            return f"{key}: {message} (got {got!r})"


def _meant(location: tuple[int | str, ...], project: str, model: type[BaseModel]) -> str:
    section = model
    for part in location[:-1]:
        inner = section.model_fields[part].annotation if isinstance(part, str) else section
        # Of a list of maps the maps are meant.
        section = cast(type[BaseModel], next(iter(get_args(inner)), inner))
    known = list(section.model_fields)
    close = difflib.get_close_matches(str(location[-1]), known, n=1, cutoff=0.5)
    if not close:
        return f"; there are {', '.join(known)}"
    return f"; did you mean {project}:{'.'.join([*map(str, location[:-1]), close[0]])}?"
