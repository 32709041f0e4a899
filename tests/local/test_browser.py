"""Without a browser it is said what is missing."""

from pathlib import Path

import pytest

from local.browser import NoBrowser, chromium


def test_a_machine_without_a_browser_is_told_what_it_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoBrowser, match=r"Playwright is not installed|none of chromium"), chromium():
        pytest.fail("there is none")
