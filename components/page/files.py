"""What the page's files are to a browser, and how long it may keep them."""

from pathlib import Path, PurePosixPath

HASHED = "assets"
"""Vite's folder for what has a hash of its content in its name."""
FOR_A_YEAR = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


def content_type(name: str) -> str:
    """By the ending; nothing is guessed. Raises `ValueError` for one that is not known."""
    suffix = PurePosixPath(name).suffix
    if suffix not in TYPES:
        raise ValueError(f"{name}: add the type of {suffix or 'files without ending'} to {Path(__file__).name}")
    return TYPES[suffix]


def cache_control(name: str) -> str:
    """What has its hash in its name never changes; everything else is asked for again each time."""
    return FOR_A_YEAR if PurePosixPath(name).parts[0] == HASHED else ASK_AGAIN


def names(folder: Path) -> list[str]:
    """All files below a folder, sorted."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def refuse_unknown(folder: Path) -> None:
    """Raises `ValueError` when a file has no type."""
    for name in names(folder):
        content_type(name)
