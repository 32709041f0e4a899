"""What the worker is asked for, as one line of JSON; both processes know it, and nothing of libvips."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

DOCUMENT = "pdf"
"""The format of documents; all others are images'."""
ABOUT = "about.json"
"""A file in the folder, with what is known of a document before its page is drawn."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """An image or a document, and what to make of it.

    `format` is what the content is by its first bytes, `folder` where the sizes go; `sizes` maps roles to the longest
    side in pixels; `encoding` is webp or avif. `memory_bytes` and `seconds` bound the process.
    """

    source: str
    format: str
    folder: str
    sizes: Mapping[str, int]
    encoding: str
    quality: int
    max_pixels: int
    memory_bytes: int
    seconds: int

    def text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, text: str) -> "Request":
        return cls(**json.loads(text))
