"""A real Chromium of this machine, for whoever looks at the page as people do: its tests and its benchmark."""

import contextlib
import importlib
import os
import shutil
from collections.abc import Iterator
from typing import Any

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


class NoBrowser(Exception):
    """There is none, or nothing to drive it with; the text says which."""


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """A browser of Playwright's, without a window. Raises `NoBrowser`."""
    try:
        playwright = importlib.import_module("playwright.sync_api")
    except ImportError:
        raise NoBrowser("Playwright is not installed; make test-browser does that") from None
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        raise NoBrowser(f"there is no browser: none of {', '.join(PROGRAMS)} is on the path")
    with playwright.sync_playwright() as running:
        # Chromium's own sandbox does not work for root.
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = running.chromium.launch(executable_path=program, args=options)
        try:
            yield browser
        finally:
            browser.close()
