"""The page: built from `web/`, laid where the distribution serves it."""

from pathlib import Path

from components.api import Api
from components.naming import Names
from components.page.build import Built, PageError, build
from components.page.component import Page, PageArgs
from components.settings import Settings
from components.storage import SecureStorage

__all__ = ["Built", "Page", "PageArgs", "PageError", "build", "make_page"]


def make_page(names: Names, storage: SecureStorage, api: Api | None, wanted: Settings) -> Page | None:
    """The page, if there is an API to call and the settings want it. Raises `PageError` when it cannot be built."""
    if api is None or not wanted.page.enabled:
        return None
    return Page(
        "page",
        PageArgs(
            names=names,
            bucket=storage.delivery,
            built=Built.of(Path(wanted.page.folder)) if wanted.page.folder else build(),
            max_file_bytes=wanted.processing.max_file_bytes,
            sign_in=api.sign_in,
        ),
    )
