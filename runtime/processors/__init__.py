"""The kinds of files that the platform knows, one module each. See `api` for what a processor is."""

from runtime.domain.errors import Rejected
from runtime.domain.text import wide_encoding
from runtime.processors.api import HEAD_BYTES, Head, Processor
from runtime.processors.delimited import Delimited
from runtime.processors.image import Images
from runtime.processors.jsonl import JsonLines
from runtime.processors.other import Other
from runtime.processors.pdf import Pdf
from runtime.processors.plain import Plain
from runtime.processors.recipe import Recipes
from runtime.processors.zipped import Zipped

PROCESSORS: tuple[Processor, ...] = (Images(), Pdf(), Zipped(), JsonLines(), Recipes(), Delimited(), Plain(), Other())
"""In the order in which they are asked; the last one takes anything."""


def detect(head: Head) -> Processor:
    """The processor for a file. Raises `Rejected` for an empty file and for text in UTF-16 or UTF-32."""
    if not head.size:
        raise Rejected("The file is empty.")
    codec = wide_encoding(head.data)
    if codec:
        _refuse_wide_text(head, codec)
    return next(processor for processor in PROCESSORS if processor.detect(head))


def by_kind(kind: str) -> Processor:
    """The processor of a kind that `detect` has named before. Raises `KeyError` for any other."""
    return {processor.kind: processor for processor in PROCESSORS}[kind]


def _refuse_wide_text(head: Head, codec: str) -> None:
    """Raises `Rejected` if the file would be split had it been saved as UTF-8."""
    text = head.data[: len(head.data) // 4 * 4].decode(codec, "replace").removeprefix("\ufeff")
    narrow = text.encode("utf-8", "replace")[:HEAD_BYTES]
    size = len(narrow) + (not head.whole)
    if any(each.splits and each.detect(Head(name=head.name, size=size, data=narrow)) for each in PROCESSORS):
        name = codec.upper().removesuffix("-LE").removesuffix("-BE")
        raise Rejected(f"The file is text in {name}. Save it as UTF-8 (without other changes) and upload it again.")
