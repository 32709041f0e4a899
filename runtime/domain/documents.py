"""What the uploader of a PDF should know of it."""

from collections.abc import Iterator, Mapping
from typing import Any


def warnings(about: Mapping[str, Any], *, drawn: bool) -> Iterator[str]:
    """Sentences for `result.json`; `about` is what was found in it, `drawn` whether its first page is shown."""
    if "pages" not in about:
        yield "The document asks for a password, so that nothing is known of what is in it, and nothing is shown."
    elif not drawn:
        yield "The first page takes too long to be drawn, so that there is no preview. The document is delivered."
    if about.get("javascript"):
        yield "The document holds scripts, which some readers run. They were not run here."
    if files := about.get("embedded_files"):
        yield f"Other files are embedded in the document: {files:,}. They were not looked into."
