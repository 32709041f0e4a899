"""How images and documents are named. Without imports: the state machine's definition is made from it as well."""

SUFFIXES = {
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".png": "png",
    ".webp": "webp",
    ".gif": "gif",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".avif": "avif",
}
"""Ends of names in small letters, and the format that each promises."""

DOCUMENT = ".pdf"
"""How a PDF's name ends. Its first page is drawn where images are decoded."""

SENT_STRAIGHT = tuple(form(suffix) for suffix in (*SUFFIXES, DOCUMENT) for form in (str, str.upper))
"""Ends of names with which the state machine sends a small file straight to the image function."""
