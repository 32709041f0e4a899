"""The worker as the function starts it: a process for each image."""

from collections.abc import Callable
from pathlib import Path

import pytest

from runtime.adapters.imaging import WorkerPictures
from runtime.domain.ports import Developed
from runtime.processors.image import format_of

SIZES = {"web": 512, "preview": 256, "thumbnail": 64}
Develop = Callable[..., Developed]


@pytest.fixture
def develop(tmp_path: Path) -> Develop:
    """`develop(data)` gives the sizes of an image; `form` is told from the content by default."""

    def make(data: bytes, *, form: str = "", encoding: str = "webp", max_pixels: int = 100_000_000) -> Developed:
        source = tmp_path / "source"
        source.write_bytes(data)
        pictures = WorkerPictures(sizes=SIZES, encoding=encoding, quality=90, max_pixels=max_pixels)
        return pictures.develop(source, form or format_of(data) or "")

    return make
