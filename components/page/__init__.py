"""The page: built from `web/`, laid where the distribution serves it."""

from components.page.build import Built, PageError, build

__all__ = ["Built", "PageError", "build"]
