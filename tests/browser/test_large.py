"""A file of gigabytes goes up by the page: in parts, across a reload, and without the browser's memory growing."""

import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.browser.conftest import Tab, part_number

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MIB = 1024**2
# The local cloud keeps every object in memory, and for a moment twice: 5 GiB take a machine of 16.
SIZE = int(os.environ.get("PENSTOCK_LARGE_MIB") or 2048) * MIB
MOST_MEMORY = 900 * MIB
HOUR_MS = 3_600_000


@contextmanager
def largest_renderer() -> Iterator[list[int]]:
    """Collects the resident bytes of the browser's largest page, a few times a second."""
    seen: list[int] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.3):
            sizes = [0]
            for each in psutil.Process().children(recursive=True):
                try:
                    if "--type=renderer" in " ".join(each.cmdline()):
                        sizes.append(each.memory_info().rss)
                except psutil.Error:
                    continue
            seen.append(max(sizes))

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield seen
    finally:
        over.set()
        watching.join()


def test_gigabytes_go_up_across_a_reload_in_flat_memory(tab: Tab, tmp_path: Path) -> None:
    large = tmp_path / f"large-{uuid.uuid4().hex[:6]}.bin"
    with large.open("wb") as file:
        file.truncate(SIZE)
    arrived: list[str] = []
    tab.page.on("requestfinished", lambda one: arrived.append(part_number(one.url)) if one.method == "PUT" else None)
    tab.page.on("dialog", lambda dialog: dialog.accept())
    tab.open()
    started = time.monotonic()
    with largest_renderer() as memory:
        tab.send(large)
        while not tab.page.evaluate("document.querySelector('progress')?.value > 0.45"):
            tab.page.wait_for_timeout(200)
        tab.page.reload()
        tab.row(large.name).wait_for()
        before = set(arrived)
        arrived.clear()
        with tab.page.expect_response(lambda one: one.url.endswith("/complete"), timeout=HOUR_MS) as completed:
            tab.send(large)
        taken = time.monotonic() - started
    assert completed.value.status == 200
    assert len(before) > 1 and not before & set(arrived), "what had arrived is not sent again"
    half = memory[len(memory) // 4 : len(memory) // 2]
    print(
        f"\n{SIZE / 1e9:.1f} GB in {taken:.0f} s by {len(before | set(arrived))} parts; the page held "
        f"{min(half) / MIB:.0f} to {max(memory) / MIB:.0f} MiB"
    )
    assert max(memory) < MOST_MEMORY
    size = tab.site.client("s3").head_object(Bucket=tab.site.outputs["upload_bucket"], Key=f"demo/{large.name}")
    assert size["ContentLength"] == SIZE
