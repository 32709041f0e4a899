"""How images are named. Without imports: the state machine's definition is made from it as well."""

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

SENT_STRAIGHT = tuple(form(suffix) for suffix in SUFFIXES for form in (str, str.upper))
"""Ends of names with which the state machine sends a small file straight to the image function."""
